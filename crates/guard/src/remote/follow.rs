//! Follows the events of `/guard/v1/events`.
//!
//! 1. A snapshot, unless there is one, from the disk for instance.
//! 2. A stream of what came after it: changes with numbers that leave none out, and once a second the word that
//!    nothing is missing, which is what freshness rests on.
//! 3. What is applied is acknowledged, because commands wait for that.
//!
//! Whatever goes wrong ends the stream, and the next one begins after the last event that was applied. If that does
//! not help, or the issuer says so, as it does when its log is another one, there is a new snapshot;
//! and so there is when revocations were dropped by a clock that was ahead.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokenry_protocol::guard::{Ack, Change, Complete, EVENTS_PATH, Event, Open, event_name};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::info;

use super::http::transport;
use super::messages::{Message, Messages};
use super::{FetchError, Link, Outage, snapshot};
use crate::authority::Place;

/// How long a stream may be silent; one message a second is due.
const STALL: Duration = Duration::from_secs(3);

/// Knowledge that is older than this when it comes does not stay fresh until the next comes.
const LATE: Duration = Duration::from_secs(1);

/// How often in a row it comes late before another stream is begun.
const MAX_LATE: u32 = 2;

/// Between attempts; the longer one after a refusal, which asking again does not change soon.
const RETRIES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
const RETRY_REFUSED: Duration = Duration::from_secs(10);

/// Between two snapshots that may both have more than fits: each is a long answer.
const RETRIES_OVERFLOWING: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// How often at least what is applied is acknowledged.
const ACK_INTERVAL: Duration = Duration::from_secs(30);
const ACK_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn keep(link: Arc<Link>) {
    let mut outage = Outage::of("event stream", &link.remote);
    let name = random_name();
    let mut wants_snapshot = !link.authority.has_snapshot();
    // Where the last stream failed, if it did not get further.
    let mut stuck_at = None;
    let mut overflows = 0_u32;
    loop {
        let before = link.authority.applied();
        let error = match attempt(&link, &name, &mut wants_snapshot, &mut outage).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        // Streams end each hour, and when a server is replaced: no failure, while nothing is missed by it.
        let planned =
            matches!(error, FetchError::Ended) && !link.authority.freshness.is_stale(Instant::now());
        if !planned {
            outage.failed(&error);
        }
        overflows = if matches!(error, FetchError::Overflowing) { overflows.saturating_add(1) } else { 0 };
        let after = link.authority.applied();
        let misled = matches!(error, FetchError::Content(_) | FetchError::Gap { .. });
        if matches!(error, FetchError::Status(410) | FetchError::OtherLog(_) | FetchError::Overflowing)
            || misled && stuck_at.as_ref() == Some(&after)
        {
            info!(issuer = link.remote.identifier, %error, "a new snapshot is needed");
            wants_snapshot = true;
        }
        if after != before {
            outage.failures = outage.failures.min(1);
        }
        stuck_at = misled.then_some(after);
        let failures = if overflows > 0 { overflows } else { outage.failures };
        sleep(pause(&error, failures)).await;
    }
}

fn pause(error: &FetchError, failures: u32) -> Duration {
    match error {
        FetchError::Overflowing => doubled(RETRIES_OVERFLOWING, failures),
        FetchError::Status(401 | 403 | 429) if failures > 4 => RETRY_REFUSED,
        _ => doubled(RETRIES, failures),
    }
}

/// The first pause, doubled with each further failure up to the longest.
fn doubled((first, most): (Duration, Duration), failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(most)
}

/// There is no good end.
enum Never {}

async fn attempt(
    link: &Link,
    name: &str,
    wants_snapshot: &mut bool,
    outage: &mut Outage,
) -> Result<Never, FetchError> {
    if *wants_snapshot || link.must_retake_snapshot() {
        snapshot::load(link, name).await?;
        *wants_snapshot = false;
        link.snapshot_taken();
        if link.authority.revocations.is_overflowing() {
            return Err(FetchError::Overflowing);
        }
        link.keep_state().await;
    }
    if link.authority.revocations.is_overflowing() {
        return Err(FetchError::Overflowing);
    }
    let asked = Instant::now();
    let after = link.authority.applied();
    let query = format!("after={}&tag={}&guard={name}", after.seq, after.tag);
    let opening = timeout(STALL, link.remote.open(EVENTS_PATH, &query));
    let response = opening.await.map_err(|_| FetchError::Silent)??;
    let mut stream = Stream {
        link,
        response,
        messages: Messages::new(),
        asked,
        opening: Duration::ZERO,
        late: 0,
        heard: Instant::now(),
        pending: Vec::new(),
        read: after.clone(),
        applied: watch::Sender::new(after),
    };
    let opened = stream.opened().await?;
    stream.opening = asked.elapsed();
    *link.stream.lock() = Some(opened.stream.clone());
    let applied = stream.applied.subscribe();
    tokio::select! {
        ended = stream.read(outage) => ended,
        error = acknowledge(link, opened.stream, applied) => Err(error),
        error = link.clock_set_back() => Err(error),
    }
}

