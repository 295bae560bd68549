//! An authorization server that can be made to fail in every way that a network knows.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::unfold;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use tokenry_guard::testing::{AUDIENCE, TestIssuer};
use tokenry_jose::sha256;
use tokenry_protocol::guard::{Ack, Revoked, RevokedKind, Snapshot};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How one of the server's answers goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Answer(StatusCode, String),
    Hang,
    /// 429 about the credential, for so many seconds.
    Limited(u32),
    Redirect(String),
}

/// What the clock of a [`TestIssuer`] shows that serves nothing itself, in seconds since the Unix epoch: no day of ours, so that
/// no test depends on when it runs.
const NOW: i64 = 1_795_228_496;

/// Often, so that tests are quick.
const COMPLETE_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) shared: Arc<Shared>,
    task: JoinHandle<()>,
}

pub(crate) struct Shared {
    pub(crate) metadata: Mutex<Value>,
    pub(crate) key_set: Mutex<String>,
    pub(crate) key_set_fault: Mutex<Option<Fault>>,
    pub(crate) key_set_requests: AtomicUsize,
    /// Apart from its number, which is that of the last event.
    pub(crate) snapshot: Mutex<Snapshot>,
    pub(crate) snapshot_fault: Mutex<Option<Fault>>,
    pub(crate) snapshot_requests: AtomicUsize,
    /// The first has the number 1.
    pub(crate) log: watch::Sender<Vec<Value>>,
    /// Events up to this one are forgotten.
    pub(crate) floor: AtomicI64,
    pub(crate) stream_fault: Mutex<Option<Fault>>,
    /// What the next stream says after its first message, in place of the truth, before it falls silent.
    pub(crate) script: Mutex<Option<Vec<String>>>,
    /// Whether streams go on although the log has become another one.
    pub(crate) unaware: Mutex<bool>,
    /// By how much everything on a stream comes too late.
    pub(crate) delay: Mutex<Duration>,
    /// Changes end all streams.
    cuts: watch::Sender<u64>,
    /// Where they began, and who asked.
    streams: Mutex<Vec<Start>>,
    open_streams: AtomicUsize,
    /// Of all guards that asked for anything.
    pub(crate) names: Mutex<BTreeSet<String>>,
    pub(crate) acks: Mutex<Vec<Ack>>,
    pub(crate) ack_fault: Mutex<Option<StatusCode>>,
    pub(crate) introspection: Mutex<Value>,
    pub(crate) introspection_fault: Mutex<Option<Fault>>,
    pub(crate) introspections: AtomicUsize,
    pub(crate) introspection_takes: Mutex<Duration>,
    /// If there is one, each answer waits for a permit.
    pub(crate) introspection_gate: Mutex<Option<Arc<Semaphore>>>,
    /// The form of the last one.
    pub(crate) introspected: Mutex<String>,
    /// What is said of a cookie.
    pub(crate) session: Mutex<Value>,
    pub(crate) session_checks: AtomicUsize,
    pub(crate) session_checked: Mutex<String>,
    /// How many questions are open, and how many were at most.
    introspecting: AtomicUsize,
    pub(crate) most_introspecting: AtomicUsize,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Start {
    pub(crate) after: i64,
    tag: String,
    pub(crate) guard: String,
}

impl Server {
    pub(crate) async fn start(issuer: &TestIssuer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::new(&url, issuer));
        let router = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/jwks", get(key_set))
            .route("/guard/v1/snapshot", get(snapshot))
            .route("/guard/v1/events", get(events))
            .route("/guard/v1/ack", post(acknowledge))
            .route("/oauth/introspect", post(introspect))
            .route("/guard/v1/session-check", post(check_session))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    pub(crate) fn key_set_requests(&self) -> usize {
        self.shared.key_set_requests.load(Ordering::SeqCst)
    }

    pub(crate) fn snapshot_requests(&self) -> usize {
        self.shared.snapshot_requests.load(Ordering::SeqCst)
    }

    pub(crate) fn introspections(&self) -> usize {
        self.shared.introspections.load(Ordering::SeqCst)
    }

    pub(crate) fn session_checks(&self) -> usize {
        self.shared.session_checks.load(Ordering::SeqCst)
    }

    pub(crate) fn streams(&self) -> Vec<Start> {
        self.shared.streams.lock().clone()
    }

    pub(crate) fn open_streams(&self) -> usize {
        self.shared.open_streams.load(Ordering::SeqCst)
    }

    /// The last number that was acknowledged.
    pub(crate) fn acked(&self) -> i64 {
        self.shared.acks.lock().last().map_or(0, |ack| ack.seq)
    }

