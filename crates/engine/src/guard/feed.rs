//! The feed: numbers what was written for guards, and tells this process's streams how far the log of each API goes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::ResourceServerId;
use tokenry_store::Error as StoreError;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

use super::places::Places;
use crate::engine::Engine;

/// How often other processes' changes are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How many events get their numbers in one transaction, so that none keeps the writer for long.
const BATCH: i64 = 500;
/// How long the end of the streams may take to be written, when the process ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a look into the database found. Whatever was committed before `begun` has a number, and none is above
/// those here.
#[derive(Debug)]
pub(super) struct Reading {
    /// Read before the database was, by a clock that is never set.
    pub(super) begun: Instant,
    /// The same for people.
    pub(super) at: Timestamp,
    counters: BTreeMap<ResourceServerId, i64>,
}

impl Reading {
    /// The number of an API's last event; 0: there was none.
    pub(super) fn counter(&self, api: &ResourceServerId) -> i64 {
        self.counters.get(api).copied().unwrap_or(0)
    }
}

/// What the streams of this process share.
#[derive(Debug)]
pub(crate) struct Feed {
    readings: watch::Sender<Option<Arc<Reading>>>,
    woken: Notify,
    pub(super) places: Arc<Places>,
    /// Streams whose end is being written down.
    pub(super) endings: TaskTracker,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            readings: watch::Sender::new(None),
            woken: Notify::new(),
            places: Arc::default(),
            endings: TaskTracker::new(),
        }
    }
}

impl Feed {
    /// Something was written: look now.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    pub(super) fn readings(&self) -> watch::Receiver<Option<Arc<Reading>>> {
        self.readings.subscribe()
    }

    /// Waits until the end of every stream is written down, or that takes too long.
    pub(crate) async fn farewell(&self) {
        self.endings.close();
        if tokio::time::timeout(FAREWELL, self.endings.wait()).await.is_err() {
            tracing::warn!("the end of some event streams could not be written");
        }
    }
}

impl Engine {
    /// Looks into the database for as long as this is polled. While a look fails, no stream says that nothing is missing.
    pub(crate) async fn follow_guard_events(&self) -> Infallible {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tokio::select! {
                _instant = ticks.tick() => {}
                () = self.feed.woken.notified() => {}
            }
            match self.look().await {
                Ok(()) => failing = false,
                // Ten times a second would fill the log.
                Err(_) if failing => {}
                Err(error) => {
                    failing = true;
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "events for guards cannot be read; their streams do not say that nothing is missing"
                    );
                }
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let (begun, at) = (Instant::now(), self.clock.now());
        if self.store.any_unnumbered_guard_event().await? {
            self.number_guard_events().await?;
        }
        let counters = self.store.guard_counters().await?;
        self.feed.readings.send_replace(Some(Arc::new(Reading { begun, at, counters })));
        Ok(())
    }

    /// Numbers everything that was committed before this was called.
    async fn number_guard_events(&self) -> Result<(), StoreError> {
        loop {
            let numbered = self.store.number_guard_events(BATCH).await?;
            metrics::counter!("tokenry_guard_events_numbered_total").increment(numbered);
            // Fewer than asked for: those were all.
            if numbered < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
