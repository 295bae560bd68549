//! Personal access tokens: what their owners made, for what, and their end.

use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, Digest, Pat, PatApi, PatId, PatReach, PatValue, ResourceServerId, UserId};

use crate::change_log::Entity;
use crate::clients::millis;
use crate::credential_change::CredentialChange;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::pat_values::{LIST_LIVING_VALUES, announce_values, insert_value, read_value};
use crate::resource_servers::RESOURCE_SERVER_EXISTS;
use crate::store::must_exist;
use crate::{Store, api_scopes, params, statements};

macro_rules! pat_columns {
    () => {
        "p.id, p.user_id, p.company_id, p.name, p.note, p.all_apis, p.allowed_addresses, p.value_ttl, p.created_at, \
         p.ends_at, p.revoked_at"
    };
}

/// Tokens, each with one of its values: the one for which `$value` holds, as `v`.
macro_rules! listed {
    ($value:literal, $which:literal) => {
        concat!(
            "SELECT ",
            pat_columns!(),
            ", ",
            crate::pat_values::value_columns!(),
            ", (SELECT MAX(o.expires_at) FROM pat_values o WHERE o.pat_id = p.id AND o.superseded_at IS NOT NULL), \
             c.name, a.resource_server_id, a.scope, r.audience, r.name FROM pats p \
             JOIN pat_values v ON v.pat_id = p.id AND ",
            $value,
            " LEFT JOIN companies c ON c.id = p.company_id LEFT JOIN pat_apis a ON a.pat_id = p.id \
             LEFT JOIN resource_servers r ON r.id = a.resource_server_id WHERE p.id IN (",
            $which,
            ") ORDER BY p.id, a.resource_server_id"
        )
    };
}

statements! {
    pub(crate) FIND_PAT = listed!("v.superseded_at IS NULL", "$1");
    pub(crate) FIND_PAT_BY_VALUE =
        listed!("v.digest = $1", "SELECT d.pat_id FROM pat_values d WHERE d.digest = $1");
    pub(crate) LIST_PATS = listed!(
        "v.superseded_at IS NULL",
        "SELECT n.id FROM pats n WHERE n.id > $1 ORDER BY n.id LIMIT $2"
    );
    pub(crate) LIST_PATS_OF_USER = listed!(
        "v.superseded_at IS NULL",
        "SELECT n.id FROM pats n WHERE n.user_id = $3 AND n.id > $1 ORDER BY n.id LIMIT $2"
    );
    /// Those that work at $2, and of those that have ended the last $3.
    pub(crate) LIST_PATS_TO_OWNER = listed!(
        "v.superseded_at IS NULL",
        "SELECT n.id FROM pats n WHERE n.user_id = $1 AND n.ends_at > $2 UNION ALL SELECT e.id FROM \
         (SELECT id FROM pats WHERE user_id = $1 AND ends_at <= $2 ORDER BY ends_at DESC, id DESC LIMIT $3) AS e"
    );
    /// Those of a user's that have ended at $2, but for the last $3, some at a time.
    pub(crate) DELETE_PATS_TOO_MANY =
        "DELETE FROM pats WHERE id IN (SELECT id FROM pats WHERE user_id = $1 AND ends_at <= $2 \
         ORDER BY ends_at DESC, id DESC LIMIT 1000 OFFSET $3)";
    pub(crate) MAY_HAVE_PATS =
        "SELECT id FROM users WHERE id = $1 AND disabled_at IS NULL AND delete_at IS NULL";
    pub(crate) COUNT_LIVING_PATS =
        "SELECT COUNT(*) FROM pats WHERE user_id = $1 AND revoked_at IS NULL AND ends_at > $2 AND id <> $3";
    pub(crate) INSERT_PAT =
        "INSERT INTO pats (id, user_id, company_id, name, note, all_apis, allowed_addresses, value_ttl, created_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    pub(crate) INSERT_PAT_API =
        "INSERT INTO pat_apis (pat_id, resource_server_id, scope) VALUES ($1, $2, $3)";
    pub(crate) FIND_PAT_END = "SELECT revoked_at, ends_at FROM pats WHERE id = $1 AND user_id = $2";
    pub(crate) REVOKE_PAT = "UPDATE pats SET revoked_at = $2, ends_at = $2 WHERE id = $1";
    pub(crate) DELETE_ENDED_PATS =
        "DELETE FROM pats WHERE id IN (SELECT id FROM pats WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)";
}

/// How many tokens of a user that have ended are kept and shown: the last ones.
pub const MAX_ENDED_PATS: i64 = 50;

/// What became of a token that was to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CreatePat {
    /// The user may not act any more, or the session has ended.
    Barred,
    /// It is made.
    Created,
    /// The form that asks for it has made one before.
    SentBefore,
    /// The user has as many as there may be.
    TooMany,
    /// As many values were made or shown lately as there may be: the first of them then.
    TooOften(Timestamp),
}

