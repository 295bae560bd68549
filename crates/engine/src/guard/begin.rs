//! Beginning a stream: a guard that may have one goes on where it was, and is waited for whether or not it may.

use std::collections::VecDeque;

use tokenry_clock::Timestamp;
use tokenry_model::{ResourceServerId, random_base62};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::guard::Open;
use tokenry_store::{Error as StoreError, GuardEvent, GuardStream, OpenStream};

use super::GuardRefusal;
use super::places::Place;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// How many events are read at once.
const PAGE: i64 = 256;
/// How long a guard's name may be.
const MAX_NAME: usize = 128;

/// What a stream begins with.
pub(super) struct Begun {
    pub(super) place: Place,
    pub(super) tag: String,
    pub(super) page: VecDeque<GuardEvent>,
    pub(super) opening: Open,
}

impl Engine {
    /// Steps 2 and 3.
    pub(super) async fn begin_stream(
        &self,
        api: &ResourceServerId,
        after: i64,
        tag: Option<&str>,
        guard: Option<&str>,
        now: Timestamp,
    ) -> Result<Begun, GuardRefusal> {
        let place = self.feed.places.take(api).ok_or_else(too_many)?;
        let (found, page) = self.first_page(api, after).await?;
        if tag.is_some_and(|tag| tag != found) {
            return Err(GuardRefusal::SnapshotRequired);
        }
        let stream = random_base62(&*self.rng, 22);
        let guard = guard.unwrap_or(&stream).to_owned();
        let row = GuardStream {
            resource_server_id: api.clone(),
            guard: guard.clone(),
            stream: stream.clone(),
            after,
        };
        match self.store.open_guard_stream(row, now).await? {
            OpenStream::Opened => {}
            OpenStream::TooMany => return Err(too_many().into()),
        }
        Ok(Begun { place, tag: found, page, opening: Open { stream, guard } })
    }

    /// Writes down a guard that has no stream and knows the events up to `seq`.
    pub(super) async fn note_guard(
        &self,
        api: &ResourceServerId,
        guard: &str,
        seq: i64,
        now: Timestamp,
    ) -> Result<OpenStream, StoreError> {
        let row = GuardStream {
            resource_server_id: api.clone(),
            guard: guard.to_owned(),
            stream: random_base62(&*self.rng, 22),
            after: seq,
        };
        self.store.note_guard(row, now).await
    }

    /// Step 2: the tag of the event `after`, and the first events after it, if none is missing between.
    async fn first_page(
        &self,
        api: &ResourceServerId,
        after: i64,
    ) -> Result<(String, VecDeque<GuardEvent>), GuardRefusal> {
        let counter = self.store.guard_counter(api).await?;
        let (tag, page) = self.page_from(api, after).await?;
        let missing = after > counter || (page.is_empty() && after < counter);
        if missing || !is_unbroken(after, &page) {
            return Err(GuardRefusal::SnapshotRequired);
        }
        Ok((tag, page))
    }

    /// The tag of the event `after`, empty if there is none, and what there is after it.
    pub(super) async fn page_from(
        &self,
        api: &ResourceServerId,
        after: i64,
    ) -> Result<(String, VecDeque<GuardEvent>), StoreError> {
        let from = after.saturating_sub(1);
        let mut page = VecDeque::from(self.store.guard_events_after(api, from, PAGE + 1).await?);
        let own = if page.front().is_some_and(|event| event.seq == after) { page.pop_front() } else { None };
        Ok((own.map(|event| event.tag).unwrap_or_default(), page))
    }
}

/// Whether the events follow `after` without a hole.
pub(super) fn is_unbroken(after: i64, page: &VecDeque<GuardEvent>) -> bool {
    page.iter().zip(after.saturating_add(1)..).all(|(event, expected)| event.seq == expected)
}

pub(super) fn too_many() -> Refusal {
    Refusal::unavailable("too_many_streams")
}

pub(super) fn check_name(guard: Option<&str>) -> Result<(), Refusal> {
    match guard {
        Some(name) if name.len() > MAX_NAME || !name.bytes().all(|byte| byte.is_ascii_graphic()) => {
            let text = "A guard's name has at most 128 visible ASCII characters.";
            Err(Refusal::new(ErrorCode::InvalidRequest, "guard_name_invalid", text))
        }
        _ => Ok(()),
    }
}
