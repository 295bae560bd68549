//! Authorization codes: one for a request, redeemed once, in the transaction that issues what they are redeemed for.

use tokenry_clock::Timestamp;
use tokenry_model::{AuthorizationCode, Digest, Record, RefreshToken, TokenFamily, TokenHandle};

use crate::answered_requests::{PendingRequest, is_answered, mark_answered};
use crate::db::{Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::refresh_tokens::insert_refresh_token;
use crate::token_families::{
    FamilyIssue, FamilyView, family_columns, read_family, record_tokens, values_of, view_holds,
};
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, session_clients, statements};

macro_rules! columns {
    () => {
        "digest, handle, redirect_uri, code_challenge, nonce, created_at, expires_at, redeemed_at"
    };
}

statements! {
    /// Only while user, client, API and company are what was decided on, and the session has not been ended.
    pub(crate) INSERT_TOKEN_FAMILY =
        "INSERT INTO token_families (handle, client_id, user_id, session_id, resource_server_id, company_id, \
         corporation_id, scope, auth_time, amr, claims_request, longest_ttl, created_at, expires_at) \
         SELECT $1, c.id, u.id, s.id, CAST($5 AS TEXT), CAST($6 AS TEXT), $7, $8, $9, $10, $11, $12, $13, $14 \
         FROM clients c CROSS JOIN users u JOIN sessions s ON s.user_id = u.id \
         WHERE c.id = $2 AND c.version = $15 AND c.disabled_at IS NULL \
         AND u.id = $3 AND u.version = $16 AND u.disabled_at IS NULL AND s.id = $4 \
         AND COALESCE((SELECT r.version FROM resource_servers r WHERE r.id = CAST($5 AS TEXT)), 0) = $17 \
         AND COALESCE((SELECT o.version FROM companies o WHERE o.id = CAST($6 AS TEXT) \
         AND o.disabled_at IS NULL), 0) = $18 RETURNING handle";
    pub(crate) INSERT_AUTHORIZATION_CODE = concat!(
        "INSERT INTO authorization_codes (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    pub(crate) FIND_AUTHORIZATION_CODE = concat!(
        "SELECT a.digest, a.handle, a.redirect_uri, a.code_challenge, a.nonce, a.created_at, \
         a.expires_at, a.redeemed_at, ",
        family_columns!(),
        " FROM authorization_codes a JOIN token_families f ON f.handle = a.handle WHERE a.digest = $1"
    );
    pub(crate) CODE_STATE =
        "SELECT handle, expires_at, redeemed_at FROM authorization_codes WHERE digest = $1";
    pub(crate) REDEEM_CODE = concat!(
        "UPDATE authorization_codes SET redeemed_at = $2 \
         WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND ",
        view_holds!("authorization_codes"),
        " RETURNING handle"
    );
    pub(crate) PROLONG_FAMILY = "UPDATE token_families SET expires_at = $2 WHERE handle = $1 AND expires_at < $2";
    pub(crate) BURN_CODE =
        "UPDATE authorization_codes SET redeemed_at = $2 WHERE digest = $1 AND redeemed_at IS NULL";
}

/// A code about to be issued, with the family that it stands for.
#[derive(Clone, Debug)]
pub struct CodeIssue {
    /// What was granted.
    pub family: TokenFamily,
    /// The code. Of that family.
    pub code: AuthorizationCode,
    /// The request that it answers.
    pub request: PendingRequest,
    /// The versions that the decision was made on.
    pub view: FamilyView,
    /// The record of it.
    pub record: Record,
}

/// Whether a code may be handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IssueCode {
    /// It may not: its request has been answered.
    AlreadyAnswered,
    /// It may.
    Issued,
    /// It may not: user, client, API or company changed, or the session has been ended. Read them again, decide again.
    Stale,
}

/// A code that is to be redeemed, and what it is redeemed for.
#[derive(Clone, Debug)]
pub struct CodeRedemption {
    /// Of the code that was presented.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
    /// What is issued for it.
    pub issue: FamilyIssue,
    /// Whether an ID token is among it: the client then knows the session, and is told when that ends.
    pub id_token: bool,
    /// The first refresh token, if the family has any.
    pub refresh_token: Option<FirstRefreshToken>,
    /// The record of a replay, if it is one.
    pub replay: Record,
}

/// The first refresh token of a family.
#[derive(Clone, Debug)]
pub struct FirstRefreshToken {
    /// The token.
    pub token: RefreshToken,
    /// When its family ends from then on; never earlier than before.
    pub family_ends_at: Timestamp,
}

/// What became of a code that was to be redeemed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RedeemCode {
    /// It is redeemed, and what was to be issued is recorded.
    First,
    /// It has expired, or there is none.
    Gone,
    /// It had been redeemed, or given up, before: all that was issued for it has ended.
    Replayed {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// Nothing has happened: what the decision was made on has changed. Read it again, decide again.
    Stale,
}

