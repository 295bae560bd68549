//! Guards that follow an API's log, and how far each has acknowledged it: what `propagated` means.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::ResourceServerId;

use crate::db::{Row, Sql, Tx, Value};
use crate::error::Result;
use crate::guard_events::Announced;
use crate::{Store, params, statements};

/// How many guards one API may have.
const MAX_STREAMS: i64 = 1_000;
/// The most guards that are told of.
const MAX_LISTED: i64 = 1_000;
/// How long a guard counts that is not heard of, or whose connection broke.
pub(crate) const COUNTED_FOR: Duration = Duration::from_secs(600);

statements! {
    /// The guard's own row, which its new connection takes over.
    pub(crate) REOPEN_STREAM =
        "UPDATE guard_streams SET stream = $3, acked = $4, opened_at = $5, seen_at = $5, ended_at = NULL \
         WHERE resource_server_id = $1 AND guard = $2 RETURNING guard";
    pub(crate) OPEN_STREAM =
        "INSERT INTO guard_streams (resource_server_id, guard, stream, acked, opened_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $5)";
    /// The row of a guard that has no connection now: it goes on counting, and knows no more than this.
    pub(crate) NOTE_GUARD =
        "UPDATE guard_streams SET acked = CASE WHEN acked > $3 THEN $3 ELSE acked END, seen_at = $4, \
         ended_at = CASE WHEN ended_at IS NULL THEN ended_at ELSE $4 END \
         WHERE resource_server_id = $1 AND guard = $2 RETURNING guard";
    pub(crate) NOTE_NEW_GUARD =
        "INSERT INTO guard_streams (resource_server_id, guard, stream, acked, opened_at, seen_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $5)";
    pub(crate) DELETE_GONE_STREAMS_OF_API =
        "DELETE FROM guard_streams WHERE resource_server_id = $1 AND COALESCE(ended_at, seen_at) <= $2";
    pub(crate) COUNT_STREAMS = "SELECT COUNT(*) FROM guard_streams WHERE resource_server_id = $1";
    pub(crate) ACK_STREAM =
        "UPDATE guard_streams SET acked = CASE WHEN acked < $3 THEN $3 ELSE acked END, seen_at = $4 \
         WHERE stream = $2 AND resource_server_id = $1 \
         AND $3 <= COALESCE((SELECT c.seq FROM guard_counters c WHERE c.resource_server_id = $1), 0) \
         RETURNING guard";
    pub(crate) FIND_STREAM = "SELECT guard FROM guard_streams WHERE stream = $2 AND resource_server_id = $1";
    pub(crate) SIGN_OFF_STREAM =
        "DELETE FROM guard_streams WHERE stream = $2 AND resource_server_id = $1 RETURNING guard";
    pub(crate) END_STREAM =
        "UPDATE guard_streams SET ended_at = $3 \
         WHERE stream = $2 AND resource_server_id = $1 AND ended_at IS NULL RETURNING guard";
    /// How many guards that count have not acknowledged the event of id `$2`. One without a number is behind them all.
    /// One that is gone was taken back when others took its place: then all that is announced must be acknowledged.
    pub(crate) COUNT_LAGGING =
        "SELECT COUNT(*) FROM guard_streams s \
         WHERE s.resource_server_id = $1 AND COALESCE(s.ended_at, s.seen_at) > $3 AND s.acked < COALESCE( \
         (SELECT COALESCE(e.seq, 9223372036854775807) FROM guard_events e \
          WHERE e.id = $2 AND e.resource_server_id = $1), \
         (SELECT MAX(9223372036854775807) FROM guard_events u \
          WHERE u.resource_server_id = $1 AND u.seq IS NULL), \
         (SELECT c.seq FROM guard_counters c WHERE c.resource_server_id = $1), 0)";
    pub(crate) LIST_GUARDS =
        "SELECT r.audience, s.guard, s.acked, COALESCE(c.seq, 0) AS announced, s.seen_at, s.ended_at \
         FROM guard_streams s JOIN resource_servers r ON r.id = s.resource_server_id \
         LEFT JOIN guard_counters c ON c.resource_server_id = s.resource_server_id \
         WHERE COALESCE(s.ended_at, s.seen_at) > $1 ORDER BY r.audience, s.guard LIMIT $2";
    pub(crate) DELETE_GONE_STREAMS =
        "DELETE FROM guard_streams WHERE stream IN (SELECT stream FROM guard_streams \
         WHERE COALESCE(ended_at, seen_at) <= $1 ORDER BY COALESCE(ended_at, seen_at) LIMIT $2)";
}

/// A guard's connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuardStream {
    /// The API that the guard belongs to.
    pub resource_server_id: ResourceServerId,
    /// Names the guard: it keeps its name from connection to connection.
    pub guard: String,
    /// Names the connection; random, no other ever has it.
    pub stream: String,
    /// The number of the last event that the guard knows.
    pub after: i64,
}

/// Whether a guard may follow the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenStream {
    /// It may, and is waited for from now on.
    Opened,
    /// The API has as many guards as it may have.
    TooMany,
}

/// What became of an acknowledgement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ack {
    /// It is noted.
    Acked,
    /// No event has that number yet; nothing is noted.
    AheadOfLog,
    /// The API has no such stream: another connection has taken its guard over, or it is long gone.
    NotFound,
}

/// A guard that is waited for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuardStanding {
    /// Whose guard it is: the API's audience.
    pub audience: String,
    /// Its name.
    pub guard: String,
    /// The last event that it acknowledged.
    pub acked: i64,
    /// The last event of its API.
    pub announced: i64,
    /// When it was last heard of.
    pub seen_at: Timestamp,
    /// When its connection broke, if it has none.
    pub ended_at: Option<Timestamp>,
}

