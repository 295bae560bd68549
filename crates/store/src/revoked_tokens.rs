//! What ends access tokens before they expire: single ones by their `jti`, all of one handle when that is gone.

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Record, ResourceServerId, Subject, TokenHandle};

use crate::change_log::{self, Entity};
use crate::clients::BUMP_CLIENT;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::{Announced, announce_token, forget_tokens};
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, statements};

/// How many live revocations of single tokens one client may have: then all that it holds ends instead.
const MAX_SINGLE: i64 = 1_000;
/// How many of one user's authorization of a client: then that ends instead, and nobody else's.
const MAX_OF_FAMILY: i64 = 10;

statements! {
    pub(crate) TOKEN_ENDINGS =
        "SELECT (SELECT COUNT(*) FROM revoked_tokens WHERE jti = $1), \
         (SELECT COUNT(*) FROM token_handles WHERE handle = $2) \
         + (SELECT COUNT(*) FROM assertion_handles WHERE handle = $2) \
         + (SELECT COUNT(*) FROM token_families WHERE handle = $2)";
    pub(crate) INSERT_REVOKED_TOKEN =
        "INSERT INTO revoked_tokens (jti, resource_server_id, client_id, expires_at, revoked_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// Of tokens that are the client's own.
    pub(crate) COUNT_LIVE_REVOCATIONS =
        "SELECT COUNT(*) FROM revoked_tokens WHERE client_id = $1 AND expires_at > $2 \
         AND NOT EXISTS (SELECT 1 FROM token_families f WHERE f.handle = substr(revoked_tokens.jti, 1, 11))";
    /// Nothing where the handle is no family's. `~` is above all that a `jti` is made of.
    pub(crate) COUNT_REVOCATIONS_OF_FAMILY =
        "SELECT COUNT(*) FROM revoked_tokens t JOIN token_families f ON f.handle = $1 \
         WHERE t.jti > f.handle AND t.jti < f.handle || '~' HAVING COUNT(*) > 0";
    pub(crate) DELETE_REVOCATIONS_OF_CLIENT = "DELETE FROM revoked_tokens WHERE client_id = $1";
    pub(crate) DELETE_EXPIRED_REVOKED_TOKENS =
        "DELETE FROM revoked_tokens WHERE jti IN \
         (SELECT jti FROM revoked_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// A single token that is to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevokedToken {
    /// Names it.
    pub jti: String,
    /// For which API it was.
    pub resource_server_id: ResourceServerId,
    /// To whom it was issued.
    pub client_id: ClientId,
    /// When it expires: nobody needs to know of the revocation after that.
    pub expires_at: Timestamp,
    /// When it is revoked.
    pub revoked_at: Timestamp,
}

/// What became of a token that was to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RevokeToken {
    /// It had been revoked before.
    AlreadyRevoked,
    /// It opens nothing more.
    Revoked {
        /// What guards must learn of it.
        announced: Announced,
    },
}

/// What may have ended a token before it expired.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenEnding {
    /// What it was issued under is gone: its secret, its client grant, its client, its family.
    HandleEnded,
    /// Nothing has.
    None,
    /// It was revoked by itself.
    Revoked,
}

