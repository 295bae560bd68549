//! A Tokenry, the demo API behind a real guard, and the command that explains what that API would answer.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, header};
use serde_json::{Map, Value};
use tempfile::TempDir;
use timesheets_api::App;
use tokenry_clock::Clock as _;
use tokenry_engine::keyring::{MasterKeys, unlock};
use tokenry_guard::{Dialect, Guard, Secret, TenantClaim};
use tokenry_jose::SigningKey;
use tokenry_model::{KeyState, SystemRng};
use tokenry_testkit::{AUDIENCE, DemoClient, Engine, NAMESPACE, TestApp, claims_of};
use tokio::net::TcpListener;

use crate::process::{finish_with, tokenry};

/// How long a guard may take to learn of something.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) api: Api,
    folder: TempDir,
}

/// An API that is served behind a guard of its own.
pub(super) struct Api {
    pub(super) audience: String,
    url: String,
}

/// What is asked of an API, by whom.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    pub(super) token: &'a str,
    pub(super) route: &'a str,
}

impl World {
    pub(super) async fn new(engine: Engine) -> Self {
        let app = TestApp::quick(engine).await;
        let folder = tempfile::tempdir().unwrap();
        let (config, keyring) = (folder.path().join("tokenry.toml"), folder.path().join("master.keys"));
        fs::write(&keyring, &app.keyring).unwrap();
        fs::set_permissions(&keyring, fs::Permissions::from_mode(0o600)).unwrap();
        let text = format!(
            "issuer = \"{}\"\ndatabase = \"{}\"\nkeyring_file = \"master.keys\"\n",
            app.issuer,
            app.database.url()
        );
        fs::write(config, text).unwrap();
        fs::write(folder.path().join("policy.json"), timesheets_api::POLICY).unwrap();
        let database = folder.path().join("timesheets.db");
        let api = Api::start(&app, AUDIENCE, &app.demo.api, database, Dialect::Rfc).await;
        Self { app, api, folder }
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.path().join("tokenry.toml")
    }

    /// Another API like the demo's.
    pub(super) async fn another(&self, audience: &str, credential: &DemoClient) -> Api {
        self.another_in(audience, credential, Dialect::Rfc).await
    }

    /// Another API, of that dialect.
    pub(super) async fn another_in(&self, audience: &str, credential: &DemoClient, dialect: Dialect) -> Api {
        let database = self.folder.path().join("another.db");
        Api::start(&self.app, audience, credential, database, dialect).await
    }

    /// What the command says that the API would answer, and which checks fail.
    pub(super) fn explain(&self, api: &Api, asked: &Asked<'_>) -> Value {
        let at = self.app.clock.now().to_string();
        let policy = self.folder.path().join("policy.json");
        let mut command = tokenry();
        command.args(["token", "explain", "-", "--for", &api.audience, "--route", asked.route]);
        command.args(["--output", "json", "--at", &at, "--policy"]).arg(policy);
        command.arg("--config").arg(self.config());
        let said = finish_with(command, &format!("{}\n", asked.token));
        let answer: Value =
            serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{asked:?}: {said:?}"));
        assert_eq!(said.code, i32::from(answer["verdict"] != "allowed"), "{said:?}");
        answer
    }

    /// Claims of a token that Tokenry issued, changed, and signed with its own key.
    pub(super) async fn forge(&self, genuine: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let Value::Object(mut claims) = claims_of(genuine) else { panic!("claims are an object") };
        change(&mut claims);
        let key = self.key(|state| matches!(state, KeyState::Active { .. })).await;
        sign(&key, "at+jwt", &Value::Object(claims).to_string())
    }

    /// Tokenry's own signing key in that state, private part and all.
    pub(super) async fn key(&self, state: impl Fn(KeyState) -> bool) -> SigningKey {
        let master = MasterKeys::parse(&self.app.keyring).unwrap();
        let data_key = unlock(&self.app.store, &master, self.app.clock.now(), &SystemRng).await.unwrap();
        let keys = self.app.store.list_signing_keys().await.unwrap();
        let key = keys.into_iter().find(|key| state(key.state)).unwrap();
        let purpose = format!("tokenry/signing-key/1/{}/{}", key.algorithm, key.kid);
        let pkcs8 = data_key.open(&purpose, &key.wrapped_private).unwrap();
        SigningKey::from_pkcs8(key.algorithm, &pkcs8).unwrap()
    }
}

/// A token of that key.
pub(super) fn sign(key: &SigningKey, typ: &str, payload: &str) -> String {
    key.sign_compact(&key.header(typ), payload.as_bytes()).unwrap()
}

impl Api {
    async fn start(
        app: &TestApp,
        audience: &str,
        credential: &DemoClient,
        database: PathBuf,
        dialect: Dialect,
    ) -> Self {
        let guard = Guard::builder()
            .issuer(&app.issuer)
            .dialect(dialect)
            .audience(audience)
            .credentials(&credential.id, Secret::new(credential.secret.clone()))
            .tenant(TenantClaim::namespace(NAMESPACE))
            .clock(app.clock.clone())
            .build()
            .await
            .unwrap();
        guard.ready().await;
        let api = App::with_guard(guard, &database, Arc::new(app.clock.clone())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, api.router()).await });
        Self { audience: audience.to_owned(), url }
    }

    /// Status, code and challenge of what the API answers.
    async fn ask(&self, asked: &Asked<'_>) -> (u16, String, String) {
        let (method, path) = asked.route.split_once(' ').unwrap();
        let request = reqwest::Client::new()
            .request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, format!("Bearer {}", asked.token));
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let challenge = answer.headers().get(header::WWW_AUTHENTICATE);
        let challenge = challenge.map_or("", |value| value.to_str().unwrap()).to_owned();
        let body = answer.text().await.unwrap();
        let code = serde_json::from_str::<Value>(&body)
            .ok()
            .and_then(|body| body["code"].as_str().map(str::to_owned))
            .filter(|_code| status >= 400);
        (status, code.unwrap_or_else(|| "allowed".to_owned()), challenge)
    }

    /// Waits until the guard, which may not have heard of the last change yet, answers as was explained.
    pub(super) async fn must_answer(&self, asked: &Asked<'_>, explained: &Value, name: &str) {
        let begun = Instant::now();
        let due = (explained["status"].as_u64().unwrap(), explained["code"].as_str().unwrap());
        loop {
            let (status, code, challenge) = self.ask(asked).await;
            if (u64::from(status), code.as_str()) == due {
                let scope = explained["scope"].as_str().map(|scope| format!("scope=\"{scope}\""));
                assert!(challenge.contains(&scope.unwrap_or_default()), "{name}: {challenge}");
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{name}: the API answers {status} {code}, explained was {explained:#}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
