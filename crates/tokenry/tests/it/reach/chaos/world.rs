//! A server, two guarded APIs, a corporation of three companies with two clients each, and one of all three.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use reqwest::Client;
use tokenry_engine::manage::{Manager, NewApi, NewClient, NewSecret};
use tokenry_jose::Algorithm;
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::{AUDIENCE, DemoClient, Engine, Link, Options, TestApp};
use tokio::sync::{Mutex as Turn, RwLock};
use tokio::time::Instant;

use super::oracle::Findings;
use super::tokens::{Kind, Tokens};
use crate::reach::api::{Api, Registered};

const OPAQUE: &str = "https://payroll.example.com";
const READ: &str = "read:timesheets";
const COMPANIES: usize = 3;
const CLIENTS_EACH: usize = 2;

pub(super) struct World {
    pub(super) app: TestApp,
    /// What the guards have of the server. All others go past it.
    pub(super) link: Link,
    /// Where the server listens.
    pub(super) server: String,
    pub(super) http: Client,
    signed: Api,
    opaque: Api,
    pub(super) companies: Vec<Company>,
    pub(super) holders: Vec<Holder>,
    pub(super) tokens: Tokens,
    pub(super) findings: Findings,
    calls: AtomicU64,
    over: AtomicBool,
}

/// A company, and whose turn it is to change something of it.
pub(super) struct Company {
    pub(super) id: String,
    pub(super) turn: Turn<()>,
    pub(super) standing: Mutex<Standing>,
}

#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) enabled: bool,
    /// When it was enabled last, if it was disabled before.
    pub(super) enabled_at: Option<Instant>,
}

/// A client. Tokens are fetched while it is read, and rights are taken away while it is written, so that each token was
/// either there before or fetched after.
pub(super) struct Holder {
    pub(super) id: String,
    /// Where it is at home.
    pub(super) company: usize,
    /// Whether it may act for the other companies too.
    pub(super) corporate: bool,
    pub(super) credentials: RwLock<Credentials>,
}

pub(super) struct Credentials {
    pub(super) secret_id: String,
    pub(super) secret: String,
    /// Whether it gets tokens.
    pub(super) enabled: bool,
}

impl World {
    pub(super) async fn begin(engine: Engine) -> Self {
        let link = Link::open().await;
        let issuer = Some(link.origin.clone());
        let signing_alg = Algorithm::EdDsa;
        let options = Options { database: engine, signing_alg, issuer, ..Options::default() };
        let app = TestApp::with(options).await;
        link.leads_to(&app.address);
        let payroll = opaque_api(&app.manager).await;
        let guarded = async |audience, api: &DemoClient| {
            let registered = Registered { issuer: &link.origin, audience, id: &api.id, secret: &api.secret };
            Api::start(registered, app.clock.clone()).await
        };
        let (signed, opaque) = (guarded(AUDIENCE, &app.demo.api).await, guarded(OPAQUE, &payroll).await);
        let corporation = app.manager.create_corporation("All", None).await.unwrap().id.to_string();
        let (mut companies, mut holders) = (Vec::new(), Vec::new());
        for company in 0..COMPANIES {
            let created = app.manager.create_company("A company", None, Some(&corporation)).await.unwrap();
            let id = created.id.to_string();
            for _ in 0..CLIENTS_EACH {
                holders.push(Holder::register(&app.manager, (company, &id), None).await);
            }
            let standing = Mutex::new(Standing { enabled: true, enabled_at: None });
            companies.push(Company { id, turn: Turn::default(), standing });
        }
        let home = (0, companies[0].id.as_str());
        holders.push(Holder::register(&app.manager, home, Some(corporation)).await);
        Self {
            server: format!("http://{}", app.address),
            http: app.http.clone(),
            app,
            link,
            signed,
            opaque,
            companies,
            holders,
            tokens: Tokens::default(),
            findings: Findings::default(),
            calls: AtomicU64::new(0),
            over: AtomicBool::new(false),
        }
    }

    /// The API that takes tokens of this kind.
    pub(super) fn api(&self, kind: Kind) -> &Api {
        match kind {
            Kind::Opaque => &self.opaque,
            Kind::Signed => &self.signed,
        }
    }

    /// A request id that was not used before.
    pub(super) fn request_id(&self) -> String {
        format!("chaos-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Kind {
    pub(super) fn audience(self) -> &'static str {
        match self {
            Self::Opaque => OPAQUE,
            Self::Signed => AUDIENCE,
        }
    }
}

impl Holder {
    async fn register(manager: &Manager, home: (usize, &str), corporation: Option<String>) -> Self {
        let (company, corporate) = (home.0, corporation.is_some());
        let new = NewClient {
            company: Some(home.1.to_owned()),
            corporation,
            ..NewClient::new(ClientType::M2m, "Job")
        };
        let created = manager.create_client(new).await.unwrap();
        let id = created.client.id.to_string();
        for audience in [AUDIENCE, OPAQUE] {
            manager.create_grant(&id, audience, &[READ.to_owned()]).await.unwrap();
        }
        let secret_id = manager.client_secrets(&id).await.unwrap().remove(0).id.to_string();
        let secret = created.secret.unwrap().expose().to_owned();
        let credentials = RwLock::new(Credentials { secret_id, secret, enabled: true });
        Self { id, company, corporate, credentials }
    }
}

async fn opaque_api(manager: &Manager) -> DemoClient {
    let new = NewApi {
        id: None,
        name: "Payroll".to_owned(),
        audience: OPAQUE.to_owned(),
        scopes: vec![(READ.to_owned(), String::new())],
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Opaque,
        tenanted: true,
    };
    let id = manager.create_api(new).await.unwrap().id.to_string();
    let (_stored, secret) = manager.add_api_secret(&id, NewSecret::default()).await.unwrap();
    DemoClient { id, secret: secret.expose().to_owned() }
}
