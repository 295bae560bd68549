//! Passkeys: public keys of which people show that they hold the private half, in the place of a password or after one. Each
//! challenge is answered once.

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, User, UserId};

use crate::answered_requests::mark_answered;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::second_factors::{forget_codes_of_no_factor, has_factor, put_codes};
use crate::users::read_user;
use crate::{OwnChange, PendingRequest, Store, params, statements};

macro_rules! columns {
    () => {
        "k.id, k.credential_id, k.user_id, k.name, k.credential, k.created_at, k.last_used_at"
    };
}

statements! {
    pub(crate) FIND_PASSKEY = concat!(
        "SELECT ", columns!(), ", u.id, u.username, u.disabled_at, u.delete_at, u.version, u.created_at, u.name, u.claims, \
         u.email_verified_at, u.updated_at FROM passkeys k JOIN users u ON u.id = k.user_id WHERE k.credential_id = $1"
    );
    pub(crate) FIND_PASSKEY_OF = "SELECT id FROM passkeys WHERE id = $1 AND user_id = $2";
    pub(crate) LIST_PASSKEYS =
        concat!("SELECT ", columns!(), " FROM passkeys k WHERE k.user_id = $1 ORDER BY k.created_at, k.id");
    pub(crate) PASSKEY_TIMES = "SELECT created_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id";
    pub(crate) COUNT_PASSKEYS = "SELECT COUNT(*) FROM passkeys WHERE user_id = $1";
    pub(crate) INSERT_PASSKEY =
        "INSERT INTO passkeys (id, credential_id, user_id, name, credential, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    /// Only as it was checked: of two answers with the same count of signatures, one finds it changed.
    pub(crate) USE_PASSKEY =
        "UPDATE passkeys SET credential = $3, last_used_at = $4 WHERE id = $1 AND credential = $2";
    pub(crate) DELETE_PASSKEY = "DELETE FROM passkeys WHERE id = $1 AND user_id = $2";
    pub(crate) DELETE_PASSKEYS = "DELETE FROM passkeys WHERE user_id = $1";
}

/// A passkey, as it is stored.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// Names it in forms.
    pub id: String,
    /// How its authenticator names it; nobody else's has the same.
    pub credential_id: Vec<u8>,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What its authenticator has said of it, in the form of whoever checks it: the public key, and how often it has
    /// signed.
    pub credential: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in by it.
    pub last_used_at: Option<Timestamp>,
}

/// What became of a passkey that was to be added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddPasskey {
    /// It is added.
    Added {
        /// Whether it is the first second factor of its user, who then has the recovery codes that came with it.
        first: bool,
    },
    /// The user was changed meanwhile.
    Overtaken,
    /// The challenge was answered before.
    Replayed,
    /// Somebody has a passkey of that id.
    Taken,
    /// The user has as many as there may be.
    TooMany,
}

/// What became of a passkey that was to be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UsePasskey {
    /// It was used or removed since it was checked.
    Changed,
    /// The challenge was answered before.
    Replayed,
    /// It is used.
    Used,
}

