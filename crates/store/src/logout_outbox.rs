//! Logout tokens that are to be sent: noted in the transaction that ends the session, and taken by one sender at a time.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, LogoutOutcome, Record, SessionId, Subject, UserId};

use crate::db::{Row, Sql, Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::session_clients::{FORGET_ALL_SESSION_CLIENTS, FORGET_CLIENTS_OF_SESSION, FORGET_CLIENTS_OF_USER};
use crate::{Store, audit, params, statements};

macro_rules! queue {
    ($whose:literal) => {
        concat!(
            "INSERT INTO logout_outbox (session_id, client_id, user_id, created_at, attempts, due_at, lease_until) \
             SELECT s.session_id, s.client_id, s.user_id, CAST($1 AS BIGINT), 0, CAST($1 AS BIGINT), 0 \
             FROM session_clients s JOIN clients c ON c.id = s.client_id WHERE ",
            $whose,
            " AND c.backchannel_logout_uri IS NOT NULL AND c.disabled_at IS NULL \
             ON CONFLICT (session_id, client_id) DO NOTHING"
        )
    };
}

/// What may be taken at $1, of what was written after $2.
macro_rules! is_due {
    () => {
        "ended_at IS NULL AND due_at <= $1 AND lease_until <= $1 AND logout_outbox.created_at > $2"
    };
}

statements! {
    pub(crate) QUEUE_ALL_LOGOUTS = queue!("1 = 1");
    pub(crate) QUEUE_LOGOUTS_OF_SESSION = queue!("s.session_id = $2");
    pub(crate) QUEUE_LOGOUTS_OF_USER = queue!("s.user_id = $2");
    /// Who has waited longest comes first. By client, so that one which is down and has many costs no more than another.
    pub(crate) CLIENTS_WITH_DUE_LOGOUTS = concat!(
        "SELECT id FROM (SELECT c.id, (SELECT due_at FROM logout_outbox WHERE client_id = c.id AND ", is_due!(),
        " ORDER BY due_at LIMIT 1) AS due FROM clients c WHERE c.backchannel_logout_uri IS NOT NULL) AS waiting \
         WHERE due IS NOT NULL ORDER BY due LIMIT $3"
    );
    /// $3: until when the sender may take. $4: whose.
    pub(crate) LEASE_LOGOUTS = concat!(
        "UPDATE logout_outbox SET lease_until = $3, attempts = attempts + 1 WHERE (session_id, client_id) IN \
         (SELECT session_id, client_id FROM logout_outbox WHERE client_id = $4 AND ", is_due!(),
        " ORDER BY due_at LIMIT $5) AND ", is_due!(), " RETURNING session_id, client_id, user_id, attempts, last_answer"
    );
    pub(crate) LOGOUT_FAILED =
        "UPDATE logout_outbox SET due_at = $3, lease_until = 0, last_answer = $4 \
         WHERE session_id = $1 AND client_id = $2 AND ended_at IS NULL";
    pub(crate) END_LOGOUT =
        "UPDATE logout_outbox SET ended_at = $3, outcome = $4, last_answer = $5 \
         WHERE session_id = $1 AND client_id = $2 AND ended_at IS NULL";
    /// Not one that somebody is sending right now.
    pub(crate) GIVE_UP_LOGOUTS =
        "UPDATE logout_outbox SET ended_at = $2, outcome = $3 WHERE (session_id, client_id) IN \
         (SELECT session_id, client_id FROM logout_outbox WHERE ended_at IS NULL AND created_at <= $1 \
         AND lease_until <= $2 ORDER BY created_at LIMIT $4) \
         RETURNING session_id, client_id, user_id, attempts, last_answer";
    pub(crate) LIST_LOGOUTS =
        "SELECT session_id, client_id, user_id, attempts, last_answer, created_at, due_at, outcome, ended_at \
         FROM logout_outbox WHERE (session_id, client_id) > ($1, $2) ORDER BY session_id, client_id LIMIT $3";
    pub(crate) DELETE_ENDED_LOGOUTS =
        "DELETE FROM logout_outbox WHERE (session_id, client_id) IN \
         (SELECT session_id, client_id FROM logout_outbox WHERE ended_at <= $1 ORDER BY ended_at LIMIT $2)";
}

/// Whose sessions end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// Everybody's.
    All,
    /// One.
    Session(&'a str),
    /// All of a user's, also those that are long over.
    User(&'a str),
}

/// Of which session's end which client is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogoutKey {
    /// The session.
    pub session_id: SessionId,
    /// The client.
    pub client_id: ClientId,
}

/// A logout token that its holder is to sign and send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeasedLogout {
    /// Which.
    pub key: LogoutKey,
    /// Who was signed in.
    pub user_id: UserId,
    /// The how-manieth try this is.
    pub attempts: i64,
    /// A word for what the last try came to; `None`: there was none.
    pub last_answer: Option<String>,
}

/// A logout token in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedLogout {
    /// Which, for whom, how often it was tried, and what came of that.
    pub logout: LeasedLogout,
    /// When the session ended.
    pub created_at: Timestamp,
    /// When it is tried next, if it is waiting.
    pub due_at: Timestamp,
    /// What became of it, and when; `None`: it is waiting.
    pub ended: Option<(LogoutOutcome, Timestamp)>,
}

impl Store {
    /// Up to `limit` clients for whom there is a logout token to be sent that was noted after `since`.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_clients_with_due_logouts(
        &self,
        now: Timestamp,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<ClientId>> {
        let rows = self.db.rows(CLIENTS_WITH_DUE_LOGOUTS, &params![now, since, limit]).await?;
        let read = |row: &Row| Reader::new(row, "clients").parse("id", ClientId::parse);
        rows.iter().map(read).collect()
    }

