//! The keyring's traces: a value that only the right keyring opens, and the data keys that it wraps.

use tokenry_clock::Timestamp;
use tokenry_model::Record;

use crate::change_log::{self, Entity};
use crate::decode::Reader;
use crate::error::Result;
use crate::store::insert;
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FIND_KEYRING = "SELECT value, data_key_id, created_at FROM keyring_check WHERE id = 1";
    pub(crate) INSERT_KEYRING =
        "INSERT INTO keyring_check (id, value, data_key_id, created_at) VALUES (1, $1, $2, $3) \
         ON CONFLICT DO NOTHING";
    pub(crate) INSERT_DATA_KEY =
        "INSERT INTO data_keys (id, wrapped, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    pub(crate) LIST_DATA_KEYS = "SELECT id, wrapped, created_at FROM data_keys ORDER BY created_at, id";
    pub(crate) KEYRING_CHECK_IS = "SELECT id FROM keyring_check WHERE id = 1 AND value = $1";
    pub(crate) DATA_KEY_IS = "SELECT id FROM data_keys WHERE id = $1 AND wrapped = $2";
    pub(crate) REWRAP_KEYRING_CHECK = "UPDATE keyring_check SET value = $1 WHERE id = 1";
    pub(crate) REWRAP_DATA_KEY = "UPDATE data_keys SET wrapped = $2 WHERE id = $1";
}

/// Who came first where only one may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Init {
    /// Somebody was there before; nothing changed.
    Existing,
    /// The caller; what it brought is stored.
    First,
}

/// What the database knows of its keyring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyringRow {
    /// A value sealed by the keyring: one that cannot open it is the wrong one.
    pub check: Vec<u8>,
    /// The data key that seals from now on.
    pub data_key_id: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A data key, wrapped by the keyring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataKeyRow {
    /// Names it.
    pub id: String,
    /// The key, sealed.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What the keyring sealed, sealed anew: the same contents, as they were and as they are to be.
#[derive(Clone, Debug)]
pub struct Rewrap {
    /// The check value, before and after.
    pub check: (Vec<u8>, Vec<u8>),
    /// Data keys: id, before and after.
    pub data_keys: Vec<(String, Vec<u8>, Vec<u8>)>,
}

impl Store {
    /// What the database knows of its keyring; `None` before the first start.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_keyring(&self) -> Result<Option<KeyringRow>> {
        let Some(row) = self.db.opt(FIND_KEYRING, &[]).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "keyring_check");
        Ok(Some(KeyringRow {
            check: read.blob("value")?,
            data_key_id: read.string("data_key_id")?,
            created_at: read.at("created_at")?,
        }))
    }

    /// All data keys, oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_data_keys(&self) -> Result<Vec<DataKeyRow>> {
        let rows = self.db.rows(LIST_DATA_KEYS, &[]).await?;
        let keys = rows.iter().map(|row| {
            let mut read = Reader::new(row, "data_keys");
            Ok(DataKeyRow {
                id: read.string("id")?,
                wrapped: read.blob("wrapped")?,
                created_at: read.at("created_at")?,
            })
        });
        keys.collect()
    }

    /// Ties the database to a keyring, with the first data key, unless it is tied to one.
    ///
    /// # Errors
    /// When the data key's id is taken, or the database does not answer.
    pub async fn init_keyring(
        &self,
        check: Vec<u8>,
        data_key_id: &str,
        wrapped_data_key: Vec<u8>,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Init> {
        let keyring = KeyringRow { check, data_key_id: data_key_id.to_owned(), created_at: now };
        let input = (keyring, wrapped_data_key, records.to_vec());
        self.change(input, |tx, (keyring, wrapped, records)| {
            Box::pin(async move {
                if tx.opt(FIND_KEYRING, &[]).await?.is_some() {
                    return Ok(Init::Existing);
                }
                let (id, now) = (keyring.data_key_id.as_str(), keyring.created_at);
                insert(tx, INSERT_DATA_KEY, &params![id, wrapped.as_slice(), now], Entity::Keyring).await?;
                let values = params![keyring.check.as_slice(), id, now];
                insert(tx, INSERT_KEYRING, &values, Entity::Keyring).await?;
                change_log::append(tx, Entity::Keyring, id, now).await?;
                audit::append(tx, records).await?;
                Ok(Init::First)
            })
        })
        .await
    }
    /// Puts what was sealed anew in the place of what was there; `false` when something there is not what the caller
    /// saw. Nothing that the data keys wrap is touched.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rewrap_keyring(&self, rewrap: &Rewrap, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((rewrap.clone(), now, records.to_vec()), |tx, (rewrap, now, records)| {
            Box::pin(async move {
                let (seen, check) = &rewrap.check;
                if tx.opt(KEYRING_CHECK_IS, &params![seen.as_slice()]).await?.is_none() {
                    return Ok(false);
                }
                for (id, seen, _wrapped) in &rewrap.data_keys {
                    if tx.opt(DATA_KEY_IS, &params![id.as_str(), seen.as_slice()]).await?.is_none() {
                        return Ok(false);
                    }
                }
                tx.exec(REWRAP_KEYRING_CHECK, &params![check.as_slice()]).await?;
                for (id, _seen, wrapped) in &rewrap.data_keys {
                    tx.exec(REWRAP_DATA_KEY, &params![id.as_str(), wrapped.as_slice()]).await?;
                    change_log::append(tx, Entity::Keyring, id, *now).await?;
                }
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}
