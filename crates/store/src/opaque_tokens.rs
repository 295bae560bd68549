//! Opaque access tokens: found by the digest of what is presented, kept until they expire.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, CorporationId, Digest, OpaqueToken, ResourceServerId, Tenant, TokenHandle};

use crate::audit::{Issue, IssueOutcome, issuing};
use crate::db::{Row, Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::token_families::read_tenant;
use crate::{Store, params, statements};

macro_rules! columns {
    () => {
        "digest, jti, client_id, resource_server_id, scope, company_id, corporation_id, issued_at, expires_at"
    };
}

statements! {
    pub(crate) FIND_OPAQUE_TOKEN = concat!("SELECT ", columns!(), " FROM opaque_tokens WHERE digest = $1");
    pub(crate) INSERT_OPAQUE_TOKEN =
        concat!("INSERT INTO opaque_tokens (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    pub(crate) DELETE_EXPIRED_OPAQUE_TOKENS =
        "DELETE FROM opaque_tokens WHERE digest IN \
         (SELECT digest FROM opaque_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

impl Store {
    /// The opaque token of that digest, also one that has expired or ended otherwise.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_opaque_token(&self, digest: &Digest) -> Result<Option<OpaqueToken>> {
        let row = self.db.opt(FIND_OPAQUE_TOKEN, &params![digest.as_bytes().as_slice()]).await?;
        row.as_ref().map(opaque_token).transpose()
    }

    /// Stores an opaque token and records it as issued, if and only if what the decision was made on still holds:
    /// see [`Store::record_issue`].
    ///
    /// # Errors
    /// When the database does not answer: then no token may be handed out.
    pub async fn record_opaque_issue(&self, issue: Issue, token: OpaqueToken) -> Result<IssueOutcome> {
        self.change((issue, token), |tx, (issue, token)| {
            Box::pin(async move {
                let (sql, values) = issuing(issue);
                if tx.rows(sql, &values).await?.is_empty() {
                    return Ok(IssueOutcome::Stale);
                }
                insert_opaque_token(tx, token).await?;
                Ok(IssueOutcome::Recorded)
            })
        })
        .await
    }

    /// Removes up to `limit` opaque tokens that expired at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_opaque_tokens(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(
                async move { Ok(tx.exec(DELETE_EXPIRED_OPAQUE_TOKENS, &params![*before, *limit]).await?) },
            )
        })
        .await
    }
}

/// Stores an opaque token in the transaction that records it as issued.
pub(crate) async fn insert_opaque_token(tx: &mut Tx<'_>, token: &OpaqueToken) -> Result<()> {
    tx.exec(INSERT_OPAQUE_TOKEN, &values_of(token)).await?;
    Ok(())
}

fn values_of(token: &OpaqueToken) -> [Value; 9] {
    let tenant = token.tenant.as_ref();
    params![
        token.digest.as_bytes().as_slice(),
        token.jti.as_str(),
        token.client_id.as_str(),
        token.resource_server_id.as_str(),
        token.scope.to_string(),
        tenant.map(|tenant| tenant.company.as_str()),
        Tenant::corporation_of(tenant).map(CorporationId::as_str),
        token.issued_at,
        token.expires_at,
    ]
}

fn opaque_token(row: &Row) -> Result<OpaqueToken> {
    let mut read = Reader::new(row, "opaque_tokens");
    Ok(OpaqueToken {
        digest: read.digest("digest")?,
        jti: jti(&mut read)?,
        client_id: read.parse("client_id", ClientId::parse)?,
        resource_server_id: read.parse("resource_server_id", ResourceServerId::parse)?,
        scope: read.scope("scope")?,
        tenant: read_tenant(&mut read)?,
        issued_at: read.at("issued_at")?,
        expires_at: read.at("expires_at")?,
    })
}

fn jti(read: &mut Reader<'_>) -> Result<String> {
    let jti = read.string("jti")?;
    match TokenHandle::of_jti(&jti) {
        Some(_) => Ok(jti),
        None => Err(read.corrupt("jti", "it begins with no handle")),
    }
}
