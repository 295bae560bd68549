//! What a guard tells an exporter.

use std::collections::BTreeMap;
use std::sync::Arc;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use parking_lot::Mutex;

use crate::remote::{Remote, eventually, ok};
use crate::support::{Api, Read};

/// Keeps the last value of everything, by name and labels.
#[derive(Clone, Default)]
struct Values(Arc<Mutex<BTreeMap<String, f64>>>);

struct Value {
    values: Values,
    name: String,
}

impl Values {
    fn read(&self, name: &str) -> Option<f64> {
        self.0.lock().get(name).copied()
    }

    fn value(&self, key: &Key) -> Arc<Value> {
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
        let name = [key.name().to_owned()].into_iter().chain(labels).collect::<Vec<_>>().join(" ");
        Arc::new(Value { values: self.clone(), name })
    }
}

impl Value {
    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut values = self.values.0.lock();
        let value = values.entry(self.name.clone()).or_default();
        *value = change(*value);
    }
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
impl CounterFn for Value {
    fn increment(&self, by: u64) {
        self.change(|value| value + by as f64);
    }

    fn absolute(&self, to: u64) {
        self.change(|_| to as f64);
    }
}

impl GaugeFn for Value {
    fn increment(&self, by: f64) {
        self.change(|value| value + by);
    }

    fn decrement(&self, by: f64) {
        self.change(|value| value - by);
    }

    fn set(&self, to: f64) {
        self.change(|_| to);
    }
}

impl Recorder for Values {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn decisions_are_counted_by_outcome_and_staleness() {
    let values = Values::default();
    let _recorder = metrics::set_default_local_recorder(&values);
    let api = Api::new().await;
    let token = api.issuer.token().company("acme").scope(Read);
    for _ in 0..2 {
        assert_eq!(api.get("/whoami", &token).await.status, 200);
    }
    api.issuer.interrupt();
    assert_eq!(api.get("/whoami", &token).await.status, 200);
    assert_eq!(api.get("/timesheets/globex-1", &token).await.status, 404);
    assert_eq!(api.get("/whoami", &token.expired()).await.status, 401);
    let count = |outcome: &str, stale: bool| {
        values.read(&format!("tokenry_guard_decisions_total outcome={outcome} stale={stale}"))
    };
    assert_eq!(count("allowed", false), Some(2.0));
    assert_eq!(count("allowed", true), Some(2.0), "the handler refused one of them afterwards");
    assert_eq!((count("refused", false), count("refused", true)), (None, Some(2.0)));
}

#[tokio::test]
async fn the_age_of_the_stream_and_the_revocations_are_measured() {
    let values = Values::default();
    let _recorder = metrics::set_default_local_recorder(&values);
    let remote = Remote::start().await.ready().await;
    let url = &remote.server.url;
    let age = || values.read(&format!("tokenry_guard_stream_age_seconds issuer={url}"));
    let revocations = || values.read(&format!("tokenry_guard_revocations issuer={url}"));
    eventually("the age is there", async || age().is_some()).await;
    remote.server.shared.revoke("handle", "abcdefghijk");
    eventually("the revocation is there", async || revocations() == Some(1.0)).await;
    remote.server.cut(axum::http::StatusCode::SERVICE_UNAVAILABLE);
    eventually("the age grows", async || age() > Some(2.0)).await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}
