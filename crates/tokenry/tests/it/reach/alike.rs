//! A user's personal access token, API cookie and JWT open the same at every route of an API, whatever changes (R81, R86):
//! real server, real guard, random roles, companies and narrowings.

use std::time::Duration;

use axum::Json;
use axum::routing::{get, post};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::{Client, Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::NewPat;
use tokenry_guard::{Caller, GuardRouter, Requirement, tenant_path};
use tokenry_model::{ClientType, CompanyId, Tenant};
use tokenry_store::IssueCode;
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{
    AUDIENCE, Answer, DemoClient, Engine, Member, Person, Rights, RightsChange, SCOPES, TestApp, new_pat,
};

use super::api::{Api, Registered};

/// How many changes, after each of which all is compared.
const STEPS: usize = 30;
/// What some tokens are narrowed to.
const NARROW: &str = "read:timesheets";

tokenry_guard::scopes! {
    Approve = "approve:timesheets";
    Create = "create:timesheets";
    Read = "read:timesheets";
}

/// Something that a user shows to the API.
#[derive(Clone, Debug)]
enum Shown {
    Bearer(String),
    Cookie { value: String, csrf: String },
}

/// What a user may show for one company.
#[derive(Debug)]
struct Credentials {
    company: String,
    /// Each with what it is narrowed to.
    pats: [(Shown, Option<&'static str>); 2],
    /// Cookies of sessions that live.
    cookies: Vec<Shown>,
}

struct World {
    app: TestApp,
    api: Api,
    http: Client,
    ann: Person,
    web: DemoClient,
    rights: Rights,
}

impl World {
    async fn begin(engine: Engine) -> Self {
        let app = TestApp::quick(engine).await;
        let registered = Registered::of(&app);
        let api = Api::serving(registered, app.clock.clone(), routes).await;
        let ann = app.person("ann").await;
        let web = app.application(ClientType::Web, "Web", &[]).await;
        let rights = Rights::of(&app, ann.id.as_str(), None).await;
        let http = Client::new();
        let world = Self { app, api, http, ann, web, rights };
        let all = SCOPES.to_vec();
        let everything =
            RightsChange::Role { role: "one", scopes: all, elsewhere: false, corporation_wide: true };
        world.change(&everything).await;
        for company in 0..world.rights.companies.len() {
            world.change(&RightsChange::Join { company, roles: vec!["one"] }).await;
        }
        world
    }

    /// Changes it, and returns once the API knows.
    async fn change(&self, change: &RightsChange) {
        self.rights.change(change).await;
        let announced = self.app.store.announced_so_far().await.unwrap();
        assert!(self.app.manager.propagated(&announced).await, "{change:?}");
    }

    async fn credentials(&self, company: &str) -> Credentials {
        let narrowed = Some(vec![NARROW.to_owned()]);
        let pats = [(self.pat(company, None).await, None), (self.pat(company, narrowed).await, Some(NARROW))];
        Credentials { company: company.to_owned(), pats, cookies: Vec::new() }
    }

    async fn pat(&self, company: &str, scopes: Option<Vec<String>>) -> Shown {
        let new = NewPat { company_id: Some(company.to_owned()), scopes, ..new_pat("any") };
        let pat = self.app.pat(&self.member(company, "sid-of-nobody"), new).await;
        Shown::Bearer(pat.token.expose().to_owned())
    }

    fn member(&self, company: &str, session: &str) -> Member {
        let session = tokenry_model::SessionId::parse(session).unwrap();
        Member { id: self.ann.id.clone(), session, company: CompanyId::parse(company).unwrap() }
    }

    /// The cookie of a new session; `None` if none can begin.
    async fn sign_in(&self, company: &str) -> Option<Shown> {
        let (username, password) = (&self.ann.username, &self.ann.password);
        let body = json!({"username": username, "password": password, "company_id": company});
        let answer = Answer::to(self.http.post(self.app.url("/session")).json(&body)).await;
        if answer.status != 200 {
            assert!(matches!(answer.status.as_u16(), 401 | 403), "{answer:?}");
            return None;
        }
        let set = answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
        let value = set.filter_map(|it| it.strip_prefix("__Host-tokenry_api=")).next().unwrap();
        let value = value.split(';').next().unwrap().to_owned();
        Some(Shown::Cookie { value, csrf: answer.json()["csrf_token"].as_str().unwrap().to_owned() })
    }

    /// The JWT of five minutes that a session is traded for; `None` if it opens nothing at the API.
    async fn trade(&self, cookie: &Shown) -> Option<Shown> {
        let request = self.http.post(self.app.url("/session/token")).json(&json!({"audience": AUDIENCE}));
        let request = request.header("origin", &self.app.issuer);
        let answer = Answer::to(cookie.on(request)).await;
        (answer.status == 200).then(|| Shown::Bearer(answer.token()))
    }

    /// The JWT that an application without bounds of its own gets, if she lets it have `scope` for a company.
    async fn authorize(&self, company: &str, scope: &str) -> Option<Shown> {
        let session = self.app.sign_in(&self.ann.id, &format!("sid-{}", rand_id()));
        let member = Member { session, ..self.member(company, "sid-of-nobody") };
        let (mut issue, code) = self.app.authorization(&member, &self.web, scope).await;
        let company = self.app.store.find_company(&member.company).await.unwrap().unwrap();
        issue.family.tenant = Some(Tenant { company: company.id, corporation: company.corporation_id });
        if self.app.store.issue_code(issue).await.unwrap() != IssueCode::Issued {
            return None;
        }
        let answer = self.app.redeem(&self.web, &code, &[]).await;
        (answer.status == 200).then(|| Shown::Bearer(answer.token()))
    }

    /// What the API says at each of its routes: status, code of the problem, and who it takes the caller for.
    async fn decisions(&self, shown: &Shown) -> Vec<(String, u16, Value)> {
        let mut decisions = Vec::new();
        for (method, path) in self.routes() {
            let request = self.http.request(method.clone(), format!("{}{path}", self.api.url));
            let answer = Answer::to(shown.on(request)).await;
            let body = answer.json();
            let said = if answer.status == 200 { body } else { body["code"].clone() };
            decisions.push((format!("{method} {path}"), answer.status.as_u16(), said));
        }
        decisions
    }

    fn routes(&self) -> Vec<(Method, String)> {
        let (get, post) = (Method::GET, Method::POST);
        let mut routes = vec![
            (get.clone(), "/any".to_owned()),
            (post.clone(), "/any".to_owned()),
            (post.clone(), "/approval".to_owned()),
        ];
        for company in &self.rights.companies {
            routes.push((get.clone(), format!("/of/{company}")));
            routes.push((post.clone(), format!("/of/{company}")));
        }
        routes
    }

    /// Compares all that stands for the same, and counts which requests were let through.
    async fn compare(&self, credentials: &Credentials, at: &str) -> Counts {
        let mut counts = Counts::default();
        for (pat, narrowed_to) in &credentials.pats {
            let decided = self.decisions(pat).await;
            counts.count(&decided);
            let mut others = vec![self.authorize(&credentials.company, narrowed_to.unwrap_or(ALL)).await];
            if narrowed_to.is_none() {
                for cookie in &credentials.cookies {
                    assert_eq!(self.decisions(cookie).await, decided, "{at}: the cookie");
                    others.push(self.trade(cookie).await);
                }
            }
            for jwt in others {
                match jwt {
                    Some(jwt) => assert_eq!(self.decisions(&jwt).await, decided, "{at}: the JWT {jwt:?}"),
                    None => assert!(decided.iter().all(|it| it.1 != 200), "{at}: no JWT, and {decided:?}"),
                }
            }
        }
        counts
    }
}

const ALL: &str = "read:timesheets create:timesheets delete:timesheets approve:timesheets";

fn rand_id() -> String {
    tokenry_model::random_base62(&tokenry_model::SystemRng, 16)
}

impl Shown {
    fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Bearer(token) => request.bearer_auth(token),
            Self::Cookie { value, csrf } => request
                .header("cookie", format!("__Host-tokenry_api={value}"))
                .header("sec-fetch-site", "same-origin")
                .header("x-csrf-token", csrf),
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    opened: usize,
    forbidden: usize,
    nobody: usize,
    wide: usize,
}

impl Counts {
    fn count(&mut self, decided: &[(String, u16, Value)]) {
        for (route, status, said) in decided {
            match status {
                200 => self.opened += 1,
                401 => self.nobody += 1,
                403 => self.forbidden += 1,
                _ => panic!("{route}: {status} {said}"),
            }
            self.wide += usize::from(*status == 200 && !said["corporation"].is_null());
        }
    }

    fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.forbidden += other.forbidden;
        self.nobody += other.nobody;
        self.wide += other.wide;
    }
}

/// The API: each permission alone and with a company in the path.
fn routes(router: GuardRouter) -> GuardRouter {
    router
        .route("/any", get(told), Read)
        .route("/any", post(told), Create)
        .route("/approval", post(told), Approve)
        .route("/of/{company}", get(told), Read.and(tenant_path("company")))
        .route("/of/{company}", post(told), Create.and(tenant_path("company")))
}

/// Whom the API takes the caller for.
async fn told(caller: Caller) -> Json<Value> {
    Json(json!({
        "id": caller.principal().id(),
        "kind": caller.principal().kind(),
        "company": caller.company(),
        "corporation": caller.corporation(),
        "scopes": caller.scopes().to_string(),
    }))
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r81_r86_pat_cookie_and_jwt_decide_alike(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::begin(engine).await;
    let mut all = Vec::new();
    for company in &world.rights.companies {
        all.push(world.credentials(company).await);
    }
    // The same changes each time: what is compared is never left to luck.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut counts = Counts::default();
    for step in 0..STEPS {
        let change = RightsChange::any().new_tree(&mut runner).unwrap().current();
        world.change(&change).await;
        if counts.nobody > 0 {
            // A guard takes the word of a moment ago for it that something is nothing.
            tokio::time::sleep(Duration::from_millis(1_100)).await;
        }
        for credentials in &mut all {
            if matches!(change, RightsChange::User { disabled: true }) {
                credentials.cookies.clear(); // their sessions ended, and do not come back
            }
            credentials.cookies.truncate(1);
            credentials.cookies.extend(world.sign_in(&credentials.company).await);
            let at = format!("step {step}, {change:?}, {}", credentials.company);
            counts.add(&world.compare(credentials, &at).await);
        }
        // Of a user's sessions, the oldest end when there are a hundred.
        world.app.database.execute("DELETE FROM sessions WHERE id LIKE 'sid-%'");
        world.app.clock.advance(Duration::from_secs(1));
    }
    let Counts { opened, forbidden, nobody, wide } = counts;
    assert!(opened > 50 && forbidden > 50 && nobody > 20 && wide > 10, "too much of one kind: {counts:?}");
}