impl Store {
    /// What has ended the token of that `jti` and handle. A handle that is nowhere is dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_token_ending(&self, jti: &str, handle: &TokenHandle) -> Result<TokenEnding> {
        let row = self.db.opt(TOKEN_ENDINGS, &params![jti, handle.as_str()]).await?;
        // An aggregate always has its row: without one, nothing is known to live.
        let Some(row) = row else { return Ok(TokenEnding::HandleEnded) };
        let mut read = Reader::new(&row, "revoked_tokens");
        let (revoked, handles) = (read.int("jti")?, read.int("handle")?);
        Ok(match (revoked, handles) {
            (1.., _) => TokenEnding::Revoked,
            (_, 1..) => TokenEnding::None,
            _ => TokenEnding::HandleEnded,
        })
    }

    /// Revokes a single token. Nobody holds a copy of what this changes, so the change log does not hear of it.
    ///
    /// The thousandth live revocation of one client ends all of its handles instead, so that guards need not hold
    /// thousands: it must fetch its other tokens again. That is recorded by itself. Of what one user let a client have the
    /// tenth ends that authorization, and none of others: who has one account must not sign out all others.
    ///
    /// # Errors
    /// When the database does not answer: then it is not revoked, and nobody may be told that it is.
    pub async fn revoke_token(&self, token: RevokedToken, records: &[Record]) -> Result<RevokeToken> {
        self.change((token, records.to_vec()), |tx, (token, records)| {
            Box::pin(async move {
                let Some(mut announced) = end_token(tx, token).await? else {
                    return Ok(RevokeToken::AlreadyRevoked);
                };
                audit::append(tx, records).await?;
                announced.merge(match collapse_family(tx, token).await? {
                    Some(of_family) => of_family,
                    None => collapse(tx, &token.client_id, token.revoked_at).await?,
                });
                Ok(RevokeToken::Revoked { announced })
            })
        })
        .await
    }

    /// Forgets up to `limit` revocations of tokens that expired at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_revoked_tokens(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(
                async move { Ok(tx.exec(DELETE_EXPIRED_REVOKED_TOKENS, &params![*before, *limit]).await?) },
            )
        })
        .await
    }
}

/// The one place that ends a single token; `None` when it had ended so before.
pub(crate) async fn end_token(tx: &mut Tx<'_>, token: &RevokedToken) -> Result<Option<Announced>> {
    let values = params![
        token.jti.as_str(),
        token.resource_server_id.as_str(),
        token.client_id.as_str(),
        token.expires_at,
        token.revoked_at,
    ];
    match tx.exec(INSERT_REVOKED_TOKEN, &values).await? {
        0 => Ok(None),
        _ => announce_token(tx, token).await.map(Some),
    }
}

/// Ends the family of a token that has too many revocations of single ones. `None`: the token is of no family.
async fn collapse_family(tx: &mut Tx<'_>, token: &RevokedToken) -> Result<Option<Announced>> {
    let Some(handle) = TokenHandle::of_jti(&token.jti) else { return Ok(None) };
    let handle = handle.as_str();
    let Some(row) = tx.opt(COUNT_REVOCATIONS_OF_FAMILY, &params![handle]).await? else { return Ok(None) };
    let revoked = row.int(0)?;
    if revoked < MAX_OF_FAMILY {
        return Ok(Some(Announced::default()));
    }
    let announced = end_handles(tx, Owner::Family(handle), token.revoked_at).await?;
    let subject = Some(Subject::Token(handle.to_owned()));
    let record = Record::new(token.revoked_at, Event::TokensCollapsed, Actor::System, subject);
    audit::append(tx, &[record.with("tokens", revoked)]).await?;
    Ok(Some(announced))
}

/// Ends all handles of a client that has too many revocations of single tokens, which say nothing then that the ends of
/// the handles do not.
async fn collapse(tx: &mut Tx<'_>, client: &ClientId, now: Timestamp) -> Result<Announced> {
    let id = client.as_str();
    let live = tx.opt(COUNT_LIVE_REVOCATIONS, &params![id, now]).await?;
    let live = live.map_or(Ok(0), |row| row.int(0))?;
    if live < MAX_SINGLE {
        return Ok(Announced::default());
    }
    let announced = end_handles(tx, Owner::Client(id), now).await?;
    forget_tokens(tx, id).await?;
    tx.exec(DELETE_REVOCATIONS_OF_CLIENT, &params![id]).await?;
    if tx.exec(BUMP_CLIENT, &params![id]).await? > 0 {
        change_log::append(tx, Entity::Client, id, now).await?;
    }
    let subject = Subject::Client(client.clone());
    let record = Record::new(now, Event::TokensCollapsed, Actor::System, Some(subject)).with("tokens", live);
    audit::append(tx, &[record]).await?;
    Ok(announced)
}