/// One connection.
struct Stream<'a> {
    link: &'a Link,
    response: reqwest::Response,
    messages: Messages,
    /// When the request began: nothing that the other side read is older than this plus the time that it counted.
    asked: Instant,
    /// How long it took to begin: by up to this much everything that it tells is dated too early, for as long as it lives.
    opening: Duration,
    /// How often in a row its word came late.
    late: u32,
    /// When the last message came.
    heard: Instant,
    /// Read and not applied yet, up to `read`.
    pending: Vec<Change>,
    read: Place,
    applied: watch::Sender<Place>,
}

impl Stream<'_> {
    async fn opened(&mut self) -> Result<Open, FetchError> {
        loop {
            if let Some(message) = self.messages.next()? {
                self.heard = Instant::now();
                return match message.name.as_str() {
                    event_name::OPEN => content(&message),
                    other => Err(FetchError::Content(format!("the stream begins with {other:?}"))),
                };
            }
            self.more().await?;
        }
    }

    /// Reads until the stream ends, one way or another.
    async fn read(&mut self, outage: &mut Outage) -> Result<Never, FetchError> {
        loop {
            while let Some(message) = self.messages.next()? {
                self.heard = Instant::now();
                match message.name.as_str() {
                    event_name::CHANGE => self.change(content(&message)?)?,
                    event_name::COMPLETE => {
                        self.complete(content(&message)?)?;
                        outage.succeeded();
                    }
                    _ => {}
                }
            }
            self.apply()?;
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), FetchError> {
        let chunk = timeout_at(self.heard + STALL, self.response.chunk()).await;
        match chunk.map_err(|_| FetchError::Silent)?.map_err(transport)? {
            Some(chunk) => {
                self.messages.feed(&chunk);
                Ok(())
            }
            None => Err(FetchError::Ended),
        }
    }

    fn change(&mut self, event: Event) -> Result<(), FetchError> {
        let expected = self.read.seq.saturating_add(1);
        if event.seq != expected {
            self.apply()?;
            return Err(FetchError::Gap { expected, actual: event.seq });
        }
        self.pending.push(event.change);
        self.read = Place { seq: event.seq, tag: event.tag };
        Ok(())
    }

    fn complete(&mut self, complete: Complete) -> Result<(), FetchError> {
        self.apply()?;
        if complete.seq != self.read.seq {
            return Err(FetchError::Gap { expected: self.read.seq, actual: complete.seq });
        }
        if complete.tag != self.read.tag {
            return Err(FetchError::OtherLog(complete.seq));
        }
        let elapsed = Duration::from_millis(complete.elapsed_ms);
        let now = Instant::now();
        self.link.authority.freshness.complete(self.asked, elapsed, now);
        self.link.authority.notify();
        let through = self.asked.checked_add(elapsed).unwrap_or(now);
        let age = now.saturating_duration_since(through);
        self.late = if age > LATE { self.late + 1 } else { 0 };
        if self.late >= MAX_LATE && self.opening > LATE / 2 {
            return Err(FetchError::Late);
        }
        Ok(())
    }

    /// Applies what has come so far, all at once, and lets it be acknowledged.
    fn apply(&mut self) -> Result<(), FetchError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let authority = &self.link.authority;
        authority.apply(&self.pending, self.read.clone(), self.link.clock.now());
        self.pending.clear();
        if authority.revocations.is_overflowing() {
            return Err(FetchError::Overflowing);
        }
        self.applied.send_replace(self.read.clone());
        Ok(())
    }
}

fn content<T: DeserializeOwned>(message: &Message) -> Result<T, FetchError> {
    serde_json::from_str(&message.data).map_err(|error| FetchError::Content(error.to_string()))
}

/// Acknowledges what is applied, at once and then again after a while, and what comes meanwhile together. Ends when the
/// issuer no longer knows the stream, or not that far.
async fn acknowledge(link: &Link, stream: String, mut applied: watch::Receiver<Place>) -> FetchError {
    let mut failures = 0;
    loop {
        // The sender lives as long as this does, so either way an acknowledgement is due.
        let _ = timeout(ACK_INTERVAL, applied.changed()).await;
        let Place { seq, tag } = applied.borrow_and_update().clone();
        let ack = Ack { stream: stream.clone(), seq, tag: Some(tag), signed_off: false };
        match link.remote.acknowledge(&ack, ACK_TIMEOUT).await {
            Ok(()) => failures = 0,
            // 404: it does not know the stream; 400 and 410: its log ends before what is applied, or is another one, as
            // after a restore.
            Err(error @ FetchError::Status(400 | 404 | 410)) => return error,
            Err(error) => {
                failures += 1;
                applied.mark_changed();
                sleep(pause(&error, failures)).await;
            }
        }
    }
}

/// This guard's name, to be found again under after a broken connection: random, not secret.
fn random_name() -> String {
    // The standard library's own source of hash seeds: random per process, distinct per call.
    let random = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", random(), random())
}