impl Store {
    /// The passkey of that credential id, with whose it is.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_passkey(&self, credential_id: &[u8]) -> Result<Option<(PasskeyRow, User)>> {
        let Some(row) = self.db.opt(FIND_PASSKEY, &params![credential_id]).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "passkeys");
        let passkey = read_passkey(&mut read)?;
        read.table("users");
        Ok(Some((passkey, read_user(&mut read)?)))
    }

    /// A user's passkeys, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_passkeys(&self, user_id: &UserId) -> Result<Vec<PasskeyRow>> {
        let rows = self.db.list(LIST_PASSKEYS, &params![user_id.as_str()]).await?;
        rows.iter().map(|row: &Row| read_passkey(&mut Reader::new(row, "passkeys"))).collect()
    }

    /// Adds a passkey, in answer to a challenge, unless the user has `most` already. Whoever has no second factor yet gets
    /// these recovery codes with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_passkey(
        &self,
        change: OwnChange,
        challenge: &PendingRequest,
        passkey: &PasskeyRow,
        codes: &[Digest],
        most: i64,
    ) -> Result<AddPasskey> {
        let input = (change, challenge.clone(), passkey.clone(), codes.to_vec(), most);
        self.change(input, |tx, (change, challenge, passkey, codes, most)| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                if !mark_answered(tx, challenge).await? {
                    return Ok(AddPasskey::Replayed);
                }
                let count = tx.opt(COUNT_PASSKEYS, &params![user]).await?;
                if count.map_or(Ok(0), |row| row.int(0))? >= *most {
                    return Ok(AddPasskey::TooMany);
                }
                let first = !has_factor(tx, user).await?;
                if tx.opt(FIND_PASSKEY, &params![passkey.credential_id.as_slice()]).await?.is_some() {
                    return Ok(AddPasskey::Taken);
                }
                if !change.make(tx).await? {
                    return Ok(AddPasskey::Overtaken);
                }
                let PasskeyRow { id, credential_id, name, credential, created_at, .. } = passkey;
                let values = params![
                    id.as_str(),
                    credential_id.as_slice(),
                    user,
                    name.as_str(),
                    credential.as_str(),
                    *created_at,
                ];
                tx.exec(INSERT_PASSKEY, &values).await?;
                if first {
                    put_codes(tx, user, codes).await?;
                }
                Ok(AddPasskey::Added { first })
            })
        })
        .await
    }

    /// Uses a passkey, in answer to a challenge: what it is after that, `credential`, takes the place of what it was checked
    /// as. Of however many who show the same answer, one uses it.
    ///
    /// # Errors
    /// When the database does not answer: it may or may not be used then, and nobody has shown anything.
    pub async fn use_passkey(
        &self,
        passkey: &PasskeyRow,
        challenge: &PendingRequest,
        credential: &str,
        now: Timestamp,
    ) -> Result<UsePasskey> {
        let input = (passkey.clone(), challenge.clone(), credential.to_owned(), now);
        self.change(input, |tx, (passkey, challenge, credential, now)| {
            Box::pin(async move {
                if !mark_answered(tx, challenge).await? {
                    return Ok(UsePasskey::Replayed);
                }
                let values =
                    params![passkey.id.as_str(), passkey.credential.as_str(), credential.as_str(), *now];
                let used = tx.exec(USE_PASSKEY, &values).await? == 1;
                Ok(if used { UsePasskey::Used } else { UsePasskey::Changed })
            })
        })
        .await
    }

    /// Removes one of a user's passkeys; with the last second factor the recovery codes go. `false` where the user has no
    /// such passkey, or was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_passkey(&self, change: OwnChange, id: &str) -> Result<bool> {
        self.change((change, id.to_owned()), |tx, (change, id)| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                let of_user = params![id.as_str(), user];
                if tx.opt(FIND_PASSKEY_OF, &of_user).await?.is_none() || !change.make(tx).await? {
                    return Ok(false);
                }
                tx.exec(DELETE_PASSKEY, &of_user).await?;
                forget_codes_of_no_factor(tx, user).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// When a user added each passkey, the oldest first.
pub(crate) async fn times(tx: &mut Tx<'_>, user: &str) -> Result<Vec<Timestamp>> {
    let rows = tx.rows(PASSKEY_TIMES, &params![user]).await?;
    rows.iter().map(|row: &Row| Reader::new(row, "passkeys").at("created_at")).collect()
}

/// Removes all passkeys of a user.
pub(crate) async fn remove_all(tx: &mut Tx<'_>, user: &str) -> Result<()> {
    tx.exec(DELETE_PASSKEYS, &params![user]).await?;
    Ok(())
}

fn read_passkey(read: &mut Reader<'_>) -> Result<PasskeyRow> {
    Ok(PasskeyRow {
        id: read.string("id")?,
        credential_id: read.blob("credential_id")?,
        user_id: read.parse("user_id", UserId::parse)?,
        name: read.string("name")?,
        credential: read.string("credential")?,
        created_at: read.at("created_at")?,
        last_used_at: read.opt_at("last_used_at")?,
    })
}
