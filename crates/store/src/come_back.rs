//! What goes when the owner of an account comes back to it by the mailbox, because somebody who had the account for a while could
//! have kept it: young second factors with their recovery codes, what applications were let do lately, personal access tokens
//! that have had a value since, and an account secret that was made or shown since.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, Event, PatId, Record, Subject, UserId};

use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::{account_secrets, audit, params, pats, second_factors, statements};

statements! {
    pub(crate) CLIENTS_ALLOWED_SINCE =
        "SELECT DISTINCT client_id FROM consents WHERE user_id = $1 AND updated_at > $2 ORDER BY client_id";
    /// Also what was added to lately: nobody knows any more what of it is older.
    pub(crate) DELETE_CONSENTS_SINCE = "DELETE FROM consents WHERE user_id = $1 AND updated_at > $2";
    /// Also what was given another value lately: whoever did that knows it.
    pub(crate) PATS_GIVEN_SINCE =
        "SELECT p.id FROM pats p WHERE p.user_id = $1 AND p.revoked_at IS NULL AND p.ends_at > $3 \
         AND EXISTS (SELECT 1 FROM pat_values v WHERE v.pat_id = p.id AND v.created_at > $2) ORDER BY p.id";
    /// Also what was shown lately: whoever saw it knows it.
    pub(crate) ACCOUNT_SECRETS_KNOWN_SINCE =
        "SELECT s.id FROM account_secrets s WHERE s.user_id = $1 AND (s.created_at > $2 OR s.revealed_at > $2) ORDER BY s.id";
}

/// Takes what was added after `since` from a user who is signed out everywhere in the same transaction, by which all that was
/// issued ends. Each thing is recorded as `record` is. Yields what guards must learn of it.
pub(crate) async fn take_young(
    tx: &mut Tx<'_>,
    user: &UserId,
    since: Timestamp,
    record: &Record,
) -> Result<Announced> {
    forget_factors(tx, user.as_str(), since, record).await?;
    forget_consents(tx, user.as_str(), since, record).await?;
    let mut announced = revoke_pats(tx, user.as_str(), since, record).await?;
    announced.merge(revoke_account_secret(tx, user.as_str(), since, record).await?);
    Ok(announced)
}

async fn forget_factors(tx: &mut Tx<'_>, user: &str, since: Timestamp, record: &Record) -> Result<()> {
    let factors = second_factors::find(tx, user).await?;
    if factors.left(since) == factors {
        return Ok(());
    }
    let codes = second_factors::count_codes(tx, user).await?;
    second_factors::remove_all(tx, user).await?;
    let removed = Record { event: Event::UserSecondFactorRemoved, ..record.clone() }
        .with("authenticator", factors.authenticator.is_some())
        .with("passkeys", factors.passkeys.len())
        .with("recovery_codes", codes);
    audit::append(tx, &[removed]).await
}

async fn forget_consents(tx: &mut Tx<'_>, user: &str, since: Timestamp, record: &Record) -> Result<()> {
    let values = params![user, since];
    let mut records = Vec::new();
    for row in &tx.rows(CLIENTS_ALLOWED_SINCE, &values).await? {
        let client = Reader::new(row, "consents").parse("client_id", ClientId::parse)?;
        let subject = Some(Subject::Client(client));
        records.push(Record { event: Event::ConsentRevoked, subject, ..record.clone() });
    }
    tx.exec(DELETE_CONSENTS_SINCE, &values).await?;
    audit::append(tx, &records).await
}

async fn revoke_pats(tx: &mut Tx<'_>, user: &str, since: Timestamp, record: &Record) -> Result<Announced> {
    let now = record.at;
    let mut announced = Announced::default();
    let mut records = Vec::new();
    for row in &tx.rows(PATS_GIVEN_SINCE, &params![user, since, now]).await? {
        let id = Reader::new(row, "pats").parse("id", PatId::parse)?;
        announced.merge(pats::end(tx, id.as_str(), now).await?);
        records.push(Record { event: Event::PatRevoked, subject: Some(Subject::Pat(id)), ..record.clone() });
    }
    audit::append(tx, &records).await?;
    Ok(announced)
}

async fn revoke_account_secret(
    tx: &mut Tx<'_>,
    user: &str,
    since: Timestamp,
    record: &Record,
) -> Result<Announced> {
    let rows = tx.rows(ACCOUNT_SECRETS_KNOWN_SINCE, &params![user, since]).await?;
    if rows.is_empty() {
        return Ok(Announced::default());
    }
    let mut records = Vec::new();
    for row in &rows {
        let revoked = Record { event: Event::AccountSecretRevoked, ..record.clone() };
        records.push(revoked.with("secret", row.text(0)?));
    }
    let announced = account_secrets::end_all(tx, user, record.at).await?;
    audit::append(tx, &records).await?;
    Ok(announced)
}
