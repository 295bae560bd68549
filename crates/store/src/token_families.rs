//! Token families: what one user let one client do in one go, and the ends of all that lives of it.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    ClientId, CompanyId, CorporationId, OpaqueToken, Record, ResourceServerId, SessionId, Tenant,
    TokenFamily, TokenHandle, UserId,
};

use crate::clients::{millis, object};
use crate::db::{Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::opaque_tokens::insert_opaque_token;
use crate::sessions::{amr_text, read_amr};
use crate::token_handles::{Owner, end_counted};
use crate::{Store, audit, params, statements};

/// The columns of a family, as `f`.
macro_rules! family_columns {
    () => {
        "f.handle, f.client_id, f.user_id, f.session_id, f.resource_server_id, f.company_id, f.corporation_id, \
         f.scope, f.auth_time, f.amr, f.claims_request, f.longest_ttl, f.created_at, f.expires_at"
    };
}

/// Whether what a decision about the family of a row of `$table` was made on still holds: `$2` is now, `$3` to `$6` are
/// the versions of client, user, API and company, where what there is none of has 0, and `$7` to `$9` the keys that
/// signed and how many they are.
macro_rules! view_holds {
    ($table:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM token_families f JOIN clients c ON c.id = f.client_id \
             JOIN users u ON u.id = f.user_id LEFT JOIN resource_servers r ON r.id = f.resource_server_id \
             LEFT JOIN companies o ON o.id = f.company_id WHERE f.handle = ",
            $table,
            ".handle AND f.expires_at > $2 AND c.version = $3 AND c.disabled_at IS NULL AND u.version = $4 \
             AND u.disabled_at IS NULL AND COALESCE(r.version, 0) = $5 AND COALESCE(o.version, 0) = $6 \
             AND o.disabled_at IS NULL \
             AND (SELECT COUNT(*) FROM signing_keys k WHERE k.state = 'active' AND k.kid IN ($7, $8)) = $9)"
        )
    };
}

pub(crate) use {family_columns, view_holds};

statements! {
    pub(crate) FIND_TOKEN_FAMILY =
        concat!("SELECT ", family_columns!(), " FROM token_families f WHERE f.handle = $1");
    pub(crate) LENGTHEN_FAMILY_TTL =
        "UPDATE token_families SET longest_ttl = $2 WHERE handle = $1 AND longest_ttl < $2";
    /// A token that was minted in its last moment lives on.
    pub(crate) DELETE_EXPIRED_TOKEN_FAMILIES =
        "DELETE FROM token_families WHERE handle IN (SELECT handle FROM token_families \
         WHERE expires_at <= $1 AND expires_at + longest_ttl <= $1 ORDER BY expires_at LIMIT $2)";
}

/// The versions of what a decision about a family was made on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FamilyView {
    /// The client's.
    pub client: i64,
    /// The user's.
    pub user: i64,
    /// The API's, if the family is for one.
    pub resource_server: Option<i64>,
    /// The company's, if the user acts for one.
    pub company: Option<i64>,
}

/// Tokens about to be issued for a family: what the decision was made on, and their audit record.
#[derive(Clone, Debug)]
pub struct FamilyIssue {
    /// The versions that were read.
    pub view: FamilyView,
    /// The keys that signed them, two at the most: the access token's and the ID token's.
    pub kids: Vec<String>,
    /// How long the access token lives.
    pub ttl: Duration,
    /// The access token, if it is opaque.
    pub opaque: Option<OpaqueToken>,
    /// The record of it.
    pub record: Record,
}

impl FamilyIssue {
    /// What the view's statements take after the digest: see [`view_holds`].
    pub(crate) fn values(&self, digest: &[u8], now: Timestamp) -> Vec<Value> {
        let mut kids = self.kids.iter().map(String::as_str).collect::<Vec<_>>();
        kids.sort_unstable();
        kids.dedup();
        let many = i64::try_from(kids.len()).unwrap_or(i64::MAX);
        let kid = |n: usize| kids.get(n).copied().unwrap_or_default();
        let view = self.view;
        params![
            digest,
            now,
            view.client,
            view.user,
            view.resource_server.unwrap_or(0),
            view.company.unwrap_or(0),
            kid(0),
            kid(1),
            many,
        ]
        .into()
    }
}

