//! An authorization server on a port of its own, with one API and one client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;
use tokenry_clock::{Clock, MockClock, Timestamp};
use tokenry_engine::keyring::MasterKeys;
use tokenry_engine::manage::{Manager, NewApi, NewClient, NewSecret};
use tokenry_engine::{Engine, Settings};
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, ClientType, Dialect, Rng, SystemRng};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::secret::Brand;
use tokenry_server::serve::{Limits, serve};
use tokenry_server::{App, router};
use tokenry_store::Store;
use tokenry_store::db::{Db, Options};
use tokio::net::{TcpListener, TcpStream};

use crate::wire::Client;

pub(crate) const AUDIENCE: &str = "https://timesheets.example.com";
pub(crate) const ISSUER: &str = "https://id.example.com";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) clock: MockClock,
    pub(crate) manager: Manager,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) api_id: String,
    pub(crate) api_secret: String,
    _folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = MockClock::new(Timestamp::from_secs(1_763_692_496));
        let (shared_clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) =
            (Arc::new(clock.clone()), Arc::new(SystemRng));
        let store = store(&folder).await;
        let settings = Settings {
            issuer: ISSUER.into(),
            namespace: Namespace::parse("https://auth.example.com/metadata").unwrap(),
            access_token_ttl: Duration::from_secs(86_400),
            signing_alg: Algorithm::EdDsa,
            dialect: Dialect::Rfc,
            brand: Brand::default(),
        };
        let master = MasterKeys::parse(&MasterKeys::generate(&SystemRng)).unwrap();
        let engine =
            Engine::open(store.clone(), &master, settings, Arc::clone(&shared_clock), Arc::clone(&rng)).await;
        let engine = Arc::new(engine.unwrap());
        let manager = Manager::new(
            store,
            Arc::clone(&shared_clock),
            Arc::clone(&rng),
            Brand::default(),
            Actor::Operator,
        );
        let app = App { engine, clock: shared_clock, rng, settings: tokenry_server::Settings::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router(app), Limits::default(), std::future::pending()));
        let [client_id, client_secret, api_id, api_secret] = populate(&manager).await;
        Self { address, clock, manager, client_id, client_secret, api_id, api_secret, _folder: folder }
    }

    /// The value of an `Authorization` header.
    pub(crate) fn basic(&self) -> String {
        basic(&self.client_id, &self.client_secret)
    }

    /// A form that is answered with a token.
    pub(crate) fn good_form(&self) -> String {
        let Self { client_id, client_secret, .. } = self;
        format!("grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}")
    }

    /// The answer to a request of which `Host`, `Content-Length` and `Connection` go without saying.
    pub(crate) async fn ask(&self, line: &str, fields: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !fields.iter().any(|(name, _)| *name == "Host") {
            request.push_str("Host: id.example.com\r\n");
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in fields {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.say(&[request.as_bytes(), body].concat()).await
    }

    /// The answer to these very bytes.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Answer {
        let mut client = Client(TcpStream::connect(self.address).await.unwrap());
        client.say(bytes).await;
        Answer::parse(&client.hear_all().await)
    }

    /// The answer to a form at the token endpoint.
    pub(crate) async fn form(&self, body: impl AsRef<[u8]>, fields: &[(&str, &str)]) -> Answer {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        self.ask("POST /oauth/token", &[&[form], fields].concat(), body).await
    }

    /// Asserts that the server still serves (G7).
    pub(crate) async fn serves(&self) {
        let answer = self.form(self.good_form(), &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

async fn store(folder: &TempDir) -> Store {
    let url = format!("sqlite:{}", folder.path().join("tokenry.db").display()).parse().unwrap();
    let db = Db::open(&url, Options::default()).await.unwrap();
    tokenry_store::migrate::migrate(&db).await.unwrap();
    Store::new(db)
}

async fn populate(manager: &Manager) -> [String; 4] {
    let scopes = ["read:timesheets", "create:timesheets"].map(|scope| (scope.to_owned(), String::new()));
    let api = NewApi {
        id: None,
        name: "Timesheets".into(),
        audience: AUDIENCE.into(),
        scopes: scopes.into(),
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        tenanted: true,
    };
    let api = manager.create_api(api).await.unwrap();
    let (_, api_secret) = manager.add_api_secret(AUDIENCE, NewSecret::default()).await.unwrap();
    let company = manager.create_company("Acme", None, None).await.unwrap();
    let client =
        NewClient { company: Some(company.id.to_string()), ..NewClient::new(ClientType::M2m, "cron") };
    let created = manager.create_client(client).await.unwrap();
    let client_id = created.client.id.to_string();
    manager.create_grant(&client_id, AUDIENCE, &[]).await.unwrap();
    let client_secret = created.secret.unwrap().expose().to_owned();
    [client_id, client_secret, api.id.to_string(), api_secret.expose().to_owned()]
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let field = |line: &str| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        };
        Self { status, fields: lines.filter_map(field).collect(), body: body.to_owned() }
    }

    /// A header field; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts that this is an OAuth error as RFC 6749 §5.2 and rules G4 and G5 have it.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json()["error"].as_str()), (status, Some(code)), "{self:?}");
        let description = self.json()["error_description"].as_str().unwrap().to_owned();
        assert!(
            description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)),
            "{self:?}"
        );
        self.is_token_like();
    }

    /// Asserts the header fields of every answer of the token endpoint (G4).
    #[track_caller]
    pub(crate) fn is_token_like(&self) {
        assert_eq!(self.field("cache-control"), "no-store", "{self:?}");
        assert_eq!(self.field("pragma"), "no-cache");
        assert_eq!(self.field("content-type"), "application/json");
        assert_eq!(self.field("x-content-type-options"), "nosniff");
        assert_eq!(self.field("x-request-id").len(), 22);
        for absent in ["access-control-allow-origin", "etag", "server"] {
            assert_eq!(self.field(absent), "", "{self:?}");
        }
    }
}
