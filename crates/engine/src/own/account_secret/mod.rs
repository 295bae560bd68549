//! The secret of a developer's account: one that counts, and while it is rotated with an overlap the one before.
//!
//! It is random, its user cannot choose it, and it gives nothing: [`present`] decides what it opens as of personal access tokens.
//! Found it is by the digest of all of it. What is kept beside is the value itself, sealed for its user alone, unless the operator
//! wants it shown once (A15). [`change`] is its owner's; what operators do is in `manage/account_secrets.rs`.

mod change;
mod error;
mod list;
mod present;

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    AccountSecret, Digest, DigestDomain, Record, Rng, SealedSecret, SecretId, TokenHandle, UserId,
};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::{CredentialChange, ReplaceAccountSecret};
use zeroize::Zeroizing;

use crate::keyring::{DataKey, OpenSealedError};

pub use self::error::AccountSecretError;
pub use self::list::{OwnAccountSecret, OwnSecretValue};
pub(crate) use self::present::AuthenticatedAccount;

/// The reason of who sent an account secret by a browser.
pub(crate) const FROM_BROWSER: &str = "account_secret_from_browser";
/// The reason of one that opens nothing.
pub(crate) const UNKNOWN: &str = "unknown_account_secret";

/// A new value.
pub(crate) fn new_value(brand: &Brand, rng: &dyn Rng) -> Secret {
    let mut entropy = Zeroizing::new([0; 32]);
    rng.fill(entropy.as_mut_slice());
    issue(brand, SecretKind::AccountSecret, &entropy)
}

/// What is kept of a value: what finds it, and with `keep` what shows it again.
pub(crate) fn kept_of(
    value: &Secret,
    user: &UserId,
    keep: Option<&DataKey>,
    now: Timestamp,
    rng: &dyn Rng,
) -> AccountSecret {
    let id = SecretId::generate(now, rng);
    let seal = |key: &DataKey| SealedSecret {
        wrapped: key.seal(&purpose(user, &id), value.expose().as_bytes(), rng),
        data_key_id: key.id().to_owned(),
    };
    AccountSecret {
        sealed: keep.map(seal),
        id,
        user_id: user.clone(),
        digest: Digest::of(DigestDomain::AccountSecret, value),
        jti: TokenHandle::generate(rng).new_jti(rng),
        last4: value.last4().to_owned(),
        created_at: now,
        superseded_at: None,
        expires_at: None,
        revealed_at: None,
        last_use: None,
    }
}

/// The value of what is kept; `None`: it is not kept.
pub(crate) fn open(secret: &AccountSecret, key: &DataKey) -> Result<Option<Secret>, OpenSealedError> {
    let Some(sealed) = &secret.sealed else { return Ok(None) };
    let bytes = key.open(&purpose(&secret.user_id, &secret.id), &sealed.wrapped)?;
    let text = str::from_utf8(&bytes).map_err(|_none_of_ours| OpenSealedError)?;
    Ok(Some(Secret::new(text.to_owned())))
}

/// What a value is sealed for: no other user's, and no other value.
fn purpose(user: &UserId, id: &SecretId) -> String {
    format!("tokenry/account-secret/1/{user}/{id}")
}

/// What puts `secret` in the place of the one of id `seen`, which works for `overlap` more. Where none counts nothing overlaps.
pub(crate) fn replacement(
    seen: Option<SecretId>,
    secret: AccountSecret,
    overlap: Option<Duration>,
    change: CredentialChange,
) -> ReplaceAccountSecret {
    let overlap_until = overlap.filter(|_overlap| seen.is_some()).map(|overlap| change.now.plus(overlap));
    let note = |record: Record| match overlap_until {
        Some(until) => record.with("works_until", until.to_string()),
        None => record,
    };
    let records = change.records.into_iter().map(note).collect();
    let change = CredentialChange { records, ..change };
    ReplaceAccountSecret { seen, secret, overlap_until, change }
}

/// The one of a user's that counts.
pub(crate) fn that_counts(secrets: Vec<AccountSecret>) -> Option<AccountSecret> {
    secrets.into_iter().find(|secret| secret.superseded_at.is_none())
}

#[cfg(test)]
mod tests {
    use tokenry_model::SystemRng;

    use super::*;

    #[test]
    fn a15_what_is_kept_opens_for_its_user_alone() {
        let (key, user) = (DataKey::sample(1), UserId::parse("usr_ann").unwrap());
        let value = new_value(&Brand::default(), &SystemRng);
        let kept = kept_of(&value, &user, Some(&key), Timestamp::EPOCH, &SystemRng);
        assert_eq!(open(&kept, &key).unwrap().unwrap().expose(), value.expose());
        let swapped = AccountSecret { user_id: UserId::parse("usr_bob").unwrap(), ..kept.clone() };
        assert!(open(&swapped, &key).is_err(), "moved to another user's row");
        let other = AccountSecret { id: SecretId::parse("other").unwrap(), ..kept.clone() };
        assert!(open(&other, &key).is_err(), "or to another of the same user's");
        assert!(open(&kept, &DataKey::sample(2)).is_err());
        let once = kept_of(&value, &user, None, Timestamp::EPOCH, &SystemRng);
        assert!(open(&once, &key).unwrap().is_none() && once.digest.matches(&kept.digest));
    }

    #[test]
    fn r97_r101_a_value_is_long_random_and_checked() {
        let [one, two] = [(); 2].map(|()| new_value(&Brand::default(), &SystemRng));
        assert_ne!(one.expose(), two.expose());
        assert!(one.expose().starts_with("tokenry_as_") && one.len() == 11 + 43 + 6);
    }
}
