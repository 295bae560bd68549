//! What has to be done now and then: dropping revocations that are over, watching clock and stream, keeping the file.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{info, warn};

use super::Link;
use super::clock::Clocks;
use crate::authority::Authority;

const TICK: Duration = Duration::from_millis(500);

/// How often revocations are dropped, and the file is written if something changed.
const SLOW_TICKS: u32 = 20;

pub(super) async fn keep(link: Arc<Link>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut alarm = Alarm::Silent;
    let mut clocks = Clocks::read(&link);
    let mut count = 0_u32;
    loop {
        ticks.tick().await;
        alarm = alarm.watch(&link.authority, Instant::now());
        clocks = clocks.watch(&link);
        measure(&link.authority);
        count = count.wrapping_add(1);
        if count.is_multiple_of(SLOW_TICKS) {
            link.authority.revocations.sweep(link.clock.now());
            link.keep_state().await;
        }
    }
}

/// Says when what is known becomes stale, and when that is over; not each time that it is asked for.
enum Alarm {
    Raised { since: Instant },
    Silent,
}

impl Alarm {
    fn watch(self, authority: &Authority, now: Instant) -> Self {
        let stale = authority.freshness.is_stale(now);
        match self {
            Self::Silent if stale && authority.is_ready() => {
                warn!(
                    issuer = authority.issuer,
                    "the event stream is stale: revocations may be missing, and signed tokens are served by what is known"
                );
                Self::Raised { since: now }
            }
            Self::Raised { since } if !stale => {
                let seconds = now.saturating_duration_since(since).as_secs_f64();
                info!(issuer = authority.issuer, seconds, "the event stream is fresh again");
                Self::Silent
            }
            unchanged => unchanged,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number to look at")]
fn measure(authority: &Authority) {
    let issuer = authority.issuer.clone();
    if let Some(age) = authority.freshness.age(Instant::now()) {
        gauge!("tokenry_guard_stream_age_seconds", "issuer" => issuer.clone()).set(age.as_secs_f64());
    }
    gauge!("tokenry_guard_revocations", "issuer" => issuer).set(authority.revocations.len() as f64);
}
