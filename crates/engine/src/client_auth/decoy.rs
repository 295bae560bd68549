//! Keys of nobody: verified with where there is no key to verify with, so that both cost the same (PEER-20).

use std::sync::LazyLock;

use tokenry_jose::{Algorithm, Jwk, Unverified, VerifyingKey};

use super::assertion::verify_by;

/// Their private halves were thrown away where they were made; knowing one would be of no use.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"xGCvjFOSj4ZmVb4EBVaQaSk8nykDJJgJcWv_AKRuMmM"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"-bR4OZnsrrqpMq4Sqmk5bKFHXpQWi6eKxA8_CCVMUQ8","y":"i37Q0mdSM1nT78bX2DykYC5R9bjNrvtPgGIS9XgSXxM"}"#;
const RSA: &str = r#""kty":"RSA","e":"AQAB","n":"wKpWwo5v8-0FEmqb7vH0PCE0JQGW3cj9HBXmIPCBPYfE6VMXa90p3A4UjYMuLsiJyfvvWbMlriolrxj44bw5Zc0mtbhD3JATiJ30w5S7smkD09neG3A4HTR5wbcU0QZzgHgciq-CAkzASrATR1F0YspoA9JdxWYwSt-uaKPCvpOI5lahiBF_fCqJ-_Gm40D__BHcA5kfUAB7EgsP32pO6N8iH9pvD1x534883_SNrC96BcZDzSiMYDEogvuNbdCbHTduaxPF0XoZ9FEbGMzl2GeOu1jqSkWmabWPshP7MgGL-9NoJcftmLUUuEKv8gJHEO-F6-oZi8oLpMDjyytW2w""#;

static KEYS: LazyLock<[Option<Jwk>; 4]> = LazyLock::new(|| {
    [
        ED25519.to_owned(),
        P256.to_owned(),
        format!(r#"{{{RSA},"alg":"PS256"}}"#),
        format!(r#"{{{RSA},"alg":"RS256"}}"#),
    ]
    .map(|text| Jwk::parse(text.as_bytes()).ok())
});

/// Does what verifying would have cost, to no avail.
pub(super) fn verify(jwt: Unverified<'_>) {
    let algorithm = jwt.header().alg;
    if let Some(key) = key(algorithm) {
        let _nobodys = verify_by(jwt, &key);
    }
}

/// Parsed each time, as a client's own is.
fn key(algorithm: Algorithm) -> Option<VerifyingKey> {
    let jwk = KEYS.iter().flatten().find(|jwk| jwk.algorithm() == algorithm)?;
    VerifyingKey::from_jwk(jwk).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peer_20_there_is_a_key_of_nobodys_for_each_algorithm() {
        for algorithm in Algorithm::ALL {
            assert!(key(algorithm).is_some_and(|key| key.algorithm() == algorithm), "{algorithm}");
        }
    }
}
