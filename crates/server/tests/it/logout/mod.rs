//! Back-channel logout: each application of a session that ends is told, once, whatever befalls it meanwhile.

mod told;
mod troubles;

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use tokenry_engine::manage::NewClient;
use tokenry_jose::{Algorithm, Expectations, JwkSet, Unverified, VerifyingKey};
use tokenry_model::{ClientType, LogoutOutcome};
use tokenry_store::ListedLogout;
use tokenry_testkit::{
    Answer, CALLBACK, DemoClient, Engine, LogoutReceiver, Member, Options, TestApp, header_of,
};

const SCOPE: &str = "openid offline_access read:timesheets";

/// Ann, signed in, and applications of hers that want to be told when that ends.
struct World {
    app: TestApp,
    ann: Member,
}

impl World {
    async fn on(database: Engine) -> Self {
        let allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        let app = TestApp::with(Options { database, allowed_networks, ..Options::default() }).await;
        let ann = app.member("ann").await;
        Self { app, ann }
    }

    /// An application that is told at `uri`.
    async fn application(&self, name: &str, uri: &str) -> DemoClient {
        let new = NewClient {
            redirect_uris: vec![CALLBACK.to_owned()],
            backchannel_logout_uri: Some(uri.to_owned()),
            ..NewClient::new(ClientType::Web, name)
        };
        let created = self.app.manager.create_client(new).await.unwrap();
        let secret = created.secret.unwrap().expose().to_owned();
        let client = DemoClient { id: created.client.id.to_string(), secret };
        self.app.manager.create_grant(&client.id, tokenry_testkit::AUDIENCE, &[]).await.unwrap();
        client
    }

    /// An application that is told at `uri`, and the ID token that it has of ann.
    async fn signed_in_at(&self, name: &str, uri: &str) -> (DemoClient, String) {
        let client = self.application(name, uri).await;
        let id_token = self.sign_in(&self.ann, &client).await;
        (client, id_token)
    }

    /// Signs somebody in to an application.
    async fn sign_in(&self, person: &Member, client: &DemoClient) -> String {
        let code = self.app.code(person, client, SCOPE).await;
        let body = self.app.redeem(client, &code, &[]).await.json();
        body["id_token"].as_str().unwrap().to_owned()
    }

    /// Signs ann out, as an application asks for it.
    async fn sign_out(&self, id_token: &str) {
        let address = Url::parse_with_params(&self.app.url("/oidc/logout"), [("id_token_hint", id_token)]);
        let asked = Answer::to(self.app.http.get(address.unwrap())).await;
        let page = self.app.http.get(self.app.url(asked.header("location")));
        let done = Answer::to(page.header("cookie", self.app.cookie(&self.ann))).await;
        assert_eq!(done.status, 303, "{done:?}");
    }

    /// What a logout token says, which is signed with a published key.
    async fn read(&self, token: &str) -> Value {
        let keys = Answer::to(self.app.http.get(self.app.url("/.well-known/jwks.json"))).await;
        let keys = JwkSet::parse(keys.body.as_bytes()).unwrap();
        let key = keys.find(header_of(token)["kid"].as_str().unwrap()).unwrap();
        let key = VerifyingKey::from_jwk(key).unwrap();
        let expected = Expectations { algorithms: &[Algorithm::Rs256], typ: &["logout+jwt"] };
        let verified = Unverified::parse(token, 16 * 1024).unwrap().verify(&key, &expected).unwrap();
        Value::Object(verified.claims().unwrap())
    }

    async fn listed(&self) -> Vec<ListedLogout> {
        self.app.store.list_logouts(None, 99).await.unwrap()
    }

    /// Waits until `so` holds of what is listed.
    async fn until(&self, what: &str, so: impl Fn(&[ListedLogout]) -> bool) -> Vec<ListedLogout> {
        for _ in 0..600 {
            let listed = self.listed().await;
            if so(&listed) {
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {:?}", self.listed().await)
    }

    /// Waits until so many were tried so often and wait for the next time.
    async fn tried(&self, attempts: i64) -> ListedLogout {
        let waits = |it: &ListedLogout| it.logout.attempts == attempts && it.logout.last_answer.is_some();
        let now = tokenry_clock::Clock::now(&self.app.clock);
        let listed = self.until("tried", |listed| listed.iter().any(|it| waits(it) && it.due_at > now)).await;
        listed.into_iter().next().unwrap()
    }

    async fn ended(&self, many: usize, outcome: LogoutOutcome) -> Vec<ListedLogout> {
        let is = |it: &&ListedLogout| it.ended.is_some_and(|(so, _at)| so == outcome);
        self.until("ended", |listed| listed.iter().filter(is).count() == many).await
    }

    /// The records of that event.
    async fn recorded(&self, event: &str) -> Vec<Value> {
        let records = self.app.audit().await.into_iter().filter(|record| record.event == event);
        records.map(|record| serde_json::from_str(&record.detail).unwrap()).collect()
    }
}
