//! Randomness, passed in as a value so that tests and `dev` can derive it.

use std::fmt::Debug;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use tokenry_protocol::secret::BASE62;

/// A source of random bytes.
pub trait Rng: Debug + Send + Sync {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's cryptographically strong generator, through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, out: &mut [u8]) {
        SystemRandom::new().fill(out).expect("aws-lc aborts rather than fail to seed");
    }
}

/// `len` characters of base62, each uniform and independent of the others (PEER-23).
#[must_use]
pub fn random_base62(rng: &dyn Rng, len: usize) -> String {
    random_text(rng, BASE62, len)
}

/// `len` characters of `alphabet`, each uniform and independent of the others (PEER-23). The alphabet has up to 256
/// characters of ASCII, and more than none.
#[must_use]
pub fn random_text(rng: &dyn Rng, alphabet: &[u8], len: usize) -> String {
    // The largest multiple of its length in a byte: what lies above would favour the first characters.
    let fair = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(len);
    let mut block = [0; 32];
    while out.len() < len {
        rng.fill(&mut block);
        let fair = block.iter().map(|&byte| usize::from(byte)).filter(|&byte| byte < fair);
        out.extend(fair.take(len - out.len()).map(|byte| char::from(alphabet[byte % alphabet.len()])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_has_the_length_asked_for_and_every_digit() {
        must_be_even(&random_base62(&SystemRng, 20_000), BASE62, 20_000);
    }

    #[test]
    fn another_alphabet_is_used_as_evenly() {
        let alphabet = &BASE62[..31];
        must_be_even(&random_text(&SystemRng, alphabet, 10_000), alphabet, 10_000);
    }

    fn must_be_even(text: &str, alphabet: &[u8], len: usize) {
        assert_eq!(text.len(), len);
        assert!(text.bytes().all(|byte| alphabet.contains(&byte)));
        for character in alphabet {
            let count = text.bytes().filter(|byte| byte == character).count();
            assert!((200..460).contains(&count), "{} came {count} times", char::from(*character));
        }
    }
}
