//! A listener with a small application behind it, and a client that says exactly what it is told to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::routing::{any, get};
use tokenry_server::serve::{Drained, Limits, Plain, Transport, serve_over};
use tokenry_testkit::until;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes, so that a test that hangs fails instead.
pub(crate) const LONG: Duration = Duration::from_secs(15);
pub(crate) const BIG: usize = 64 * 1024 * 1024;

/// Impatient, so that tests are quick.
pub(crate) fn limits() -> Limits {
    Limits {
        head_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(600),
        write_timeout: Duration::from_millis(300),
        drain: Duration::from_secs(5),
        ..Limits::default()
    }
}

pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    /// How often the application was asked for anything, and for `/smuggled`.
    pub(crate) asked: Arc<AtomicUsize>,
    pub(crate) smuggled: Arc<AtomicUsize>,
    /// Lets one request to `/wait` go on.
    pub(crate) go_on: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Drained>,
}

impl Listener {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::start_over(Plain, limits).await
    }

    pub(crate) async fn start_over(transport: impl Transport, limits: Limits) -> Self {
        let [asked, smuggled] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let go_on = Arc::new(Notify::new());
        let app = application(&asked, &smuggled, &go_on);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or(()) };
        let ended = tokio::spawn(serve_over(transport, listener, app, limits, stopped));
        Self { address, asked, smuggled, go_on, stop: Some(stop), ended }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn ended(self) -> Drained {
        timeout(LONG, self.ended).await.expect("the listener ends").unwrap()
    }

    /// Waits until the application has been asked `times`.
    pub(crate) async fn asked(&self, times: usize) {
        until("the application is asked", async || self.asked.load(SeqCst) >= times).await;
    }
}

fn application(asked: &Arc<AtomicUsize>, smuggled: &Arc<AtomicUsize>, go_on: &Arc<Notify>) -> Router {
    let (asked, smuggled, go_on) = (Arc::clone(asked), Arc::clone(smuggled), Arc::clone(go_on));
    let wait = move || {
        let go_on = Arc::clone(&go_on);
        async move {
            go_on.notified().await;
            "waited"
        }
    };
    let smuggle = move || {
        smuggled.fetch_add(1, SeqCst);
        async { "smuggled" }
    };
    Router::new()
        .route("/", any(async |body: Bytes| format!("{} bytes", body.len())))
        .route("/big", get(async || Bytes::from(vec![b'x'; BIG])))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
        .route("/smuggled", any(smuggle))
        .route("/version", get(async |request: axum::extract::Request| format!("{:?}", request.version())))
        .route("/wait", get(wait))
        .layer(axum::middleware::map_request(move |request: axum::extract::Request| {
            asked.fetch_add(1, SeqCst);
            async { request }
        }))
}

pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // A server that has already refused may have closed: what it answered is what counts.
        _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Everything until the server closes.
    pub(crate) async fn hear_all(&mut self) -> String {
        let mut heard = Vec::new();
        _ = timeout(LONG, self.0.read_to_end(&mut heard)).await.expect("the server closes");
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Everything until `end` has been heard.
    pub(crate) async fn hear(&mut self, end: &str) -> String {
        let (mut heard, mut chunk) = (String::new(), [0; 4_096]);
        while !heard.contains(end) {
            let read = timeout(LONG, self.0.read(&mut chunk)).await.expect("an answer").unwrap_or(0);
            assert!(read > 0, "closed after {heard:?}");
            heard.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
        heard
    }

    /// How long it takes until the server closes.
    pub(crate) async fn closed_after(&mut self) -> Duration {
        let started = Instant::now();
        self.hear_all().await;
        started.elapsed()
    }
}

/// How many answers stand in what was heard.
pub(crate) fn answers(heard: &str) -> usize {
    heard.matches("HTTP/1.1 ").count()
}
