//! A booted Tokenry: engine, server and background work in this process, listening on a port of its own.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use tokenry_clock::{Clock, MockClock, Timestamp};
use tokenry_engine::keyring::{MasterKeys, unlock};
use tokenry_engine::keys::{Keyholder, Schedule};
use tokenry_engine::mail::Notices;
use tokenry_engine::manage::{Manager, Means};
use tokenry_engine::{Engine as Tokenry, GuessLimits, OpenError, Reveal, SessionSettings};
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, ErrorStyle, MintQuota, SystemRng};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::secret::Brand;
use tokenry_server::serve::{Plain, Tls, serve_over};
use tokenry_server::{App, Outbound, OutboundSettings, Scheme, Settings, Smtp};
use tokenry_store::{Store, StoredRecord};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::answer::Answer;
use crate::authority::Authority;
use crate::database::{Database, Engine};
use crate::demo::{AUDIENCE, Demo, DemoClient, NAMESPACE};
use crate::options::Options;
use crate::until::until;

/// When the tests' clocks begin: 2026-11-20T08:00:00Z.
const BEGIN: Timestamp = Timestamp::from_secs(1_795_161_600);

/// A booted Tokenry with the demo's data. It stops when dropped.
#[derive(Debug)]
pub struct TestApp {
    /// What it calls itself: where it listens, unless asked otherwise.
    pub issuer: String,
    /// Where it listens, a host and a port.
    pub address: String,
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
    options: Options,
    /// A client that follows no redirects.
    pub http: Client,
    stop: watch::Sender<bool>,
}

/// Another engine on the same database, as a second process has it, with its background work. It stops when dropped.
#[derive(Debug)]
pub struct OtherEngine {
    /// The engine.
    pub engine: Arc<Tokenry>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl OtherEngine {
    /// Stops it as a server stops, and returns when it has.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        self.running.await.unwrap();
    }
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

    /// Boots one on the given database that signs with Ed25519, whose keys are made in no time.
    pub async fn quick(database: Engine) -> Self {
        Self::with(Options { database, signing_alg: Algorithm::EdDsa, ..Options::default() }).await
    }

    /// Boots one as asked.
    pub async fn with(options: Options) -> Self {
        let database = Database::new(options.database).await;
        let keyring = MasterKeys::generate(&SystemRng).to_string();
        let clock = MockClock::new(BEGIN);
        let store = database.store().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = listener.local_addr().unwrap();
        let address = local.to_string();
        let by_default = match options.tls {
            Some(host) => format!("https://{host}:{}", local.port()),
            None => format!("http://{}:{}", options.host, local.port()),
        };
        let issuer = options.issuer.clone().unwrap_or(by_default);
        let settings = options.settings(&issuer);
        let engine = open_engine(store.clone(), &keyring, settings, &clock).await.unwrap();
        let engine = reaching_out(engine, &options);
        let engine = Arc::new(match &options.smtp {
            Some(settings) => engine.sending_mail_by(Arc::new(Smtp::new(settings).unwrap())),
            None => engine,
        });
        let notices = notices(&store, &keyring, &issuer).await;
        let manager = manager(store.clone(), &clock, notices, &options);
        let demo = Demo::create(&manager).await;
        let (stop, stopping) = watch::channel(false);
        let authority = Authority::new();
        let tls = options.tls.map(|host| Tls::new(authority.certificate(host)));
        run(listener, tls, Arc::clone(&engine), &clock, options.clone(), stopping);
        let http = match options.tls {
            Some(host) => authority.http(host, local),
            None => Client::builder(),
        };
        let http = http
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { issuer, address, engine, store, manager, clock, demo, database, keyring, options, http, stop }
    }

    /// Boots a second server of the same issuer on the same database, and yields its address.
    pub async fn replica(&self) -> String {
        let store = self.database.store().await;
        let settings = self.options.settings(&self.issuer);
        let engine = open_engine(store, &self.keyring, settings, &self.clock).await.unwrap();
        let engine = reaching_out(engine, &self.options);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        run(listener, None, Arc::new(engine), &self.clock, self.options.clone(), self.stop.subscribe());
        address
    }

    /// The management verbs with connections of their own, as the operator's command line has them.
    pub async fn operator(&self) -> Manager {
        let store = self.database.store().await;
        let notices = notices(&store, &self.keyring, &self.issuer).await;
        manager(store, &self.clock, notices, &self.options)
    }

    /// The whole audit trail.
    pub async fn audit(&self) -> Vec<StoredRecord> {
        self.audit_after(0).await
    }

    /// The audit trail after the given place.
    pub async fn audit_after(&self, seq: i64) -> Vec<StoredRecord> {
        self.store.list_audit(seq, 100_000).await.unwrap()
    }

    /// Waits until every event for guards has its number: the server gives it, in the background.
    pub async fn numbered(&self) {
        let numbered = async || !self.store.any_unnumbered_guard_event().await.unwrap();
        until("events get their numbers", numbered).await;
    }

    /// Starts another engine on the same database, with connections of its own and the same clock.
    pub async fn other_engine(&self) -> OtherEngine {
        self.engine_with(|_settings| {}).await
    }

    /// The same with other settings.
    pub async fn engine_with(&self, change: impl FnOnce(&mut tokenry_engine::Settings)) -> OtherEngine {
        let store = self.database.store().await;
        let mut settings = self.options.settings(&self.issuer);
        change(&mut settings);
        let engine = open_engine(store, &self.keyring, settings, &self.clock).await.unwrap();
        let engine = Arc::new(engine);
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(Arc::clone(&engine).run(stopped(stopping)));
        OtherEngine { engine, stop, running }
    }