impl Store {
    /// Opens a guard's connection, in the place of the one that it had before.
    ///
    /// # Errors
    /// When there is no such API, the stream's name is taken, or the database does not answer.
    pub async fn open_guard_stream(&self, stream: GuardStream, now: Timestamp) -> Result<OpenStream> {
        // Guards that come back are many at a time and must not get into each other's way, as counting would.
        if !self.db.write_one(REOPEN_STREAM, opening(&stream, now).into()).await?.is_empty() {
            return Ok(OpenStream::Opened);
        }
        self.change((stream, now), |tx, (stream, now)| {
            Box::pin(async move {
                if !tx.rows(REOPEN_STREAM, &opening(stream, *now)).await?.is_empty() {
                    return Ok(OpenStream::Opened);
                }
                add(tx, OPEN_STREAM, stream, *now).await
            })
        })
        .await
    }

    /// Notes a guard that is about to let callers in, or already does, without a connection: it is waited for like one
    /// whose connection has just broken, and knows the events up to `after` and no more.
    ///
    /// # Errors
    /// When there is no such API, the stream's name is taken, or the database does not answer.
    pub async fn note_guard(&self, stream: GuardStream, now: Timestamp) -> Result<OpenStream> {
        self.change((stream, now), |tx, (stream, now)| {
            Box::pin(async move {
                let (api, guard) = (stream.resource_server_id.as_str(), stream.guard.as_str());
                if !tx.rows(NOTE_GUARD, &params![api, guard, stream.after, *now]).await?.is_empty() {
                    return Ok(OpenStream::Opened);
                }
                add(tx, NOTE_NEW_GUARD, stream, *now).await
            })
        })
        .await
    }

    /// Notes that the guard of `stream` has applied everything up to `seq`, and that it was heard of.
    ///
    /// # Errors
    /// When the database does not answer: then it may or may not have been noted.
    pub async fn ack_guard_stream(
        &self,
        api: &ResourceServerId,
        stream: &str,
        seq: i64,
        now: Timestamp,
    ) -> Result<Ack> {
        let values = params![api.as_str(), stream, seq, now];
        if !self.db.write_one(ACK_STREAM, values.into()).await?.is_empty() {
            return Ok(Ack::Acked);
        }
        let found = self.db.opt(FIND_STREAM, &params![api.as_str(), stream]).await?;
        Ok(if found.is_some() { Ack::AheadOfLog } else { Ack::NotFound })
    }

    /// Forgets a guard that goes away and refuses everything from now on; `false` when the API has no such stream.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_off_guard_stream(&self, api: &ResourceServerId, stream: &str) -> Result<bool> {
        let values = params![api.as_str(), stream];
        Ok(!self.db.write_one(SIGN_OFF_STREAM, values.into()).await?.is_empty())
    }

    /// Notes that a connection broke. Its guard is still waited for, for ten minutes; one that has a new connection is
    /// left alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_guard_stream(&self, api: &ResourceServerId, stream: &str, now: Timestamp) -> Result<()> {
        self.db.write_one(END_STREAM, params![api.as_str(), stream, now].into()).await?;
        Ok(())
    }

    /// Whether every guard that counts at `now` has applied what was announced: those of the APIs concerned that are
    /// connected and were heard of within ten minutes, and those whose connection broke less than ten minutes ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn propagated(&self, announced: &Announced, now: Timestamp) -> Result<bool> {
        let since = now.minus(COUNTED_FOR);
        for (api, id) in announced.iter() {
            let lagging = self.db.opt(COUNT_LAGGING, &params![api.as_str(), id, since]).await?;
            if lagging.map_or(Ok(0), |row| row.int(0))? > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The guards that are waited for at `now`: those that are connected, and those whose connection broke less than ten
    /// minutes ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_guards(&self, now: Timestamp) -> Result<Vec<GuardStanding>> {
        let rows = self.db.list(LIST_GUARDS, &params![now.minus(COUNTED_FOR), MAX_LISTED]).await?;
        rows.iter().map(read_guard).collect()
    }

    /// Forgets up to `limit` guards that were last heard of at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_gone_guard_streams(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_GONE_STREAMS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// A guard that the API did not have.
async fn add(tx: &mut Tx<'_>, sql: Sql, stream: &GuardStream, now: Timestamp) -> Result<OpenStream> {
    let api = stream.resource_server_id.as_str();
    tx.exec(DELETE_GONE_STREAMS_OF_API, &params![api, now.minus(COUNTED_FOR)]).await?;
    let count = tx.opt(COUNT_STREAMS, &params![api]).await?;
    if count.map_or(Ok(0), |row| row.int(0))? >= MAX_STREAMS {
        return Ok(OpenStream::TooMany);
    }
    tx.exec(sql, &opening(stream, now)).await?;
    Ok(OpenStream::Opened)
}

fn opening(stream: &GuardStream, now: Timestamp) -> [Value; 5] {
    let (guard, name) = (stream.guard.as_str(), stream.stream.as_str());
    params![stream.resource_server_id.as_str(), guard, name, stream.after, now]
}

fn read_guard(row: &Row) -> Result<GuardStanding> {
    Ok(GuardStanding {
        audience: row.text(0)?.to_owned(),
        guard: row.text(1)?.to_owned(),
        acked: row.int(2)?,
        announced: row.int(3)?,
        seen_at: row.instant(4)?,
        ended_at: row.opt_instant(5)?,
    })
}
