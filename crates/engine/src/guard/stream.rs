//! A stream of events to one guard: what it has not had, in order, and once a second that nothing is missing.
//!
//! 1. The API proves who it is. Its guard names the last event that it has, by number and tag.
//! 2. Everything after that is there, or the guard takes a snapshot first.
//! 3. The stream is written down: whoever waits for guards now waits for this one. So is a guard that gets none.
//! 4. Events are read when the connection takes them, a page at a time: a guard that reads slowly piles nothing up.
//! 5. Once a second the API proves itself again. If the feed has looked into the database since the last time, and
//!    everything that it saw is sent, the stream says so.
//! 6. The stream ends: broken off, refused, too old, or because something is missing. That too is written down.
//!
//! The database may be restored, or replaced by one that lags, while guards listen: then the last events are gone, and
//! their numbers are given again. So whenever the database was read the last event that was sent is looked at too: if
//! it is not there, or is another one, something is missing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokenry_clock::Timestamp;
use tokenry_model::{ResourceServerId, Revocation, RevokedKind};
use tokenry_protocol::basic::Basic;
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::guard::{self as wire, Change, Complete, Event, Open};
use tokenry_store::{GuardEvent, GuardEventKind};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::GuardRefusal;
use super::begin::{Begun, check_name, is_unbroken};
use super::feed::Reading;
use super::places::Place;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// How often the API proves itself again, and how often the stream says that nothing is missing.
const SECOND: Duration = Duration::from_secs(1);
/// How long a stream lasts. A guard reckons by its own clock and ours, neither of which is ever set; but one may be a ten
/// thousandth faster, and an hour of that is less than half a second.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// What a stream says.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Something has changed.
    Change(Event),
    /// Nothing is missing.
    Complete(Complete),
    /// The first one.
    Open(Open),
}

/// Why a stream ends by itself.
#[derive(Debug)]
enum End {
    /// An event is missing: the guard needs a snapshot.
    Gap,
    /// It has lasted long enough.
    Old,
    /// The API may not hear more, or the database failed.
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An open stream. Ends when dropped.
#[derive(Debug)]
pub struct EventStream {
    listed: Listed,
    credential: Basic,
    context: Context,
    /// Read after the guard asked.
    opened: Instant,
    opening: Option<Open>,
    /// The number of the last event that was sent.
    sent: i64,
    /// Its tag; empty if there is no such event.
    tag: String,
    /// What comes next.
    page: VecDeque<GuardEvent>,
    /// When it had been read: no later reading of the database knows less.
    read: Instant,
    readings: watch::Receiver<Option<Arc<Reading>>>,
    /// When the API proves itself again.
    next_check: Instant,
    /// When the database was read that was last vouched for.
    vouched: Instant,
    /// Whether the stream is to say that nothing is missing as soon as that is so.
    due: bool,
    _place: Place,
}

/// The row that says that the stream is there.
#[derive(Debug)]
struct Listed {
    engine: Arc<Engine>,
    api: ResourceServerId,
    stream: String,
}

impl Engine {
    /// Opens a stream of what happens after the event number `after`, of that `tag` if it is given, for a guard that has
    /// `guard` for a name or none.
    ///
    /// # Errors
    /// When the API does not prove who it is, the guard needs a snapshot, the API has too many streams, or the database
    /// fails.
    pub async fn guard_events(
        self: &Arc<Self>,
        credential: &Basic,
        after: i64,
        tag: Option<&str>,
        guard: Option<&str>,
        context: &Context,
    ) -> Result<EventStream, GuardRefusal> {
        let opened = Instant::now();
        check_name(guard)?;
        let api = self.authenticate_api(credential, context).await?.resource_server().id.clone();
        let begun = self.begin_stream(&api, after, tag, guard, context.now).await;
        if let (Err(_), Some(guard)) = (&begun, guard) {
            // It may let callers in by what it knows, and nobody can tell what that is.
            self.note_guard(&api, guard, 0, context.now).await?;
        }
        let Begun { place, tag, page, opening } = begun?;
        Ok(EventStream {
            listed: Listed { engine: Arc::clone(self), api, stream: opening.stream.clone() },
            credential: credential.clone(),
            context: context.clone(),
            opened,
            opening: Some(opening),
            sent: after,
            tag,
            page,
            read: Instant::now(),
            readings: self.feed.readings(),
            next_check: opened + SECOND,
            vouched: opened,
            due: true,
            _place: place,
        })
    }

    /// The published keys as the database has them now: what another process changed may not have come here yet.
    pub(super) async fn fresh_jwks(&self) -> Result<Value, Refusal> {
        self.reload_keys().await?;
        Ok(serde_json::from_slice(&self.jwks()).expect("the published set is JSON that we wrote"))
    }
}

impl EventStream {
    /// The next message; `None`: the stream has ended.
    pub async fn next(&mut self) -> Option<Message> {
        if let Some(open) = self.opening.take() {
            return Some(Message::Open(open));
        }
        match self.following().await {
            Ok(message) => Some(message),
            Err(end) => {
                self.say_why(&end);
                None
            }
        }
    }

