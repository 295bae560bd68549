//! Credentials that were reported to have leaked: each is ended once, counted for its client, and told to its owner.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, Digest, Leak, Record, ResourceServerId, SecretId, TokenHandle, UserId};

use crate::account_secrets::end_one;
use crate::client_secrets::{RevokeSecret, end_secret};
use crate::db::Tx;
use crate::error::Result;
use crate::pat_values::end_value;
use crate::resource_server_secrets::end_api_secret;
use crate::revoked_tokens::{RevokedToken, end_token};
use crate::token_handles::{Owner, end_counted};
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FIND_LEAK = "SELECT id FROM leaks WHERE id = $1";
    pub(crate) COUNT_ENDED_BY_LEAKS =
        "SELECT COUNT(*) FROM leaks WHERE client_id = $1 AND revoked = 1 AND reported_at > $2";
    pub(crate) INSERT_LEAK =
        "INSERT INTO leaks (id, kind, last4, client_id, user_id, revoked, reported_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    pub(crate) DELETE_OLD_LEAKS =
        "DELETE FROM leaks WHERE id IN (SELECT id FROM leaks WHERE reported_at <= $1 ORDER BY reported_at LIMIT $2)";
}

/// What ends a credential that leaked, and as little beside it as can be.
#[derive(Clone, Debug)]
pub enum LeakedCredential {
    /// This access token alone.
    AccessToken(RevokedToken),
    /// One secret of a developer's account.
    AccountSecret(Digest),
    /// An API's own secret.
    ApiSecret {
        /// Whose.
        resource_server_id: ResourceServerId,
        /// Which.
        id: SecretId,
    },
    /// A client's secret, and the tokens that it got.
    ClientSecret {
        /// Whose.
        client_id: ClientId,
        /// Which.
        id: SecretId,
    },
    /// What a user let a client do in one go: a refresh token has no life of its own.
    Family(TokenHandle),
    /// One value of a personal access token.
    PatValue(Digest),
}

/// A report of a credential that is ours and lives.
#[derive(Clone, Debug)]
pub struct ReportLeak {
    /// What is kept of it: its owner is told that. Whether it was ended is said here.
    pub leak: Leak,
    /// What ends it.
    pub credential: LeakedCredential,
    /// The client whose it is, or to which it was issued.
    pub client_id: Option<ClientId>,
    /// The user who is told of it.
    pub user_id: Option<UserId>,
    /// How many of one client's may be ended so,
    pub most: i64,
    /// within which time.
    pub within: Duration,
    /// What is recorded, but for whether it was ended.
    pub record: Record,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReportedLeak {
    /// It was dead already, or reported before: nothing was changed, and nobody is told.
    Known,
    /// It is dead now.
    Revoked,
    /// It lives: too many of its client's have been ended of late. Its owner is told.
    Told,
}

impl Store {
    /// Ends a credential that leaked, unless too many of its client's were, and notes that its owner is to be told.
    ///
    /// # Errors
    /// When the database does not answer: then nothing has happened.
    pub async fn report_leak(&self, report: ReportLeak) -> Result<ReportedLeak> {
        self.change(report, |tx, it| Box::pin(async move { reported(tx, it).await })).await
    }

    /// Forgets up to `limit` leaks that were reported at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_old_leaks(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_OLD_LEAKS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

async fn reported(tx: &mut Tx<'_>, it: &ReportLeak) -> Result<ReportedLeak> {
    if tx.opt(FIND_LEAK, &params![it.leak.id.as_str()]).await?.is_some() {
        return Ok(ReportedLeak::Known);
    }
    let outcome = match too_many(tx, it).await? {
        true => ReportedLeak::Told,
        false if end(tx, it).await? => ReportedLeak::Revoked,
        false => return Ok(ReportedLeak::Known),
    };
    let revoked = outcome == ReportedLeak::Revoked;
    let Leak { id, kind, last4, reported_at, .. } = &it.leak;
    let values = params![
        id.as_str(),
        kind.as_str(),
        last4.as_str(),
        it.client_id.as_ref().map(ClientId::as_str),
        it.user_id.as_ref().map(UserId::as_str),
        revoked,
        *reported_at,
    ];
    tx.exec(INSERT_LEAK, &values).await?;
    audit::append(tx, &[it.record.clone().with("revoked", revoked)]).await?;
    Ok(outcome)
}

/// What belongs to no client is never too many: it harms nobody else.
async fn too_many(tx: &mut Tx<'_>, it: &ReportLeak) -> Result<bool> {
    let Some(client) = &it.client_id else { return Ok(false) };
    let values = params![client.as_str(), it.leak.reported_at.minus(it.within)];
    let ended = tx.opt(COUNT_ENDED_BY_LEAKS, &values).await?;
    Ok(ended.map_or(Ok(0), |row| row.int(0))? >= it.most)
}

/// `false`: it was dead already.
async fn end(tx: &mut Tx<'_>, it: &ReportLeak) -> Result<bool> {
    let now = it.leak.reported_at;
    Ok(match &it.credential {
        LeakedCredential::AccessToken(token) => end_token(tx, token).await?.is_some(),
        LeakedCredential::AccountSecret(digest) => end_one(tx, digest, now).await?,
        LeakedCredential::ApiSecret { resource_server_id, id } => {
            is_revoked(&end_api_secret(tx, resource_server_id.as_str(), id.as_str(), now).await?)
        }
        LeakedCredential::ClientSecret { client_id, id } => {
            is_revoked(&end_secret(tx, client_id.as_str(), id.as_str(), now).await?)
        }
        LeakedCredential::Family(handle) => {
            let (families, _announced) = end_counted(tx, Owner::Family(handle.as_str()), now).await?;
            families > 0
        }
        LeakedCredential::PatValue(digest) => end_value(tx, digest, now).await?,
    })
}

const fn is_revoked(outcome: &RevokeSecret) -> bool {
    matches!(outcome, RevokeSecret::Revoked { .. })
}
