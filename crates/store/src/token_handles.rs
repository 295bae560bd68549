//! Token handles: what is revoked as one, a client's secret together with a client grant and how far it is used, what a user
//! let a client do in one go, or what a session is to an API.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientGrantId, CompanyId, SecretId, TokenHandle};

use crate::change_log::Entity;
use crate::clients::millis;
use crate::db::{Row, Tx, Value};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::{Announced, announce_handles};
use crate::{Store, params, statements};

macro_rules! of_client {
    () => {
        "client_grant_id IN (SELECT id FROM client_grants WHERE client_id = $1)"
    };
}

macro_rules! families_of_client {
    () => {
        "client_id = $1"
    };
}

macro_rules! families_of_company {
    () => {
        "(company_id = $1 OR client_id IN (SELECT id FROM clients WHERE company_id = $1))"
    };
}

macro_rules! families_of_consent {
    () => {
        "user_id = $1 AND client_id = $2"
    };
}

macro_rules! families_of_grant {
    () => {
        "EXISTS (SELECT 1 FROM client_grants g WHERE g.id = $1 AND g.client_id = token_families.client_id \
         AND g.resource_server_id = token_families.resource_server_id)"
    };
}

macro_rules! families_of_membership {
    () => {
        "user_id = $1 AND company_id = $2"
    };
}

macro_rules! families_of_session {
    () => {
        "session_id = $1"
    };
}

macro_rules! families_of_user {
    () => {
        "user_id = $1"
    };
}

macro_rules! family {
    () => {
        "handle = $1"
    };
}

/// Those of the clients that are at home in a company, and those whose tokens are narrowed to it.
macro_rules! of_company {
    () => {
        "(company_id = $1 OR client_grant_id IN \
         (SELECT o.id FROM client_grants o JOIN clients c ON c.id = o.client_id WHERE c.company_id = $1))"
    };
}

macro_rules! of_grant {
    () => {
        "client_grant_id = $1"
    };
}

macro_rules! of_narrowed {
    () => {
        "company_id = $1"
    };
}

macro_rules! of_secret {
    () => {
        "secret_id = $1"
    };
}

/// Whose handles they are, for the announcement that goes before each end.
pub(crate) use {
    families_of_client, families_of_company, families_of_consent, families_of_grant, families_of_membership,
    families_of_session, families_of_user, family, of_client, of_company, of_grant, of_narrowed, of_secret,
};

macro_rules! end_families {
    ($whose:ident) => {
        concat!("DELETE FROM token_families WHERE ", $whose!())
    };
}

macro_rules! end_session_handles {
    ($whose:ident) => {
        concat!("DELETE FROM session_handles WHERE ", $whose!())
    };
}

