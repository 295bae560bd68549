//! The way of an authorization from the request to the code, in a browser without a screen.

mod asked;
mod at_once;
mod barred;
mod by_mail;
mod companies;
mod forms;
mod half_proof;
mod lifetime;
mod once;
mod prompts;
mod stepped_back;
pub(crate) mod taken_back;
mod tenants;

use std::collections::BTreeMap;
use std::time::Duration;

use tokenry_clock::Clock as _;
use tokenry_engine::manage::NewClient;
use tokenry_model::{ClientType, CompanyId, Event, Membership, Role, RolePermission};
use tokenry_protocol::scope::Scope;
use tokenry_testkit::{AUDIENCE, Answer, Browser, DemoClient, Engine, Page, Person, SCOPES, TestApp};

/// The verifier of RFC 7636 appendix B, and its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:8702/callback";
/// What is asked for unless a test says otherwise.
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
        Self::of(TestApp::quick(database).await).await
    }

    async fn of(app: TestApp) -> Self {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let partner = NewClient::new(ClientType::ThirdParty, "Hours of Globex");
        let partner = application(&app, partner, &["read:timesheets", "create:timesheets"]).await;
        let web = NewClient::new(ClientType::Web, "Timesheets");
        let web =
            application(&app, NewClient { first_party: Some(true), skip_consent: true, ..web }, &[]).await;
        let rig = Self { app, ann, bob, partner, web };
        for person in [&rig.ann, &rig.bob] {
            rig.give_role(person).await;
            rig.join(person, &rig.app.demo.acme).await;
        }
        rig
    }

    async fn give_role(&self, person: &Person) {
        let api = self.app.store.find_resource_server_by_audience(AUDIENCE).await.unwrap().unwrap();
        let role = Role {
            name: role_of(person),
            description: String::new(),
            corporation_wide: false,
            permissions: vec![RolePermission {
                resource_server_id: api.id,
                scope: Scope::parse(&SCOPES.join(" ")).unwrap(),
            }],
            created_at: self.app.clock.now(),
        };
        self.app.store.create_role(&role, &[]).await.unwrap();
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

    /// A browser in which somebody is signed in, a second ago.
    pub(crate) async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.app.browser();
        let page = person.sign_in(&mut browser).await;
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
        let right = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        let answer = self.grant(client, &[&right[..], &[("code_verifier", VERIFIER)]].concat()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// A token request of a client.
    pub(crate) async fn grant(&self, client: &DemoClient, form: &[(&str, &str)]) -> Answer {
        let own = [("client_id", client.id.as_str()), ("client_secret", client.secret.as_str())];
        Answer::to(self.app.token_request().form(&[&own[..], form].concat())).await
    }

    /// How many codes there have been.
    pub(crate) async fn codes(&self) -> usize {
        let records = self.app.audit().await;
        records.iter().filter(|stored| stored.event == Event::CodeIssued.as_str()).count()
    }

    /// Makes somebody a member of another company, with the role that they have already.
    pub(crate) async fn join(&self, person: &Person, company: &str) {
        let membership = Membership {
            user_id: person.id.clone(),
            company_id: CompanyId::parse(company).unwrap(),
            roles: vec![role_of(person)],
            created_at: self.app.clock.now(),
        };
        self.app.store.add_membership(&membership, &[]).await.unwrap();
    }
}

fn role_of(person: &Person) -> String {
    person.id.as_str().replacen("usr_", "role-of-", 1)
}

/// An application with that ceiling at the Timesheets API; none: all that it defines.
pub(crate) async fn application(app: &TestApp, new: NewClient, ceiling: &[&str]) -> DemoClient {
    let new = NewClient { redirect_uris: vec![CALLBACK.to_owned()], ..new };
    let created = app.manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    let ceiling: Vec<_> = ceiling.iter().map(|scope| (*scope).to_owned()).collect();
    app.manager.create_grant(&id, AUDIENCE, &ceiling).await.unwrap();
    let secret = created.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
    DemoClient { id, secret }
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
