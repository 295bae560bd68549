//! Each API's log of what its guards must learn: numbered after the commit, read in pieces, forgotten when over.
//!
//! Whoever writes an event cannot give it a number that readers see in order, so another short transaction does. Any
//! process may number: the row of the API's counter makes one winner, and the others find nothing left to do.

use std::collections::BTreeMap;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, sha256};
use tokenry_model::{CompanyId, CorporationId, InvalidId, ResourceServerId, Revocation, RevokedKind, UserId};

use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::{Announced, COMPANY_DISABLED, COMPANY_ENABLED, COMPANY_JOINED, COMPANY_LEFT, KEYS};
use crate::own_events::SUBJECT_CHANGED;
use crate::{Store, params, statements};

/// What only bridges a short break.
const BRIDGES: [&str; 6] =
    [COMPANY_DISABLED, COMPANY_ENABLED, COMPANY_JOINED, COMPANY_LEFT, KEYS, SUBJECT_CHANGED];
/// What was revoked.
const REVOKED: [RevokedKind; 3] = [RevokedKind::Handle, RevokedKind::Key, RevokedKind::Token];

/// How long after its end an entry is still told: a clock that ran ahead for a while must not make guards forget.
const CLOCKS_DIFFER: Duration = Duration::from_secs(86_400);

statements! {
    /// Asked many times a second. The order makes SQLite take the index of those alone, however many others there are.
    pub(crate) ANY_UNNUMBERED = "SELECT id FROM guard_events WHERE seq IS NULL ORDER BY id LIMIT 1";
    pub(crate) LIST_UNNUMBERED =
        "SELECT resource_server_id, id FROM guard_events WHERE seq IS NULL ORDER BY id LIMIT $1";
    pub(crate) COUNT_UP =
        "INSERT INTO guard_counters (resource_server_id, seq) VALUES ($1, $2) \
         ON CONFLICT (resource_server_id) DO UPDATE SET seq = guard_counters.seq + excluded.seq RETURNING seq";
    pub(crate) NUMBER_EVENTS =
        "UPDATE guard_events SET seq = CAST($3 AS BIGINT) + n.place FROM \
         (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM guard_events \
          WHERE resource_server_id = $1 AND seq IS NULL AND id <= $2) n \
         WHERE guard_events.id = n.id";
    pub(crate) FIND_COUNTER = "SELECT seq FROM guard_counters WHERE resource_server_id = $1";
    pub(crate) LIST_COUNTERS = "SELECT resource_server_id, seq FROM guard_counters";
    pub(crate) LATEST_EVENTS =
        "SELECT resource_server_id, MAX(id) AS id FROM guard_events GROUP BY resource_server_id";
    pub(crate) EVENTS_AFTER =
        "SELECT seq, kind, value, corporation_id, expires_at, created_at FROM guard_events \
         WHERE resource_server_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    pub(crate) REVOKED_AFTER =
        "SELECT id, kind, value, expires_at FROM guard_events \
         WHERE resource_server_id = $1 AND id > $2 AND expires_at > $3 AND kind IN ($4, $5, $6) \
         ORDER BY id LIMIT $7";
    /// One that has no number yet is kept: removed, it would leave no hole, and nobody would miss it. By kind, so that
    /// those that are kept for long are not looked at for each that is not. The last one of each API stays: by it the
    /// guards that have them all tell this log from another.
    pub(crate) DELETE_EXPIRED_EVENTS =
        "DELETE FROM guard_events WHERE id IN \
         (SELECT e.id FROM guard_events e WHERE e.kind = $1 AND e.expires_at <= $2 AND e.seq < \
         (SELECT c.seq FROM guard_counters c WHERE c.resource_server_id = e.resource_server_id) LIMIT $3)";
}

/// One event of one API's log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuardEvent {
    /// Its number, one more than that of the event before when it was given.
    pub seq: i64,
    /// Tells it from another event of that number, which there is if the database lost the first one, as a restored
    /// one may have.
    pub tag: String,
    /// What changed.
    pub kind: GuardEventKind,
}

