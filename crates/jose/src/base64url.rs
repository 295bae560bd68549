//! base64url without padding (RFC 7515 §2), accepting exactly one encoding of every octet string.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Error, Result};

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes the canonical encoding only, so that two different texts never mean the same octets.
///
/// # Errors
/// [`Error::Base64`] for padding, white space, the `+/` alphabet, an impossible length, or trailing bits that
/// are not zero.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Base64)
}

/// How long [`encode`] makes `len` octets. Saturates, which only makes a capacity hint too small.
pub(crate) const fn encoded_len(len: usize) -> usize {
    (len / 3).saturating_mul(4).saturating_add((len % 3 * 8).div_ceil(6))
}

/// Appends the encoding to `text`, without allocating if its capacity suffices.
pub(crate) fn encode_into(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_len_is_the_length_of_encode() {
        for len in 0..64 {
            assert_eq!(encoded_len(len), encode(&vec![0xa5; len]).len(), "{len} octets");
        }
    }

    #[test]
    fn rfc7515_appendix_c_vector() {
        let octets = [3, 236, 255, 224, 193];
        assert_eq!(encode(&octets), "A-z_4ME");
        assert_eq!(decode("A-z_4ME"), Ok(octets.to_vec()));
    }

    #[test]
    fn jwt_17_only_the_canonical_encoding_decodes() {
        for text in [
            "A-z_4ME=",
            "A+z/4ME",
            "A-z_4MF",
            "A-z_4M E",
            "A-z_4ME\n",
            "\tA-z_4ME",
            "A",
            "AAAAA",
            "A-z_4MÉ",
            "AA==",
        ] {
            assert_eq!(decode(text), Err(Error::Base64), "{text:?}");
        }
    }
}
