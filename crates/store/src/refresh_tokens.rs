//! Refresh tokens: each is spent once, for a successor; one that is spent again ends its family, but for a short while.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, Record, RefreshToken, RefreshTokenState, TokenFamily, TokenHandle};

use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::token_families::{FamilyIssue, family_columns, read_family, record_tokens, view_holds};
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, statements};

/// How often one may be spent again within its grace (PEER-33): a crowd of one client's own, not a stranger's trickle.
const MAX_REPEATS: i64 = 100;

statements! {
    pub(crate) INSERT_REFRESH_TOKEN =
        "INSERT INTO refresh_tokens (digest, handle, created_at, expires_at, repeats) VALUES ($1, $2, $3, $4, 0)";
    pub(crate) FIND_REFRESH_TOKEN = concat!(
        "SELECT t.digest, t.handle, t.created_at, t.expires_at, t.spent_at, t.successor_digest, t.successor_sealed, ",
        family_columns!(),
        " FROM refresh_tokens t JOIN token_families f ON f.handle = t.handle WHERE t.digest = $1"
    );
    pub(crate) REFRESH_TOKEN_STATE = "SELECT handle, expires_at, spent_at FROM refresh_tokens WHERE digest = $1";
    pub(crate) SPEND_REFRESH_TOKEN = concat!(
        "UPDATE refresh_tokens SET spent_at = $2, successor_digest = $10, successor_sealed = $11 \
         WHERE digest = $1 AND spent_at IS NULL AND expires_at > $2 AND ",
        view_holds!("refresh_tokens"),
        " RETURNING handle"
    );
    pub(crate) REPEAT_REFRESH = concat!(
        "UPDATE refresh_tokens SET repeats = repeats + 1 WHERE digest = $1 AND ",
        view_holds!("refresh_tokens"),
        " RETURNING handle, successor_sealed"
    );
    /// Spent after `$2`, with a successor that nobody has used and that lives at `$3`.
    pub(crate) IS_IN_GRACE =
        "SELECT t.handle FROM refresh_tokens t JOIN refresh_tokens s ON s.digest = t.successor_digest \
         WHERE t.digest = $1 AND t.spent_at > $2 AND s.spent_at IS NULL AND s.expires_at > $3 AND t.repeats < $4";
}

/// A refresh token that is to be spent, and what it is spent for.
#[derive(Clone, Debug)]
pub struct RefreshRotation {
    /// The token that was presented, and what is to be done if it had been spent before.
    pub presented: PresentedRefreshToken,
    /// The token that takes its place, of the same family.
    pub successor: RefreshToken,
    /// That token, sealed under a key that only the spent one yields.
    pub sealed: Vec<u8>,
    /// What is issued besides.
    pub issue: FamilyIssue,
}

/// A refresh token that was presented, and may have been spent before.
#[derive(Clone, Debug)]
pub struct PresentedRefreshToken {
    /// Of the token.
    pub digest: Digest,
    /// When it was presented.
    pub at: Timestamp,
    /// For how long after it was spent that may be, while its successor is unused.
    pub grace: Duration,
    /// The record of a reuse, if it is one.
    pub reuse: Record,
}

/// What became of a refresh token that was to be spent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RotateRefreshToken {
    /// It has expired, or there is none.
    Gone,
    /// It had been spent a moment ago: what was to be issued is recorded, and its first successor is the one.
    Repeated {
        /// That successor, as it was sealed then.
        sealed: Vec<u8>,
    },
    /// It had been spent before: its family has ended.
    Reused {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// It is spent, its successor is stored, and what was to be issued is recorded.
    Rotated,
    /// Nothing has happened: what the decision was made on has changed. Read it again, decide again.
    Stale,
}

