//! The identifier under which a request is found again, in answer, log and audit.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header field that carries it, in requests and in every answer.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LEN: usize = 64;

/// A request's identifier: what the `x-request-id` header field said if that was 1 to 64 characters of
/// `A-Z a-z 0-9 - _`, else a fresh one. An extractor on every route of a guard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn header_value(&self) -> HeaderValue {
        self.0.clone()
    }

    fn sent(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(X_REQUEST_ID)?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let fits = (1..=MAX_LEN).contains(&value.len()) && value.as_bytes().iter().all(plain);
        fits.then(|| Self(value.clone()))
    }
}

/// Makes identifiers: unique, not secret.
pub(crate) struct RequestIds {
    seed: u64,
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        // The standard library's own source of hash seeds: random per process, distinct per call.
        Self { seed: RandomState::new().hash_one(0), count: AtomicU64::new(0) }
    }

    /// The one that the client or a proxy sent, or a fresh one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        RequestId::sent(headers).unwrap_or_else(|| self.fresh())
    }

    fn fresh(&self) -> RequestId {
        let mixed = mix(self.seed.wrapping_add(self.count.fetch_add(1, Ordering::Relaxed)));
        let mut text = [0; 16];
        for (at, digit) in text.iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(mixed >> (4 * at) & 0xF) as usize];
        }
        RequestId(HeaderValue::from_bytes(&text).expect("hexadecimal digits are visible ASCII"))
    }
}

/// The finalizer of SplitMix64: a bijection, so what goes in once comes out once.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::usual("req_01-Ab", true)]
    #[case::longest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    #[case::too_long("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    #[case::empty("", false)]
    #[case::space("a b", false)]
    #[case::markup("<b>", false)]
    fn only_plain_identifiers_are_taken_over(#[case] sent: &str, #[case] taken: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_str(sent).unwrap());
        assert_eq!(RequestIds::new().of(&headers).as_str() == sent, taken);
    }

    #[test]
    fn fresh_ones_do_not_repeat() {
        let ids = RequestIds::new();
        let seen: HashSet<_> = (0..1_000).map(|_| ids.fresh().as_str().to_owned()).collect();
        assert_eq!(seen.len(), 1_000);
    }
}