statements! {
    pub(crate) FIND_TOKEN_HANDLE =
        "SELECT handle, longest_ttl FROM token_handles \
         WHERE secret_id = $1 AND client_grant_id = $2 AND company_id = $3";
    /// Only for a secret and a grant of one and the same client.
    pub(crate) ASSIGN_TOKEN_HANDLE =
        "INSERT INTO token_handles (handle, secret_id, client_grant_id, company_id, longest_ttl, created_at) \
         SELECT $1, s.id, g.id, $6, $2, $3 FROM client_secrets s JOIN client_grants g ON g.client_id = s.client_id \
         WHERE s.id = $4 AND g.id = $5 \
         ON CONFLICT (secret_id, client_grant_id, company_id) DO UPDATE SET longest_ttl = excluded.longest_ttl \
         WHERE token_handles.longest_ttl < excluded.longest_ttl RETURNING handle, longest_ttl";
    pub(crate) FIND_ASSERTION_HANDLE =
        "SELECT handle, longest_ttl FROM assertion_handles WHERE client_grant_id = $1 AND company_id = $2";
    pub(crate) ASSIGN_ASSERTION_HANDLE =
        "INSERT INTO assertion_handles (handle, client_grant_id, company_id, longest_ttl, created_at) \
         SELECT $1, id, $5, $2, $3 FROM client_grants WHERE id = $4 \
         ON CONFLICT (client_grant_id, company_id) DO UPDATE SET longest_ttl = excluded.longest_ttl \
         WHERE assertion_handles.longest_ttl < excluded.longest_ttl RETURNING handle, longest_ttl";
    pub(crate) END_HANDLES_OF_SECRET = concat!("DELETE FROM token_handles WHERE ", of_secret!());
    pub(crate) END_HANDLES_OF_GRANT = concat!("DELETE FROM token_handles WHERE ", of_grant!());
    pub(crate) END_ASSERTION_HANDLES_OF_GRANT = concat!("DELETE FROM assertion_handles WHERE ", of_grant!());
    pub(crate) END_HANDLES_OF_CLIENT = concat!("DELETE FROM token_handles WHERE ", of_client!());
    pub(crate) END_ASSERTION_HANDLES_OF_CLIENT = concat!("DELETE FROM assertion_handles WHERE ", of_client!());
    pub(crate) END_HANDLES_OF_COMPANY = concat!("DELETE FROM token_handles WHERE ", of_company!());
    pub(crate) END_ASSERTION_HANDLES_OF_COMPANY =
        concat!("DELETE FROM assertion_handles WHERE ", of_company!());
    pub(crate) END_HANDLES_OF_NARROWED = concat!("DELETE FROM token_handles WHERE ", of_narrowed!());
    pub(crate) END_ASSERTION_HANDLES_OF_NARROWED =
        concat!("DELETE FROM assertion_handles WHERE ", of_narrowed!());
    pub(crate) END_FAMILIES_OF_CLIENT = end_families!(families_of_client);
    pub(crate) END_FAMILIES_OF_COMPANY = end_families!(families_of_company);
    pub(crate) END_FAMILIES_OF_CONSENT = end_families!(families_of_consent);
    pub(crate) END_FAMILIES_OF_GRANT = end_families!(families_of_grant);
    pub(crate) END_FAMILIES_OF_MEMBERSHIP = end_families!(families_of_membership);
    pub(crate) END_FAMILIES_OF_NARROWED = end_families!(of_narrowed);
    pub(crate) END_FAMILIES_OF_SESSION = end_families!(families_of_session);
    pub(crate) END_FAMILIES_OF_USER = end_families!(families_of_user);
    pub(crate) END_FAMILY = end_families!(family);
    pub(crate) END_SESSION_HANDLES_OF_COMPANY = end_session_handles!(of_narrowed);
    pub(crate) END_SESSION_HANDLES_OF_MEMBERSHIP = end_session_handles!(families_of_membership);
    pub(crate) END_SESSION_HANDLES_OF_SESSION = end_session_handles!(families_of_session);
    pub(crate) END_SESSION_HANDLES_OF_USER = end_session_handles!(families_of_user);
    /// What a decision read of a handle that ends must not issue any more, whichever company it was for.
    pub(crate) BUMP_CLIENTS_OF_COMPANY = "UPDATE clients SET version = version + 1 WHERE company_id = $1";
}

