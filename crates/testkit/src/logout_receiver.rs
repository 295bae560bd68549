//! A client's back-channel endpoint: keeps the logout tokens that are posted to it, and answers as it is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};
use tokio::net::TcpListener;

use crate::until::found;
use tokio::task::JoinHandle;

const PATH: &str = "/backchannel-logout";
/// Instead of a status: no answer at all.
const NEVER: u16 = 0;

/// A client's back-channel endpoint. It is gone when dropped.
#[derive(Debug)]
pub struct LogoutReceiver {
    /// What a client registers.
    pub uri: String,
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    status: AtomicU16,
    busy: AtomicUsize,
    most_at_once: AtomicUsize,
    tokens: std::sync::Mutex<Vec<String>>,
}

impl LogoutReceiver {
    /// One on a port of its own.
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    /// One at an address where there was one before.
    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { status: AtomicU16::new(200), ..Shared::default() });
        let routes = Router::new().route(PATH, post(take)).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { uri: format!("http://{address}{PATH}"), address, shared, serving }
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// From now on it takes what is posted and says nothing.
    pub fn hangs(&self) {
        self.answers(NEVER);
    }

    /// How many requests it had before it at once, at the most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// What was posted until now.
    #[must_use]
    pub fn so_far(&self) -> Vec<String> {
        self.shared.tokens.lock().unwrap().clone()
    }

    /// What was posted, once it is so many.
    pub async fn tokens(&self, many: usize) -> Vec<String> {
        found("logout tokens", async || Some(self.so_far()).filter(|tokens| tokens.len() >= many)).await
    }
}

impl Drop for LogoutReceiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Somebody who waits for an answer, or has hung up.
struct Caller(Arc<Shared>);

impl Caller {
    fn new(shared: &Arc<Shared>) -> Self {
        let busy = shared.busy.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_at_once.fetch_max(busy, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Only the form with the one token, and no credential of anybody's (WEB-03).
async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    let _caller = Caller::new(&shared);
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert!(!headers.contains_key(AUTHORIZATION) && !headers.contains_key(COOKIE), "{headers:?}");
    let form = Url::parse(&format!("http://x/?{body}")).unwrap();
    let fields: Vec<_> = form.query_pairs().into_owned().collect();
    let [(name, token)] = &fields[..] else { panic!("{fields:?}") };
    assert_eq!(name, "logout_token");
    shared.tokens.lock().unwrap().push(token.clone());
    match shared.status.load(Ordering::SeqCst) {
        NEVER => std::future::pending().await,
        status => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(LOCATION, PATH)], "{\"error\":\"not shown to anybody\"}").into_response()
        }
    }
}
