//! Failed authentications, counted by name and address, where replicas tell each other of them.

use std::time::Duration;

use tokenry_clock::Timestamp;

use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    /// $5 is how long a count lasts. One whose time is over begins anew; of two that overlap, the earlier goes on with
    /// the failures of both. One that began in the future was written by a clock that has been set back since.
    pub(crate) ADD_AUTH_FAILURES =
        "INSERT INTO auth_failures (pair_digest, began_at, failures, written_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (pair_digest) DO UPDATE SET \
         failures = excluded.failures + CASE WHEN auth_failures.began_at > excluded.began_at - $5 \
         THEN auth_failures.failures ELSE 0 END, \
         began_at = CASE WHEN auth_failures.began_at > excluded.began_at - $5 \
         AND auth_failures.began_at < excluded.began_at THEN auth_failures.began_at ELSE excluded.began_at END, \
         written_at = excluded.written_at \
         RETURNING pair_digest, began_at, failures";
    pub(crate) AUTH_FAILURES_SINCE =
        "SELECT pair_digest, began_at, failures FROM auth_failures WHERE written_at > $1 \
         ORDER BY written_at DESC LIMIT $2";
    pub(crate) DELETE_OLD_AUTH_FAILURES =
        "DELETE FROM auth_failures WHERE pair_digest IN \
         (SELECT pair_digest FROM auth_failures WHERE written_at <= $1 ORDER BY written_at LIMIT $2)";
}

/// How often a name has failed from an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthFailures {
    /// The digest of both.
    pub pair: [u8; 32],
    /// When the first of these failures was.
    pub began_at: Timestamp,
    /// How many.
    pub failures: i64,
}

impl Store {
    /// Adds what has failed at one replica to what the others have written, and yields the sums. A count lasts `window`.
    ///
    /// # Errors
    /// When the database does not answer: all of it may or may not be added then.
    pub async fn add_auth_failures(
        &self,
        mut failures: Vec<AuthFailures>,
        window: Duration,
        now: Timestamp,
    ) -> Result<Vec<AuthFailures>> {
        // In one order everywhere, so that two replicas never wait for each other.
        failures.sort_unstable_by_key(|failures| failures.pair);
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        self.change((failures, window, now), |tx, (failures, window, now)| {
            Box::pin(add(tx, failures, *window, *now))
        })
        .await
    }

    /// What was written after `since`, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn auth_failures_since(&self, since: Timestamp, limit: i64) -> Result<Vec<AuthFailures>> {
        let rows = self.db.list(AUTH_FAILURES_SINCE, &params![since, limit]).await?;
        rows.iter().map(read).collect()
    }

    /// Forgets up to `limit` counts that were written at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_old_auth_failures(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_OLD_AUTH_FAILURES, &params![*before, *limit]).await?) })
        })
        .await
    }
}

async fn add(
    tx: &mut Tx<'_>,
    failures: &[AuthFailures],
    window: i64,
    now: Timestamp,
) -> Result<Vec<AuthFailures>> {
    let mut sums = Vec::with_capacity(failures.len());
    for it in failures {
        let values = params![it.pair.as_slice(), it.began_at, it.failures, now, window];
        for row in tx.rows(ADD_AUTH_FAILURES, &values).await? {
            sums.push(read(&row)?);
        }
    }
    Ok(sums)
}

fn read(row: &Row) -> Result<AuthFailures> {
    let mut read = Reader::new(row, "auth_failures");
    Ok(AuthFailures {
        pair: *read.digest("pair_digest")?.as_bytes(),
        began_at: read.at("began_at")?,
        failures: read.int("failures")?,
    })
}
