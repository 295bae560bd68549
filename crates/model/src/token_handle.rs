//! The handle: eleven characters at the head of a `jti` that stand for what is revoked as one.

use crate::ids::InvalidId;
use crate::rng::{Rng, random_base62};

/// How many characters of a `jti` are its handle.
const LEN: usize = 11;
/// How many characters of a `jti` are its own.
const UNIQUE_LEN: usize = 21;

/// What is revoked as one: for an M2M token, the client's secret together with the client grant. Opaque to everyone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TokenHandle(String);

impl TokenHandle {
    /// A new handle.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        Self(random_base62(rng, LEN))
    }

    /// Reads a handle from storage.
    ///
    /// # Errors
    /// When it is not eleven characters of base62.
    pub fn parse(value: &str) -> Result<Self, InvalidId> {
        let fits = value.len() == LEN && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(value.to_owned())) } else { Err(InvalidId::Grammar) }
    }

    /// The handle at the head of a `jti`; `None` if it is no `jti` of ours.
    #[must_use]
    pub fn of_jti(jti: &str) -> Option<Self> {
        let ours = jti.len() == LEN + UNIQUE_LEN && jti.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ours.then(|| Self(jti[..LEN].to_owned()))
    }

    /// The eleven characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A new `jti` under this handle: 32 characters, the last 21 random.
    #[must_use]
    pub fn new_jti(&self, rng: &dyn Rng) -> String {
        let mut jti = String::with_capacity(LEN + UNIQUE_LEN);
        jti.push_str(&self.0);
        jti.push_str(&random_base62(rng, UNIQUE_LEN));
        jti
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn a_jti_begins_with_its_handle_and_goes_on_at_random() {
        let handle = TokenHandle::generate(&SystemRng);
        let (one, two) = (handle.new_jti(&SystemRng), handle.new_jti(&SystemRng));
        assert_eq!(one.len(), 32);
        assert!(one.starts_with(handle.as_str()) && two.starts_with(handle.as_str()));
        assert_ne!(one, two);
        assert_eq!(TokenHandle::parse(handle.as_str()).unwrap(), handle);
        assert!(TokenHandle::parse(&one).is_err());
        assert_eq!(TokenHandle::of_jti(&one), Some(handle));
        for foreign in
            ["", &one[1..], &format!("{one}0"), &one.replace(&one[..1], "é"), &one.replace(&one[31..], "-")]
        {
            assert_eq!(TokenHandle::of_jti(foreign), None, "{foreign}");
        }
    }
}