    /// Ends all streams.
    pub(crate) fn end_streams(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Ends all streams, and lets no other begin.
    pub(crate) fn cut(&self, status: StatusCode) {
        *self.shared.stream_fault.lock() = Some(Fault::Answer(status, String::new()));
        self.end_streams();
    }

    pub(crate) fn mend(&self) {
        *self.shared.stream_fault.lock() = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn new(url: &str, issuer: &TestIssuer) -> Self {
        let key_set = issuer.key_set();
        let jwks = serde_json::from_str(&key_set).unwrap();
        let snapshot = Snapshot { audience: AUDIENCE.to_owned(), jwks, ..Snapshot::default() };
        Self {
            metadata: Mutex::new(json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") })),
            key_set: Mutex::new(key_set),
            key_set_fault: Mutex::default(),
            key_set_requests: AtomicUsize::default(),
            snapshot: Mutex::new(snapshot),
            snapshot_fault: Mutex::default(),
            snapshot_requests: AtomicUsize::default(),
            log: watch::Sender::new(Vec::new()),
            floor: AtomicI64::default(),
            stream_fault: Mutex::default(),
            script: Mutex::default(),
            unaware: Mutex::default(),
            delay: Mutex::default(),
            cuts: watch::Sender::new(0),
            streams: Mutex::default(),
            open_streams: AtomicUsize::default(),
            names: Mutex::default(),
            acks: Mutex::default(),
            ack_fault: Mutex::default(),
            introspection: Mutex::new(json!({ "active": false })),
            introspection_fault: Mutex::default(),
            introspections: AtomicUsize::default(),
            introspection_takes: Mutex::new(Duration::from_millis(50)),
            introspection_gate: Mutex::default(),
            introspected: Mutex::default(),
            session: Mutex::new(json!({ "active": false })),
            session_checks: AtomicUsize::default(),
            session_checked: Mutex::default(),
            introspecting: AtomicUsize::default(),
            most_introspecting: AtomicUsize::default(),
        }
    }

    /// A change that everyone who follows learns; without its number. Returns that.
    pub(crate) fn happen(&self, change: Value) -> i64 {
        let mut seq = 0;
        self.log.send_modify(|log| {
            log.push(change);
            seq = i64::try_from(log.len()).unwrap();
        });
        seq
    }

    /// Revokes something for a day, for those who follow and in the snapshot.
    pub(crate) fn revoke(&self, what: &str, value: &str) -> i64 {
        let expires_at = NOW + 24 * 3_600;
        let what: RevokedKind = serde_json::from_value(what.into()).unwrap();
        let revoked = Revoked { what, value: value.to_owned(), expires_at };
        let mut change = serde_json::to_value(&revoked).unwrap();
        change["kind"] = "revoked".into();
        self.snapshot.lock().revoked.push(revoked);
        self.happen(change)
    }

    /// The database goes back to what it was at that event, and then `others` happen, all at once.
    pub(crate) fn go_back(&self, seq: usize, others: impl IntoIterator<Item = Value>) {
        self.log.send_modify(|log| {
            log.truncate(seq);
            log.extend(others);
        });
    }

    /// The tag of that event.
    fn tag(&self, seq: i64) -> String {
        tag_at(&self.log.borrow(), seq)
    }

    fn last(&self) -> i64 {
        i64::try_from(self.log.borrow().len()).unwrap()
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

fn is_the_api(headers: &HeaderMap) -> bool {
    headers["authorization"] == "Basic dGltZXNoZWV0czpzZWNyZXQ="
}

async fn snapshot(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    shared.names.lock().insert(query["guard"].clone());
    shared.snapshot_requests.fetch_add(1, Ordering::SeqCst);
    let fault = shared.snapshot_fault.lock().clone();
    if let Some(fault) = fault {
        return fail(fault).await;
    }
    if !is_the_api(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let seq = shared.last();
    Json(Snapshot { seq, tag: shared.tag(seq), ..shared.snapshot.lock().clone() }).into_response()
}

async fn acknowledge(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(ack): Json<Ack>,
) -> StatusCode {
    assert!(is_the_api(&headers));
    if let Some(status) = shared.ack_fault.lock().take() {
        return status;
    }
    assert!(ack.tag.is_some());
    shared.acks.lock().push(ack);
    StatusCode::NO_CONTENT
}

async fn introspect(State(shared): State<Arc<Shared>>, headers: HeaderMap, form: String) -> Response {
    assert!(is_the_api(&headers) && form.split('&').any(|pair| pair.starts_with("token=")));
    shared.introspections.fetch_add(1, Ordering::SeqCst);
    *shared.introspected.lock() = form;
    let open = shared.introspecting.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_introspecting.fetch_max(open, Ordering::SeqCst);
    // However late the answer comes, it says what was so when the question came.
    let said = shared.introspection.lock().clone();
    // Long enough for others to come along.
    let takes = *shared.introspection_takes.lock();
    tokio::time::sleep(takes).await;
    let gate = shared.introspection_gate.lock().clone();
    if let Some(gate) = gate {
        gate.acquire().await.unwrap().forget();
    }
    let fault = shared.introspection_fault.lock().clone();
    shared.introspecting.fetch_sub(1, Ordering::SeqCst);
    match fault {
        Some(fault) => fail(fault).await,
        None => Json(said).into_response(),
    }
}

async fn check_session(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    assert!(is_the_api(&headers) && headers["content-type"] == "application/json");
    shared.session_checks.fetch_add(1, Ordering::SeqCst);
    *shared.session_checked.lock() = body;
    let fault = shared.introspection_fault.lock().clone();
    match fault {
        Some(fault) => fail(fault).await,
        None => Json(shared.session.lock().clone()).into_response(),
    }
}

async fn fail(fault: Fault) -> Response {
    match fault {
        Fault::Answer(status, body) => (status, body).into_response(),
        Fault::Hang => std::future::pending().await,
        Fault::Limited(wait) => {
            let fields = [("retry-after", wait.to_string()), ("tokenry-limited", "credential".to_owned())];
            (StatusCode::TOO_MANY_REQUESTS, fields).into_response()
        }
        Fault::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
    }
}

async fn events(
    State(shared): State<Arc<Shared>>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Response {
    let opened = Instant::now();
    shared.names.lock().insert(start.guard.clone());
    shared.streams.lock().push(start.clone());
    let fault = shared.stream_fault.lock().clone();
    if let Some(fault) = fault {
        return fail(fault).await;
    }
    if !is_the_api(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if start.after > shared.last()
        || start.tag != shared.tag(start.after)
        || start.after < shared.floor.load(Ordering::SeqCst)
    {
        return StatusCode::GONE.into_response();
    }
    let (wire, received) = mpsc::channel(64);
    tokio::spawn(stream(shared, start, opened, wire));
    let body = unfold(received, async |mut received: mpsc::Receiver<Bytes>| {
        let bytes = received.recv().await?;
        Some((Ok::<_, Infallible>(bytes), received))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(body)).into_response()
}

async fn stream(shared: Arc<Shared>, start: Start, opened: Instant, wire: mpsc::Sender<Bytes>) {
    shared.open_streams.fetch_add(1, Ordering::SeqCst);
    let mut cuts = shared.cuts.subscribe();
    let (messages, late) = mpsc::unbounded_channel();
    tokio::select! {
        () = speak(&shared, &start, opened, &messages) => {}
        () = carry(late, &wire) => {}
        _ = cuts.changed() => {}
        () = wire.closed() => {}
    }
    shared.open_streams.fetch_sub(1, Ordering::SeqCst);
}

type Messages = mpsc::UnboundedSender<(Instant, String)>;

async fn speak(shared: &Shared, start: &Start, opened: Instant, messages: &Messages) {
    let say = |text: String| {
        let _ = messages.send((Instant::now() + *shared.delay.lock(), text));
    };
    say(message("open", &json!({ "stream": format!("stream-of-{}", start.guard), "guard": start.guard })));
    let script = shared.script.lock().take();
    if let Some(script) = script {
        script.into_iter().for_each(say);
        return std::future::pending().await;
    }
    let mut log = shared.log.subscribe();
    let (mut sent, mut tag) = (start.after, start.tag.clone());
    loop {
        let elapsed = u64::try_from(opened.elapsed().as_millis()).unwrap();
        let all = log.borrow_and_update().clone();
        if tag != tag_at(&all, sent) && !*shared.unaware.lock() {
            return;
        }
        for change in all.iter().skip(usize::try_from(sent).unwrap()) {
            sent += 1;
            say(change_message(sent, change.clone()));
        }
        tag = tag_at(&all, sent);
        say(message("complete", &json!({ "seq": sent, "tag": tag, "at": 0, "elapsed_ms": elapsed })));
        let _ = tokio::time::timeout(COMPLETE_INTERVAL, log.changed()).await;
    }
}

/// Brings messages when they are due.
async fn carry(mut late: mpsc::UnboundedReceiver<(Instant, String)>, wire: &mpsc::Sender<Bytes>) {
    while let Some((due, text)) = late.recv().await {
        tokio::time::sleep_until(due).await;
        let _ = wire.send(text.into()).await;
    }
}

fn tag_at(log: &[Value], seq: i64) -> String {
    let at = usize::try_from(seq).ok().and_then(|seq| seq.checked_sub(1));
    at.and_then(|at| log.get(at).map(tag_of)).unwrap_or_default()
}

/// The tag of an event: two that say the same have the same.
fn tag_of(change: &Value) -> String {
    sha256(change.to_string().as_bytes())[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn change_message(seq: i64, mut change: Value) -> String {
    change["tag"] = tag_of(&change).into();
    change["seq"] = seq.into();
    format!("id: {seq}\n{}", message("change", &change))
}

pub(crate) fn message(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}