    /// What moves the keys on, as the operator's command has it: with connections of its own.
    pub async fn keyholder(&self) -> Keyholder {
        let master = MasterKeys::parse(&self.keyring).unwrap();
        let store = self.database.store().await;
        let data_key = unlock(&store, &master, self.clock.now(), &SystemRng).await.unwrap();
        let settings = self.options.settings(&self.issuer);
        Keyholder {
            store,
            data_key: Arc::new(data_key),
            rng: Arc::new(SystemRng),
            access_token_ttl: settings.access_token_ttl,
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

    /// A token request of a client with these form parameters beside grant type, id and secret.
    pub fn request(&self, client: &DemoClient, more: &[(&str, &str)]) -> RequestBuilder {
        let own = [
            ("grant_type", "client_credentials"),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
        ];
        let form: Vec<_> = own.iter().chain(more).collect();
        self.token_request().form(&form)
    }

    /// Asks for a token with these form parameters beside grant type, id and secret.
    pub async fn ask(&self, client: &DemoClient, more: &[(&str, &str)]) -> Answer {
        Answer::to(self.request(client, more)).await
    }

    /// A token for the Timesheets API.
    pub async fn token(&self, client: &DemoClient) -> String {
        self.ask(client, &[("audience", AUDIENCE)]).await.token()
    }
}

/// What the engine of a test is told.
#[must_use]
pub fn settings(issuer: &str, signing_alg: Algorithm) -> tokenry_engine::Settings {
    tokenry_engine::Settings {
        issuer: issuer.to_owned(),
        namespace: Namespace::parse(NAMESPACE).unwrap(),
        access_token_ttl: Duration::from_secs(86_400),
        user_access_token_ttl: Duration::from_secs(900),
        refresh_idle_ttl: Duration::from_secs(30 * 86_400),
        refresh_ttl: Duration::from_secs(90 * 86_400),
        refresh_grace: Duration::from_secs(10),
        pat_max_ttl: Duration::from_secs(366 * 86_400),
        signing_alg,
        keys: Schedule::default(),
        sessions: SessionSettings::default(),
        error_style: ErrorStyle::Rfc,
        brand: Brand::default(),
        reveal: Reveal::default(),
        audit_keep: None,
        limits: GuessLimits::NONE,
        quota: MintQuota::default(),
        github_keys: None,
        sign_up: false,
        deletion_grace: None,
    }
}

/// Opens an engine as the server does.
///
/// # Errors
/// As [`Tokenry::open`].
pub async fn open_engine(
    store: Store,
    keyring: &str,
    settings: tokenry_engine::Settings,
    clock: &MockClock,
) -> Result<Tokenry, OpenError> {
    let master = MasterKeys::parse(keyring).unwrap();
    Tokenry::open(store, &master, settings, Arc::new(clock.clone()), Arc::new(SystemRng)).await
}

/// The same engine, which makes requests of its own.
fn reaching_out(engine: Tokenry, options: &Options) -> Tokenry {
    let allowed_networks = options.allowed_networks.clone();
    let outbound = Outbound::new(OutboundSettings { allowed_networks, extra_roots: None }).unwrap();
    let outbound = Arc::new(outbound);
    engine.fetching_keys_by(Arc::<Outbound>::clone(&outbound)).posting_logouts_by(outbound)
}

/// What tells users of what operators do.
async fn notices(store: &Store, keyring: &str, issuer: &str) -> Notices {
    let master = MasterKeys::parse(keyring).unwrap();
    let data_key = unlock(store, &master, BEGIN, &SystemRng).await.unwrap();
    Notices { data_key: Arc::new(data_key), issuer: issuer.to_owned() }
}

fn manager(store: Store, clock: &MockClock, notices: Notices, options: &Options) -> Manager {
    let (clock, rng) = (Arc::new(clock.clone()), Arc::new(SystemRng));
    let means = Means { store, clock, rng, brand: Brand::default(), notices };
    let manager = Manager::new(means, Actor::Operator);
    manager.with_error_style(options.error_style).with_reveal(options.reveal)
}

/// Serves on `listener` and works in the background until told to stop.
fn run(
    listener: TcpListener,
    tls: Option<Tls>,
    engine: Arc<Tokenry>,
    clock: &MockClock,
    options: Options,
    stopping: watch::Receiver<bool>,
) {
    let app = App {
        engine: Arc::clone(&engine),
        clock: Arc::new(clock.clone()),
        rng: Arc::new(SystemRng),
        settings: Settings {
            hosts: options.hosts,
            scheme: if tls.is_some() { Scheme::Https } else { Scheme::Http },
            headless: options.headless,
            secret_routes: options.secret_routes,
            same_site: options.same_site,
            ..Settings::default()
        },
    };
    let router = tokenry_server::router(app);
    let until = stopped(stopping.clone());
    match tls {
        Some(tls) => tokio::spawn(serve_over(tls, listener, router, options.limits, until)),
        None => tokio::spawn(serve_over(Plain, listener, router, options.limits, until)),
    };
    tokio::spawn(engine.run(stopped(stopping)));
}

/// Ready once `stop` has said so, or its sender is gone.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _last_word = stop.wait_for(|stop| *stop).await;
}
