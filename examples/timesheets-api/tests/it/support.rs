//! A running API, and requests to it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use timesheets_api::App;
use tokenry_guard::testing::TestIssuer;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// All four scopes.
pub(crate) const ALL: &str = "approve:timesheets create:timesheets delete:timesheets read:timesheets";

/// The page that may call the API with credentials.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8705";

pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) http: reqwest::Client,
    pub(crate) issuer: TestIssuer,
    pub(crate) url: String,
    folder: TempDir,
    server: AbortHandle,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) status: u16,
}

impl Api {
    /// acme and acme_labs belong to acme_group, globex to nobody.
    pub(crate) async fn start() -> Self {
        let issuer = TestIssuer::new();
        issuer.corporation("acme_group", ["acme", "acme_labs"]);
        Self::with(issuer, tempfile::tempdir().unwrap()).await
    }

    async fn with(issuer: TestIssuer, folder: TempDir) -> Self {
        let guard = issuer.guard_builder().allowed_origins([ORIGIN]).build().await.unwrap();
        let database: PathBuf = folder.path().join("timesheets.db");
        let clock = Arc::new(issuer.clock().clone());
        let app = App::with_guard(guard, &database, clock).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = app.router().into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Self { app, http: reqwest::Client::new(), issuer, url, folder, server }
    }

    /// The same file and issuer, another process.
    pub(crate) async fn restart(self) -> Self {
        self.server.abort();
        drop(self.app);
        Self::with(self.issuer, self.folder).await
    }

    /// A token of a client of this company.
    pub(crate) fn token(&self, company: &str, scope: &str) -> String {
        self.issuer.token().client("cron").company(company).claim("scope", scope).mint()
    }

    /// A token of a client of acme that may act for all of acme_group.
    pub(crate) fn group_token(&self) -> String {
        let token = self.issuer.token().client("group").company("acme").corporation("acme_group");
        token.claim("scope", ALL).mint()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.url))
    }

    /// Sends a request; a body that is not null is JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let request = self.request(method, path).bearer_auth(token);
        answer(if body.is_null() { request } else { request.json(&body) }).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, Value::Null).await
    }

    /// Sends the bytes of a body as JSON to acme's timesheets.
    pub(crate) async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request("POST", path).bearer_auth(self.token("acme", ALL));
        answer(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }

    /// Creates a timesheet of this company, and returns its id.
    pub(crate) async fn create(&self, company: &str, employee: &str) -> String {
        let path = format!("/companies/{company}/timesheets");
        let created = self.send("POST", &path, &self.token(company, ALL), sheet(employee)).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.body["id"].as_str().unwrap().to_owned()
    }

    /// The employees whose timesheets a token lists, sorted.
    pub(crate) async fn employees(&self, path: &str, token: &str) -> Vec<String> {
        let answer = self.get(path, token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let sheets = answer.body.as_array().unwrap();
        let mut names: Vec<_> =
            sheets.iter().map(|sheet| sheet["employee"].as_str().unwrap().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body of a refusal without what differs from request to request.
    pub(crate) fn without_request_id(mut self) -> (u16, Value, Vec<String>) {
        assert!(self.body.as_object_mut().unwrap().remove("request_id").is_some());
        let mut names: Vec<_> = self.headers.keys().map(ToString::to_string).collect();
        names.sort_unstable();
        (self.status, self.body, names)
    }
}

pub(crate) fn sheet(employee: &str) -> Value {
    json!({ "employee": employee, "week": "2026-W47", "hours": 38.5 })
}

/// Sends; checks what every answer has to have.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    assert!(headers.contains_key("x-request-id"), "{status} {headers:?}");
    assert!(headers.get("cache-control").is_some_and(|value| value == "no-store"), "{status} {headers:?}");
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if status >= 400 {
        assert_eq!(headers["content-type"], "application/problem+json", "{status} {text}");
        assert_eq!(body["request_id"].as_str().unwrap(), headers["x-request-id"], "{text}");
        assert_eq!(body["status"], status, "{text}");
    }
    Answer { body, headers, status }
}
