//! An API behind a guard in the test's own process: what it decides, and what it says about that.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use axum::routing::get;
use tokenry_guard::{
    Clock, DECISION_TARGET, Guard, GuardRouter, IssuerStatus, OnStale, Requirement, Secret, TenantClaim,
};
use tokenry_testkit::{AUDIENCE, DemoClient, NAMESPACE, TestApp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

tokenry_guard::scopes! {
    Read = "read:timesheets";
}

/// Serves signed tokens while it knows nothing new.
pub(super) const SERVED: &str = "/served";
/// Refuses them then.
pub(super) const DENIED: &str = "/denied";

/// The API, on a thread of its own: nothing else is logged there, and nothing happens between the guard's look at what
/// was revoked and its look at how fresh that is. It ends when dropped.
pub(super) struct Api {
    pub(super) url: String,
    pub(super) guard: Guard,
    pub(super) heard: Heard,
    thread: Option<JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
}

/// What the guard says of itself.
#[derive(Clone, Default)]
pub(super) struct Heard {
    /// Of each decision that asked for a caller, by request id: whether it was stale.
    decisions: Arc<Mutex<HashMap<String, bool>>>,
    /// Warnings and better news.
    news: Arc<Mutex<Vec<String>>>,
}

/// Who the API is at its issuer.
pub(super) struct Registered<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
}

impl<'a> Registered<'a> {
    /// The demo's.
    pub(super) fn of(app: &'a TestApp) -> Self {
        let DemoClient { id, secret, .. } = &app.demo.api;
        Self { issuer: &app.issuer, audience: AUDIENCE, id, secret }
    }
}

impl Api {
    /// Starts one with the two routes above, and returns when its guard is ready.
    pub(super) async fn start(registered: Registered<'_>, clock: impl Clock + Clone) -> Self {
        Self::serving(registered, clock, |router| {
            let router = router.route(SERVED, get(async || "ok"), Read);
            router.route(DENIED, get(async || "ok"), Read.on_stale(OnStale::Deny))
        })
        .await
    }

    /// Starts one with routes of its own.
    pub(super) async fn serving(
        registered: Registered<'_>,
        clock: impl Clock + Clone,
        routes: impl FnOnce(GuardRouter) -> GuardRouter + Send + 'static,
    ) -> Self {
        let builder = Guard::builder()
            .issuer(registered.issuer)
            .audience(registered.audience)
            .credentials(registered.id, Secret::new(registered.secret.to_owned()))
            .tenant(TenantClaim::namespace(NAMESPACE))
            .clock(clock);
        let (started, starting) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let heard = Heard::default();
        let layer = heard.clone();
        let thread = std::thread::spawn(move || {
            let _logged = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let guard = builder.build().await.unwrap();
                let router = routes(guard.router()).build();
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                guard.ready().await;
                started.send((url, guard)).unwrap_or_else(|_| panic!("nobody waits"));
                tokio::select! {
                    served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()) => {
                        served.unwrap();
                    }
                    _ = stopped => {}
                }
            });
        });
        let (url, guard) = starting.await.unwrap();
        Self { url, guard, heard, thread: Some(thread), stop: Some(stop) }
    }

    pub(super) fn status(&self) -> IssuerStatus {
        self.guard.status().issuers.remove(0)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_none_or(|ended| ended.is_ok()) || std::thread::panicking());
    }
}

impl Heard {
    /// Whether the decision about this request was stale; `None` if there was none.
    pub(super) fn take_stale(&self, request_id: &str) -> Option<bool> {
        self.decisions.lock().unwrap().remove(request_id)
    }

    /// Whether the guard said this, outside of its decisions.
    pub(super) fn said(&self, what: &str) -> bool {
        self.news.lock().unwrap().iter().any(|news| news.contains(what))
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        if metadata.target() == DECISION_TARGET {
            event.record(&mut fields);
            let mut decisions = self.decisions.lock().unwrap();
            decisions.insert(fields.request_id, fields.stale.unwrap());
        } else if *metadata.level() <= Level::INFO && metadata.target().starts_with("tokenry_guard") {
            event.record(&mut fields);
            self.news.lock().unwrap().push(fields.message);
        }
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    request_id: String,
    stale: Option<bool>,
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "stale" {
            self.stale = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            value.clone_into(&mut self.request_id);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}