/// What became of a token that was to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RevokePat {
    /// It had been revoked before.
    AlreadyRevoked,
    /// The user has no such token.
    NotFound,
    /// It works no more.
    Revoked {
        /// What guards must learn of it.
        announced: Announced,
    },
}

/// A token, and one value of it, and what it names as that is called now.
#[derive(Clone, Debug)]
pub struct ListedPat {
    /// The token.
    pub pat: Pat,
    /// The value that counts; where a token was found by a value, that one, perhaps one in whose place another is.
    pub value: PatValue,
    /// Until when the one before works, where its owner wanted it to.
    pub overlaps_until: Option<Timestamp>,
    /// The name of its company, while that is there.
    pub company_name: Option<String>,
    /// Audience and name of each API that it names, in the order in which [`PatReach`] has them.
    pub api_names: Vec<(String, String)>,
}

impl Store {
    /// A token by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_pat(&self, id: &PatId) -> Result<Option<ListedPat>> {
        Ok(listed(&self.db.rows(FIND_PAT, &params![id.as_str()]).await?)?.pop())
    }

    /// The token of which that is the digest of a value, and that value, also one that works only for a while longer.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_pat_by_value(&self, digest: &Digest) -> Result<Option<ListedPat>> {
        let rows = self.db.rows(FIND_PAT_BY_VALUE, &params![digest.as_bytes().as_slice()]).await?;
        Ok(listed(&rows)?.pop())
    }

    /// Up to `limit` tokens after the id `after`, the oldest first; those of one user, or all. Also those that work no more.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_pats(
        &self,
        user: Option<&UserId>,
        after: Option<&PatId>,
        limit: i64,
    ) -> Result<Vec<ListedPat>> {
        let after = after.map_or("", PatId::as_str);
        listed(&match user {
            None => self.db.list(LIST_PATS, &params![after, limit]).await?,
            Some(user) => self.db.list(LIST_PATS_OF_USER, &params![after, limit, user.as_str()]).await?,
        })
    }

    /// The tokens of a user that work, and of those that have ended the last [`MAX_ENDED_PATS`], the oldest first. One statement,
    /// however many they are.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_pats_to_owner(&self, user: &UserId, now: Timestamp) -> Result<Vec<ListedPat>> {
        listed(&self.db.list(LIST_PATS_TO_OWNER, &params![user.as_str(), now, MAX_ENDED_PATS]).await?)
    }

    /// Makes a token, unless its user has `most` that work.
    ///
    /// # Errors
    /// When an API that it names does not exist or does not define a scope that it names, or the database does not answer.
    pub async fn create_pat(
        &self,
        pat: &Pat,
        value: &PatValue,
        most: i64,
        change: CredentialChange,
    ) -> Result<CreatePat> {
        let input = (pat.clone(), value.clone(), most, change);
        self.change(input, |tx, (pat, value, most, change)| {
            Box::pin(async move {
                let user = pat.user_id.as_str();
                if !change.is_in_session(tx, user).await?
                    || tx.opt(MAY_HAVE_PATS, &params![user]).await?.is_none()
                {
                    return Ok(CreatePat::Barred);
                }
                if change.was_sent_before(tx).await? {
                    return Ok(CreatePat::SentBefore);
                }
                if let Some(first) = change.is_too_often(tx, user).await? {
                    return Ok(CreatePat::TooOften(first));
                }
                if has_too_many(tx, pat.id.as_str(), user, *most, change.now).await? {
                    return Ok(CreatePat::TooMany);
                }
                insert_pat(tx, pat).await?;
                insert_value(tx, value).await?;
                forget_ended(tx, user, change.now).await?;
                change.write(tx, user).await?;
                Ok(CreatePat::Created)
            })
        })
        .await
    }

    /// Revokes a token of a user's: none of its values works any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_pat(&self, user: &UserId, id: &PatId, change: CredentialChange) -> Result<RevokePat> {
        self.change((user.clone(), id.clone(), change), |tx, (user, id, change)| {
            Box::pin(async move {
                let (user, id, now) = (user.as_str(), id.as_str(), change.now);
                let Some(row) = tx.opt(FIND_PAT_END, &params![id, user]).await? else {
                    return Ok(RevokePat::NotFound);
                };
                if row.opt_int(0)?.is_some() {
                    return Ok(RevokePat::AlreadyRevoked);
                }
                let announced = end(tx, id, now).await?;
                forget_ended(tx, user, now).await?;
                change.write_end(tx, user).await?;
                Ok(RevokePat::Revoked { announced })
            })
        })
        .await
    }

    /// Removes up to `limit` tokens that have ended at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_ended_pats(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_ENDED_PATS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Revokes a token that had not been: none of its values works any more.
