//! How sessions end: one, all of a user's, what is left of one at a client, those that are too many, those that ran out.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, Record, SessionId, Subject, UserId};

use crate::change_log::{self, Entity};
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::logout_outbox::{self, Whose};
use crate::session_clients::FORGET_SESSION_CLIENT;
use crate::store::update;
use crate::token_handles::{Owner, end_handles};
use crate::users::{BUMP_USER, end_user};
use crate::{BeginSession, Store, audit, params, statements};

statements! {
    /// Those of a user's living sessions that are too many beside the one of $2: the longest unused, some at a time.
    pub(crate) SESSIONS_TOO_MANY =
        "SELECT id FROM (SELECT id, last_seen_at FROM sessions WHERE user_id = $1 AND id <> $2 AND expires_at > $3 \
         AND last_seen_at > $4 AND created_at > $5 ORDER BY last_seen_at DESC, id DESC LIMIT 1000 OFFSET $6) AS beyond \
         ORDER BY last_seen_at, id LIMIT 100";
    pub(crate) FIND_SESSION_OF_USER = "SELECT id FROM sessions WHERE id = $1 AND user_id = $2";
    pub(crate) FAMILIES_OF_SESSION_AT_CLIENT =
        "SELECT handle FROM token_families WHERE session_id = $1 AND client_id = $2 ORDER BY handle";
    pub(crate) END_SESSION = "DELETE FROM sessions WHERE id = $1";
    pub(crate) DELETE_EXPIRED_SESSIONS =
        "DELETE FROM sessions WHERE id IN \
         (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

impl Store {
    /// Ends a session of one user, or of whoever has it: its cookie is dead, and so is what was granted in it. `None` where
    /// there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(
        &self,
        id: &SessionId,
        user: Option<&UserId>,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        let input = (id.clone(), user.cloned(), now, records.to_vec());
        self.change(input, |tx, (id, user, now, records)| {
            Box::pin(async move {
                if let Some(user) = user
                    && tx.opt(FIND_SESSION_OF_USER, &params![id.as_str(), user.as_str()]).await?.is_none()
                {
                    return Ok(None);
                }
                let ended = end_one(tx, id, *now).await?;
                if ended.is_some() {
                    audit::append(tx, records).await?;
                }
                Ok(ended)
            })
        })
        .await
    }

    /// Ends what a session has left behind at one client: what was granted there in it. `false` where there was nothing, and
    /// nothing is recorded then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session_at_client(
        &self,
        id: &SessionId,
        client: &ClientId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<bool> {
        let input = (id.clone(), client.clone(), now, records.to_vec());
        self.change(input, |tx, (id, client, now, records)| {
            Box::pin(async move {
                let key = params![id.as_str(), client.as_str()];
                let signed_in = tx.exec(FORGET_SESSION_CLIENT, &key).await?;
                let families = tx.rows(FAMILIES_OF_SESSION_AT_CLIENT, &key).await?;
                for family in &families {
                    end_handles(tx, Owner::Family(family.text(0)?), *now).await?;
                }
                if signed_in == 0 && families.is_empty() {
                    return Ok(false);
                }
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Signs a user out everywhere: every session ends, and all that was granted, also in sessions that have ended by
    /// themselves. Says how many sessions there were, and what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, or the database does not answer.
    pub async fn end_sessions_of(
        &self,
        user: &UserId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<(u64, Announced)> {
        self.change((user.clone(), now, records.to_vec()), |tx, (user, now, records)| {
            Box::pin(async move {
                let user = user.as_str();
                // Codes that are being issued right now rest on the version.
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                let ended = end_user(tx, user, *now).await?;
                change_log::append(tx, Entity::User, user, *now).await?;
                audit::append(tx, records).await?;
                Ok(ended)
            })
        })
        .await
    }

    /// Removes up to `limit` sessions that ended at `before` or earlier, and says how many. What was granted in them has ends of
    /// its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_sessions(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_EXPIRED_SESSIONS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Ends those of the user's living sessions that are too many beside the one that has begun.
pub(crate) async fn end_too_many(tx: &mut Tx<'_>, begin: &BeginSession) -> Result<()> {
    let (session, cap) = (&begin.session, &begin.cap);
    let (user, id, now) = (session.user_id.as_str(), session.id.as_str(), session.created_at);
    let values = params![user, id, now, cap.used_since, cap.begun_since, cap.most - 1];
    let mut records = Vec::new();
    for row in tx.rows(SESSIONS_TOO_MANY, &values).await? {
        let id = Reader::new(&row, "sessions").parse("id", SessionId::parse)?;
        end_one(tx, &id, now).await?;
        records.push(Record { subject: Some(Subject::Session(id)), ..cap.ended.clone() });
    }
    audit::append(tx, &records).await
}

/// Ends a session and what was granted in it, and lets its clients be told; `None` where there is none.
pub(crate) async fn end_one(tx: &mut Tx<'_>, id: &SessionId, now: Timestamp) -> Result<Option<Announced>> {
    if tx.exec(END_SESSION, &params![id.as_str()]).await? == 0 {
        return Ok(None);
    }
    logout_outbox::queue(tx, Whose::Session(id.as_str()), now).await?;
    end_handles(tx, Owner::Session(id.as_str()), now).await.map(Some)
}
