//! What of the audit trail is about one user. Each statement has an index of its own, however many records there are of others.

use tokenry_clock::Timestamp;
use tokenry_model::{Record, UserId};

use crate::audit::{StoredRecord, audit_columns, stored_record};
use crate::db::{Sql, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, params, statements};

/// What a user did, but for the codes that applications got, and what those were refused.
macro_rules! by_user {
    () => {
        "actor_kind = 'user' AND actor_id = $1 AND event <> 'code.issued' AND event <> 'token.refused'"
    };
}

macro_rules! newest {
    ($($whose:tt)+) => {
        concat!(
            "SELECT seq, ",
            audit_columns!(),
            " FROM audit WHERE ",
            $($whose)+,
            " AND at >= $2 ORDER BY seq DESC LIMIT $3"
        )
    };
}

statements! {
    pub(crate) AUDIT_BY_USER = newest!(by_user!());
    pub(crate) AUDIT_OF_USER =
        newest!("subject_kind = 'user' AND subject_id = $1 AND event <> 'sign_in.refused'");
    /// Apart from the rest: whoever guesses at passwords moves nothing else out of the list.
    pub(crate) AUDIT_REFUSED_TO_USER =
        newest!("subject_kind = 'user' AND subject_id = $1 AND event = 'sign_in.refused'");
    pub(crate) EXPORTS_OF_USER = concat!(
        "SELECT at FROM audit WHERE ",
        by_user!(),
        " AND event = 'user.exported' AND at > $2 AND at <= $3 ORDER BY seq DESC LIMIT $4"
    );
    /// Each time that one was made, or shown.
    pub(crate) VALUES_OF_USER = concat!(
        "SELECT at FROM audit WHERE ",
        by_user!(),
        " AND event IN ('pat.created', 'pat.refreshed', 'pat.rolled', 'account_secret.rotated', 'account_secret.revealed') \
         AND at > $2 AND at <= $3 ORDER BY seq DESC LIMIT $4"
    );
    pub(crate) ENDS_BY_USER = concat!(
        "SELECT at FROM audit WHERE ",
        by_user!(),
        " AND event IN ('pat.revoked', 'account_secret.revoked') AND at > $2 AND at <= $3 ORDER BY seq DESC LIMIT $4"
    );
    pub(crate) AUDIT_OF_ENDED_SESSIONS = newest!(concat!(
        "event = 'session.ended' AND actor_kind <> 'user' AND subject_id IN (SELECT subject_id FROM audit WHERE ",
        by_user!(),
        " AND event = 'session.started')"
    ));
}

/// What became of a download of what is kept of a user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exported {
    /// It may be made, and is recorded.
    Recorded,
    /// There were as many as there may be: the first of them was then.
    TooOften(Timestamp),
}

impl Store {
    /// Records that a user downloads what is kept of them, unless they did so `most` times after `since`.
    ///
    /// # Errors
    /// When the database does not answer: then none was recorded.
    pub async fn record_export(
        &self,
        user: &UserId,
        (most, since): (i64, Timestamp),
        record: &Record,
    ) -> Result<Exported> {
        let input = (user.clone(), most, since, record.clone());
        self.change(input, |tx, (user, most, since, record)| {
            Box::pin(async move {
                let lately = (*most, *since);
                if let Some(first) = first_of(tx, EXPORTS_OF_USER, user.as_str(), lately, record.at).await? {
                    return Ok(Exported::TooOften(first));
                }
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(Exported::Recorded)
            })
        })
        .await
    }

    /// Records of what happened to a user at `since` or later, each once, newest first: up to `limit` of what was done, and up
    /// to `limit` of what was refused to whoever named the user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit_of_user(
        &self,
        user: &UserId,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<StoredRecord>> {
        let values = params![user.as_str(), since, limit];
        let mut done = Vec::new();
        for statement in [AUDIT_BY_USER, AUDIT_OF_USER, AUDIT_OF_ENDED_SESSIONS] {
            for row in &self.db.list(statement, &values).await? {
                done.push(stored_record(row)?);
            }
        }
        newest_first(&mut done);
        done.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        for row in &self.db.list(AUDIT_REFUSED_TO_USER, &values).await? {
            done.push(stored_record(row)?);
        }
        newest_first(&mut done);
        Ok(done)
    }
}

/// When the first of the last `most` of those records was made that `which` lists from after `since` to `now`; `None`: there are
/// fewer.
pub(crate) async fn first_of(
    tx: &mut Tx<'_>,
    which: Sql,
    user: &str,
    (most, since): (i64, Timestamp),
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let rows = tx.rows(which, &params![user, since, now, most]).await?;
    if i64::try_from(rows.len()).is_ok_and(|found| found < most) {
        return Ok(None);
    }
    rows.last().map(|first| Reader::new(first, "audit").at("at")).transpose()
}

/// What users do to themselves is found twice.
fn newest_first(records: &mut Vec<StoredRecord>) {
    records.sort_by_key(|record| std::cmp::Reverse(record.seq));
    records.dedup_by_key(|record| record.seq);
}