    /// Takes up to `limit` of a client's logout tokens that are due and were noted after `since`, so that nobody else sends
    /// them before `until`. Each is thereby tried once more.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn lease_logouts(
        &self,
        client: &ClientId,
        now: Timestamp,
        until: Timestamp,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<LeasedLogout>> {
        let values = params![now, since, until, client.as_str(), limit];
        let rows = self.db.write_one(LEASE_LOGOUTS, values.into()).await?;
        rows.iter().map(|row| read_leased(&mut Reader::new(row, "logout_outbox"))).collect()
    }

    /// Gives a logout token back that was not taken, with a word for why, to be tried again at `due_at`.
    ///
    /// # Errors
    /// When the database does not answer: it is tried again once its lease has ended.
    pub async fn logout_failed(&self, key: &LogoutKey, answer: &str, due_at: Timestamp) -> Result<()> {
        self.change((key.clone(), answer.to_owned(), due_at), |tx, (key, answer, due_at)| {
            Box::pin(async move {
                let (session, client) = (key.session_id.as_str(), key.client_id.as_str());
                tx.exec(LOGOUT_FAILED, &params![session, client, *due_at, answer.as_str()]).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes what became of a logout token, with a word for its last try; `false` where somebody else has, and nothing is
    /// recorded then.
    ///
    /// # Errors
    /// When the database does not answer: it may be sent once more then.
    pub async fn end_logout(
        &self,
        key: &LogoutKey,
        outcome: LogoutOutcome,
        answer: &str,
        now: Timestamp,
        record: &Record,
    ) -> Result<bool> {
        let input = (key.clone(), outcome, answer.to_owned(), now, record.clone());
        self.change(input, |tx, (key, outcome, answer, now, record)| {
            Box::pin(async move {
                let (session, client) = (key.session_id.as_str(), key.client_id.as_str());
                let values = params![session, client, *now, outcome.as_str(), answer.as_str()];
                if tx.exec(END_LOGOUT, &values).await? == 0 {
                    return Ok(false);
                }
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Gives up to `limit` logout tokens up that were noted at `before` or earlier and that nobody is sending, each with a
    /// record like `record` that says whose it was. Says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_logouts(
        &self,
        before: Timestamp,
        now: Timestamp,
        limit: i64,
        record: &Record,
    ) -> Result<u64> {
        self.change((before, now, limit, record.clone()), |tx, (before, now, limit, record)| {
            Box::pin(async move {
                let values = params![*before, *now, LogoutOutcome::GivenUp.as_str(), *limit];
                let rows = tx.rows(GIVE_UP_LOGOUTS, &values).await?;
                let mut records = Vec::new();
                for row in &rows {
                    let leased = read_leased(&mut Reader::new(row, "logout_outbox"))?;
                    records.push(leased.told_in(record.clone()));
                }
                audit::append(tx, &records).await?;
                Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
            })
        })
        .await
    }

    /// Up to `limit` logout tokens after the one `after`, of the oldest session first: what waits, and what became of the
    /// others lately.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_logouts(&self, after: Option<&LogoutKey>, limit: i64) -> Result<Vec<ListedLogout>> {
        let (session, client) =
            after.map_or(("", ""), |key| (key.session_id.as_str(), key.client_id.as_str()));
        let rows = self.db.list(LIST_LOGOUTS, &params![session, client, limit]).await?;
        rows.iter().map(|row| read_listed(&mut Reader::new(row, "logout_outbox"))).collect()
    }

    /// Forgets up to `limit` logout tokens of which something became at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_ended_logouts(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_ENDED_LOGOUTS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

impl LeasedLogout {
    /// A record of what became of it.
    #[must_use]
    pub fn told_in(&self, record: Record) -> Record {
        let subject = Some(Subject::Session(self.key.session_id.clone()));
        Record { subject, ..record }
            .with("client", self.key.client_id.as_str())
            .with("user", self.user_id.as_str())
            .with("attempts", self.attempts)
    }
}

/// Notes for each client that the ending sessions have signed in to that it is to be told, and forgets that they have: in
/// the transaction that ends them. Says to how many they had signed in.
pub(crate) async fn queue(tx: &mut Tx<'_>, whose: Whose<'_>, now: Timestamp) -> Result<u64> {
    let (queue, forget, id): (Sql, Sql, &[Value]) = match whose {
        Whose::All => (QUEUE_ALL_LOGOUTS, FORGET_ALL_SESSION_CLIENTS, &[]),
        Whose::Session(id) => (QUEUE_LOGOUTS_OF_SESSION, FORGET_CLIENTS_OF_SESSION, &params![id]),
        Whose::User(id) => (QUEUE_LOGOUTS_OF_USER, FORGET_CLIENTS_OF_USER, &params![id]),
    };
    tx.exec(queue, &[&[now.into()], id].concat()).await?;
    Ok(tx.exec(forget, id).await?)
}

fn read_leased(read: &mut Reader<'_>) -> Result<LeasedLogout> {
    let session_id = read.parse("session_id", SessionId::parse)?;
    let client_id = read.parse("client_id", ClientId::parse)?;
    let user_id = read.parse("user_id", UserId::parse)?;
    Ok(LeasedLogout {
        key: LogoutKey { session_id, client_id },
        user_id,
        attempts: read.int("attempts")?,
        last_answer: read.opt_string("last_answer")?,
    })
}

fn read_listed(read: &mut Reader<'_>) -> Result<ListedLogout> {
    Ok(ListedLogout {
        logout: read_leased(read)?,
        created_at: read.at("created_at")?,
        due_at: read.at("due_at")?,
        ended: read.opt_parse("outcome", LogoutOutcome::parse)?.zip(read.opt_at("ended_at")?),
    })
}
