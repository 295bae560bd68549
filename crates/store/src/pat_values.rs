//! What is presented of personal access tokens: found by its digest, replaced by another one, and noted when it was used.

use tokenry_clock::Timestamp;
use tokenry_model::{
    CompanyId, Digest, LastUse, PatApi, PatId, PatValue, ResourceServerId, TokenHandle, User, UserId,
};

use crate::credential_change::CredentialChange;
use crate::db::{Sql, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::own_events::{Subjects, announce_subjects, announce_value};
use crate::own_uses::OwnUse;
use crate::pats::{REVOKE_PAT, has_too_many, read_scope};
use crate::users::read_user;
use crate::{Store, params, statements};

/// The columns of a value, as `v`.
macro_rules! value_columns {
    () => {
        "v.digest, v.pat_id, v.jti, v.last4, v.created_at, v.expires_at, v.superseded_at, v.last_used_at, \
         v.last_used_address, v.last_used_client"
    };
}

pub(crate) use value_columns;

statements! {
    /// With all that its right to act hangs on but the company. $2: the API at which it is presented.
    pub(crate) FIND_PAT_VALUE = concat!(
        "SELECT ", value_columns!(), ", p.company_id, p.allowed_addresses, p.all_apis, p.revoked_at, \
         a.resource_server_id, a.scope, \
         u.id, u.username, u.disabled_at, u.delete_at, u.version, u.created_at, u.name, u.claims, u.email_verified_at, \
         u.updated_at FROM pat_values v JOIN pats p ON p.id = v.pat_id JOIN users u ON u.id = p.user_id \
         LEFT JOIN pat_apis a ON a.pat_id = p.id AND a.resource_server_id = $2 WHERE v.digest = $1"
    );
    pub(crate) INSERT_PAT_VALUE =
        "INSERT INTO pat_values (digest, pat_id, jti, last4, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Only while its user may act.
    pub(crate) FIND_UNREVOKED_PAT =
        "SELECT p.id FROM pats p JOIN users u ON u.id = p.user_id WHERE p.id = $1 AND p.user_id = $2 \
         AND p.revoked_at IS NULL AND u.disabled_at IS NULL AND u.delete_at IS NULL";
    /// A value that works, of a token that does.
    pub(crate) FIND_LIVING_VALUE =
        "SELECT v.pat_id, v.jti, v.expires_at FROM pat_values v JOIN pats p ON p.id = v.pat_id \
         WHERE v.digest = $1 AND v.expires_at > $2 AND p.revoked_at IS NULL";
    pub(crate) END_VALUE = "UPDATE pat_values SET expires_at = $2 WHERE digest = $1";
    /// When the last one that works beside it expires.
    pub(crate) LAST_END_OF_VALUES =
        "SELECT MAX(expires_at) FROM pat_values WHERE pat_id = $1 AND expires_at > $2";
    pub(crate) PROLONG_PAT = "UPDATE pats SET ends_at = $2 WHERE id = $1";
    pub(crate) FIND_THE_ONE_THAT_COUNTS =
        "SELECT digest FROM pat_values WHERE pat_id = $1 AND digest = $2 AND superseded_at IS NULL";
    pub(crate) LIST_LIVING_VALUES =
        "SELECT jti, expires_at FROM pat_values WHERE pat_id = $1 AND expires_at > $2 ORDER BY jti";
    pub(crate) LIST_SUPERSEDED_VALUES =
        "SELECT jti, expires_at FROM pat_values WHERE pat_id = $1 AND expires_at > $2 AND superseded_at IS NOT NULL \
         ORDER BY jti";
    pub(crate) DELETE_VALUES = "DELETE FROM pat_values WHERE pat_id = $1";
    pub(crate) DELETE_SUPERSEDED_VALUES =
        "DELETE FROM pat_values WHERE pat_id = $1 AND superseded_at IS NOT NULL";
    pub(crate) SUPERSEDE_VALUE =
        "UPDATE pat_values SET superseded_at = $2, \
         expires_at = CASE WHEN expires_at < CAST($3 AS BIGINT) THEN expires_at ELSE CAST($3 AS BIGINT) END \
         WHERE pat_id = $1 AND superseded_at IS NULL";
    pub(crate) TOUCH_PAT =
        "UPDATE pat_values SET last_used_at = $2, last_used_address = $3, last_used_client = $4 \
         WHERE jti = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
}

/// A value that somebody presents at an API, and what its right to act hangs on.
#[derive(Clone, Debug)]
pub struct PresentedPat {
    /// The value.
    pub value: PatValue,
    /// Whose it is.
    pub user: User,
    /// The company that the user acts for by it; `None`: the only one that there is.
    pub company_id: Option<CompanyId>,
    /// The networks from which alone it may be used.
    pub allowed_addresses: Vec<String>,
    /// When the token was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What it is for at that API; `None`: it is not for that one.
    pub at_api: Option<PatApi>,
}

/// Another value for a token.
#[derive(Clone, Debug)]
pub struct ReplacePat {
    /// Whose the token is.
    pub user_id: UserId,
    /// The digest of the value that counted when it was decided.
    pub seen: Digest,
    /// The value that counts from now on.
    pub value: PatValue,
    /// Until when the one before works; `None`: it does not any more.
    pub overlap_until: Option<Timestamp>,
    /// How many tokens the user may have.
    pub most: i64,
    /// What is recorded and told.
    pub change: CredentialChange,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReplacedPat {
    /// The session has ended.
    Barred,
    /// The user has no such token that could have another value.
    NotFound,
    /// Somebody else has replaced the value.
    Overtaken,
    /// It is replaced.
    Replaced {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// The form that asks for it has done so before.
    SentBefore,
    /// The token had expired, and the user has as many others as there may be.
    TooMany,
    /// As many values were made or shown lately as there may be: the first of them then.
    TooOften(Timestamp),
}

impl Store {
    /// The value of that digest, with what the decision at an API needs.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_pat_value(
        &self,
        digest: &Digest,
        api: &ResourceServerId,
    ) -> Result<Option<PresentedPat>> {
        let values = params![digest.as_bytes().as_slice(), api.as_str()];
        let Some(row) = self.db.opt(FIND_PAT_VALUE, &values).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "pat_values");
        let value = read_value(&mut read)?;
        read.table("pats");
        let company_id = read.opt_parse("company_id", CompanyId::parse)?;
        let allowed_addresses = read.json("allowed_addresses")?;
        let (all_apis, revoked_at) = (read.flag("all_apis")?, read.opt_at("revoked_at")?);
        read.table("pat_apis");
        let named = read.opt_parse("resource_server_id", ResourceServerId::parse)?;
        let scope = read_scope(&mut read)?;
        let at_api = match named {
            Some(resource_server_id) => Some(PatApi { resource_server_id, scope }),
            None => all_apis.then(|| PatApi { resource_server_id: api.clone(), scope: None }),
        };
        read.table("users");
        let user = read_user(&mut read)?;
        Ok(Some(PresentedPat { value, user, company_id, allowed_addresses, revoked_at, at_api }))
    }

    /// Gives a token another value. Of several who do so at once one does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replace_pat(&self, replace: ReplacePat) -> Result<ReplacedPat> {
        self.change(replace, |tx, it| {
            Box::pin(async move {
                let (id, user, now) = (it.value.pat_id.as_str(), it.user_id.as_str(), it.change.now);
                if !it.change.is_in_session(tx, user).await? {
                    return Ok(ReplacedPat::Barred);
                }
                if tx.opt(FIND_UNREVOKED_PAT, &params![id, user]).await?.is_none() {
                    return Ok(ReplacedPat::NotFound);
                }
                if it.change.was_sent_before(tx).await? {
                    return Ok(ReplacedPat::SentBefore);
                }
                if let Some(first) = it.change.is_too_often(tx, user).await? {
                    return Ok(ReplacedPat::TooOften(first));
                }
                let seen = params![id, it.seen.as_bytes().as_slice()];
                if tx.opt(FIND_THE_ONE_THAT_COUNTS, &seen).await?.is_none() {
                    return Ok(ReplacedPat::Overtaken);
                }
                if has_too_many(tx, id, user, it.most, now).await? {
                    return Ok(ReplacedPat::TooMany);
                }
                let announced = make_way(tx, (id, user), it.overlap_until, now).await?;
                insert_value(tx, &it.value).await?;
                tx.exec(PROLONG_PAT, &params![id, it.value.expires_at]).await?;
                it.change.write(tx, user).await?;
                Ok(ReplacedPat::Replaced { announced })
            })
        })
        .await
    }

    /// Notes when values were last used. It changes nothing that a decision rests on; those that are gone are passed over.
    ///
    /// # Errors
    /// When the database does not answer; some may have been noted.
    pub async fn touch_pats(&self, uses: Vec<OwnUse>) -> Result<()> {
        self.note_own_uses(TOUCH_PAT, uses).await
    }
}