/// What guards must learn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GuardEventKind {
    /// Nobody may act for a company any more.
    CompanyDisabled {
        /// Which.
        company: CompanyId,
    },
    /// A company may be acted for again, with new tokens.
    CompanyEnabled {
        /// Which.
        company: CompanyId,
    },
    /// A corporation reaches one company more.
    CompanyJoined {
        /// The corporation.
        corporation: CorporationId,
        /// The company.
        company: CompanyId,
    },
    /// A corporation reaches one company less.
    CompanyLeft {
        /// The corporation.
        corporation: CorporationId,
        /// The company.
        company: CompanyId,
    },
    /// There is another key set.
    Keys,
    /// Something that tokens hang on is dead for good.
    Revoked(Revocation),
    /// What a user may do by credentials of their own may be another thing now.
    SubjectChanged {
        /// Who; `None`: whoever it is.
        user: Option<UserId>,
    },
}

impl Store {
    /// Gives up to `limit` events their API's next numbers, in the order in which they were written, and says how many:
    /// fewer than `limit` when none is left that was committed before.
    ///
    /// # Errors
    /// When the database does not answer: then none has a number that it had not before.
    pub async fn number_guard_events(&self, limit: i64) -> Result<u64> {
        self.change(limit, |tx, limit| Box::pin(async move { number(tx, *limit).await })).await
    }

    /// Whether an event has no number yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn any_unnumbered_guard_event(&self) -> Result<bool> {
        Ok(self.db.opt(ANY_UNNUMBERED, &[]).await?.is_some())
    }

    /// The number of each API's last event. APIs that never had one are not in it.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn guard_counters(&self) -> Result<BTreeMap<ResourceServerId, i64>> {
        let rows = self.db.list(LIST_COUNTERS, &[]).await?;
        let counters = rows.iter().map(|row| {
            let mut read = Reader::new(row, "guard_counters");
            Ok((read.parse("resource_server_id", ResourceServerId::parse)?, read.int("seq")?))
        });
        counters.collect()
    }

    /// The number of an API's last event; 0 before the first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guard_counter(&self, api: &ResourceServerId) -> Result<i64> {
        match self.db.opt(FIND_COUNTER, &params![api.as_str()]).await? {
            Some(row) => Reader::new(&row, "guard_counters").int("seq"),
            None => Ok(0),
        }
    }

    /// All that guards of any API had to learn so far: for whoever asks again for what was done before.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn announced_so_far(&self) -> Result<Announced> {
        Announced::read(&self.db.rows(LATEST_EVENTS, &[]).await?)
    }

    /// Up to `limit` of an API's events after the number `seq`, in order. A number that is missing among them, or
    /// between `seq` and the first, was removed: whoever needs it takes a snapshot.
    ///
    /// # Errors
    /// When the database does not answer, or an event cannot be read.
    pub async fn guard_events_after(
        &self,
        api: &ResourceServerId,
        seq: i64,
        limit: i64,
    ) -> Result<Vec<GuardEvent>> {
        let rows = self.db.list(EVENTS_AFTER, &params![api.as_str(), seq, limit]).await?;
        rows.iter().map(guard_event).collect()
    }

    /// The [tag](GuardEvent::tag) of an API's event of the number `seq`; empty if there is none.
    ///
    /// # Errors
    /// When the database does not answer, or the event cannot be read.
    pub async fn guard_event_tag(&self, api: &ResourceServerId, seq: i64) -> Result<String> {
        let found = self.guard_events_after(api, seq.saturating_sub(1), 1).await?.into_iter().next();
        Ok(found.filter(|event| event.seq == seq).map(|event| event.tag).unwrap_or_default())
    }

    /// Up to `limit` of what is revoked for an API and has not expired at `now`, after the place `after_id`, each with
    /// its place: all of it, whether or not it has a number.
    ///
    /// # Errors
    /// When the database does not answer, or an entry cannot be read.
    pub async fn revoked_after(
        &self,
        api: &ResourceServerId,
        after_id: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(i64, Revocation)>> {
        let [handle, key, token] = REVOKED.map(RevokedKind::as_str);
        let values = params![api.as_str(), after_id, now.minus(CLOCKS_DIFFER), handle, key, token, limit];
        let rows = self.db.list(REVOKED_AFTER, &values).await?;
        let entries = rows.iter().map(|row| {
            let mut read = Reader::new(row, "guard_events");
            let id = read.int("id")?;
            let what = read.parse("kind", RevokedKind::parse)?;
            let value = read.string("value")?;
            Ok((id, Revocation { what, value, expires_at: read.at("expires_at")? }))
        });
        entries.collect()
    }

    /// Forgets up to `limit` events of each kind, and says how many: what was revoked, if it was over at
    /// `revoked_before` or earlier; what a snapshot has otherwise, if it was over at `before` or earlier.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_guard_events(
        &self,
        before: Timestamp,
        revoked_before: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        self.change((before, revoked_before, limit), |tx, (before, revoked_before, limit)| {
            Box::pin(async move {
                let bridges = BRIDGES.map(|kind| (kind, *before));
                let revoked = REVOKED.map(|kind| (kind.as_str(), *revoked_before));
                let mut deleted = 0;
                for (kind, before) in bridges.into_iter().chain(revoked) {
                    deleted += tx.exec(DELETE_EXPIRED_EVENTS, &params![kind, before, *limit]).await?;
                }
                Ok(deleted)
            })
        })
        .await
    }
}

