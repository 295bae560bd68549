//! Credentials that were reported to have leaked: each is ended once, counted for its client, and told to its owner.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    ClientId, Digest, Leak, LeakKind, Record, ResourceServerId, SecretId, TokenHandle, UserId,
};

use crate::account_secrets::end_one;
use crate::client_secrets::{RevokeSecret, end_secret};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::pat_values::end_value;
use crate::resource_server_secrets::end_api_secret;
use crate::revoked_tokens::{RevokedToken, end_token};
use crate::token_handles::{Owner, end_counted};
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FIND_LEAK = "SELECT revoked FROM leaks WHERE id = $1";
    /// $3: all users' and what is no user's, or one user's alone.
    pub(crate) COUNT_ENDED_BY_LEAKS =
        "SELECT COUNT(*) FROM leaks WHERE client_id = $1 AND revoked = 1 AND reported_at > $2 \
         AND kind <> 'client_secret' AND (CAST($3 AS TEXT) IS NULL OR user_id = $3)";
    /// Its owner was told that it lives, and is told that it does not any more.
    pub(crate) LEAK_IS_REVOKED =
        "UPDATE leaks SET revoked = 1, reported_at = $2, told_at = NULL WHERE id = $1";
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
    /// How many of one client's tokens may be ended so,
    pub most: i64,
    /// how many of them one user's,
    pub most_of_user: i64,
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
    let Leak { id, kind, last4, reported_at, .. } = &it.leak;
    let before = tx.opt(FIND_LEAK, &params![id.as_str()]).await?;
    let before = before.map(|row| Ok::<_, Error>(row.int(0)? != 0)).transpose()?;
    let revoked = match before {
        Some(true) => return Ok(ReportedLeak::Known),
        // Its owner was told and has not decided: there may be room to end it now.
        Some(false) if too_many(tx, it).await? || !end(tx, it).await? => return Ok(ReportedLeak::Known),
        Some(false) => {
            tx.exec(LEAK_IS_REVOKED, &params![id.as_str(), *reported_at]).await?;
            true
        }
        None => {
            let revoked = !too_many(tx, it).await?;
            if revoked && !end(tx, it).await? {
                return Ok(ReportedLeak::Known);
            }
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
            revoked
        }
    };
    audit::append(tx, &[it.record.clone().with("revoked", revoked)]).await?;
    Ok(if revoked { ReportedLeak::Revoked } else { ReportedLeak::Told })
}

/// What belongs to no client is never too many, it harms nobody else; nor is a client's own secret, which its thief would keep
/// alive so. Of a client's tokens those of one user are bounded apart, so that none of its users spends what all have.
async fn too_many(tx: &mut Tx<'_>, it: &ReportLeak) -> Result<bool> {
    let Some(client) = it.client_id.as_ref().filter(|_client| it.leak.kind != LeakKind::ClientSecret) else {
        return Ok(false);
    };
    let since = it.leak.reported_at.minus(it.within);
    let of = async |tx: &mut Tx<'_>, user: Option<&str>| {
        let ended = tx.opt(COUNT_ENDED_BY_LEAKS, &params![client.as_str(), since, user]).await?;
        ended.map_or(Ok(0), |row| row.int(0))
    };
    if of(tx, None).await? >= it.most {
        return Ok(true);
    }
    match &it.user_id {
        Some(user) => Ok(of(tx, Some(user.as_str())).await? >= it.most_of_user),
        None => Ok(false),
    }
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
