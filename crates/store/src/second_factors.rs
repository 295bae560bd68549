//! Second factors: a seed that user and server share, each of whose codes counts once, and recovery codes, each used once.
//! Passkeys count as one too, and have a file of their own.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, OutboxMail, Record, SecondFactors, UserId};

use crate::change_log::{self, Entity};
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::{must_exist, update};
use crate::users::{BUMP_USER, FIND_USER_STATE, end_user};
use crate::{OwnChange, Store, audit, mail_outbox, params, passkeys, statements};

const DAY: Duration = Duration::from_secs(86_400);

/// Whether a password alone does not suffice for the user `$1`.
macro_rules! factor {
    () => {
        "(EXISTS (SELECT 1 FROM totp_seeds t WHERE t.user_id = $1 AND t.confirmed_at IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = $1))"
    };
}

statements! {
    pub(crate) FIND_TOTP_SEED =
        "SELECT wrapped_seed, data_key_id, confirmed_at, wrong_codes FROM totp_seeds WHERE user_id = $1";
    pub(crate) FIND_TOTP_TIME =
        "SELECT confirmed_at FROM totp_seeds WHERE user_id = $1 AND confirmed_at IS NOT NULL";
    /// One that counts already is not replaced: it has to be removed first.
    pub(crate) PROPOSE_TOTP_SEED =
        "INSERT INTO totp_seeds (user_id, wrapped_seed, data_key_id, last_step, created_at) VALUES ($1, $2, $3, 0, $4) \
         ON CONFLICT (user_id) DO UPDATE SET wrapped_seed = excluded.wrapped_seed, data_key_id = excluded.data_key_id, \
         last_step = 0, created_at = excluded.created_at, wrong_codes = 0 WHERE totp_seeds.confirmed_at IS NULL";
    pub(crate) CONFIRM_TOTP_SEED =
        "UPDATE totp_seeds SET confirmed_at = $2, last_step = $3 WHERE user_id = $1";
    /// Who comes second with the same step finds it taken, and who has guessed too often is not heard.
    pub(crate) TAKE_TOTP_STEP =
        "UPDATE totp_seeds SET last_step = $3, wrong_codes = 0 \
         WHERE user_id = $1 AND wrapped_seed = $2 AND confirmed_at IS NOT NULL AND last_step < $3 AND wrong_codes < $4 \
         RETURNING last_step";
    pub(crate) NOTE_WRONG_CODE =
        "UPDATE totp_seeds SET wrong_codes = wrong_codes + 1 \
         WHERE user_id = $1 AND wrapped_seed = $2 AND wrong_codes < $3 RETURNING wrong_codes";
    pub(crate) FORGIVE_WRONG_CODES =
        "UPDATE totp_seeds SET wrong_codes = 0 WHERE user_id = $1 AND wrong_codes > 0";
    /// Once a day: whoever reads the mailbox may choose another password as often as they like.
    pub(crate) FORGIVE_WRONG_CODES_FOR_PASSWORD =
        "UPDATE totp_seeds SET wrong_codes = 0, forgiven_at = $2 WHERE user_id = $1 AND wrong_codes > 0 \
         AND (forgiven_at IS NULL OR forgiven_at <= $3)";
    pub(crate) DELETE_TOTP_SEED = "DELETE FROM totp_seeds WHERE user_id = $1 AND confirmed_at IS NOT NULL";
    pub(crate) INSERT_RECOVERY_CODE =
        "INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Only while there is a factor for it to stand in for.
    pub(crate) USE_RECOVERY_CODE = concat!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL AND ",
        factor!()
    );
    pub(crate) COUNT_RECOVERY_CODES =
        "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    pub(crate) DELETE_RECOVERY_CODES = "DELETE FROM recovery_codes WHERE user_id = $1";
    pub(crate) DELETE_CODES_OF_NO_FACTOR =
        concat!("DELETE FROM recovery_codes WHERE user_id = $1 AND NOT ", factor!());
    pub(crate) HAS_FACTOR = concat!("SELECT id FROM users WHERE id = $1 AND ", factor!());
}

/// A seed of one-time passwords, as it is stored.
#[derive(Clone, Debug)]
pub struct TotpSeedRow {
    /// Sealed by the data key.
    pub wrapped_seed: Vec<u8>,
    /// Which data key.
    pub data_key_id: String,
    /// Since when it counts.
    pub confirmed_at: Option<Timestamp>,
    /// How many wrong codes have been shown since the last right one.
    pub wrong_codes: i64,
}

