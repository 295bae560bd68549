//! A client's own server, which publishes its keys, well or badly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What it answers.
#[derive(Clone, Debug)]
pub(super) enum Answers {
    /// Ten megabytes of JSON.
    Huge,
    /// A page, with status 200.
    Html,
    /// A key set, with `Cache-Control` unless that is empty.
    Keys(String, &'static str),
    /// A redirect to where a key set is.
    Redirect(String),
    /// A key set, byte by byte, without an end in sight.
    Slow,
    /// This status, with a key set.
    Status(u16, String),
}

/// A server on a port of its own, until it is dropped.
pub(super) struct Publisher {
    pub(super) port: u16,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

type Shared = (Arc<Mutex<Answers>>, Arc<AtomicUsize>);

impl Publisher {
    pub(super) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answers, asked) = (Arc::new(Mutex::new(answers)), Arc::default());
        let router =
            Router::new().fallback(answer).with_state((Arc::clone(&answers), Arc::clone(&asked)) as Shared);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, answers, asked, serving }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks.json", self.port)
    }

    pub(super) fn now_answers(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State((answers, asked)): State<Shared>) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let json = (CONTENT_TYPE, "application/jwk-set+json");
    let answers = answers.lock().unwrap().clone();
    match answers {
        Answers::Huge => {
            ([json], format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(10_000_000))).into_response()
        }
        Answers::Html => ([(CONTENT_TYPE, "text/html")], "<html>{\"keys\":[]}</html>").into_response(),
        Answers::Keys(set, "") => ([json], set).into_response(),
        Answers::Keys(set, cache) => ([json, (CACHE_CONTROL, cache)], set).into_response(),
        Answers::Redirect(to) => Redirect::temporary(&to).into_response(),
        Answers::Slow => {
            let drops = futures_util::stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Some((Ok::<_, std::io::Error>(" "), ()))
            });
            ([json], Body::from_stream(drops)).into_response()
        }
        Answers::Status(status, set) => (StatusCode::from_u16(status).unwrap(), [json], set).into_response(),
    }
}
