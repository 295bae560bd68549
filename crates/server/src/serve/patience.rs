//! When to give up on a quiet connection: judged at ticks, so that a request costs no timer of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::activity::{Activity, Reading};
use super::limits::Limits;

/// How often a connection is looked at while it is being closed, or while others wait for its place.
pub(super) const HURRY: Duration = Duration::from_secs(1);

/// What a listener is going through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// There is room.
    Open,
    /// Every place is taken and others wait.
    Crowded,
    /// No new connections; those without a request in flight close.
    Draining,
    /// Time is up.
    Cut,
}

/// One connection's patience.
pub(super) struct Patience {
    activity: Arc<Activity>,
    head_timeout: Duration,
    idle_timeout: Duration,
    write_timeout: Duration,
    judged: Instant,
    next: Instant,
    last: Reading,
    idle_since: Instant,
}

impl Patience {
    pub(super) fn new(activity: Arc<Activity>, limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            activity,
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            write_timeout: limits.write_timeout,
            judged: now,
            next: now + limits.head_timeout,
            last: Reading::default(),
            idle_since: now,
        }
    }

    /// Waits until the connection has earned no more of it. May be dropped and called again.
    pub(super) async fn exhausted(&mut self, phase: Phase) {
        if phase != Phase::Open {
            self.next = self.next.min(Instant::now() + HURRY);
        }
        loop {
            sleep_until(self.next).await;
            if self.judge(phase) {
                return;
            }
        }
    }

    fn judge(&mut self, phase: Phase) -> bool {
        let (now, last, reading) = (Instant::now(), self.last, self.activity.reading());
        self.last = reading;
        self.next = now + if phase == Phase::Open { self.head_timeout } else { HURRY };
        self.activity.forgive(now - std::mem::replace(&mut self.judged, now));
        let moved = reading.begun != last.begun || reading.handed != last.handed || reading.wrote;
        if reading.working > 0 || moved {
            self.idle_since = now;
            return false;
        }
        let idle = now - self.idle_since;
        match phase {
            // An answer that nobody takes is no reason to stay: on HTTP/2, the stream itself never stops moving.
            Phase::Open | Phase::Draining if reading.in_flight > 0 => idle >= self.write_timeout,
            Phase::Open => {
                let no_first_head = reading.begun == 0;
                let half_a_head = reading.partial_head && last.partial_head;
                no_first_head || half_a_head || idle >= self.idle_timeout
            }
            Phase::Crowded | Phase::Draining | Phase::Cut => true,
        }
    }
}
