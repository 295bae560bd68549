//! A booted Tokenry: engine, server and background work in this process, listening on a port of its own.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokenry_clock::{Clock, MockClock, Timestamp};
use tokenry_engine::Engine as Tokenry;
use tokenry_engine::keyring::{MasterKeys, unlock};
use tokenry_engine::keys::{Keyholder, Schedule};
use tokenry_engine::manage::Manager;
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, Dialect, SystemRng};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::secret::Brand;
use tokenry_server::serve::{Limits, serve};
use tokenry_server::{App, HostPolicy, Settings};
use tokenry_store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::database::{Database, Engine};
use crate::demo::{AUDIENCE, Demo, DemoClient, NAMESPACE};

/// When the tests' clocks begin: 2026-11-20T08:00:00Z.
const BEGIN: Timestamp = Timestamp::from_secs(1_795_161_600);

/// How a test wants its Tokenry.
#[derive(Debug)]
pub struct Options {
    /// On which database.
    pub database: Engine,
    /// Which hosts it answers to.
    pub hosts: HostPolicy,
    /// How it serves.
    pub limits: Limits,
    /// What it signs with unless an API says otherwise.
    pub signing_alg: Algorithm,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: Engine::Sqlite,
            hosts: HostPolicy::Public,
            limits: Limits::default(),
            signing_alg: Algorithm::Rs256,
        }
    }
}

/// A booted Tokenry with the demo's data. It stops when dropped.
#[derive(Debug)]
pub struct TestApp {
    /// Where it listens and what it calls itself.
    pub issuer: String,
    /// The engine behind it.
    pub engine: Arc<Tokenry>,
    /// The store that it uses.
    pub store: Store,
    /// The management verbs on the same database.
    pub manager: Manager,
    /// Its clock.
    pub clock: MockClock,
    /// The demo's ids and secrets.
    pub demo: Demo,
    /// Its database.
    pub database: Database,
    /// The text of its keyring file.
    pub keyring: String,
    /// A client that follows no redirects.
    pub http: Client,
    settings: tokenry_engine::Settings,
    _stop: watch::Sender<bool>,
}

/// Another engine on the same database, as a second process has it, with its background work. It stops when dropped.
#[derive(Debug)]
pub struct OtherEngine {
    /// The engine.
    pub engine: Arc<Tokenry>,
    _stop: watch::Sender<bool>,
}

impl TestApp {
    /// Boots one on SQLite.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// Boots one on the given database.
    pub async fn on(database: Engine) -> Self {
        Self::with(Options { database, ..Options::default() }).await
    }

    /// Boots one as asked.
    pub async fn with(options: Options) -> Self {
        let database = Database::new(options.database).await;
        let keyring = MasterKeys::generate(&SystemRng).to_string();
        let clock = MockClock::new(BEGIN);
        let store = database.store().await;
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let settings = settings(&issuer, options.signing_alg);
        let master = MasterKeys::parse(&keyring).unwrap();
        let (rng, brand) = (Arc::new(SystemRng), settings.brand.clone());
        let engine =
            Tokenry::open(store.clone(), &master, settings.clone(), Arc::clone(&shared), rng.clone())
                .await
                .unwrap();
        let engine = Arc::new(engine);
        let manager = Manager::new(store.clone(), Arc::clone(&shared), rng.clone(), brand, Actor::Operator);
        let demo = Demo::create(&manager).await;
        let (stop, stopping) = watch::channel(false);
        let app = App {
            engine: Arc::clone(&engine),
            clock: shared,
            rng,
            settings: Settings { hosts: options.hosts, ..Settings::default() },
        };
        let router = tokenry_server::router(app);
        tokio::spawn(serve(listener, router, options.limits, stopped(stopping.clone())));
        tokio::spawn(Arc::clone(&engine).run(stopped(stopping)));
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { issuer, engine, store, manager, clock, demo, database, keyring, http, settings, _stop: stop }
    }

    /// Starts another engine on the same database, with connections of its own and the same clock.
    pub async fn other_engine(&self) -> OtherEngine {
        let master = MasterKeys::parse(&self.keyring).unwrap();
        let (store, clock) = (self.database.store().await, Arc::new(self.clock.clone()));
        let engine = Tokenry::open(store, &master, self.settings.clone(), clock, Arc::new(SystemRng));
        let engine = Arc::new(engine.await.unwrap());
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(Arc::clone(&engine).run(stopped(stopping)));
        OtherEngine { engine, _stop: stop }
    }

    /// What moves the keys on, as the operator's command has it: with connections of its own.
    pub async fn keyholder(&self) -> Keyholder {
        let master = MasterKeys::parse(&self.keyring).unwrap();
        let store = self.database.store().await;
        let data_key = unlock(&store, &master, self.clock.now(), &SystemRng).await.unwrap();
        Keyholder {
            store,
            data_key: Arc::new(data_key),
            rng: Arc::new(SystemRng),
            access_token_ttl: self.settings.access_token_ttl,
            actor: Actor::Operator,
        }
    }

    /// The address of `path`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// A token request without parameters.
    pub fn token_request(&self) -> RequestBuilder {
        self.http.post(self.url("/oauth/token"))
    }

    /// Asks for a token with these form parameters beside grant type, id and secret.
    pub async fn ask(&self, client: &DemoClient, more: &[(&str, &str)]) -> Response {
        let own = [
            ("grant_type", "client_credentials"),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
        ];
        let form: Vec<_> = own.iter().chain(more).collect();
        self.token_request().form(&form).send().await.unwrap()
    }

    /// A token for the Timesheets API.
    pub async fn token(&self, client: &DemoClient) -> String {
        let answer = self.ask(client, &[("audience", AUDIENCE)]).await;
        assert_eq!(answer.status(), 200, "an honest request is served");
        let body: Value = answer.json().await.unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }
}

fn settings(issuer: &str, signing_alg: Algorithm) -> tokenry_engine::Settings {
    tokenry_engine::Settings {
        issuer: issuer.to_owned(),
        namespace: Namespace::parse(NAMESPACE).unwrap(),
        access_token_ttl: Duration::from_secs(86_400),
        signing_alg,
        keys: Schedule::default(),
        dialect: Dialect::Rfc,
        brand: Brand::default(),
    }
}

/// Ready once `stop` has said so, or its sender is gone.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _last_word = stop.wait_for(|stop| *stop).await;
}