impl Store {
    /// The family of that handle, also one that has expired.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_token_family(&self, handle: &TokenHandle) -> Result<Option<TokenFamily>> {
        let row = self.db.opt(FIND_TOKEN_FAMILY, &params![handle.as_str()]).await?;
        row.map(|row| read_family(&mut Reader::new(&row, "token_families"))).transpose()
    }

    /// Ends a family, with its codes, refresh tokens and access tokens, and says what guards must learn of it; `None` when
    /// there is none, and nothing is recorded then.
    ///
    /// # Errors
    /// When the database does not answer: then it has not ended.
    pub async fn end_family(
        &self,
        handle: &TokenHandle,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((handle.clone(), now, records.to_vec()), |tx, (handle, now, records)| {
            Box::pin(async move {
                let (ended, announced) = end_counted(tx, Owner::Family(handle.as_str()), *now).await?;
                if ended == 0 {
                    return Ok(None);
                }
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Removes up to `limit` families of which nothing lives any more at `before`, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_token_families(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(
                async move { Ok(tx.exec(DELETE_EXPIRED_TOKEN_FAMILIES, &params![*before, *limit]).await?) },
            )
        })
        .await
    }
}

/// Records tokens as issued, in the transaction whose one conditional statement has found that the view holds.
pub(crate) async fn record_tokens(tx: &mut Tx<'_>, handle: &str, issue: &FamilyIssue) -> Result<()> {
    tx.exec(LENGTHEN_FAMILY_TTL, &params![handle, millis(issue.ttl)]).await?;
    if let Some(token) = &issue.opaque {
        insert_opaque_token(tx, token).await?;
    }
    audit::append(tx, std::slice::from_ref(&issue.record)).await
}

/// A family's columns, in their order.
pub(crate) fn values_of(family: &TokenFamily) -> Vec<Value> {
    let tenant = family.tenant.as_ref();
    params![
        family.handle.as_str(),
        family.client_id.as_str(),
        family.user_id.as_str(),
        family.session_id.as_str(),
        family.resource_server_id.as_ref().map(ResourceServerId::as_str),
        tenant.map(|tenant| tenant.company.as_str()),
        Tenant::corporation_of(tenant).map(CorporationId::as_str),
        family.scope.to_string(),
        family.auth_time,
        amr_text(&family.amr),
        object(&family.claims_request),
        millis(family.longest_ttl),
        family.created_at,
        family.expires_at,
    ]
    .into()
}

/// Reads a family's columns, in their order.
pub(crate) fn read_family(read: &mut Reader<'_>) -> Result<TokenFamily> {
    Ok(TokenFamily {
        handle: read.parse("handle", TokenHandle::parse)?,
        client_id: read.parse("client_id", ClientId::parse)?,
        user_id: read.parse("user_id", UserId::parse)?,
        session_id: read.parse("session_id", SessionId::parse)?,
        resource_server_id: read.opt_parse("resource_server_id", ResourceServerId::parse)?,
        tenant: read_tenant(read)?,
        scope: read.scope("scope")?,
        auth_time: read.at("auth_time")?,
        amr: read_amr(read)?,
        claims_request: read.json("claims_request")?,
        longest_ttl: read.ttl("longest_ttl")?,
        created_at: read.at("created_at")?,
        expires_at: read.at("expires_at")?,
    })
}

/// Reads a company and its corporation.
pub(crate) fn read_tenant(read: &mut Reader<'_>) -> Result<Option<Tenant>> {
    let company = read.opt_parse("company_id", CompanyId::parse)?;
    let corporation = read.opt_parse("corporation_id", CorporationId::parse)?;
    match (company, corporation) {
        (Some(company), corporation) => Ok(Some(Tenant { company, corporation })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(read.corrupt("corporation_id", "a corporation without a company")),
    }
}
