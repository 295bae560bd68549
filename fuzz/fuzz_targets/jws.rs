//! Tokens, keys and key sets: whatever claims to be one of them.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokenry_jose::{Algorithm, Expectations, Jwk, JwkSet, Unverified, VerifyingKey, json};

const MAX_LEN: usize = 16 * 1024;

/// The key of RFC 8037 A.2. Its only signature that the world knows is over `SIGNED`, of A.4.
static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| {
    let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    VerifyingKey::from_jwk(&Jwk::parse(jwk).expect("a valid JWK")).expect("a valid key")
});
const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
    hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fuzz_target!(|text: &str| {
    token(text);
    documents(text.as_bytes());
});

fn token(token: &str) {
    let Ok(unverified) = Unverified::parse(token, MAX_LEN) else { return };
    assert!(token.len() <= MAX_LEN);
    let claimed = unverified.claimed();
    assert_eq!(token.bytes().filter(|&byte| byte == b'.').count(), 2);
    // Canonical: not one other character would have been the same token.
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    let anything = Expectations { algorithms: &Algorithm::ALL, typ: &["", "JWT"] };
    let verified = unverified.verify(&KEY, &anything);
    assert_eq!(verified.is_ok(), token == SIGNED);
    assert!(verified.is_ok_and(|verified| verified.claims() == claimed) || token != SIGNED);
}

/// What was read can be written and read again.
fn documents(input: &[u8]) {
    if let Ok(value) = json::from_slice(input) {
        assert!(json::from_slice(value.to_string().as_bytes()).is_ok());
    }
    if let Ok(jwk) = Jwk::parse(input) {
        assert_eq!(Jwk::parse(jwk.to_json().as_bytes()).as_ref(), Ok(&jwk));
        let _ = VerifyingKey::from_jwk(&jwk);
    }
    if let Ok(set) = JwkSet::parse(input) {
        assert_eq!(JwkSet::parse(set.to_json().as_bytes()).as_ref(), Ok(&set));
    }
}