impl Store {
    /// A user's seed, confirmed or not.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_totp_seed(&self, user_id: &UserId) -> Result<Option<TotpSeedRow>> {
        let row = self.db.opt(FIND_TOTP_SEED, &params![user_id.as_str()]).await?;
        row.map(|row| {
            let mut read = Reader::new(&row, "totp_seeds");
            Ok(TotpSeedRow {
                wrapped_seed: read.blob("wrapped_seed")?,
                data_key_id: read.string("data_key_id")?,
                confirmed_at: read.opt_at("confirmed_at")?,
                wrong_codes: read.int("wrong_codes")?,
            })
        })
        .transpose()
    }

    /// Puts a seed in the place of one that was never confirmed; `false` where there is one that counts.
    ///
    /// # Errors
    /// When there is no such user, or the database does not answer.
    pub async fn propose_totp_seed(
        &self,
        user_id: &UserId,
        wrapped_seed: &[u8],
        data_key_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (user_id.clone(), wrapped_seed.to_vec(), data_key_id.to_owned(), now);
        self.change(input, |tx, (user_id, wrapped_seed, data_key_id, now)| {
            Box::pin(async move {
                let user = user_id.as_str();
                must_exist(tx, FIND_USER_STATE, user, Entity::User).await?;
                let values = params![user, wrapped_seed.as_slice(), data_key_id.as_str(), *now];
                Ok(tx.exec(PROPOSE_TOTP_SEED, &values).await? == 1)
            })
        })
        .await
    }

    /// Makes a proposed seed count, because a code of it was shown; its step is taken with that, and the user has these
    /// recovery codes and no others. `false` where another seed was proposed since, this one counts already, or the user
    /// was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn confirm_totp_seed(
        &self,
        change: OwnChange,
        wrapped_seed: &[u8],
        step: i64,
        codes: &[Digest],
    ) -> Result<bool> {
        let input = (change, wrapped_seed.to_vec(), step, codes.to_vec());
        self.change(input, |tx, (change, wrapped_seed, step, codes)| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                let Some(row) = tx.opt(FIND_TOTP_SEED, &params![user]).await? else { return Ok(false) };
                // Only the seed that the code was checked against, and only once.
                let is_proposed = row.blob(0)? == wrapped_seed.as_slice() && row.is_null(2);
                if !is_proposed || !change.make(tx).await? {
                    return Ok(false);
                }
                tx.exec(CONFIRM_TOTP_SEED, &params![user, change.now, *step]).await?;
                put_codes(tx, user, codes).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Takes a step of a user's seed: of however many who show its code, one does, and nobody where `most` wrong ones were
    /// shown before.
    ///
    /// # Errors
    /// When the database does not answer: the step may or may not be taken then, and nobody has shown anything.
    pub async fn take_totp_step(
        &self,
        user_id: &UserId,
        wrapped_seed: &[u8],
        step: i64,
        most: i64,
    ) -> Result<bool> {
        let values = params![user_id.as_str(), wrapped_seed, step, most];
        Ok(!self.db.write_one(TAKE_TOTP_STEP, values.into()).await?.is_empty())
    }

    /// Counts a wrong code, up to `most`. With the one that makes them `told_at`, the user is told by this mail.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_wrong_code(
        &self,
        user_id: &UserId,
        wrapped_seed: &[u8],
        most: i64,
        (told_at, mail): (i64, &OutboxMail),
    ) -> Result<()> {
        let input = (user_id.clone(), wrapped_seed.to_vec(), most, told_at, mail.clone());
        self.change(input, |tx, (user_id, wrapped_seed, most, told_at, mail)| {
            Box::pin(async move {
                let values = params![user_id.as_str(), wrapped_seed.as_slice(), *most];
                let noted = tx.opt(NOTE_WRONG_CODE, &values).await?;
                let count = noted.map(|row| row.int(0)).transpose()?;
                if count == Some(*told_at) {
                    mail_outbox::put(tx, user_id.as_str(), mail).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Removes a user's authenticator, and with the last second factor the recovery codes; `false` where there is none, or
    /// the user was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_totp_seed(&self, change: OwnChange) -> Result<bool> {
        self.change(change, |tx, change| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                if tx.opt(FIND_TOTP_SEED, &params![user]).await?.is_none() || !change.make(tx).await? {
                    return Ok(false);
                }
                let removed = tx.exec(DELETE_TOTP_SEED, &params![user]).await? > 0;
                forget_codes_of_no_factor(tx, user).await?;
                Ok(removed)
            })
        })
        .await
    }

    /// Removes a user's second factors, passkeys too, for somebody who is not that user: the user is signed out everywhere,
    /// and what was granted ends (RT-08). `None` where there is none; else what guards must learn of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset_second_factor(
        &self,
        user_id: &UserId,
        now: Timestamp,
        records: &[Record],
        mail: Option<&OutboxMail>,
    ) -> Result<Option<Announced>> {
        let input = (user_id.clone(), now, records.to_vec(), mail.cloned());
        self.change(input, |tx, (user_id, now, records, mail)| {
            Box::pin(async move {
                let user = user_id.as_str();
                if find(tx, user).await?.is_empty() {
                    return Ok(None);
                }
                remove_all(tx, user).await?;
                if let Some(mail) = mail {
                    mail_outbox::put(tx, user, mail).await?;
                }
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                change_log::append(tx, Entity::User, user, *now).await?;
                let (_sessions, announced) = end_user(tx, user, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Uses a recovery code: of however many who show it, one does. Its record is durable with it, and the user is told.
    ///
    /// # Errors
    /// When the database does not answer: it may or may not be used then, and nobody has shown anything.
    pub async fn use_recovery_code(
        &self,
        user_id: &UserId,
        code: &Digest,
        now: Timestamp,
        record: &Record,
        mail: &OutboxMail,
    ) -> Result<bool> {
        let input = (user_id.clone(), code.clone(), now, record.clone(), mail.clone());
        self.change(input, |tx, (user_id, code, now, record, mail)| {
            Box::pin(async move {
                let user = user_id.as_str();
                let values = params![user, code.as_bytes().as_slice(), *now];
                if tx.exec(USE_RECOVERY_CODE, &values).await? == 0 {
                    return Ok(false);
                }
                tx.exec(FORGIVE_WRONG_CODES, &params![user]).await?;
                mail_outbox::put(tx, user, mail).await?;
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(true)
            })
        })
        .await
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_recovery_codes(&self, user_id: &UserId) -> Result<i64> {
        let row = self.db.opt(COUNT_RECOVERY_CODES, &params![user_id.as_str()]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))?)
    }

    /// Gives a user these recovery codes and no others; `false` where there is no second factor that they could stand in
    /// for, or the user was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replace_recovery_codes(&self, change: OwnChange, codes: &[Digest]) -> Result<bool> {
        self.change((change, codes.to_vec()), |tx, (change, codes)| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                if !has_factor(tx, user).await? || !change.make(tx).await? {
                    return Ok(false);
                }
                put_codes(tx, user, codes).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Another password was given: the wrong codes of before count no more, if that was not so today already.
pub(crate) async fn forgive(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(FORGIVE_WRONG_CODES_FOR_PASSWORD, &params![user, now, now.minus(DAY)]).await?;
    Ok(())
}

/// The second factors that count for a user.
pub(crate) async fn find(tx: &mut Tx<'_>, user: &str) -> Result<SecondFactors> {
    let seed = tx.opt(FIND_TOTP_TIME, &params![user]).await?;
    let authenticator = seed.map(|row| Reader::new(&row, "totp_seeds").at("confirmed_at")).transpose()?;
    Ok(SecondFactors { authenticator, passkeys: passkeys::times(tx, user).await? })
}

/// How many recovery codes a user has left.
pub(crate) async fn count_codes(tx: &mut Tx<'_>, user: &str) -> Result<i64> {
    let row = tx.opt(COUNT_RECOVERY_CODES, &params![user]).await?;
    Ok(row.map_or(Ok(0), |row| row.int(0))?)
}

/// Removes the second factors of a user, and the recovery codes with them.
pub(crate) async fn remove_all(tx: &mut Tx<'_>, user: &str) -> Result<()> {
    tx.exec(DELETE_TOTP_SEED, &params![user]).await?;
    passkeys::remove_all(tx, user).await?;
    forget_codes_of_no_factor(tx, user).await
}

/// Whether a password alone does not suffice.
pub(crate) async fn has_factor(tx: &mut Tx<'_>, user: &str) -> Result<bool> {
    Ok(tx.opt(HAS_FACTOR, &params![user]).await?.is_some())
}

/// Recovery codes stand in for something: where nothing is left, there are none.
pub(crate) async fn forget_codes_of_no_factor(tx: &mut Tx<'_>, user: &str) -> Result<()> {
    tx.exec(DELETE_CODES_OF_NO_FACTOR, &params![user]).await?;
    Ok(())
}

pub(crate) async fn put_codes(tx: &mut Tx<'_>, user: &str, codes: &[Digest]) -> Result<()> {
    tx.exec(DELETE_RECOVERY_CODES, &params![user]).await?;
    for code in codes {
        tx.exec(INSERT_RECOVERY_CODE, &params![user, code.as_bytes().as_slice()]).await?;
    }
    Ok(())
}