impl Store {
    /// The refresh token of that digest with its family, also one that is spent or has expired.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_refresh_token(&self, digest: &Digest) -> Result<Option<(RefreshToken, TokenFamily)>> {
        let row = self.db.opt(FIND_REFRESH_TOKEN, &params![digest.as_bytes().as_slice()]).await?;
        let Some(row) = row else { return Ok(None) };
        let mut read = Reader::new(&row, "refresh_tokens");
        let token = read_token(&mut read)?;
        read.table("token_families");
        Ok(Some((token, read_family(&mut read)?)))
    }

    /// Spends a refresh token for its successor, if and only if nobody has and what was decided on still holds.
    ///
    /// # Errors
    /// When the database does not answer: then nothing may be handed out.
    pub async fn rotate_refresh_token(&self, rotation: RefreshRotation) -> Result<RotateRefreshToken> {
        self.change(rotation, |tx, it| {
            Box::pin(async move {
                let mut values = it.issue.values(it.presented.digest.as_bytes(), it.presented.at);
                values.extend(params![it.successor.digest.as_bytes().as_slice(), it.sealed.as_slice()]);
                let Some(row) = tx.opt(SPEND_REFRESH_TOKEN, &values).await? else {
                    return why_not(tx, it).await;
                };
                insert_refresh_token(tx, &it.successor).await?;
                record_tokens(tx, row.text(0)?, &it.issue).await?;
                Ok(RotateRefreshToken::Rotated)
            })
        })
        .await
    }

    /// Ends the family of a refresh token that had been spent before, and says what guards must learn of it; `None` where it
    /// is within its grace, or was not spent, or there is none.
    ///
    /// # Errors
    /// When the database does not answer: then it may or may not have ended.
    pub async fn end_reused_family(&self, presented: PresentedRefreshToken) -> Result<Option<Announced>> {
        self.change(presented, |tx, it| {
            Box::pin(async move {
                let values = params![it.digest.as_bytes().as_slice()];
                let Some(row) = tx.opt(REFRESH_TOKEN_STATE, &values).await? else { return Ok(None) };
                let mut read = Reader::new(&row, "refresh_tokens");
                let handle = read.text("handle")?;
                read.at("expires_at")?;
                match read.opt_at("spent_at")? {
                    Some(_spent) => end_if_reused(tx, handle, it).await,
                    None => Ok(None),
                }
            })
        })
        .await
    }
}

async fn why_not(tx: &mut Tx<'_>, it: &RefreshRotation) -> Result<RotateRefreshToken> {
    let values = params![it.presented.digest.as_bytes().as_slice()];
    let Some(row) = tx.opt(REFRESH_TOKEN_STATE, &values).await? else {
        return Ok(RotateRefreshToken::Gone);
    };
    let mut read = Reader::new(&row, "refresh_tokens");
    let (handle, expires_at, spent_at) =
        (read.text("handle")?, read.at("expires_at")?, read.opt_at("spent_at")?);
    if spent_at.is_none() {
        let gone = expires_at <= it.presented.at;
        return Ok(if gone { RotateRefreshToken::Gone } else { RotateRefreshToken::Stale });
    }
    match end_if_reused(tx, handle, &it.presented).await? {
        Some(announced) => Ok(RotateRefreshToken::Reused { announced }),
        None => repeat(tx, it).await,
    }
}

/// Ends the family of a token that is spent, unless that was a moment ago and its successor is unused.
async fn end_if_reused(
    tx: &mut Tx<'_>,
    handle: &str,
    it: &PresentedRefreshToken,
) -> Result<Option<Announced>> {
    let values = params![it.digest.as_bytes().as_slice(), it.at.minus(it.grace), it.at, MAX_REPEATS];
    if tx.opt(IS_IN_GRACE, &values).await?.is_some() {
        return Ok(None);
    }
    let announced = end_handles(tx, Owner::Family(handle), it.at).await?;
    audit::append(tx, std::slice::from_ref(&it.reuse)).await?;
    Ok(Some(announced))
}

async fn repeat(tx: &mut Tx<'_>, it: &RefreshRotation) -> Result<RotateRefreshToken> {
    let values = it.issue.values(it.presented.digest.as_bytes(), it.presented.at);
    let Some(row) = tx.opt(REPEAT_REFRESH, &values).await? else { return Ok(RotateRefreshToken::Stale) };
    record_tokens(tx, row.text(0)?, &it.issue).await?;
    Ok(RotateRefreshToken::Repeated { sealed: row.blob(1)?.to_vec() })
}

/// Stores a refresh token that nobody has used, in the transaction that issues it.
pub(crate) async fn insert_refresh_token(tx: &mut Tx<'_>, token: &RefreshToken) -> Result<()> {
    let values = params![
        token.digest.as_bytes().as_slice(),
        token.handle.as_str(),
        token.created_at,
        token.expires_at
    ];
    tx.exec(INSERT_REFRESH_TOKEN, &values).await?;
    Ok(())
}

fn read_token(read: &mut Reader<'_>) -> Result<RefreshToken> {
    let digest = read.digest("digest")?;
    let handle = read.parse("handle", TokenHandle::parse)?;
    let (created_at, expires_at) = (read.at("created_at")?, read.at("expires_at")?);
    let (spent_at, successor) = (read.opt_at("spent_at")?, read.opt_digest("successor_digest")?);
    let sealed = read.opt_blob("successor_sealed")?;
    let state = match (spent_at, successor, sealed) {
        (None, None, None) => RefreshTokenState::Fresh,
        (Some(at), Some(successor), Some(sealed)) => RefreshTokenState::Spent { at, successor, sealed },
        _ => return Err(read.corrupt("spent_at", "spent without a successor, or not spent with one")),
    };
    Ok(RefreshToken { digest, handle, created_at, expires_at, state })
}
