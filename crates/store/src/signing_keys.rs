//! Signing keys: at most one active and one pending of each algorithm, the private parts wrapped.

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, Record, SigningKeyRecord};

use crate::change_log::{self, Entity};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::keyring::Init;
use crate::store::insert;
use crate::{Store, audit, params, statements};

const PENDING: &str = "pending";
const ACTIVE: &str = "active";
const RETIRED: &str = "retired";

macro_rules! columns {
    () => {
        "kid, algorithm, state, state_since, public_jwk, wrapped_private, data_key_id, created_at"
    };
}

statements! {
    pub(crate) LIST_SIGNING_KEYS =
        concat!("SELECT ", columns!(), " FROM signing_keys ORDER BY algorithm, created_at, kid");
    pub(crate) ANY_SIGNING_KEY = "SELECT kid FROM signing_keys WHERE algorithm = $1 LIMIT 1";
    pub(crate) INSERT_SIGNING_KEY = concat!(
        "INSERT INTO signing_keys (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT DO NOTHING"
    );
}

impl Store {
    /// All signing keys, by algorithm and age.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        let rows = self.db.rows(LIST_SIGNING_KEYS, &[]).await?;
        rows.iter().map(signing_key).collect()
    }

    /// Stores the first keys of an algorithm, unless there are any. `keys` are all of `algorithm`.
    ///
    /// # Errors
    /// When two of `keys` are in the same place (active, pending) or one is stored already, or when the database does
    /// not answer.
    pub async fn init_signing_keys(
        &self,
        algorithm: Algorithm,
        keys: &[SigningKeyRecord],
        now: Timestamp,
        records: &[Record],
    ) -> Result<Init> {
        debug_assert!(keys.iter().all(|key| key.algorithm == algorithm), "keys of one algorithm");
        let input = (algorithm, keys.to_vec(), now, records.to_vec());
        self.change(input, |tx, (algorithm, keys, now, records)| {
            Box::pin(async move {
                if tx.opt(ANY_SIGNING_KEY, &params![algorithm.as_str()]).await?.is_some() {
                    return Ok(Init::Existing);
                }
                for key in keys {
                    insert_key(tx, key).await?;
                    change_log::append(tx, Entity::SigningKey, &key.kid, *now).await?;
                }
                audit::append(tx, records).await?;
                Ok(Init::First)
            })
        })
        .await
    }
}

async fn insert_key(tx: &mut Tx<'_>, key: &SigningKeyRecord) -> Result<()> {
    let (state, since) = match key.state {
        KeyState::Pending => (PENDING, None),
        KeyState::Active { since } => (ACTIVE, Some(since)),
        KeyState::Retired { since } => (RETIRED, Some(since)),
    };
    let values = params![
        key.kid.as_str(),
        key.algorithm.as_str(),
        state,
        since,
        key.public_jwk.as_str(),
        key.wrapped_private.as_slice(),
        key.data_key_id.as_str(),
        key.created_at,
    ];
    insert(tx, INSERT_SIGNING_KEY, &values, Entity::SigningKey).await
}

fn signing_key(row: &Row) -> Result<SigningKeyRecord> {
    let mut read = Reader::new(row, "signing_keys");
    Ok(SigningKeyRecord {
        kid: read.string("kid")?,
        algorithm: read.parse("algorithm", Algorithm::parse)?,
        state: state(&mut read)?,
        public_jwk: read.string("public_jwk")?,
        wrapped_private: read.blob("wrapped_private")?,
        data_key_id: read.string("data_key_id")?,
        created_at: read.at("created_at")?,
    })
}

fn state(read: &mut Reader<'_>) -> Result<KeyState> {
    let state = read.text("state")?;
    match (state, read.opt_at("state_since")?) {
        (PENDING, None) => Ok(KeyState::Pending),
        (ACTIVE, Some(since)) => Ok(KeyState::Active { since }),
        (RETIRED, Some(since)) => Ok(KeyState::Retired { since }),
        (PENDING, Some(_)) => Err(read.corrupt("state_since", "a pending key has none")),
        (ACTIVE | RETIRED, None) => Err(read.corrupt("state_since", "missing")),
        _ => Err(read.corrupt("state", format_args!("\"{state}\" is no state of a key"))),
    }
}
