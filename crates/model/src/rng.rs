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
    // 248 is the largest multiple of 62 in a byte: what lies above would favour the first digits.
    const FAIR: u8 = 248;
    let mut out = String::with_capacity(len);
    let mut block = [0; 32];
    while out.len() < len {
        rng.fill(&mut block);
        let fair = block.iter().filter(|&&byte| byte < FAIR);
        out.extend(fair.take(len - out.len()).map(|byte| char::from(BASE62[usize::from(byte % 62)])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_has_the_length_asked_for_and_every_digit() {
        let text = random_base62(&SystemRng, 20_000);
        assert_eq!(text.len(), 20_000);
        for digit in BASE62 {
            let count = text.bytes().filter(|b| b == digit).count();
            assert!((200..460).contains(&count), "{} came {count} times", char::from(*digit));
        }
    }
}