impl Store {
    /// Makes a family and its code, if and only if the request has no answer yet and what was decided on still holds.
    ///
    /// # Errors
    /// When the database does not answer: then no code may be handed out.
    pub async fn issue_code(&self, issue: CodeIssue) -> Result<IssueCode> {
        self.change(issue, |tx, issue| {
            Box::pin(async move {
                let (code, view) = (&issue.code, issue.view);
                // Before it is marked: a stale decision is made again, and leaves the request as it is.
                if is_answered(tx, &issue.request).await? {
                    return Ok(IssueCode::AlreadyAnswered);
                }
                let mut values = values_of(&issue.family);
                let versions =
                    [view.client, view.user, view.resource_server.unwrap_or(0), view.company.unwrap_or(0)];
                values.extend(versions.map(Value::from));
                if tx.rows(INSERT_TOKEN_FAMILY, &values).await?.is_empty() {
                    return Ok(IssueCode::Stale);
                }
                let _unanswered = mark_answered(tx, &issue.request).await?;
                tx.exec(INSERT_AUTHORIZATION_CODE, &code_values(code)).await?;
                audit::append(tx, std::slice::from_ref(&issue.record)).await?;
                Ok(IssueCode::Issued)
            })
        })
        .await
    }

    /// The code of that digest with its family, also one that has been redeemed or has expired.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_authorization_code(
        &self,
        digest: &Digest,
    ) -> Result<Option<(AuthorizationCode, TokenFamily)>> {
        let row = self.db.opt(FIND_AUTHORIZATION_CODE, &params![digest.as_bytes().as_slice()]).await?;
        let Some(row) = row else { return Ok(None) };
        let mut read = Reader::new(&row, "authorization_codes");
        let code = read_code(&mut read)?;
        read.table("token_families");
        Ok(Some((code, read_family(&mut read)?)))
    }

    /// Redeems a code, if and only if nobody has and what was decided on still holds. A replay ends its family.
    ///
    /// # Errors
    /// When the database does not answer: then nothing may be handed out.
    pub async fn redeem_code(&self, redemption: CodeRedemption) -> Result<RedeemCode> {
        self.change(redemption, |tx, it| {
            Box::pin(async move {
                let digest = it.digest.as_bytes().as_slice();
                let Some(row) = tx.opt(REDEEM_CODE, &it.issue.values(digest, it.at)).await? else {
                    return why_not(tx, it).await;
                };
                record_tokens(tx, row.text(0)?, &it.issue).await?;
                if it.id_token {
                    session_clients::note(tx, row.text(0)?, it.at).await?;
                }
                if let Some(first) = &it.refresh_token {
                    tx.exec(PROLONG_FAMILY, &params![row.text(0)?, first.family_ends_at]).await?;
                    insert_refresh_token(tx, &first.token).await?;
                }
                Ok(RedeemCode::First)
            })
        })
        .await
    }

    /// Gives up a code, so that it can never be redeemed; `false` when that could not be done any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn burn_code(&self, digest: &Digest, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((digest.clone(), now, records.to_vec()), |tx, (digest, now, records)| {
            Box::pin(async move {
                if tx.exec(BURN_CODE, &params![digest.as_bytes().as_slice(), *now]).await? == 0 {
                    return Ok(false);
                }
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn why_not(tx: &mut Tx<'_>, it: &CodeRedemption) -> Result<RedeemCode> {
    let Some(row) = tx.opt(CODE_STATE, &params![it.digest.as_bytes().as_slice()]).await? else {
        return Ok(RedeemCode::Gone);
    };
    let mut read = Reader::new(&row, "authorization_codes");
    let (handle, expires_at, redeemed_at) =
        (read.text("handle")?, read.at("expires_at")?, read.opt_at("redeemed_at")?);
    if redeemed_at.is_some() {
        let announced = end_handles(tx, Owner::Family(handle), it.at).await?;
        audit::append(tx, std::slice::from_ref(&it.replay)).await?;
        return Ok(RedeemCode::Replayed { announced });
    }
    Ok(if expires_at <= it.at { RedeemCode::Gone } else { RedeemCode::Stale })
}

fn code_values(code: &AuthorizationCode) -> [Value; 8] {
    params![
        code.digest.as_bytes().as_slice(),
        code.handle.as_str(),
        code.redirect_uri.as_str(),
        code.code_challenge.as_deref(),
        code.nonce.as_deref(),
        code.created_at,
        code.expires_at,
        code.redeemed_at,
    ]
}

fn read_code(read: &mut Reader<'_>) -> Result<AuthorizationCode> {
    Ok(AuthorizationCode {
        digest: read.digest("digest")?,
        handle: read.parse("handle", TokenHandle::parse)?,
        redirect_uri: read.string("redirect_uri")?,
        code_challenge: read.opt_string("code_challenge")?,
        nonce: read.opt_string("nonce")?,
        created_at: read.at("created_at")?,
        expires_at: read.at("expires_at")?,
        redeemed_at: read.opt_at("redeemed_at")?,
    })
}
