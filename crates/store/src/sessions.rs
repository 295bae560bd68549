//! Sessions: one row for each sign-in that lives; what its cookie says now is found by digest, and dies with the row. What ends
//! them is in [`session_ends`](crate::session_ends).

use tokenry_clock::Timestamp;
use tokenry_model::{AuthMethod, Company, CompanyId, Digest, Record, Session, SessionId, User, UserId};

use crate::companies::read_company;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::own_events::{Subjects, announce_subjects};
use crate::session_ends::{end_one, end_too_many};
use crate::users::read_user;
use crate::{SeenDevice, Store, audit, known_devices, params, statements};

macro_rules! columns {
    () => {
        "s.id, s.digest, s.user_id, s.company_id, s.auth_time, s.amr, s.address, s.user_agent, s.created_at, \
         s.last_seen_at, s.expires_at"
    };
}

statements! {
    /// The session of a cookie, whose it is, and the company that it acts for while the user belongs to that.
    pub(crate) FIND_SESSION = concat!(
        "SELECT ", columns!(), ", \
         u.id, u.username, u.disabled_at, u.delete_at, u.version, u.created_at, u.name, u.claims, u.email_verified_at, \
         u.updated_at, o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM sessions s JOIN users u ON u.id = s.user_id \
         LEFT JOIN memberships m ON m.user_id = s.user_id AND m.company_id = s.company_id \
         LEFT JOIN companies o ON o.id = m.company_id WHERE s.digest = $1"
    );
    pub(crate) FIND_SESSION_BY_ID = concat!("SELECT ", columns!(), " FROM sessions s WHERE s.id = $1");
    pub(crate) LIST_SESSIONS =
        concat!("SELECT ", columns!(), " FROM sessions s WHERE s.id > $1 ORDER BY s.id LIMIT $2");
    pub(crate) LIST_SESSIONS_OF_USER = concat!(
        "SELECT ", columns!(), " FROM sessions s WHERE s.user_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3"
    );
    /// Only for the user that was proven: whoever was disabled or got another password since has no session of it.
    pub(crate) BEGIN_SESSION =
        "INSERT INTO sessions (id, digest, user_id, company_id, auth_time, amr, address, user_agent, created_at, \
         last_seen_at, expires_at) \
         SELECT CAST($1 AS TEXT), $2, u.id, CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT), \
         CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS BIGINT), CAST($9 AS BIGINT), CAST($10 AS BIGINT) \
         FROM users u WHERE u.id = $3 AND u.version = $11 AND u.disabled_at IS NULL";
    pub(crate) RENEW_SESSION =
        "UPDATE sessions SET digest = $3, auth_time = $4, amr = $5, last_seen_at = $4 \
         WHERE id = $1 AND digest = $2 AND EXISTS (SELECT 1 FROM users u \
         WHERE u.id = sessions.user_id AND u.version = $6 AND u.disabled_at IS NULL)";
    /// Changes nothing, so that whoever ends it waits, or is waited for.
    pub(crate) HOLD_SESSION = "UPDATE sessions SET last_seen_at = last_seen_at WHERE id = $1 AND user_id = $2";
    pub(crate) TOUCH_SESSION = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
    pub(crate) SET_SESSION_COMPANY =
        "UPDATE sessions SET company_id = $3 WHERE id = $1 AND digest = $2 AND EXISTS (SELECT 1 FROM memberships m \
         WHERE m.user_id = sessions.user_id AND m.company_id = $3)";
}

/// How many columns the statement has of a company.
const COMPANY_COLUMNS: usize = 6;

/// A session, and what its right to act hangs on.
#[derive(Clone, Debug)]
pub struct SessionStanding {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// The company that it acts for; `None` where the user is not, or no longer, a member of it.
    pub company: Option<Company>,
}

/// A session that is to begin.
#[derive(Clone, Debug)]
pub struct BeginSession {
    /// It.
    pub session: Session,
    /// The version of the user who was proven.
    pub user_version: i64,
    /// The one that the browser had, which ends.
    pub replaced: Option<SessionId>,
    /// The browser: the user is told of one that is new.
    pub device: Option<SeenDevice>,
    /// How many the user may have.
    pub cap: SessionCap,
}

/// How many living sessions a user may have: of more the longest unused end.
#[derive(Clone, Debug)]
pub struct SessionCap {
    /// How many, with the one that begins.
    pub most: i64,
    /// Those that were not used since have run out, and count no more.
    pub used_since: Timestamp,
    /// Those that began before have run out too.
    pub begun_since: Timestamp,
    /// The record of one that ends, but for which.
    pub ended: Record,
}

/// What a renewed session says from now on.
#[derive(Clone, Debug)]
pub struct RenewSession {
    /// Which.
    pub id: SessionId,
    /// Of what its cookie said until now: of several who renew the same one, one wins.
    pub before: Digest,
    /// Of what it says from now on.
    pub digest: Digest,
    /// When the user proved to be who they are.
    pub auth_time: Timestamp,
    /// How.
    pub amr: Vec<AuthMethod>,
    /// The version of the user who did.
    pub user_version: i64,
    /// Whose, and the browser, which is known from now on.
    pub device: Option<(UserId, Digest)>,
}

