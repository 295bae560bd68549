//! The master keys: one a line in a file that never lies in the database's folder; the first wraps, all open.

use std::fmt::{self, Debug, Formatter};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use tokenry_model::Rng;
use zeroize::Zeroizing;

use super::aead::{OpenSealedError, SealingKey};

/// So that a scanner finds a master key that strayed into a repository.
const PREFIX: &str = "tokenry_mk_";

/// A keyring file that cannot be read.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidMasterKeys {
    /// Nothing but comments.
    #[error("the keyring holds no key: each line is {PREFIX} and 43 characters of base64url")]
    Empty,
    /// A line that is no key. The line is named, not shown.
    #[error("line {0} of the keyring is no key: each line is {PREFIX} and 43 characters of base64url")]
    Line(usize),
}

/// The master keys, first the one that wraps.
pub struct MasterKeys {
    keys: Vec<SealingKey>,
}

impl MasterKeys {
    /// The text of a new keyring file with one random key.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(bytes.as_mut_slice());
        let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Zeroizing::new(format!(
            "# Tokenry's master keys. Keep this file apart from the database and out of its backups.\n\
             # The first key wraps, all open. Without them nothing in the database can be signed or shown.\n\
             {PREFIX}{}\n",
            key.as_str()
        ))
    }

    /// Reads a keyring file.
    ///
    /// # Errors
    /// When a line is no key, or there is none.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKeys> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(parse_key(line).ok_or(InvalidMasterKeys::Line(index + 1))?);
        }
        if keys.is_empty() { Err(InvalidMasterKeys::Empty) } else { Ok(Self { keys }) }
    }

    pub(super) fn seal(&self, purpose: &str, plaintext: &[u8], rng: &dyn Rng) -> Vec<u8> {
        self.keys[0].seal(purpose, plaintext, rng)
    }

    /// Whether the key that wraps made `sealed`, rather than one that only opens.
    pub(super) fn wrapped(&self, sealed: &[u8]) -> bool {
        self.keys[0].made(sealed)
    }

    pub(super) fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenSealedError> {
        let key = self.keys.iter().find(|key| key.made(sealed)).ok_or(OpenSealedError)?;
        key.open(purpose, sealed)
    }
}

impl Debug for MasterKeys {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeys({} keys)", self.keys.len())
    }
}

fn parse_key(line: &str) -> Option<SealingKey> {
    let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(line.strip_prefix(PREFIX)?).ok()?);
    let bytes: &[u8; 32] = decoded.as_slice().try_into().ok()?;
    Some(SealingKey::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::SystemRng;

    #[test]
    fn a_generated_keyring_reads_back_and_says_nothing() {
        let text = MasterKeys::generate(&SystemRng);
        let keys = MasterKeys::parse(&text).unwrap();
        assert_eq!(format!("{keys:?}"), "MasterKeys(1 keys)");
    }

    #[test]
    fn the_first_key_wraps_and_all_open() {
        let (old, new) = (MasterKeys::generate(&SystemRng), MasterKeys::generate(&SystemRng));
        let before = MasterKeys::parse(&old).unwrap();
        let sealed = before.seal("p", b"data", &SystemRng);
        let both = MasterKeys::parse(&format!("{}{}", new.as_str(), old.as_str())).unwrap();
        assert_eq!(both.open("p", &sealed).unwrap().as_slice(), b"data");
        assert!(before.open("p", &both.seal("p", b"data", &SystemRng)).is_err());
    }

    #[test]
    fn a_bad_line_is_named_and_not_shown() {
        let error = MasterKeys::parse("# hello\n\nhunter2\n").unwrap_err();
        assert_eq!(error, InvalidMasterKeys::Line(3));
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(MasterKeys::parse("\n# nothing\n").unwrap_err(), InvalidMasterKeys::Empty);
    }
}
