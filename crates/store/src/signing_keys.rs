//! Signing keys: at most one active and one pending of each algorithm, the private parts wrapped.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, Record, SigningKeyRecord};

use crate::change_log::{self, Entity};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::{Announced, announce_keys};
use crate::store::insert;
use crate::{Store, audit, params, statements};

const PENDING: &str = "pending";
const ACTIVE: &str = "active";
const RETIRED: &str = "retired";

macro_rules! columns {
    () => {
        "kid, algorithm, state, state_since, verifies_until, public_jwk, wrapped_private, data_key_id, created_at"
    };
}

statements! {
    pub(crate) FIND_SIGNING_KEY = concat!("SELECT ", columns!(), " FROM signing_keys WHERE kid = $1");
    pub(crate) LIST_SIGNING_KEYS =
        concat!("SELECT ", columns!(), " FROM signing_keys ORDER BY algorithm, created_at, kid");
    pub(crate) ANY_SIGNING_KEY = "SELECT kid FROM signing_keys WHERE algorithm = $1 LIMIT 1";
    pub(crate) SIGNING_KEY_IN_STATE = "SELECT kid FROM signing_keys WHERE kid = $1 AND state = $2";
    pub(crate) INSERT_SIGNING_KEY = concat!(
        "INSERT INTO signing_keys (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT DO NOTHING"
    );
    /// The longest lifetime that a client or an API sets for tokens, and that tokens were issued with which may live yet:
    /// those under handles that have ended are dead.
    pub(crate) LONGEST_TTL =
        "SELECT MAX(t.ttl) FROM (SELECT access_token_ttl AS ttl FROM clients \
         UNION ALL SELECT access_token_ttl AS ttl FROM resource_servers \
         UNION ALL SELECT MAX(longest_ttl) AS ttl FROM token_handles \
         UNION ALL SELECT MAX(longest_ttl) AS ttl FROM assertion_handles \
         UNION ALL SELECT MAX(longest_ttl) AS ttl FROM token_families \
         UNION ALL SELECT CAST(300000 AS BIGINT) AS ttl WHERE EXISTS (SELECT 1 FROM session_handles)) t";
    pub(crate) RETIRE_SIGNING_KEY =
        "UPDATE signing_keys SET state = 'retired', state_since = $2, verifies_until = $3 \
         WHERE kid = $1 AND state = 'active'";
    pub(crate) ACTIVATE_SIGNING_KEY =
        "UPDATE signing_keys SET state = 'active', state_since = $2 WHERE kid = $1 AND state = 'pending'";
    /// It is retired without ever having signed.
    pub(crate) REVOKE_PENDING_KEY =
        "UPDATE signing_keys SET state = 'retired', state_since = $2, verifies_until = $2 \
         WHERE kid = $1 AND state = 'pending'";
    pub(crate) REVOKE_RETIRED_KEY =
        "UPDATE signing_keys SET verifies_until = state_since \
         WHERE kid = $1 AND state = 'retired' AND verifies_until > state_since";
    pub(crate) REMOVE_SIGNING_KEY =
        "DELETE FROM signing_keys WHERE kid = $1 AND state = 'retired' AND verifies_until <= $2";
}

/// The next key of an algorithm takes the place of the one that signs, and another is published to be the next.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The key that signs, as the caller saw it.
    pub retire: String,
    /// The key that is pending, as the caller saw it.
    pub activate: String,
    /// The key to be pending from now on.
    pub next: SigningKeyRecord,
    /// When.
    pub since: Timestamp,
    /// How the key that signed leaves.
    pub leave: Leave,
}

/// How long a key verifies after it signed for the last time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leave {
    /// Not at all: what it signed is dead.
    AtOnce,
    /// For the longest lifetime of a token that it may have signed, or that a client or an API sets, within these bounds.
    WithItsTokens {
        /// When it signed for the last time, by the clock that was furthest ahead.
        signed_until: Timestamp,
        /// The lifetime of tokens of which neither client nor API says anything.
        at_least: Duration,
        /// However long a client or an API may say.
        at_most: Duration,
    },
}

/// Who rotated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rotated {
    /// The caller.
    Done {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// Somebody before the caller: its keys are no longer what it saw. Nothing changed.
    Overtaken,
}