impl Store {
    /// The session whose cookie has that digest, with its user and the company that it acts for.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_session(&self, digest: &Digest) -> Result<Option<SessionStanding>> {
        let row = self.db.opt(FIND_SESSION, &params![digest.as_bytes().as_slice()]).await?;
        row.as_ref().map(standing).transpose()
    }

    /// A session by its id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_session_by_id(&self, id: &SessionId) -> Result<Option<Session>> {
        let row = self.db.opt(FIND_SESSION_BY_ID, &params![id.as_str()]).await?;
        row.map(|row| read_session(&mut Reader::new(&row, "sessions"))).transpose()
    }

    /// Up to `limit` sessions after the id `after`, the oldest first; those of one user, or all.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_sessions(
        &self,
        user: Option<&UserId>,
        after: Option<&SessionId>,
        limit: i64,
    ) -> Result<Vec<Session>> {
        let after = after.map_or("", SessionId::as_str);
        let rows = match user {
            Some(user) => self.db.list(LIST_SESSIONS_OF_USER, &params![user.as_str(), after, limit]).await?,
            None => self.db.list(LIST_SESSIONS, &params![after, limit]).await?,
        };
        rows.iter().map(|row| read_session(&mut Reader::new(row, "sessions"))).collect()
    }

    /// Begins a session for a user as of `user_version`, in the place of the one that the browser had, if it had one; `false`
    /// where the user has changed since, or is disabled. Nothing has ended then. Of the user's others those that are too many
    /// end, with a record each.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_session(&self, begin: &BeginSession, records: &[Record]) -> Result<bool> {
        self.change((begin.clone(), records.to_vec()), |tx, (begin, records)| {
            Box::pin(async move {
                let session = &begin.session;
                let values = params![
                    session.id.as_str(),
                    session.digest.as_bytes().as_slice(),
                    session.user_id.as_str(),
                    session.company_id.as_ref().map(CompanyId::as_str),
                    session.auth_time,
                    amr_text(&session.amr),
                    session.address.as_deref(),
                    session.user_agent.as_str(),
                    session.created_at,
                    session.expires_at,
                    begin.user_version,
                ];
                if tx.exec(BEGIN_SESSION, &values).await? == 0 {
                    return Ok(false);
                }
                if let Some(replaced) = &begin.replaced {
                    end_one(tx, replaced, session.created_at).await?;
                }
                if let Some(device) = &begin.device {
                    known_devices::see(tx, session.user_id.as_str(), device, session.created_at).await?;
                }
                audit::append(tx, records).await?;
                end_too_many(tx, begin).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Gives a session another cookie, because its user has proven to be who they are once more: what its cookie said before
    /// is dead (SES-01). `false` where somebody was faster, the session has ended, or the user has changed or is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_session(&self, renew: &RenewSession, records: &[Record]) -> Result<bool> {
        self.change((renew.clone(), records.to_vec()), |tx, (renew, records)| {
            Box::pin(async move {
                let values = params![
                    renew.id.as_str(),
                    renew.before.as_bytes().as_slice(),
                    renew.digest.as_bytes().as_slice(),
                    renew.auth_time,
                    amr_text(&renew.amr),
                    renew.user_version,
                ];
                if tx.exec(RENEW_SESSION, &values).await? == 0 {
                    return Ok(false);
                }
                // What the cookie for APIs said before is dead, too.
                announce_subjects(tx, Subjects::Session(renew.id.as_str()), renew.auth_time).await?;
                if let Some((user, device)) = &renew.device {
                    known_devices::remember(tx, user.as_str(), device, renew.auth_time).await?;
                }
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Notes that a session was used at `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_session(&self, id: &SessionId, now: Timestamp) -> Result<()> {
        self.change((id.clone(), now), |tx, (id, now)| {
            Box::pin(async move {
                tx.exec(TOUCH_SESSION, &params![id.as_str(), *now]).await?;
                Ok(())
            })
        })
        .await
    }

    /// Lets the session whose cookie has the digest `digest` act for a company that its user belongs to; `false` where that is
    /// not so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_session_company(
        &self,
        id: &SessionId,
        digest: &Digest,
        company: &CompanyId,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (id.clone(), digest.clone(), company.clone(), now);
        self.change(input, |tx, (id, digest, company, now)| {
            Box::pin(async move {
                let values = params![id.as_str(), digest.as_bytes().as_slice(), company.as_str()];
                let set = tx.exec(SET_SESSION_COMPANY, &values).await? == 1;
                if set {
                    announce_subjects(tx, Subjects::Session(id.as_str()), *now).await?;
                }
                Ok(set)
            })
        })
        .await
    }
}

fn standing(row: &Row) -> Result<SessionStanding> {
    let mut read = Reader::new(row, "sessions");
    let session = read_session(&mut read)?;
    read.table("users");
    let user = read_user(&mut read)?;
    read.table("companies");
    let company = read.joined(COMPANY_COLUMNS, read_company)?;
    Ok(SessionStanding { session, user, company })
}

fn read_session(read: &mut Reader<'_>) -> Result<Session> {
    Ok(Session {
        id: read.parse("id", SessionId::parse)?,
        digest: read.digest("digest")?,
        user_id: read.parse("user_id", UserId::parse)?,
        company_id: read.opt_parse("company_id", CompanyId::parse)?,
        auth_time: read.at("auth_time")?,
        amr: read_amr(read)?,
        address: read.opt_string("address")?,
        user_agent: read.string("user_agent")?,
        created_at: read.at("created_at")?,
        last_seen_at: read.at("last_seen_at")?,
        expires_at: read.at("expires_at")?,
    })
}

/// How a user proved to be who they are, as it is stored: a JSON list of words.
pub(crate) fn amr_text(amr: &[AuthMethod]) -> String {
    serde_json::to_string(amr).expect("a list of words always has a JSON form")
}

/// Reads what [`amr_text`] wrote.
pub(crate) fn read_amr(read: &mut Reader<'_>) -> Result<Vec<AuthMethod>> {
    let words: Vec<String> = read.json("amr")?;
    let methods = words.iter().map(|word| AuthMethod::parse(word)).collect::<Result<_, _>>();
    methods.map_err(|error| read.corrupt("amr", error))
}
