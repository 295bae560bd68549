//! The seed from which `dev` derives its demo's ids and secrets, so that every start on one folder prints the same.
//!
//! It lies wrapped in the database; beside it there are digests only.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use thiserror::Error;
use tokenry_model::{ClientId, Rng, random_base62};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::{Error as StoreError, Store};
use uuid::Builder;
use zeroize::Zeroizing;

use crate::keyring::DataKey;
use crate::sign_in::grouped;

const NAME: &str = "dev_seed";
const PURPOSE: &str = "tokenry/dev-seed/1";

/// The seed cannot be had.
#[derive(Debug, Error)]
pub enum SeedError {
    /// It was made with another keyring.
    #[error("the demo's seed cannot be opened with this keyring")]
    Sealed,
    /// The database failed.
    #[error("the database could not be asked for the demo's seed")]
    Store(#[from] StoreError),
}

/// Derives what the demo prints, each under a label of its own.
#[derive(Debug)]
pub struct Seed(Key);

impl Seed {
    /// Reads the seed of a database; makes it if there is none.
    ///
    /// # Errors
    /// When the database fails, or the seed was made with another keyring.
    pub async fn open(store: &Store, data_key: &DataKey, rng: &dyn Rng) -> Result<Self, SeedError> {
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill(fresh.as_mut_slice());
        let proposed = data_key.seal(PURPOSE, fresh.as_slice(), rng);
        let kept = store.put_meta_if_absent(NAME, proposed).await?;
        let seed = data_key.open(PURPOSE, &kept).map_err(|_cannot| SeedError::Sealed)?;
        Ok(Self(Key::new(HMAC_SHA256, &seed)))
    }

    /// A secret of the given kind.
    #[must_use]
    pub fn secret(&self, brand: &Brand, kind: SecretKind, label: &str) -> Secret {
        issue(brand, kind, &self.bytes("secret", label, 0))
    }

    /// A password that can be typed: five groups of four letters and digits, 119 bits.
    #[must_use]
    pub fn password(&self, label: &str) -> Secret {
        let label = format!("password/{label}");
        let text = random_base62(&Stream { seed: self, label: &label, block: AtomicU32::new(0) }, 20);
        Secret::new(grouped(&text))
    }

    /// A client id.
    #[must_use]
    pub fn client_id(&self, label: &str) -> ClientId {
        let text = random_base62(&Stream { seed: self, label, block: AtomicU32::new(0) }, 32);
        ClientId::parse(&text).expect("32 characters of base62 are a client id")
    }

    /// An id of another entity: a version 8 UUID (RFC 9562 §5.8).
    #[must_use]
    pub fn uuid(&self, label: &str) -> String {
        let bytes = self.bytes("uuid", label, 0);
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        Builder::from_custom_bytes(id).into_uuid().to_string()
    }

    fn bytes(&self, kind: &str, label: &str, block: u32) -> [u8; 32] {
        let tag = sign(&self.0, format!("{kind}\0{label}\0{block}").as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}

/// A stream of derived bytes, dressed as randomness.
#[derive(Debug)]
struct Stream<'a> {
    seed: &'a Seed,
    label: &'a str,
    block: AtomicU32,
}

impl Rng for Stream<'_> {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&self.seed.bytes("stream", self.label, block)[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_does_not_repeat_and_a_label_always_yields_the_same() {
        let seed = Seed(Key::new(HMAC_SHA256, &[7; 32]));
        let text = random_base62(&Stream { seed: &seed, label: "a", block: AtomicU32::new(0) }, 96);
        assert_ne!(text[..32], text[32..64]);
        assert_ne!(text[..8], text[24..32]);
        assert_eq!(seed.client_id("a"), seed.client_id("a"));
        assert_ne!(seed.client_id("a"), seed.client_id("b"));
        assert_ne!(seed.uuid("a"), seed.uuid("b"));
        let password = seed.password("a");
        assert_eq!((password.len(), password.expose().split('-').count()), (24, 5));
        assert_eq!(password.expose(), seed.password("a").expose());
        assert_ne!(password.expose(), seed.password("b").expose());
    }
}