pub(crate) async fn end(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<Announced> {
    tx.exec(REVOKE_PAT, &params![id, now]).await?;
    announce_values(tx, LIST_LIVING_VALUES, id, now).await
}

/// Removes a user's tokens that have ended, but for the last ones.
async fn forget_ended(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(DELETE_PATS_TOO_MANY, &params![user, now, MAX_ENDED_PATS]).await?;
    Ok(())
}

/// Whether a user has `most` tokens that work beside this one.
pub(crate) async fn has_too_many(
    tx: &mut Tx<'_>,
    id: &str,
    user: &str,
    most: i64,
    now: Timestamp,
) -> Result<bool> {
    let living = tx.opt(COUNT_LIVING_PATS, &params![user, now, id]).await?;
    Ok(living.map_or(Ok(0), |row| row.int(0))? >= most)
}

async fn insert_pat(tx: &mut Tx<'_>, pat: &Pat) -> Result<()> {
    let all_apis = pat.reach == PatReach::Everything;
    let addresses =
        serde_json::to_string(&pat.allowed_addresses).expect("a list of texts always has a JSON form");
    let values = params![
        pat.id.as_str(),
        pat.user_id.as_str(),
        pat.company_id.as_ref().map(CompanyId::as_str),
        pat.name.as_str(),
        pat.note.as_str(),
        all_apis,
        addresses,
        millis(pat.lifetime),
        pat.created_at,
        pat.ends_at,
    ];
    tx.exec(INSERT_PAT, &values).await?;
    let PatReach::Only(apis) = &pat.reach else { return Ok(()) };
    for PatApi { resource_server_id, scope } in apis {
        let api = resource_server_id.as_str();
        match scope {
            None => must_exist(tx, RESOURCE_SERVER_EXISTS, api, Entity::ResourceServer).await?,
            Some(scope) => api_scopes::must_be_defined(tx, api, scope).await?,
        }
        let scope = scope.as_ref().map(ToString::to_string);
        tx.exec(INSERT_PAT_API, &params![pat.id.as_str(), api, scope]).await?;
    }
    Ok(())
}

/// Tokens of rows that come in the order of their ids, one for each API or one without.
fn listed(rows: &[Row]) -> Result<Vec<ListedPat>> {
    let mut all = Vec::<ListedPat>::new();
    for row in rows {
        let mut read = Reader::new(row, "pats");
        let next = ListedPat {
            pat: read_pat(&mut read)?,
            value: {
                read.table("pat_values");
                read_value(&mut read)?
            },
            overlaps_until: read.opt_at("expires_at")?,
            company_name: {
                read.table("companies");
                read.opt_string("name")?
            },
            api_names: Vec::new(),
        };
        read.table("pat_apis");
        let (api, api_name) = read.joined(4, read_api)?.unzip();
        if all.last().is_none_or(|last| last.pat.id != next.pat.id) {
            all.push(next);
        }
        if let Some(ListedPat { pat: Pat { reach: PatReach::Only(apis), .. }, api_names, .. }) =
            all.last_mut()
        {
            apis.extend(api);
            api_names.extend(api_name);
        }
    }
    Ok(all)
}

/// Reads an API that a token names, and its audience and name.
fn read_api(read: &mut Reader<'_>) -> Result<(PatApi, (String, String))> {
    let resource_server_id = read.parse("resource_server_id", ResourceServerId::parse)?;
    let scope = read_scope(read)?;
    read.table("resource_servers");
    let called = (read.string("audience")?, read.string("name")?);
    Ok((PatApi { resource_server_id, scope }, called))
}

/// Reads a token's columns, in their order; the APIs that it names stand elsewhere.
fn read_pat(read: &mut Reader<'_>) -> Result<Pat> {
    Ok(Pat {
        id: read.parse("id", PatId::parse)?,
        user_id: read.parse("user_id", UserId::parse)?,
        company_id: read.opt_parse("company_id", CompanyId::parse)?,
        name: read.string("name")?,
        note: read.string("note")?,
        reach: if read.flag("all_apis")? { PatReach::Everything } else { PatReach::Only(Vec::new()) },
        allowed_addresses: read.json("allowed_addresses")?,
        lifetime: read.ttl("value_ttl")?,
        created_at: read.at("created_at")?,
        ends_at: read.at("ends_at")?,
        revoked_at: read.opt_at("revoked_at")?,
    })
}

/// What of what its user may do at an API a token is for; `None`: all.
pub(crate) fn read_scope(read: &mut Reader<'_>) -> Result<Option<tokenry_protocol::scope::Scope>> {
    read.opt_parse("scope", tokenry_protocol::scope::Scope::parse)
}
