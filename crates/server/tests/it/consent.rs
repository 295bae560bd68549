//! The way of an authorization from the request to the code, in a browser without a screen.

mod asked;
mod at_once;
mod barred;
mod companies;
mod forms;
mod prompts;
mod taken_back;

use std::collections::BTreeMap;
use std::time::Duration;

use tokenry_clock::Clock as _;
use tokenry_engine::Context;
use tokenry_engine::manage::NewClient;
use tokenry_model::{Actor, ClientType, Membership};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::{AUDIENCE, Answer, Browser, CALLBACK, DemoClient, Engine, Page, Person, TestApp};

/// The challenge of the testkit's verifier (RFC 7636 appendix B).
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PASSWORD: &str = "quiet plum ladder forty two";
/// What the partner's application asks for unless a test says otherwise.
const SCOPE: &str = "read:timesheets create:timesheets";

/// A server, two people, and an application of each kind.
pub(crate) struct Rig {
    pub(crate) app: TestApp,
    /// A member of Acme who holds all scopes.
    pub(crate) ann: Person,
    /// Another one.
    pub(crate) bob: Person,
    /// Another company's, for reading and creating.
    pub(crate) partner: DemoClient,
    /// Ours, of which nobody is asked.
    pub(crate) web: DemoClient,
}

impl Rig {
    pub(crate) async fn on(database: Engine) -> Self {
        let app = TestApp::quick(database).await;
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        for person in [&ann, &bob] {
            set_password(&app, person).await;
        }
        let ceiling = ["read:timesheets", "create:timesheets"];
        let partner = app.application(ClientType::ThirdParty, "Hours of Globex", &ceiling).await;
        let web = ours(&app).await;
        Self { app, ann, bob, partner, web }
    }

    /// The authorization request of an application, with these parameters in the place of the usual ones.
    pub(crate) fn request(&self, client: &DemoClient, other: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", client.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("audience", AUDIENCE),
            ("scope", SCOPE),
            ("state", "state of this go"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.iter().filter(|(name, _)| !other.iter().any(|(it, _)| it == name));
        let pairs = kept.chain(other).filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/authorize?{query}")
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.app.issuer)
    }

    /// A browser in which somebody is signed in, a second ago.
    pub(crate) async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        let page = browser.open("/login").await;
        let page = sign_in(&mut browser, &page, person).await;
        assert_eq!(page.url.path(), "/account", "{page:?}");
        self.app.clock.advance(Duration::from_secs(1));
        browser
    }

    /// That an honest request gets a code.
    pub(crate) async fn must_work(&self, browser: &mut Browser) {
        let page = browser.open(&self.request(&self.web, &[])).await;
        code_of(&page);
    }

    /// The tokens for a code.
    pub(crate) async fn tokens(&self, client: &DemoClient, code: &str) -> Answer {
        let answer = self.app.redeem(client, code, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// How many codes there have been.
    pub(crate) async fn codes(&self) -> usize {
        let records = self.app.audit().await;
        records.iter().filter(|stored| stored.record.event == tokenry_model::Event::CodeIssued).count()
    }

    /// Makes somebody a member of another company, with the role that they have already.
    pub(crate) async fn join(&self, person: &Person, company: &str) {
        let role = person.id.as_str().replacen("usr_", "role-of-", 1);
        let membership = Membership {
            user_id: person.id.clone(),
            company_id: tokenry_model::CompanyId::parse(company).unwrap(),
            roles: vec![role],
            created_at: self.app.clock.now(),
        };
        self.app.store.add_membership(&membership, &[]).await.unwrap();
    }
}

async fn set_password(app: &TestApp, person: &Person) {
    let context = Context {
        now: app.clock.now(),
        request_id: "test".to_owned(),
        address: None,
        from_browser: false,
    };
    let password = Secret::new(PASSWORD.to_owned());
    app.engine.set_password(&person.id, &password, Actor::Operator, &context).await.unwrap();
}

async fn ours(app: &TestApp) -> DemoClient {
    let new = NewClient {
        redirect_uris: vec![CALLBACK.to_owned()],
        first_party: true,
        skip_consent: true,
        ..NewClient::new(ClientType::Web, "Timesheets")
    };
    let created = app.manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    app.manager.create_grant(&id, AUDIENCE, &[]).await.unwrap();
    DemoClient { id, secret: created.secret.unwrap().expose().to_owned() }
}

/// Fills in the form of a sign-in page, and follows where that leads.
pub(crate) async fn sign_in(browser: &mut Browser, page: &Page, person: &Person) -> Page {
    let username = format!("{}@acme.example", person.id.as_str().replacen("usr_", "", 1));
    let form = page.form("/login").with("username", &username).with("password", PASSWORD);
    browser.submit(&form).await
}

/// Presses a button of the page that asks.
pub(crate) async fn decide(browser: &mut Browser, page: &Page, decision: &str) -> Page {
    browser.submit(&page.form("/consent").with("decision", decision)).await
}

/// What the application is told, in the query of the redirect that the page ended with.
#[track_caller]
pub(crate) fn told(page: &Page) -> BTreeMap<String, String> {
    assert_eq!(page.answer.status, 303, "{page:?}");
    let to = page.redirect().unwrap();
    assert!(to.as_str().starts_with(CALLBACK), "{to}");
    assert_eq!(to.fragment(), Some(""), "{to}");
    to.query_pairs().into_owned().collect()
}

/// The code that the application is told.
#[track_caller]
pub(crate) fn code_of(page: &Page) -> String {
    let told = told(page);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["code", "iss", "state"], "{told:?}");
    assert_eq!(told["state"], "state of this go");
    told["code"].clone()
}

/// The error that the application is told, with state and issuer.
#[track_caller]
pub(crate) fn error_of(page: &Page) -> String {
    let told = told(page);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["error", "error_description", "iss", "state"], "{told:?}");
    told["error"].clone()
}

/// That a page of ours asks for consent.
#[track_caller]
pub(crate) fn asks(page: &Page) {
    assert_eq!((page.url.path(), page.answer.status.as_u16()), ("/consent", 200), "{page:?}");
    assert!(page.texts("h1").concat().starts_with("Allow "), "{page:?}");
}