async fn number(tx: &mut Tx<'_>, limit: i64) -> Result<u64> {
    let rows = tx.rows(LIST_UNNUMBERED, &params![limit]).await?;
    // Of each API how many, and the last of them: all that it has up to there are among those found.
    let mut found = BTreeMap::<&str, (i64, i64)>::new();
    for row in &rows {
        let mut read = Reader::new(row, "guard_events");
        let (count, last) = found.entry(read.text("resource_server_id")?).or_default();
        *count += 1;
        *last = read.int("id")?;
    }
    let mut numbered = 0;
    for (api, (count, last)) in found {
        let counter = tx.opt(COUNT_UP, &params![api, count]).await?;
        let counter = counter.map_or(Ok(count), |row| row.int(0))?;
        numbered += tx.exec(NUMBER_EVENTS, &params![api, last, counter - count]).await?;
    }
    Ok(numbered)
}

fn guard_event(row: &Row) -> Result<GuardEvent> {
    let mut read = Reader::new(row, "guard_events");
    Ok(GuardEvent { seq: read.int("seq")?, tag: tag(row)?, kind: kind(&mut read)? })
}

/// From what the event says and when it happened. Not from its place in the table, by which an API could guess how much
/// happens at others.
fn tag(row: &Row) -> Result<String> {
    let mut read = Reader::new(row, "guard_events");
    let (_seq, kind, value) = (read.int("seq")?, read.text("kind")?, read.text("value")?);
    let corporation = read.opt_text("corporation_id")?.unwrap_or_default();
    let (expires_at, created_at) = (read.int("expires_at")?, read.int("created_at")?);
    let text = format!("{kind}\0{value}\0{corporation}\0{expires_at}\0{created_at}");
    Ok(base64url::encode(&sha256(text.as_bytes())[..8]))
}

/// A user, or nobody in particular.
fn somebody(id: &str) -> Result<Option<UserId>, InvalidId> {
    if id.is_empty() { Ok(None) } else { UserId::parse(id).map(Some) }
}

fn kind(read: &mut Reader<'_>) -> Result<GuardEventKind> {
    let word = read.text("kind")?;
    if let Ok(what) = RevokedKind::parse(word) {
        let value = read.string("value")?;
        read.opt_text("corporation_id")?;
        return Ok(GuardEventKind::Revoked(Revocation { what, value, expires_at: read.at("expires_at")? }));
    }
    if word == KEYS {
        return Ok(GuardEventKind::Keys);
    }
    if word == SUBJECT_CHANGED {
        return Ok(GuardEventKind::SubjectChanged { user: read.parse("value", somebody)? });
    }
    let company = read.parse("value", CompanyId::parse)?;
    let corporation = read.opt_parse("corporation_id", CorporationId::parse)?;
    match (word, corporation) {
        (COMPANY_DISABLED, None) => Ok(GuardEventKind::CompanyDisabled { company }),
        (COMPANY_ENABLED, None) => Ok(GuardEventKind::CompanyEnabled { company }),
        (COMPANY_JOINED, Some(corporation)) => Ok(GuardEventKind::CompanyJoined { corporation, company }),
        (COMPANY_LEFT, Some(corporation)) => Ok(GuardEventKind::CompanyLeft { corporation, company }),
        (COMPANY_DISABLED | COMPANY_ENABLED, Some(_)) => Err(read.corrupt("corporation_id", "none is due")),
        (COMPANY_JOINED | COMPANY_LEFT, None) => Err(read.corrupt("corporation_id", "missing")),
        _ => Err(read.corrupt("kind", format_args!("\"{word}\" is nothing that guards learn"))),
    }
}