/// Ends what was presented until now, or, with an overlap, only what had been replaced before: then guards have to ask again
/// about what ends sooner than they were told.
async fn make_way(
    tx: &mut Tx<'_>,
    (id, user): (&str, &str),
    overlap_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Announced> {
    let Some(until) = overlap_until else {
        let announced = announce_values(tx, LIST_LIVING_VALUES, id, now).await?;
        tx.exec(DELETE_VALUES, &params![id]).await?;
        return Ok(announced);
    };
    let mut announced = announce_values(tx, LIST_SUPERSEDED_VALUES, id, now).await?;
    tx.exec(DELETE_SUPERSEDED_VALUES, &params![id]).await?;
    tx.exec(SUPERSEDE_VALUE, &params![id, now, until]).await?;
    announced.merge(announce_subjects(tx, Subjects::User(user), now).await?);
    Ok(announced)
}

/// Announces that those values of a token are dead which `which` lists.
pub(crate) async fn announce_values(
    tx: &mut Tx<'_>,
    which: Sql,
    id: &str,
    now: Timestamp,
) -> Result<Announced> {
    let mut announced = Announced::default();
    for row in tx.rows(which, &params![id, now]).await? {
        announced.merge(announce(tx, id, &mut Reader::new(&row, "pat_values"), now).await?);
    }
    Ok(announced)
}

/// Ends one value, whichever it is, and with the last that works the token. `false`: it worked no more.
pub(crate) async fn end_value(tx: &mut Tx<'_>, digest: &Digest, now: Timestamp) -> Result<bool> {
    let digest = digest.as_bytes().as_slice();
    let Some(row) = tx.opt(FIND_LIVING_VALUE, &params![digest, now]).await? else { return Ok(false) };
    let mut read = Reader::new(&row, "pat_values");
    let id = read.text("pat_id")?;
    announce(tx, id, &mut read, now).await?;
    tx.exec(END_VALUE, &params![digest, now]).await?;
    let left = tx.opt(LAST_END_OF_VALUES, &params![id, now]).await?;
    match left.map_or(Ok(None), |row| row.opt_int(0))? {
        Some(ends_at) => tx.exec(PROLONG_PAT, &params![id, ends_at]).await?,
        None => tx.exec(REVOKE_PAT, &params![id, now]).await?,
    };
    Ok(true)
}

async fn announce(tx: &mut Tx<'_>, id: &str, read: &mut Reader<'_>, now: Timestamp) -> Result<Announced> {
    let jti = read.text("jti")?;
    let handle = TokenHandle::of_jti(jti).ok_or_else(|| read.corrupt("jti", "no jti"))?;
    announce_value(tx, id, (handle.as_str(), read.at("expires_at")?), now).await
}

pub(crate) async fn insert_value(tx: &mut Tx<'_>, value: &PatValue) -> Result<()> {
    let values = params![
        value.digest.as_bytes().as_slice(),
        value.pat_id.as_str(),
        value.jti.as_str(),
        value.last4.as_str(),
        value.created_at,
        value.expires_at,
    ];
    tx.exec(INSERT_PAT_VALUE, &values).await?;
    Ok(())
}

/// Reads a value's columns, in their order.
pub(crate) fn read_value(read: &mut Reader<'_>) -> Result<PatValue> {
    Ok(PatValue {
        digest: read.digest("digest")?,
        pat_id: read.parse("pat_id", PatId::parse)?,
        jti: read.string("jti")?,
        last4: read.string("last4")?,
        created_at: read.at("created_at")?,
        expires_at: read.at("expires_at")?,
        superseded_at: read.opt_at("superseded_at")?,
        last_use: {
            let at = read.opt_at("last_used_at")?;
            let (address, client) =
                (read.opt_string("last_used_address")?, read.opt_string("last_used_client")?);
            at.map(|at| LastUse { at, address, client })
        },
    })
}
