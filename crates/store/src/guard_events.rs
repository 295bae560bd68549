//! What guards must learn, written in the transaction of the change itself: one row for each API that it concerns.
//!
//! Nothing else inserts events but what stands beside it: what ends by itself, all at once, or is a user's own ([`crate::own_events`]). They have no number yet: `guard_log` numbers them once they are committed.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{MAX_TOKEN_TTL, ResourceServerId, RevokedKind};

use crate::db::{Row, Sql, Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::revoked_tokens::RevokedToken;
use crate::session_handles::SESSION_TOKEN_TTL;
use crate::token_handles::{
    Owner, families_of_client, families_of_company, families_of_consent, families_of_grant,
    families_of_membership, families_of_session, families_of_user, family, of_client, of_company, of_grant,
    of_narrowed, of_secret,
};
use crate::{params, statements};

/// How long after its last token has expired an ended handle is known: clocks differ.
pub(crate) const HANDLE_SLACK: Duration = Duration::from_secs(60);
/// How long a revoked key is known: a day longer than any token may live, because clocks differ.
const KEY_LIFE: Duration = MAX_TOKEN_TTL.saturating_add(Duration::from_secs(86_400));
/// How long an event lives that only bridges a short break, because a snapshot has the state.
pub(crate) const BRIDGE_LIFE: Duration = Duration::from_secs(600);

pub(crate) const COMPANY_DISABLED: &str = "company_disabled";
pub(crate) const COMPANY_ENABLED: &str = "company_enabled";
pub(crate) const COMPANY_JOINED: &str = "company_joined";
pub(crate) const COMPANY_LEFT: &str = "company_left";
pub(crate) const KEYS: &str = "keys";

macro_rules! announce_to_apis {
    ($which:literal) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, corporation_id, created_at, expires_at) \
             SELECT r.id, $1, $2, $3, $4, $5 FROM resource_servers r ",
            $which,
            " ORDER BY r.id RETURNING resource_server_id, id"
        )
    };
}

macro_rules! announce_handles {
    ($table:literal, $whose:ident) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
             SELECT g.resource_server_id, $2, h.handle, $3, CAST($4 AS BIGINT) + h.longest_ttl FROM ",
            $table,
            " h JOIN client_grants g ON g.id = h.client_grant_id WHERE ",
            $whose!(),
            " RETURNING resource_server_id, id"
        )
    };
}

/// A family without an API has no guards. What says whose they are comes first, in one place or two.
macro_rules! announce_families {
    ($whose:ident) => {
        announce_families!($whose, "$2", "$3", "$4")
    };
    ($whose:ident of two) => {
        announce_families!($whose, "$3", "$4", "$5")
    };
    ($whose:ident, $kind:literal, $at:literal, $until:literal) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
             SELECT resource_server_id, ",
            $kind,
            ", handle, ",
            $at,
            ", CAST(",
            $until,
            " AS BIGINT) + longest_ttl FROM token_families WHERE resource_server_id IS NOT NULL AND ",
            $whose!(),
            " RETURNING resource_server_id, id"
        )
    };
}

/// What guards know sessions by, as it ends with them. What says whose they are comes first, in one place or two.
macro_rules! announce_session_handles {
    ($whose:ident) => {
        announce_session_handles!($whose, "$2", "$3", "$4")
    };
    ($whose:ident of two) => {
        announce_session_handles!($whose, "$3", "$4", "$5")
    };
    ($whose:ident, $kind:literal, $at:literal, $until:literal) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
             SELECT resource_server_id, ",
            $kind,
            ", handle, ",
            $at,
            ", CAST(",
            $until,
            " AS BIGINT) + 300000 FROM session_handles WHERE ",
            $whose!(),
            " RETURNING resource_server_id, id"
        )
    };
}

// The statements have it as a number.
const _: () = assert!(SESSION_TOKEN_TTL.as_millis() == 300_000);

