//! A Timesheets API in miniature, and what tests ask of it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestIssuer, TestToken};
use tokenry_guard::{
    Caller, Company, CompanyFilter, Denied, Guard, GuardBuilder, Public, Requirement, Secret, TenantClaim,
    tenant_path,
};
use tower::ServiceExt as _;

tokenry_guard::scopes! {
    pub(crate) Read = "read:timesheets";
    pub(crate) Create = "create:timesheets";
    pub(crate) Delete = "delete:timesheets";
    pub(crate) Approve = "approve:timesheets";
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// Status and code of a problem.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What handlers know about an object: its company is in its id.
fn company_of(sheet: &str) -> Result<&str, Denied> {
    sheet.split_once('-').map(|(company, _)| company).ok_or_else(Denied::not_found)
}

pub(crate) fn app(guard: &Guard) -> Router {
    guard
        .router()
        .route("/whoami", get(whoami), Read)
        .route("/timesheets", get(list), Read)
        .route(
            "/companies/{company_id}/timesheets",
            get(list_of_company),
            Read.and(tenant_path("company_id")),
        )
        .route("/companies/{company_id}/timesheets", post(create), Create.and(tenant_path("company_id")))
        .route("/timesheets/{id}", get(show::<Read>), Read)
        .route("/timesheets/{id}", delete(show::<Delete>), Delete)
        .route("/timesheets/{id}/approve", post(show::<Approve>), Approve)
        .route("/healthz", get(async || "ok"), Public)
        .route("/import", post(import), Create.accept(Secret))
        .build()
}

async fn whoami(caller: Caller<Read>) -> String {
    format!("{} {}", caller.principal().kind(), caller.principal().id())
}

async fn list(caller: Caller<Read>) -> Result<String, Denied> {
    Ok(match caller.company_filter()? {
        CompanyFilter::Corporation(id) => format!("all of {id}"),
        CompanyFilter::Many(companies) => companies.join(" "),
        CompanyFilter::One(company) => company,
    })
}

async fn list_of_company(_: Caller<Read>, company: Company) -> String {
    company.as_str().to_owned()
}

async fn create(_: Caller<Create>, company: Company) -> (StatusCode, String) {
    (StatusCode::CREATED, company.as_str().to_owned())
}

async fn import(caller: Caller<Create>) -> String {
    format!("{} {}", caller.credential().as_str(), caller.principal().id())
}

async fn show<S: tokenry_guard::ScopeType>(
    caller: Caller<S>,
    Path(id): Path<String>,
) -> Result<String, Denied> {
    caller.require_company(company_of(&id)?)?;
    Ok(id)
}

/// An issuer, and the API behind a guard that believes it.
pub(crate) struct Api {
    pub(crate) issuer: TestIssuer,
    pub(crate) guard: Guard,
    pub(crate) app: Router,
}

impl Api {
    pub(crate) async fn new() -> Self {
        Self::of(TestIssuer::new()).await
    }

    pub(crate) async fn of(issuer: TestIssuer) -> Self {
        let guard = issuer.guard_builder().build().await.unwrap();
        let app = app(&guard);
        Self { issuer, guard, app }
    }

    /// A token that may do everything for `acme`.
    pub(crate) fn token(&self) -> TestToken {
        let token = self.issuer.token().client("cron").company("acme");
        token.scope(Read).scope(Create).scope(Delete).scope(Approve)
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        Answer::of(self.app.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, token: &TestToken) -> Answer {
        self.send(request(method, path, Some(token.bearer()))).await
    }

    pub(crate) async fn get(&self, path: &str, token: &TestToken) -> Answer {
        self.call(Method::GET, path, token).await
    }

    /// What `/whoami` says to this header field.
    pub(crate) async fn whoami(&self, authorization: &str) -> Answer {
        let value = HeaderValue::from_str(authorization).unwrap();
        self.send(request(Method::GET, "/whoami", Some(value))).await
    }
}

/// With header fields of any kind; `authorization` may be among them.
pub(crate) fn with(method: Method, path: &str, fields: &[(&str, &str)]) -> Request {
    let mut request = request(method, path, None);
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

/// As if it had come from there.
pub(crate) fn from(mut request: Request, address: &str) -> Request {
    let peer = SocketAddr::new(address.parse().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

pub(crate) fn request(method: Method, path: &str, authorization: Option<HeaderValue>) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.body(Body::empty()).unwrap()
}

/// A guard that knows no companies, and believes a listening issuer.
pub(crate) async fn guard_without_tenant(issuer: &TestIssuer) -> Guard {
    started(builder(issuer)).await
}

/// A guard that believes a listening issuer.
pub(crate) async fn guard_with_tenant(issuer: &TestIssuer) -> Guard {
    let builder = builder(issuer).clock(issuer.clock().clone());
    started(builder.tenant(TenantClaim::namespace(NAMESPACE))).await
}

fn builder(issuer: &TestIssuer) -> GuardBuilder {
    let (api_id, secret) = issuer.credentials();
    Guard::builder().issuer(issuer.issuer()).audience(AUDIENCE).credentials(api_id, secret)
}

async fn started(builder: GuardBuilder) -> Guard {
    let guard = builder.build().await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), guard.ready()).await.unwrap();
    guard
}
