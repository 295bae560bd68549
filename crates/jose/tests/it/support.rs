//! One key of each algorithm for the whole run, and tokens that are right in everything but what a test is
//! about.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use tokenry_jose::{
    Algorithm, Error, Expectations, Pkcs8, Result, SigningKey, Unverified, VerifyingKey, base64url,
};

/// Accepts everything that may be accepted, so that only the rule under test refuses.
pub(crate) const ANYTHING: Expectations<'static> =
    Expectations { algorithms: &Algorithm::ALL, typ: &["JWT", ""] };

pub(crate) const MAX_LEN: usize = 16 * 1024;

static KEYS: LazyLock<Vec<(SigningKey, Pkcs8)>> = LazyLock::new(|| {
    let generate = |algorithm| SigningKey::generate(algorithm).expect("keys are generated");
    Algorithm::ALL.into_iter().map(generate).collect()
});

/// The private key for `algorithm`, and its document.
pub(crate) fn key_pair(algorithm: Algorithm) -> &'static (SigningKey, Pkcs8) {
    KEYS.iter().find(|(key, _)| key.algorithm() == algorithm).expect("one key of each algorithm")
}

pub(crate) fn signer(algorithm: Algorithm) -> &'static SigningKey {
    &key_pair(algorithm).0
}

pub(crate) fn verifier(algorithm: Algorithm) -> VerifyingKey {
    VerifyingKey::from_jwk(signer(algorithm).public_jwk()).expect("our own keys are valid")
}

/// A token with this text as its header, with a right signature by `signer`.
pub(crate) fn token_by(signer: &SigningKey, header: &str, payload: impl AsRef<[u8]>) -> String {
    signer.sign_compact(&base64url::encode(header.as_bytes()), payload.as_ref()).expect("signing works")
}

/// A token with this header and a right EdDSA signature, the fastest.
pub(crate) fn token(header: &str, payload: impl AsRef<[u8]>) -> String {
    token_by(signer(Algorithm::EdDsa), header, payload)
}

/// What a careful caller does: everything from the text to the claims.
pub(crate) fn claims(token: &str, key: &VerifyingKey) -> Result<Map<String, Value>> {
    Unverified::parse(token, MAX_LEN)?.verify(key, &ANYTHING)?.claims()
}

/// Why a token by the EdDSA key is refused; `None` if it is not.
pub(crate) fn refusal(token: &str) -> Option<Error> {
    claims(token, &verifier(Algorithm::EdDsa)).err()
}

/// `der` in PEM (RFC 7468).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