impl Store {
    /// The signing key of that `kid`, wherever it is in its life.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_signing_key(&self, kid: &str) -> Result<Option<SigningKeyRecord>> {
        self.db.opt(FIND_SIGNING_KEY, &params![kid]).await?.as_ref().map(signing_key).transpose()
    }

    /// All signing keys, by algorithm and age.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        let rows = self.db.rows(LIST_SIGNING_KEYS, &[]).await?;
        rows.iter().map(signing_key).collect()
    }

    /// Stores the first keys of an algorithm, and says what guards must learn of it; `None` when there are some.
    /// `keys` are all of `algorithm`.
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
    ) -> Result<Option<Announced>> {
        debug_assert!(keys.iter().all(|key| key.algorithm == algorithm), "keys of one algorithm");
        let input = (algorithm, keys.to_vec(), now, records.to_vec());
        self.change(input, |tx, (algorithm, keys, now, records)| {
            Box::pin(async move {
                if tx.opt(ANY_SIGNING_KEY, &params![algorithm.as_str()]).await?.is_some() {
                    return Ok(None);
                }
                for key in keys {
                    insert_key(tx, key).await?;
                    change_log::append(tx, Entity::SigningKey, &key.kid, *now).await?;
                }
                let announced = announce_keys(tx, None, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Retires the key that signs, activates the pending one and publishes another, all or nothing. Of several who
    /// saw the same keys, one wins.
    ///
    /// # Errors
    /// When the next key is stored already, or the database does not answer.
    pub async fn rotate_signing_keys(&self, rotation: &Rotation, records: &[Record]) -> Result<Rotated> {
        self.change((rotation.clone(), records.to_vec()), |tx, (rotation, records)| {
            Box::pin(async move {
                let Rotation { retire, activate, next, since, leave } = rotation;
                for (kid, state) in [(retire, ACTIVE), (activate, PENDING)] {
                    if tx.opt(SIGNING_KEY_IN_STATE, &params![kid.as_str(), state]).await?.is_none() {
                        return Ok(Rotated::Overtaken);
                    }
                }
                let until = leave.until(tx, *since).await?;
                tx.exec(RETIRE_SIGNING_KEY, &params![retire.as_str(), *since, until]).await?;
                tx.exec(ACTIVATE_SIGNING_KEY, &params![activate.as_str(), *since]).await?;
                insert_key(tx, next).await?;
                for kid in [retire, activate, &next.kid] {
                    change_log::append(tx, Entity::SigningKey, kid, *since).await?;
                }
                let revoked = (*leave == Leave::AtOnce).then_some(retire.as_str());
                let announced = announce_keys(tx, revoked, *since).await?;
                audit::append(tx, records).await?;
                Ok(Rotated::Done { announced })
            })
        })
        .await
    }

    /// Takes a pending key out of use, publishes `next` in its place, and says what guards must learn of it; `None` when
    /// it is not pending.
    ///
    /// # Errors
    /// When the next key is stored already, or the database does not answer.
    pub async fn replace_pending_key(
        &self,
        kid: &str,
        next: SigningKeyRecord,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((kid.to_owned(), next, now, records.to_vec()), |tx, (kid, next, now, records)| {
            Box::pin(async move {
                if tx.exec(REVOKE_PENDING_KEY, &params![kid.as_str(), *now]).await? == 0 {
                    return Ok(None);
                }
                insert_key(tx, next).await?;
                for kid in [&*kid, &next.kid] {
                    change_log::append(tx, Entity::SigningKey, kid, *now).await?;
                }
                let announced = announce_keys(tx, Some(kid.as_str()), *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Takes a retired key out of use with all that it signed, and says what guards must learn of it; `None` when it
    /// was, or when it is not retired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_retired_key(
        &self,
        kid: &str,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((kid.to_owned(), now, records.to_vec()), |tx, (kid, now, records)| {
            Box::pin(async move {
                if tx.exec(REVOKE_RETIRED_KEY, &params![kid.as_str()]).await? == 0 {
                    return Ok(None);
                }
                let announced = announce_keys(tx, Some(kid.as_str()), *now).await?;
                change_log::append(tx, Entity::SigningKey, kid, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Removes a retired key, private part and all, if it verifies nothing at `ended_by` any more, and says what guards
    /// must learn of it; `None` otherwise.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_signing_key(
        &self,
        kid: &str,
        ended_by: Timestamp,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        let input = (kid.to_owned(), ended_by, now, records.to_vec());
        self.change(input, |tx, (kid, ended_by, now, records)| {
            Box::pin(async move {
                if tx.exec(REMOVE_SIGNING_KEY, &params![kid.as_str(), *ended_by]).await? == 0 {
                    return Ok(None);
                }
                let announced = announce_keys(tx, None, *now).await?;
                change_log::append(tx, Entity::SigningKey, kid, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

impl Leave {
    /// Asked in the transaction that retires the key: whatever token it signed, it signed before, under the lifetimes
    /// that hold here.
    async fn until(self, tx: &mut Tx<'_>, since: Timestamp) -> Result<Timestamp> {
        let Self::WithItsTokens { signed_until, at_least, at_most } = self else { return Ok(since) };
        let longest = tx.opt(LONGEST_TTL, &[]).await?;
        let longest = longest.map_or(Ok(None), |row| row.opt_int(0))?.unwrap_or(0);
        let longest = Duration::from_millis(u64::try_from(longest).unwrap_or(0));
        Ok(signed_until.plus(longest.max(at_least).min(at_most)))
    }
}

async fn insert_key(tx: &mut Tx<'_>, key: &SigningKeyRecord) -> Result<()> {
    let (state, since, verifies_until) = match key.state {
        KeyState::Pending => (PENDING, None, None),
        KeyState::Active { since } => (ACTIVE, Some(since), None),
        KeyState::Retired { since, verifies_until } => (RETIRED, Some(since), Some(verifies_until)),
    };
    let values = params![
        key.kid.as_str(),
        key.algorithm.as_str(),
        state,
        since,
        verifies_until,
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
    match (state, read.opt_at("state_since")?, read.opt_at("verifies_until")?) {
        (PENDING, None, None) => Ok(KeyState::Pending),
        (ACTIVE, Some(since), None) => Ok(KeyState::Active { since }),
        (RETIRED, Some(since), Some(verifies_until)) => Ok(KeyState::Retired { since, verifies_until }),
        (PENDING, Some(_), _) => Err(read.corrupt("state_since", "a pending key has none")),
        (ACTIVE | RETIRED, None, _) => Err(read.corrupt("state_since", "missing")),
        (PENDING | ACTIVE, _, Some(_)) => Err(read.corrupt("verifies_until", "only a retired key has one")),
        (RETIRED, Some(_), None) => Err(read.corrupt("verifies_until", "missing")),
        _ => Err(read.corrupt("state", format_args!("\"{state}\" is no state of a key"))),
    }
}
