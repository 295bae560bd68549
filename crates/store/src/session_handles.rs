//! Session handles: what guards know a session by at their API, and what its JWTs are issued under.
//!
//! One is made when a session is first used at an API for a company. It ends with the session, with the membership or one of
//! its roles, and with the company, in the transaction that ends those ([`crate::token_handles`]); what comes after has another.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Company, CompanyId, Digest, Record, ResourceServerId, SessionId, TokenHandle};

use crate::db::{Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, params, statements};

/// How long what is issued under a session's handle lives at the most, and what guards remember of it.
pub const SESSION_TOKEN_TTL: Duration = Duration::from_secs(300);

/// Whether what a decision about a session was made on still holds: `$1` is the session, `$2` its value's digest, `$3` the
/// version of its user, `$4` and `$5` the API and its version, `$6` and `$7` the company and its version, where there is none
/// empty and 0.
macro_rules! view_holds {
    () => {
        "sessions s JOIN users u ON u.id = s.user_id JOIN resource_servers r ON r.id = $4 \
         LEFT JOIN companies o ON o.id = $6 \
         WHERE s.id = $1 AND s.digest = $2 AND u.version = $3 AND u.disabled_at IS NULL AND u.delete_at IS NULL \
         AND r.version = $5 AND COALESCE(o.version, 0) = $7 AND o.disabled_at IS NULL"
    };
}

statements! {
    pub(crate) FIND_SESSION_HANDLE =
        "SELECT handle FROM session_handles WHERE session_id = $1 AND resource_server_id = $2 AND company_id = $3";
    pub(crate) FIND_SESSION_OF_HANDLE =
        "SELECT session_id FROM session_handles WHERE handle = $1 AND resource_server_id = $2 AND company_id = $3";
    pub(crate) ASSIGN_SESSION_HANDLE = concat!(
        "INSERT INTO session_handles \
         (handle, session_id, user_id, resource_server_id, company_id, created_at, expires_at) \
         SELECT CAST($8 AS TEXT), s.id, u.id, r.id, CAST($6 AS TEXT), CAST($9 AS BIGINT), s.expires_at + $10 FROM ",
        view_holds!(),
        " ON CONFLICT DO NOTHING"
    );
    /// The handle, while the key `$9` signs.
    pub(crate) SESSION_TOKEN_HOLDS = concat!(
        "SELECT u.id FROM ",
        view_holds!(),
        " AND EXISTS (SELECT 1 FROM session_handles h WHERE h.handle = $8 AND h.session_id = s.id) \
         AND EXISTS (SELECT 1 FROM signing_keys k WHERE k.kid = $9 AND k.state = 'active')"
    );
    pub(crate) DELETE_EXPIRED_SESSION_HANDLES =
        "DELETE FROM session_handles WHERE handle IN \
         (SELECT handle FROM session_handles WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// What a decision about a session at an API was made on.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// The session.
    pub session: SessionId,
    /// Of its value.
    pub digest: Digest,
    /// The version of its user.
    pub user_version: i64,
    /// The API, and its version.
    pub resource_server: (ResourceServerId, i64),
    /// The company that the session acts for, and its version.
    pub company: Option<(CompanyId, i64)>,
}

impl SessionView {
    /// The company as a view has it.
    #[must_use]
    pub fn company_of(company: &Company) -> (CompanyId, i64) {
        (company.id.clone(), company.version)
    }

    fn company(&self) -> &str {
        self.company.as_ref().map_or("", |(id, _version)| id.as_str())
    }

    fn values(&self) -> Vec<Value> {
        params![
            self.session.as_str(),
            self.digest.as_bytes().as_slice(),
            self.user_version,
            self.resource_server.0.as_str(),
            self.resource_server.1,
            self.company(),
            self.company.as_ref().map_or(0, |(_id, version)| *version),
        ]
        .into()
    }
}

impl Store {
    /// The handle of a session at an API, for the company of the view, once it has one.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_session_handle(&self, view: &SessionView) -> Result<Option<TokenHandle>> {
        let key = params![view.session.as_str(), view.resource_server.0.as_str(), view.company()];
        let row = self.db.opt(FIND_SESSION_HANDLE, &key).await?;
        row.map(|row| Reader::new(&row, "session_handles").parse("handle", TokenHandle::parse)).transpose()
    }

    /// Gives a session a handle at an API unless it has one, and yields the one that it has; `None` where what the view shows
    /// holds no more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn assign_session_handle(
        &self,
        view: &SessionView,
        proposed: TokenHandle,
        now: Timestamp,
    ) -> Result<Option<TokenHandle>> {
        self.change((view.clone(), proposed, now), |tx, (view, proposed, now)| {
            Box::pin(async move {
                let mut values = view.values();
                let ttl = i64::try_from(SESSION_TOKEN_TTL.as_millis()).unwrap_or(i64::MAX);
                values.extend(params![proposed.as_str(), *now, ttl]);
                tx.exec(ASSIGN_SESSION_HANDLE, &values).await?;
                let key = params![view.session.as_str(), view.resource_server.0.as_str(), view.company()];
                let row = tx.opt(FIND_SESSION_HANDLE, &key).await?;
                row.map(|row| Reader::new(&row, "session_handles").parse("handle", TokenHandle::parse))
                    .transpose()
            })
        })
        .await
    }

    /// The session that has the handle at that API and for that company; `None` once it has ended.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_session_of_handle(
        &self,
        handle: &TokenHandle,
        api: &ResourceServerId,
        company: Option<&CompanyId>,
    ) -> Result<Option<SessionId>> {
        let key = params![handle.as_str(), api.as_str(), company.map_or("", CompanyId::as_str)];
        let row = self.db.opt(FIND_SESSION_OF_HANDLE, &key).await?;
        row.map(|row| Reader::new(&row, "session_handles").parse("session_id", SessionId::parse)).transpose()
    }

    /// Records a session's JWT as issued, if and only if what it was decided on still holds, its handle lives and the key
    /// still signs; whether that is so is what it yields.
    ///
    /// # Errors
    /// When the database does not answer: then no token may be handed out.
    pub async fn record_session_token(
        &self,
        view: &SessionView,
        handle: &TokenHandle,
        kid: &str,
        record: &Record,
    ) -> Result<bool> {
        let input = (view.clone(), handle.clone(), kid.to_owned(), record.clone());
        self.change(input, |tx, (view, handle, kid, record)| {
            Box::pin(async move { recorded(tx, view, (handle, kid), record).await })
        })
        .await
    }

    /// Removes up to `limit` handles under which nothing lives any more at `before`, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_session_handles(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(
                async move { Ok(tx.exec(DELETE_EXPIRED_SESSION_HANDLES, &params![*before, *limit]).await?) },
            )
        })
        .await
    }
}

async fn recorded(
    tx: &mut Tx<'_>,
    view: &SessionView,
    (handle, kid): (&TokenHandle, &str),
    record: &Record,
) -> Result<bool> {
    let mut values = view.values();
    values.extend(params![handle.as_str(), kid]);
    if tx.opt(SESSION_TOKEN_HOLDS, &values).await?.is_none() {
        return Ok(false);
    }
    audit::append(tx, std::slice::from_ref(record)).await?;
    Ok(true)
}
