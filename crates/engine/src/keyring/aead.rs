//! Sealing bytes: AES-256-GCM-SIV (RFC 8452) under a named key, bound to a purpose.

use std::fmt::{self, Debug, Formatter};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use thiserror::Error;
use tokenry_model::Rng;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// A sealed value that this key cannot open.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the sealed value was made with another key or for another purpose, or has been changed")]
pub struct OpenSealedError;

/// A key that seals and opens. Its bytes cannot be read back.
pub(crate) struct SealingKey {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

impl SealingKey {
    /// A key from 32 random bytes. Its id is derived from them and tells nothing of them.
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let mut labelled = Zeroizing::new(b"tokenry/sealing-key-id/1\0".to_vec());
        labelled.extend_from_slice(bytes);
        let digest = tokenry_jose::sha256(&labelled);
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&digest[..KEY_ID_LEN]);
        let key = UnboundKey::new(&AES_256_GCM_SIV, bytes).expect("AES-256 keys are 32 bytes");
        Self { id, key: LessSafeKey::new(key) }
    }

    /// What every value that it seals says of it.
    pub(crate) const fn id(&self) -> &[u8] {
        &self.id
    }

    /// Whether `sealed` names this key.
    pub(crate) fn made(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=KEY_ID_LEN) == Some(self.id.as_slice())
    }

    /// Seals `plaintext` for `purpose`: version, key id, nonce, ciphertext and tag.
    pub(crate) fn seal(&self, purpose: &str, plaintext: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER_LEN + plaintext.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id);
        sealed.extend_from_slice(&nonce);
        let mut body = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut body)
            .expect("a record of this size can be sealed");
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Opens what [`SealingKey::seal`] made for the same purpose.
    ///
    /// # Errors
    /// When another key made it, or for another purpose, or it has been changed.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenSealedError> {
        if sealed.len() < HEADER_LEN || sealed[0] != VERSION || !self.made(sealed) {
            return Err(OpenSealedError);
        }
        let nonce = Nonce::try_assume_unique_for_key(&sealed[1 + KEY_ID_LEN..HEADER_LEN])
            .map_err(|_unspecified| OpenSealedError)?;
        let mut body = Zeroizing::new(sealed[HEADER_LEN..].to_vec());
        let len = self
            .key
            .open_in_place(nonce, Aad::from(purpose), &mut body)
            .map_err(|_unspecified| OpenSealedError)?
            .len();
        body.truncate(len);
        Ok(body)
    }
}

impl Debug for SealingKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokenry_model::SystemRng;

    proptest! {
        #[test]
        fn opens_what_it_sealed_and_nothing_else(text: Vec<u8>, flip in 0_usize..1_000) {
            let key = SealingKey::new(&[7; 32]);
            let sealed = key.seal("a", &text, &SystemRng);
            let opened = key.open("a", &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), text.as_slice());
            prop_assert!(key.open("b", &sealed).is_err());
            prop_assert!(SealingKey::new(&[8; 32]).open("a", &sealed).is_err());
            let mut changed = sealed.clone();
            changed[flip % sealed.len()] ^= 1;
            prop_assert!(key.open("a", &changed).is_err());
            prop_assert!(key.open("a", &sealed[..sealed.len() - 1]).is_err());
        }
    }
}
