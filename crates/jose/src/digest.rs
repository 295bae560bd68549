//! SHA-256, and comparison in constant time.

use aws_lc_rs::{constant_time, digest};

use crate::base64url;

/// SHA-256 of `message`.
#[must_use]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    let mut octets = [0; 32];
    octets.copy_from_slice(digest::digest(&digest::SHA256, message).as_ref());
    octets
}

/// The thumbprint of a certificate in DER, as `x5t` has it (RFC 7515 §4.1.7): SHA-1 in base64url. A name to find a key
/// by, which proves nothing.
#[must_use]
pub fn certificate_thumbprint(der: &[u8]) -> String {
    base64url::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref())
}

/// Whether `a` and `b` are equal, in a time that depends on their lengths but not on their contents.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fips_180_vector() {
        let expected = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
            0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
        ];
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn a_certificate_is_named_by_its_sha_1() {
        assert_eq!(certificate_thumbprint(b"abc"), "qZk-NkcGgWq6PiVxeFDCbJzQ2J0");
    }

    #[test]
    fn equality_looks_at_every_octet_and_at_the_length() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"secret", b"secret"));
        for other in [&b"Secret"[..], b"secreT", b"secre", b"secrets", b""] {
            assert!(!constant_time_eq(b"secret", other));
        }
    }
}
