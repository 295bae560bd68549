//! Keys and snapshot over HTTP: loading, outages, floods of unknown keys (group KEY of the negative cases).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::join_all;
use parking_lot::Mutex;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestIssuer, TestToken};
use tokenry_guard::{Guard, Secret, TenantClaim};
use tokio::task::JoinHandle;

use crate::support::{Api, app};

/// How one of the server's documents goes wrong.
#[derive(Clone, Debug)]
enum Fault {
    Answer(StatusCode, String),
    Hang,
    Redirect(String),
}

/// An authorization server that can be made to fail.
struct Server {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    metadata: Mutex<Value>,
    key_set: Mutex<String>,
    key_set_fault: Mutex<Option<Fault>>,
    key_set_requests: AtomicUsize,
    corporations: Mutex<BTreeMap<String, Vec<String>>>,
    snapshot_fault: Mutex<Option<Fault>>,
    snapshot_requests: AtomicUsize,
    snapshot_unchanged: AtomicUsize,
}

impl Server {
    async fn start(issuer: &TestIssuer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        *shared.metadata.lock() = json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") });
        *shared.key_set.lock() = issuer.key_set();
        let router = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/jwks", get(key_set))
            .route("/guard/v1/snapshot", get(snapshot))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    fn key_set_requests(&self) -> usize {
        self.shared.key_set_requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.metadata.lock().clone())
}

async fn key_set(State(shared): State<Arc<Shared>>) -> Response {
    shared.key_set_requests.fetch_add(1, Ordering::SeqCst);
    let fault = shared.key_set_fault.lock().clone();
    match fault {
        Some(fault) => fail(fault).await,
        None => shared.key_set.lock().clone().into_response(),
    }
}

async fn snapshot(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.snapshot_requests.fetch_add(1, Ordering::SeqCst);
    let fault = shared.snapshot_fault.lock().clone();
    if let Some(fault) = fault {
        return fail(fault).await;
    }
    if headers["authorization"] != "Basic dGltZXNoZWV0czpzZWNyZXQ=" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let corporations = shared.corporations.lock().clone();
    let tag = format!("\"{}\"", corporations.values().map(Vec::len).sum::<usize>());
    if headers.get(IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        shared.snapshot_unchanged.fetch_add(1, Ordering::SeqCst);
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let body = json!({ "audience": AUDIENCE, "issued_at": 0, "seq": 1, "corporations": corporations });
    ([(ETAG, tag)], Json(body)).into_response()
}

async fn fail(fault: Fault) -> Response {
    match fault {
        Fault::Answer(status, body) => (status, body).into_response(),
        Fault::Hang => std::future::pending().await,
        Fault::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
    }
}

/// The API behind a guard that asks a [`Server`].
struct Remote {
    api: Api,
    server: Server,
}

impl Remote {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(prepare: impl FnOnce(&Shared)) -> Self {
        let issuer = TestIssuer::new();
        let server = Server::start(&issuer).await;
        prepare(&server.shared);
        let guard = guard(&issuer, &server, "secret").await;
        let app = app(&guard);
        Self { api: Api { issuer, guard, app }, server }
    }

    async fn ready(self) -> Self {
        tokio::time::timeout(Duration::from_secs(10), self.api.guard.ready()).await.unwrap();
        self
    }

    fn token(&self) -> TestToken {
        self.api.token().issuer(&self.server.url)
    }

    async fn whoami(&self, token: &TestToken) -> (u16, String) {
        let answer = self.api.get("/whoami", token).await;
        if answer.status.is_success() { (answer.status.as_u16(), answer.body) } else { answer.refusal() }
    }
}

async fn guard(issuer: &TestIssuer, server: &Server, secret: &str) -> Guard {
    Guard::builder()
        .issuer(&server.url)
        .audience(AUDIENCE)
        .credentials("timesheets", Secret::new(secret.to_owned()))
        .tenant(TenantClaim::namespace(NAMESPACE))
        .clock(issuer.clock().clone())
        .build()
        .await
        .unwrap()
}

fn ok() -> (u16, String) {
    (200, "client cron".to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within five seconds: {what}");
}

#[tokio::test]
async fn keys_and_companies_come_from_the_issuer() {
    let companies = vec!["acme".to_owned(), "acme_labs".to_owned()];
    let remote = Remote::start_with(|shared| {
        shared.corporations.lock().insert("acme_group".to_owned(), companies);
    });
    let remote = remote.await.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    let group = remote.token().corporation("acme_group");
    assert_eq!(remote.api.get("/timesheets", &group).await.body, "acme acme_labs");
}

#[tokio::test]
async fn without_keys_it_is_503_and_over_once_they_are_there() {
    let down = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    let remote = Remote::start_with(|shared| *shared.key_set_fault.lock() = Some(down)).await;
    let answer = remote.api.get("/whoami", &remote.token()).await;
    assert_eq!(answer.refusal(), refused(503, "keys_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.header("www-authenticate").is_none());
    assert!(!remote.api.guard.is_ready());
    *remote.server.shared.key_set_fault.lock() = None;
    let remote = remote.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[tokio::test]
async fn without_a_snapshot_ever_it_is_503() {
    let down = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    let remote = Remote::start_with(|shared| *shared.snapshot_fault.lock() = Some(down)).await;
    eventually("keys are there", async || {
        remote.whoami(&remote.token()).await == refused(503, "snapshot_unavailable")
    })
    .await;
    *remote.server.shared.snapshot_fault.lock() = None;
    let remote = remote.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[rstest]
#[case::error(Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new()))]
#[case::html(Fault::Answer(StatusCode::OK, "<html>maintenance</html>".to_owned()))]
#[case::empty(Fault::Answer(StatusCode::OK, r#"{"keys":[]}"#.to_owned()))]
#[case::huge(Fault::Answer(StatusCode::OK, " ".repeat(300_000)))]
#[case::private(Fault::Answer(StatusCode::OK, r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#.to_owned()))]
#[case::redirect(Fault::Redirect("https://evil.example/jwks".to_owned()))]
#[tokio::test]
async fn key_07_key_08_the_last_good_keys_stay(#[case] fault: Fault) {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.key_set_fault.lock() = Some(fault);
    assert_eq!(remote.whoami(&remote.token().unknown_key()).await, refused(401, "invalid_token"));
    assert_eq!(remote.server.key_set_requests(), 2, "it did look");
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[tokio::test]
async fn key_07_a_flood_of_unknown_keys_is_one_request_in_thirty_seconds() {
    let remote = Remote::start().await.ready().await;
    let flood = async || {
        let token = remote.token();
        let tokens = (0..50).map(|n| token.clone().header("kid", format!("unknown-{n}"))).collect::<Vec<_>>();
        for answer in join_all(tokens.iter().map(|token| remote.whoami(token))).await {
            assert_eq!(answer, refused(401, "invalid_token"));
        }
    };
    flood().await;
    flood().await;
    assert_eq!(remote.server.key_set_requests(), 2);
    remote.api.issuer.clock().advance(Duration::from_secs(30));
    flood().await;
    assert_eq!(remote.server.key_set_requests(), 3);
}

#[tokio::test]
async fn key_02_a_new_key_is_found_by_the_first_token_that_names_it() {
    let remote = Remote::start().await.ready().await;
    let old = remote.token();
    assert_eq!(remote.whoami(&old).await, ok());
    remote.api.issuer.replace_key();
    *remote.server.shared.key_set.lock() = remote.api.issuer.key_set();
    let new = remote.token();
    let several = join_all((0..8).map(|_| remote.whoami(&new))).await;
    assert!(several.iter().all(|answer| *answer == ok()), "{several:?}");
    assert_eq!(remote.server.key_set_requests(), 2);
    assert_eq!(remote.whoami(&old).await, refused(401, "invalid_token"), "the old key is gone");
}

#[tokio::test]
async fn key_07_only_unknown_keys_wait_and_at_most_a_second() {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.key_set_fault.lock() = Some(Fault::Hang);
    let (unknown, known) = (remote.token().unknown_key(), remote.token());
    let start = Instant::now();
    let waiting = async {
        assert_eq!(remote.whoami(&unknown).await, refused(401, "invalid_token"));
        start.elapsed()
    };
    let passing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(remote.whoami(&known).await, ok());
        start.elapsed()
    };
    let (waited, passed) = tokio::join!(waiting, passing);
    assert!(passed < waited, "{passed:?} {waited:?}");
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
}

#[rstest]
#[case::another_issuer(|url: &str| json!({ "issuer": "https://evil.example", "jwks_uri": format!("{url}/jwks") }))]
#[case::issuer_with_slash(|url: &str| json!({ "issuer": format!("{url}/"), "jwks_uri": format!("{url}/jwks") }))]
#[case::keys_elsewhere(|url: &str| json!({ "issuer": url, "jwks_uri": "https://evil.example/jwks" }))]
#[case::keys_on_another_port(|url: &str| json!({ "issuer": url, "jwks_uri": "http://127.0.0.1:1/jwks" }))]
#[case::no_keys(|url: &str| json!({ "issuer": url }))]
#[tokio::test]
async fn jwt_12_metadata_of_someone_else_is_not_believed(#[case] metadata: fn(&str) -> Value) {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    *server.shared.metadata.lock() = metadata(&server.url);
    let guard = guard(&issuer, &server, "secret").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!guard.is_ready());
    assert_eq!(server.key_set_requests(), 0);
}

#[tokio::test]
async fn a_snapshot_for_another_api_is_not_believed() {
    let other =
        json!({ "audience": "https://payroll.example.com", "issued_at": 0, "seq": 1, "corporations": {} });
    let fault = Fault::Answer(StatusCode::OK, other.to_string());
    let remote = Remote::start_with(|shared| *shared.snapshot_fault.lock() = Some(fault)).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!remote.api.guard.is_ready());
}

#[tokio::test]
async fn wrong_credentials_of_the_api_leave_it_unready() {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    let guard = guard(&issuer, &server, "wrong").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!guard.is_ready());
    assert!(server.shared.snapshot_requests.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn ten_06_the_directory_follows_within_two_seconds_and_survives_an_outage() {
    let remote = Remote::start().await.ready().await;
    let token = remote.token().corporation("acme_group");
    let labs = "/companies/acme_labs/timesheets";
    assert_eq!(remote.api.get(labs, &token).await.status, 403);
    let companies = vec!["acme".to_owned(), "acme_labs".to_owned()];
    remote.server.shared.corporations.lock().insert("acme_group".to_owned(), companies);
    let start = Instant::now();
    eventually("the company belongs to it", async || remote.api.get(labs, &token).await.status == 200).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    let unchanged = || remote.server.shared.snapshot_unchanged.load(Ordering::SeqCst);
    let before = unchanged();
    eventually("it asks for changes alone", async || unchanged() > before).await;
    *remote.server.shared.snapshot_fault.lock() = Some(Fault::Answer(StatusCode::OK, "{}".to_owned()));
    let requests = || remote.server.shared.snapshot_requests.load(Ordering::SeqCst);
    let before = requests();
    eventually("it got the broken one", async || requests() > before + 1).await;
    assert_eq!(remote.api.get(labs, &token).await.status, 200);
}

#[tokio::test]
async fn a_dropped_guard_asks_no_more() {
    let Remote { api, server } = Remote::start().await.ready().await;
    drop(api);
    let requests = || server.shared.snapshot_requests.load(Ordering::SeqCst);
    let before = requests();
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(requests(), before);
}

#[tokio::test]
async fn a_program_with_its_own_guard_works_with_a_listening_test_issuer() {
    let issuer = TestIssuer::listen().await;
    issuer.corporation("acme_group", ["acme", "acme_labs"]);
    let (api_id, secret) = issuer.credentials();
    let builder = Guard::builder().issuer(issuer.issuer()).audience(AUDIENCE).credentials(api_id, secret);
    let guard = builder.tenant(TenantClaim::namespace(NAMESPACE)).build().await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), guard.ready()).await.unwrap();
    let api = Api { app: app(&guard), guard, issuer };
    assert_eq!(api.get("/timesheets", &api.token().corporation("acme_group")).await.body, "acme acme_labs");
}
