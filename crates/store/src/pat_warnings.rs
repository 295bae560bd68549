//! Telling the owners of personal access tokens that one is about to expire: once a value and step.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, OutboxMail, PatId, Record, UserId};

use crate::clients::millis;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, mail_outbox, params, statements};

statements! {
    /// $1: now. $2: what expires then or earlier. $3: how long it lived at the least. $4: the step.
    pub(crate) LIST_DUE_PAT_WARNINGS =
        "SELECT p.id, p.user_id, p.company_id, v.jti, v.expires_at FROM pat_values v JOIN pats p ON p.id = v.pat_id \
         JOIN users u ON u.id = p.user_id \
         WHERE v.superseded_at IS NULL AND p.revoked_at IS NULL AND u.disabled_at IS NULL AND u.delete_at IS NULL \
         AND v.expires_at > $1 AND v.expires_at <= $2 AND v.expires_at - v.created_at > CAST($3 AS BIGINT) \
         AND (v.warned_days IS NULL OR v.warned_days > $4) ORDER BY v.expires_at, v.jti LIMIT $5";
    /// Of several who warn at once one does.
    pub(crate) NOTE_PAT_WARNING =
        "UPDATE pat_values SET warned_days = $2 WHERE jti = $1 AND superseded_at IS NULL \
         AND (warned_days IS NULL OR warned_days > $2) \
         AND EXISTS (SELECT 1 FROM pats p WHERE p.id = pat_values.pat_id AND p.revoked_at IS NULL)";
}

/// A token whose owner is to be told that it is about to expire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PatWarning {
    /// Which.
    pub pat_id: PatId,
    /// Whose.
    pub user_id: UserId,
    /// The company that it acts for.
    pub company_id: Option<CompanyId>,
    /// Its value.
    pub jti: String,
    /// When that expires.
    pub expires_at: Timestamp,
}

/// That an owner is told.
#[derive(Clone, Debug)]
pub struct WarnOfPat {
    /// Of which value.
    pub jti: String,
    /// Whose it is.
    pub user_id: UserId,
    /// How many days before, at the most.
    pub days: i64,
    /// What they are told.
    pub mail: OutboxMail,
    /// What is recorded of that.
    pub record: Record,
}

impl Store {
    /// Up to `limit` tokens whose values expire within so many days, live longer than that, and of which nobody was told so
    /// late; what expires first comes first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_due_pat_warnings(
        &self,
        days: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<PatWarning>> {
        let step = Duration::from_secs(days.unsigned_abs() * 86_400);
        let values = params![now, now.plus(step), millis(step), days, limit];
        let rows = self.db.list(LIST_DUE_PAT_WARNINGS, &values).await?;
        let warnings = rows.iter().map(|row| {
            let mut read = Reader::new(row, "pats");
            Ok(PatWarning {
                pat_id: read.parse("id", PatId::parse)?,
                user_id: read.parse("user_id", UserId::parse)?,
                company_id: read.opt_parse("company_id", CompanyId::parse)?,
                jti: read.string("jti")?,
                expires_at: read.at("expires_at")?,
            })
        });
        warnings.collect()
    }

    /// Tells an owner, unless somebody else has at that step or a later one; `false` then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn warn_of_pat(&self, warn: WarnOfPat) -> Result<bool> {
        self.change(warn, |tx, warn| {
            Box::pin(async move {
                if tx.exec(NOTE_PAT_WARNING, &params![warn.jti.as_str(), warn.days]).await? == 0 {
                    return Ok(false);
                }
                mail_outbox::put(tx, warn.user_id.as_str(), &warn.mail).await?;
                audit::append(tx, std::slice::from_ref(&warn.record)).await?;
                Ok(true)
            })
        })
        .await
    }
}