    async fn following(&mut self) -> Result<Message, End> {
        loop {
            if Instant::now() >= self.next_check {
                self.check().await?;
            }
            if let Some(event) = self.page.pop_front() {
                (self.sent, self.tag) = (event.seq, event.tag.clone());
                return Ok(Message::Change(self.wire_event(event).await?));
            }
            let reading = self.readings.borrow_and_update().clone();
            if let Some(reading) = reading {
                let counter = reading.counter(&self.listed.api);
                if counter < self.sent && reading.begun > self.read {
                    return Err(End::Gap);
                }
                if counter > self.sent {
                    if !self.read_page().await? {
                        sleep_until(self.next_check).await;
                    }
                    continue;
                }
                if self.due && reading.begun > self.vouched && self.is_same_log().await? {
                    (self.due, self.vouched) = (false, reading.begun);
                    return Ok(Message::Complete(self.complete(&reading)));
                }
            }
            tokio::select! {
                // The sender lives as long as the engine, which this stream holds.
                _changed = self.readings.changed() => {}
                () = sleep_until(self.next_check) => {}
            }
        }
    }

    /// Step 5. A database that does not answer says nothing against the API; but nothing is vouched for meanwhile.
    async fn check(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if now - self.opened >= LIFETIME {
            return Err(End::Old);
        }
        self.next_check = now + SECOND;
        let engine = &self.listed.engine;
        let context = Context { now: engine.clock.now(), ..self.context.clone() };
        match engine.check_api_secret(&self.credential, &context).await {
            Ok(_api) => self.due = true,
            Err(refusal) if refusal.error.code == ErrorCode::TemporarilyUnavailable => self.due = false,
            Err(refusal) => return Err(refusal.into()),
        }
        Ok(())
    }

    /// Reads what comes next; `false` if the database does not say: nothing is vouched for meanwhile, and the guard need
    /// not come again for it.
    async fn read_page(&mut self) -> Result<bool, End> {
        let Ok((tag, page)) = self.listed.engine.page_from(&self.listed.api, self.sent).await else {
            self.due = false;
            return Ok(false);
        };
        if tag != self.tag || page.is_empty() || !is_unbroken(self.sent, &page) {
            return Err(End::Gap);
        }
        (self.page, self.read) = (page, Instant::now());
        Ok(true)
    }

    /// Whether the last event that was sent is still what it was; `false` too if the database does not say: then nothing
    /// is vouched for until the next second.
    async fn is_same_log(&mut self) -> Result<bool, End> {
        match self.listed.engine.store.guard_event_tag(&self.listed.api, self.sent).await {
            Ok(tag) if tag == self.tag => Ok(true),
            Ok(_other) => Err(End::Gap),
            Err(_) => {
                self.due = false;
                Ok(false)
            }
        }
    }

    /// The event as guards read it; a key set as it is now.
    async fn wire_event(&self, event: GuardEvent) -> Result<Event, Refusal> {
        let change = match event.kind {
            GuardEventKind::CompanyDisabled { company } => {
                Change::CompanyDisabled { company: company.to_string() }
            }
            GuardEventKind::CompanyEnabled { company } => {
                Change::CompanyEnabled { company: company.to_string() }
            }
            GuardEventKind::CompanyJoined { corporation, company } => {
                Change::CompanyJoined { corporation: corporation.to_string(), company: company.to_string() }
            }
            GuardEventKind::CompanyLeft { corporation, company } => {
                Change::CompanyLeft { corporation: corporation.to_string(), company: company.to_string() }
            }
            GuardEventKind::Keys => Change::Keys { jwks: self.listed.engine.fresh_jwks().await? },
            GuardEventKind::Revoked(what) => Change::Revoked(wire_revoked(what)),
            GuardEventKind::SubjectChanged { user } => {
                Change::SubjectChanged { subject: user.map(|user| user.to_string()) }
            }
        };
        Ok(Event { seq: event.seq, tag: event.tag, change })
    }

    fn complete(&self, reading: &Reading) -> Complete {
        let elapsed = reading.begun.saturating_duration_since(self.opened);
        Complete {
            seq: self.sent,
            tag: self.tag.clone(),
            at: reading.at.as_millis(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn say_why(&self, end: &End) {
        let (api, stream) = (&self.listed.api, &self.listed.stream);
        match end {
            End::Gap => tracing::info!(%api, stream, "an event stream ends: the guard needs a snapshot"),
            End::Old => tracing::debug!(%api, stream, "an event stream ends: it is old"),
            End::Refused(refusal) => {
                tracing::info!(%api, stream, reason = refusal.reason, "an event stream ends");
            }
        }
    }
}

/// Step 6.
impl Drop for Listed {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (engine, api) = (Arc::clone(&self.engine), self.api.clone());
        let stream = std::mem::take(&mut self.stream);
        let ending = async move {
            if let Err(error) = engine.store.end_guard_stream(&api, &stream, engine.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %api, "the end of an event stream could not be written");
            }
        };
        self.engine.feed.endings.spawn_on(ending, &runtime);
    }
}

/// What was revoked, as guards read it.
pub(super) fn wire_revoked(revoked: Revocation) -> wire::Revoked {
    let what = match revoked.what {
        RevokedKind::Handle => wire::RevokedKind::Handle,
        RevokedKind::Key => wire::RevokedKind::Key,
        RevokedKind::Token => wire::RevokedKind::Token,
    };
    wire::Revoked { what, value: revoked.value, expires_at: seconds(revoked.expires_at) }
}

/// Whole seconds, rounded up: nothing is forgotten early.
fn seconds(at: Timestamp) -> i64 {
    at.as_millis().saturating_add(999).div_euclid(1_000)
}
