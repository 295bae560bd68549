//! The snapshot: all that a guard must know before it can follow the events.
//!
//! The number of the last event is read first, then the state: what happens in between is in the snapshot and comes as
//! an event too, and applying it twice is applying it once.

use tokenry_clock::Timestamp;
use tokenry_model::ResourceServerId;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::{Revoked, Snapshot};
use tokenry_store::{Error as StoreError, OpenStream, Store};

use super::begin::{check_name, too_many};
use super::stream::wire_revoked;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// How many revoked things are read at once: there may be a million, and nobody holds them all.
const PAGE: i64 = 1_000;

/// A snapshot, whose longest part is read page by page.
#[derive(Debug)]
pub struct SnapshotReader {
    head: Snapshot,
    store: Store,
    api: ResourceServerId,
    now: Timestamp,
    next: Option<Vec<(i64, Revoked)>>,
}

impl SnapshotReader {
    /// Everything but what was revoked.
    #[must_use]
    pub const fn head(&self) -> &Snapshot {
        &self.head
    }

    /// The next page of what was revoked; empty: that was all.
    ///
    /// # Errors
    /// When the database does not answer: the snapshot is not whole and must not be used.
    pub async fn next_page(&mut self) -> Result<Vec<Revoked>, Refusal> {
        let Some(page) = self.next.take() else { return Ok(Vec::new()) };
        if let Some((last, _)) = page.last() {
            self.next = Some(read_page(&self.store, &self.api, *last, self.now).await?);
        }
        Ok(page.into_iter().map(|(_id, revoked)| revoked).collect())
    }
}

impl Engine {
    /// The snapshot for the API that authenticates with `credential`: what concerns its audience and nothing else. From
    /// now on its guard, if it has `guard` for a name, is waited for.
    ///
    /// # Errors
    /// When the API does not prove who it is, or has too many guards, or the database fails.
    pub async fn snapshot(
        &self,
        credential: &Basic,
        guard: Option<&str>,
        context: &Context,
    ) -> Result<SnapshotReader, Refusal> {
        check_name(guard)?;
        let api = self.authenticate_api(credential, context).await?;
        let api = api.resource_server();
        let seq = self.store.guard_counter(&api.id).await?;
        // Before the rest is read: what happens from here on is in that, or the guard has not acknowledged it.
        if let Some(guard) = guard
            && self.note_guard(&api.id, guard, seq, context.now).await? == OpenStream::TooMany
        {
            return Err(too_many());
        }
        let mut head = Snapshot {
            audience: api.audience.clone(),
            issued_at: context.now.as_millis(),
            seq,
            tag: self.store.guard_event_tag(&api.id, seq).await?,
            jwks: self.fresh_jwks().await?,
            ..Snapshot::default()
        };
        if api.tenanted {
            let directory = self.store.company_directory().await?.into_iter();
            head.corporations = directory
                .map(|(corporation, companies)| {
                    (corporation.to_string(), companies.iter().map(ToString::to_string).collect())
                })
                .collect();
            let disabled = self.store.disabled_companies().await?;
            head.disabled_companies = disabled.iter().map(ToString::to_string).collect();
        }
        let first = read_page(&self.store, &api.id, 0, context.now).await?;
        let (store, api) = (self.store.clone(), api.id.clone());
        Ok(SnapshotReader { head, store, api, now: context.now, next: Some(first) })
    }
}

async fn read_page(
    store: &Store,
    api: &ResourceServerId,
    after: i64,
    now: Timestamp,
) -> Result<Vec<(i64, Revoked)>, StoreError> {
    let page = store.revoked_after(api, after, now, PAGE).await?;
    Ok(page.into_iter().map(|(id, revoked)| (id, wire_revoked(revoked))).collect())
}
