//! What is presented of account secrets: found by its digest, and noted when it was used.

use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, Digest, LastUse, SealedSecret, SecretId, User, UserId};

use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::own_uses::OwnUse;
use crate::users::read_user;
use crate::{Store, params, statements};

/// The columns of a secret, as `s`.
macro_rules! secret_columns {
    () => {
        "s.id, s.user_id, s.digest, s.wrapped, s.data_key_id, s.jti, s.last4, s.created_at, s.superseded_at, s.expires_at, \
         s.revealed_at, s.last_used_at, s.last_used_address, s.last_used_client"
    };
}

statements! {
    /// With all that its right to act hangs on but the company.
    pub(crate) FIND_ACCOUNT_SECRET = concat!(
        "SELECT ", secret_columns!(), ", u.id, u.username, u.disabled_at, u.delete_at, u.version, u.created_at, u.name, \
         u.claims, u.email_verified_at, u.updated_at FROM account_secrets s JOIN users u ON u.id = s.user_id \
         WHERE s.digest = $1"
    );
    pub(crate) LIST_ACCOUNT_SECRETS = concat!(
        "SELECT ", secret_columns!(), " FROM account_secrets s WHERE s.user_id = $1 ORDER BY s.created_at, s.id"
    );
    pub(crate) INSERT_ACCOUNT_SECRET =
        "INSERT INTO account_secrets (id, user_id, digest, wrapped, data_key_id, jti, last4, created_at, revealed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub(crate) TOUCH_ACCOUNT_SECRET =
        "UPDATE account_secrets SET last_used_at = $2, last_used_address = $3, last_used_client = $4 \
         WHERE jti = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    pub(crate) DELETE_EXPIRED_ACCOUNT_SECRETS =
        "DELETE FROM account_secrets WHERE id IN \
         (SELECT id FROM account_secrets WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// A secret that somebody presents, and whose it is.
#[derive(Clone, Debug)]
pub struct PresentedAccountSecret {
    /// The secret.
    pub secret: AccountSecret,
    /// Whose it is.
    pub user: User,
}

impl Store {
    /// The secret of that digest, with its user.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_account_secret(&self, digest: &Digest) -> Result<Option<PresentedAccountSecret>> {
        let values = params![digest.as_bytes().as_slice()];
        let Some(row) = self.db.opt(FIND_ACCOUNT_SECRET, &values).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "account_secrets");
        let secret = read_secret(&mut read)?;
        read.table("users");
        Ok(Some(PresentedAccountSecret { secret, user: read_user(&mut read)? }))
    }

    /// A user's secrets, the oldest first: the one that counts, if there is one, and the one before while it is there.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_account_secrets(&self, user: &UserId) -> Result<Vec<AccountSecret>> {
        let rows = self.db.rows(LIST_ACCOUNT_SECRETS, &params![user.as_str()]).await?;
        rows.iter().map(|row| read_secret(&mut Reader::new(row, "account_secrets"))).collect()
    }

    /// Notes when secrets were last used. It changes nothing that a decision rests on; those that are gone are passed over.
    ///
    /// # Errors
    /// When the database does not answer; some may have been noted.
    pub async fn touch_account_secrets(&self, uses: Vec<OwnUse>) -> Result<()> {
        self.note_own_uses(TOUCH_ACCOUNT_SECRET, uses).await
    }

    /// Removes up to `limit` secrets that have ended at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_account_secrets(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(
                async move { Ok(tx.exec(DELETE_EXPIRED_ACCOUNT_SECRETS, &params![*before, *limit]).await?) },
            )
        })
        .await
    }
}

pub(crate) async fn insert_secret(tx: &mut Tx<'_>, secret: &AccountSecret) -> Result<()> {
    let sealed = secret.sealed.as_ref();
    let values = params![
        secret.id.as_str(),
        secret.user_id.as_str(),
        secret.digest.as_bytes().as_slice(),
        sealed.map(|sealed| sealed.wrapped.clone()),
        sealed.map(|sealed| sealed.data_key_id.as_str()),
        secret.jti.as_str(),
        secret.last4.as_str(),
        secret.created_at,
        secret.revealed_at,
    ];
    tx.exec(INSERT_ACCOUNT_SECRET, &values).await?;
    Ok(())
}

fn read_secret(read: &mut Reader<'_>) -> Result<AccountSecret> {
    Ok(AccountSecret {
        id: read.parse("id", SecretId::parse)?,
        user_id: read.parse("user_id", UserId::parse)?,
        digest: read.digest("digest")?,
        sealed: {
            let (wrapped, key) = (read.opt_blob("wrapped")?, read.opt_string("data_key_id")?);
            wrapped.zip(key).map(|(wrapped, data_key_id)| SealedSecret { wrapped, data_key_id })
        },
        jti: read.string("jti")?,
        last4: read.string("last4")?,
        created_at: read.at("created_at")?,
        superseded_at: read.opt_at("superseded_at")?,
        expires_at: read.opt_at("expires_at")?,
        revealed_at: read.opt_at("revealed_at")?,
        last_use: {
            let at = read.opt_at("last_used_at")?;
            let (address, client) =
                (read.opt_string("last_used_address")?, read.opt_string("last_used_client")?);
            at.map(|at| LastUse { at, address, client })
        },
    })
}