statements! {
    pub(crate) ANNOUNCE_TO_ALL = announce_to_apis!("");
    pub(crate) ANNOUNCE_TO_TENANTED = announce_to_apis!("WHERE r.tenanted = 1");
    /// An API that is gone has no guards.
    pub(crate) ANNOUNCE_TOKEN =
        "INSERT INTO guard_events (resource_server_id, kind, value, client_id, created_at, expires_at) \
         SELECT r.id, $2, $3, $4, $5, $6 FROM resource_servers r WHERE r.id = $1 \
         RETURNING resource_server_id, id";
    pub(crate) ANNOUNCE_HANDLES_OF_CLIENT = announce_handles!("token_handles", of_client);
    pub(crate) ANNOUNCE_ASSERTION_HANDLES_OF_CLIENT = announce_handles!("assertion_handles", of_client);
    pub(crate) ANNOUNCE_HANDLES_OF_COMPANY = announce_handles!("token_handles", of_company);
    pub(crate) ANNOUNCE_ASSERTION_HANDLES_OF_COMPANY = announce_handles!("assertion_handles", of_company);
    pub(crate) ANNOUNCE_HANDLES_OF_GRANT = announce_handles!("token_handles", of_grant);
    pub(crate) ANNOUNCE_ASSERTION_HANDLES_OF_GRANT = announce_handles!("assertion_handles", of_grant);
    pub(crate) ANNOUNCE_HANDLES_OF_NARROWED = announce_handles!("token_handles", of_narrowed);
    pub(crate) ANNOUNCE_ASSERTION_HANDLES_OF_NARROWED = announce_handles!("assertion_handles", of_narrowed);
    pub(crate) ANNOUNCE_HANDLES_OF_SECRET = announce_handles!("token_handles", of_secret);
    pub(crate) ANNOUNCE_FAMILIES_OF_CLIENT = announce_families!(families_of_client);
    pub(crate) ANNOUNCE_FAMILIES_OF_COMPANY = announce_families!(families_of_company);
    pub(crate) ANNOUNCE_FAMILIES_OF_CONSENT = announce_families!(families_of_consent of two);
    pub(crate) ANNOUNCE_FAMILIES_OF_GRANT = announce_families!(families_of_grant);
    pub(crate) ANNOUNCE_FAMILIES_OF_MEMBERSHIP = announce_families!(families_of_membership of two);
    pub(crate) ANNOUNCE_FAMILIES_OF_NARROWED = announce_families!(of_narrowed);
    pub(crate) ANNOUNCE_FAMILIES_OF_SESSION = announce_families!(families_of_session);
    pub(crate) ANNOUNCE_FAMILIES_OF_USER = announce_families!(families_of_user);
    pub(crate) ANNOUNCE_FAMILY = announce_families!(family);
    pub(crate) ANNOUNCE_SESSION_HANDLES_OF_COMPANY = announce_session_handles!(of_narrowed);
    pub(crate) ANNOUNCE_SESSION_HANDLES_OF_MEMBERSHIP = announce_session_handles!(families_of_membership of two);
    pub(crate) ANNOUNCE_SESSION_HANDLES_OF_SESSION = announce_session_handles!(families_of_session);
    pub(crate) ANNOUNCE_SESSION_HANDLES_OF_USER = announce_session_handles!(families_of_user);
    /// The last one of each API stays, as it does when what is over is forgotten.
    pub(crate) FORGET_TOKENS_OF_CLIENT =
        "DELETE FROM guard_events WHERE client_id = $1 AND (seq IS NULL OR seq < (SELECT c.seq \
         FROM guard_counters c WHERE c.resource_server_id = guard_events.resource_server_id))";
}

/// What guards must acknowledge of a change: for each API that it concerns the id of its last event. Empty: nobody must
/// learn anything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Announced(Vec<(ResourceServerId, i64)>);

impl Announced {
    /// Whether nobody must learn anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what another change announced: of each API the later one counts.
    pub fn merge(&mut self, other: Self) {
        for (api, id) in other.0 {
            self.note(api, id);
        }
    }

    /// Each API with the id of its last event, by API.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ResourceServerId, i64)> {
        self.0.iter().map(|(api, id)| (api, *id))
    }

    fn note(&mut self, api: ResourceServerId, id: i64) {
        match self.0.binary_search_by(|(known, _id)| known.cmp(&api)) {
            Ok(place) => self.0[place].1 = self.0[place].1.max(id),
            Err(place) => self.0.insert(place, (api, id)),
        }
    }

    pub(crate) fn read(rows: &[Row]) -> Result<Self> {
        let mut announced = Self::default();
        for row in rows {
            let mut read = Reader::new(row, "guard_events");
            announced.note(read.parse("resource_server_id", ResourceServerId::parse)?, read.int("id")?);
        }
        Ok(announced)
    }
}

/// What guards know of a company. One that does not exist is as one that nothing is known of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing<'a> {
    /// Nobody may act for it.
    pub(crate) disabled: bool,
    /// The corporation that it belongs to.
    pub(crate) corporation: Option<&'a str>,
}

impl<'a> Standing<'a> {
    /// The corporation that reaches it.
    const fn reached_by(self) -> Option<&'a str> {
        if self.disabled { None } else { self.corporation }
    }
}

