//! A token endpoint that counts, and answers what a test tells it to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::json;
use tokenry_clock::MockClock;
use tokenry_token_source::{Builder, Secret, Timestamp, TokenSource};
use tokio::net::TcpListener;

/// The secret that no output may contain.
pub(crate) const SECRET: &str = "tokenry_cs_do-not-print-me";

/// What its clock shows at first.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_700_000_000);

/// What the endpoint answers to one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Status, headers, body.
    Raw(u16, Vec<(&'static str, String)>, String),
    /// A token `t1`, `t2`, … of so many seconds.
    Token(u64),
}

#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) clock: MockClock,
    pub(crate) url: String,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    delay: Duration,
    /// Answered in turn; then `Token(86400)` for ever.
    replies: VecDeque<Reply>,
    requests: Vec<(HeaderMap, String)>,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared { delay: Duration::ZERO, replies: VecDeque::new(), requests: Vec::new() };
        let shared = Arc::new(Mutex::new(shared));
        let app = Router::new().route("/oauth/token", routing::post(answer)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { clock: MockClock::new(START), url, shared }
    }

    pub(crate) fn builder(&self) -> Builder {
        TokenSource::builder(&*self.url, "cron", Secret::new(SECRET.into()))
            .clock(Arc::new(self.clock.clone()))
            .jitter_seed(7)
    }

    pub(crate) fn source(&self) -> TokenSource {
        self.builder().build().unwrap()
    }

    pub(crate) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.lock().unwrap().replies.extend(replies);
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.shared.lock().unwrap().delay = delay;
    }

    pub(crate) fn requests(&self) -> Vec<(HeaderMap, String)> {
        self.shared.lock().unwrap().requests.clone()
    }

    pub(crate) fn mints(&self) -> usize {
        self.shared.lock().unwrap().requests.len()
    }

    /// Waits for the background to have asked `count` times, and for the answer to have arrived.
    pub(crate) async fn mints_become(&self, count: usize) {
        let due = tokio::time::Instant::now() + Duration::from_secs(5);
        while self.mints() != count {
            assert!(tokio::time::Instant::now() < due, "{} mints, {count} expected", self.mints());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(self.mints(), count);
    }
}

/// An OAuth error.
pub(crate) fn oauth_error(status: u16, error: &str) -> Reply {
    Reply::Raw(status, Vec::new(), json!({ "error": error, "error_description": "No." }).to_string())
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, headers: HeaderMap, body: String) -> Response {
    let (delay, reply, number) = {
        let mut shared = shared.lock().unwrap();
        shared.requests.push((headers, body));
        let reply = shared.replies.pop_front().unwrap_or(Reply::Token(86_400));
        (shared.delay, reply, shared.requests.len())
    };
    tokio::time::sleep(delay).await;
    match reply {
        Reply::Raw(status, headers, body) => {
            let mut answer = (StatusCode::from_u16(status).unwrap(), body).into_response();
            answer.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
            for (name, value) in headers {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            answer
        }
        Reply::Token(expires_in) => Json(json!({
            "access_token": format!("t{number}"), "token_type": "Bearer", "expires_in": expires_in,
            "scope": "create:timesheets read:timesheets",
        }))
        .into_response(),
    }
}