/// Whose handles end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'a> {
    /// Every handle of a client.
    Client(&'a str),
    /// Those of every client at home in a company, and those whose tokens are narrowed to it.
    Company(&'a str),
    /// Those of what a user, named first, let a client do.
    Consent(&'a str, &'a str),
    /// One family.
    Family(&'a str),
    /// Those of a client grant.
    Grant(&'a str),
    /// Those of a user, named first, in a company.
    Membership(&'a str, &'a str),
    /// Those whose tokens are narrowed to a company that is not their client's home.
    Narrowed(&'a str),
    /// Those of a client's secret.
    Secret(&'a str),
    /// Those of what a user allowed in a session.
    Session(&'a str),
    /// Those of all that a user allowed.
    User(&'a str),
}

impl<'a> Owner<'a> {
    /// The ids that say whose they are, as the first values of its statements.
    pub(crate) fn values(self) -> Vec<Value> {
        match self {
            Self::Consent(user, other) | Self::Membership(user, other) => params![user, other].into(),
            Self::Client(id)
            | Self::Company(id)
            | Self::Family(id)
            | Self::Grant(id)
            | Self::Narrowed(id)
            | Self::Secret(id)
            | Self::Session(id)
            | Self::User(id) => params![id].into(),
        }
    }
}

/// How far a client grant is used: as far as the client reaches, or for one company that is not its home. Each has a
/// handle of its own, so that what ends with a company ends nothing else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantReach {
    /// The grant.
    pub client_grant_id: ClientGrantId,
    /// The company to which the tokens are narrowed, if it is not the client's home.
    pub company_id: Option<CompanyId>,
}

impl From<&ClientGrantId> for GrantReach {
    fn from(id: &ClientGrantId) -> Self {
        Self { client_grant_id: id.clone(), company_id: None }
    }
}

impl GrantReach {
    fn company(&self) -> &str {
        self.company_id.as_ref().map_or("", CompanyId::as_str)
    }
}

/// What became of a client or a company that was to be disabled or enabled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Switch {
    /// It is as was asked.
    Done {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// There is none of that id.
    NotFound,
    /// It was so before.
    Unchanged,
}

impl Store {
    /// The handle of a secret with a grant, once one was assigned, with the longest lifetime of a token under it.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_token_handle(
        &self,
        secret_id: &SecretId,
        reach: impl Into<GrantReach>,
    ) -> Result<Option<(TokenHandle, Duration)>> {
        let reach = reach.into();
        let values = params![secret_id.as_str(), reach.client_grant_id.as_str(), reach.company()];
        self.db.opt(FIND_TOKEN_HANDLE, &values).await?.as_ref().map(handle_with_ttl).transpose()
    }

    /// Assigns a handle to a secret with a grant unless they have one, and yields the one that they have. It stays
    /// until it ends for good, so nobody needs to hear of it through the change log.
    ///
    /// `ttl` is how long a token that is about to be issued under it will live: guards that learn of its end remember
    /// it as long as the longest, which only grows.
    ///
    /// # Errors
    /// When there are no such secret and grant of one client, or the database does not answer.
    pub async fn assign_token_handle(
        &self,
        secret_id: &SecretId,
        reach: impl Into<GrantReach>,
        proposed: TokenHandle,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<TokenHandle> {
        let input = (secret_id.clone(), reach.into(), proposed, ttl, now);
        self.change(input, |tx, (secret_id, reach, proposed, ttl, now)| {
            Box::pin(async move {
                let (secret, grant) = (secret_id.as_str(), reach.client_grant_id.as_str());
                let company = reach.company();
                let values = params![proposed.as_str(), millis(*ttl), *now, secret, grant, company];
                let row = match tx.opt(ASSIGN_TOKEN_HANDLE, &values).await? {
                    None => tx.opt(FIND_TOKEN_HANDLE, &params![secret, grant, company]).await?,
                    assigned => assigned,
                };
                let row = row.ok_or(Error::Missing(Entity::ClientGrant))?;
                handle_with_ttl(&row).map(|(handle, _longest)| handle)
            })
        })
        .await
    }

    /// The handle of a client that has no secret with a grant, once one was assigned, and the longest lifetime of a
    /// token under it.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_assertion_handle(
        &self,
        reach: impl Into<GrantReach>,
    ) -> Result<Option<(TokenHandle, Duration)>> {
        let reach = reach.into();
        let values = params![reach.client_grant_id.as_str(), reach.company()];
        let row = self.db.opt(FIND_ASSERTION_HANDLE, &values).await?;
        row.as_ref().map(assertion_handle).transpose()
    }

    /// Assigns a handle to a client that has no secret with a grant unless it has one, and yields the one that it
    /// has. Before a token of a lifetime is issued under it, that is noted as its longest, unless there was a longer.
    ///
    /// # Errors
    /// When there is no such grant, or the database does not answer.
    pub async fn assign_assertion_handle(
        &self,
        reach: impl Into<GrantReach>,
        proposed: TokenHandle,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<TokenHandle> {
        let input = (reach.into(), proposed, ttl, now);
        self.change(input, |tx, (reach, proposed, ttl, now)| {
            Box::pin(async move {
                let (grant, company) = (reach.client_grant_id.as_str(), reach.company());
                let values = params![proposed.as_str(), millis(*ttl), *now, grant, company];
                let row = match tx.opt(ASSIGN_ASSERTION_HANDLE, &values).await? {
                    None => tx.opt(FIND_ASSERTION_HANDLE, &params![grant, company]).await?,
                    assigned => assigned,
                };
                let row = row.ok_or(Error::Missing(Entity::ClientGrant))?;
                assertion_handle(&row).map(|(handle, _longest)| handle)
            })
        })
        .await
    }
}

/// Ends every handle of `owner`: the tokens under them are dead, and nothing revives them. The one place where handles
/// end, and are announced to have ended. The client's version is the caller's to count, except where a company's
/// clients are many.
pub(crate) async fn end_handles(tx: &mut Tx<'_>, owner: Owner<'_>, now: Timestamp) -> Result<Announced> {
    end_counted(tx, owner, now).await.map(|(_handles, announced)| announced)
}

/// The same, and says how many there were.
pub(crate) async fn end_counted(
    tx: &mut Tx<'_>,
    owner: Owner<'_>,
    now: Timestamp,
) -> Result<(u64, Announced)> {
    let announced = announce_handles(tx, owner, now).await?;
    let statements: &[_] = match owner {
        Owner::Client(_) => &[END_HANDLES_OF_CLIENT, END_ASSERTION_HANDLES_OF_CLIENT, END_FAMILIES_OF_CLIENT],
        Owner::Company(_) => &[
            END_HANDLES_OF_COMPANY,
            END_ASSERTION_HANDLES_OF_COMPANY,
            END_FAMILIES_OF_COMPANY,
            END_SESSION_HANDLES_OF_COMPANY,
        ],
        Owner::Consent(..) => &[END_FAMILIES_OF_CONSENT],
        Owner::Family(_) => &[END_FAMILY],
        Owner::Grant(_) => &[END_HANDLES_OF_GRANT, END_ASSERTION_HANDLES_OF_GRANT, END_FAMILIES_OF_GRANT],
        Owner::Membership(..) => &[END_FAMILIES_OF_MEMBERSHIP, END_SESSION_HANDLES_OF_MEMBERSHIP],
        Owner::Narrowed(_) => &[
            END_HANDLES_OF_NARROWED,
            END_ASSERTION_HANDLES_OF_NARROWED,
            END_FAMILIES_OF_NARROWED,
            END_SESSION_HANDLES_OF_COMPANY,
        ],
        Owner::Secret(_) => &[END_HANDLES_OF_SECRET],
        Owner::Session(_) => &[END_FAMILIES_OF_SESSION, END_SESSION_HANDLES_OF_SESSION],
        Owner::User(_) => &[END_FAMILIES_OF_USER, END_SESSION_HANDLES_OF_USER],
    };
    let (values, mut handles) = (owner.values(), 0);
    for statement in statements {
        handles += tx.exec(*statement, &values).await?;
    }
    if let Owner::Company(_) = owner {
        tx.exec(BUMP_CLIENTS_OF_COMPANY, &values).await?;
    }
    Ok((handles, announced))
}

fn handle_with_ttl(row: &Row) -> Result<(TokenHandle, Duration)> {
    read_handle(&mut Reader::new(row, "token_handles"))
}

fn assertion_handle(row: &Row) -> Result<(TokenHandle, Duration)> {
    read_handle(&mut Reader::new(row, "assertion_handles"))
}

/// Reads a handle and the longest lifetime of a token under it.
pub(crate) fn read_handle(read: &mut Reader<'_>) -> Result<(TokenHandle, Duration)> {
    Ok((read.parse("handle", TokenHandle::parse)?, read.ttl("longest_ttl")?))
}