/// Announces that all handles of `owner` are dead, each to its own API, before they are removed.
pub(crate) async fn announce_handles(tx: &mut Tx<'_>, owner: Owner<'_>, now: Timestamp) -> Result<Announced> {
    let statements: &[Sql] = match owner {
        Owner::Client(_) => {
            &[ANNOUNCE_HANDLES_OF_CLIENT, ANNOUNCE_ASSERTION_HANDLES_OF_CLIENT, ANNOUNCE_FAMILIES_OF_CLIENT]
        }
        Owner::Company(_) => &[
            ANNOUNCE_HANDLES_OF_COMPANY,
            ANNOUNCE_ASSERTION_HANDLES_OF_COMPANY,
            ANNOUNCE_FAMILIES_OF_COMPANY,
            ANNOUNCE_SESSION_HANDLES_OF_COMPANY,
        ],
        Owner::Consent(..) => &[ANNOUNCE_FAMILIES_OF_CONSENT],
        Owner::Family(_) => &[ANNOUNCE_FAMILY],
        Owner::Grant(_) => {
            &[ANNOUNCE_HANDLES_OF_GRANT, ANNOUNCE_ASSERTION_HANDLES_OF_GRANT, ANNOUNCE_FAMILIES_OF_GRANT]
        }
        Owner::Membership(..) => &[ANNOUNCE_FAMILIES_OF_MEMBERSHIP, ANNOUNCE_SESSION_HANDLES_OF_MEMBERSHIP],
        Owner::Narrowed(_) => &[
            ANNOUNCE_HANDLES_OF_NARROWED,
            ANNOUNCE_ASSERTION_HANDLES_OF_NARROWED,
            ANNOUNCE_FAMILIES_OF_NARROWED,
            ANNOUNCE_SESSION_HANDLES_OF_COMPANY,
        ],
        Owner::Secret(_) => &[ANNOUNCE_HANDLES_OF_SECRET],
        Owner::Session(_) => &[ANNOUNCE_FAMILIES_OF_SESSION, ANNOUNCE_SESSION_HANDLES_OF_SESSION],
        Owner::User(_) => &[ANNOUNCE_FAMILIES_OF_USER, ANNOUNCE_SESSION_HANDLES_OF_USER],
    };
    let mut values = owner.values();
    values.extend(params![RevokedKind::Handle.as_str(), now, now.plus(HANDLE_SLACK)]);
    let mut announced = Announced::default();
    for statement in statements {
        announced.merge(announce(tx, *statement, &values).await?);
    }
    Ok(announced)
}

/// Announces to its API that a single token is dead.
pub(crate) async fn announce_token(tx: &mut Tx<'_>, token: &RevokedToken) -> Result<Announced> {
    let values = params![
        token.resource_server_id.as_str(),
        RevokedKind::Token.as_str(),
        token.jti.as_str(),
        token.client_id.as_str(),
        token.revoked_at,
        token.expires_at,
    ];
    announce(tx, ANNOUNCE_TOKEN, &values).await
}

/// Takes back what was announced of a client's single tokens, when all of its handles end instead. A guard that has not
/// heard of them meets a hole, and takes a snapshot.
pub(crate) async fn forget_tokens(tx: &mut Tx<'_>, client: &str) -> Result<()> {
    tx.exec(FORGET_TOKENS_OF_CLIENT, &params![client]).await?;
    Ok(())
}

/// Announces how a company stands now, as far as it stood otherwise, to the APIs whose resources belong to companies.
pub(crate) async fn announce_company(
    tx: &mut Tx<'_>,
    id: &str,
    before: Standing<'_>,
    after: Standing<'_>,
    now: Timestamp,
) -> Result<Announced> {
    let mut kinds = Vec::new();
    if before.disabled != after.disabled {
        kinds.push((if after.disabled { COMPANY_DISABLED } else { COMPANY_ENABLED }, None));
    }
    if before.reached_by() != after.reached_by() {
        kinds.extend(before.reached_by().map(|corporation| (COMPANY_LEFT, Some(corporation))));
        kinds.extend(after.reached_by().map(|corporation| (COMPANY_JOINED, Some(corporation))));
    }
    let mut announced = Announced::default();
    for (kind, corporation) in kinds {
        let values = params![kind, id, corporation, now, now.plus(BRIDGE_LIFE)];
        announced.merge(announce(tx, ANNOUNCE_TO_TENANTED, &values).await?);
    }
    Ok(announced)
}

/// Announces to every API that there is another key set, and first that the key `revoked` and all that it signed are
/// dead.
pub(crate) async fn announce_keys(
    tx: &mut Tx<'_>,
    revoked: Option<&str>,
    now: Timestamp,
) -> Result<Announced> {
    let mut announced = Announced::default();
    if let Some(kid) = revoked {
        let values = params![RevokedKind::Key.as_str(), kid, None::<&str>, now, now.plus(KEY_LIFE)];
        announced.merge(announce(tx, ANNOUNCE_TO_ALL, &values).await?);
    }
    let values = params![KEYS, "", None::<&str>, now, now.plus(BRIDGE_LIFE)];
    announced.merge(announce(tx, ANNOUNCE_TO_ALL, &values).await?);
    Ok(announced)
}

async fn announce(tx: &mut Tx<'_>, sql: Sql, values: &[Value]) -> Result<Announced> {
    Announced::read(&tx.rows(sql, values).await?)
}
