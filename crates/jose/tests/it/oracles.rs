//! Other people's implementations as oracles, in both directions: jsonwebtoken and josekit.

use josekit::jws::{self, ES256, EdDSA, JwsHeader, JwsSigner, JwsVerifier, PS256, RS256};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_jose::{Algorithm, Jwk};

use crate::support::{claims, key_pair, pem, signer, verifier};

fn payload() -> Value {
    json!({"iss": "https://login.example", "sub": "alice", "exp": 4_102_444_800_u64, "é": ["\u{0}", null, 1.5]})
}

#[rstest]
fn jsonwebtoken_reads_ours(#[values("EdDSA", "ES256", "PS256", "RS256")] algorithm: &str) {
    let algorithm = Algorithm::parse(algorithm).unwrap();
    let key = signer(algorithm);
    let token = key.sign_compact(&key.header("JWT"), payload().to_string().as_bytes()).unwrap();

    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(&key.public_jwk().to_json()).unwrap();
    let mut validation = Validation::new(theirs(algorithm));
    validation.required_spec_claims.clear();
    let read =
        jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap();
    assert_eq!(read.claims, payload());
    assert_eq!((read.header.kid.as_deref(), read.header.typ.as_deref()), (Some(key.kid()), Some("JWT")));
}

#[rstest]
fn we_read_jsonwebtoken(#[values("EdDSA", "ES256", "PS256", "RS256")] algorithm: &str) {
    let algorithm = Algorithm::parse(algorithm).unwrap();
    let (key, pkcs8) = key_pair(algorithm);
    let pem = pem("PRIVATE KEY", pkcs8.expose());
    let private = match algorithm {
        Algorithm::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes()),
        Algorithm::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::Ps256 | Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
    };
    let mut header = jsonwebtoken::Header::new(theirs(algorithm));
    header.kid = Some(key.kid().to_owned());
    let token = jsonwebtoken::encode(&header, &payload(), &private.unwrap()).unwrap();
    assert_eq!(claims(&token, &verifier(algorithm)).map(Value::Object), Ok(payload()));
}

#[rstest]
fn josekit_reads_ours(#[values("EdDSA", "ES256", "PS256", "RS256")] algorithm: &str) {
    let algorithm = Algorithm::parse(algorithm).unwrap();
    let key = signer(algorithm);
    let token = key.sign_compact(&key.header("JWT"), payload().to_string().as_bytes()).unwrap();

    let jwk = josekit::jwk::Jwk::from_bytes(key.public_jwk().to_json()).unwrap();
    let verifier: Box<dyn JwsVerifier> = match algorithm {
        Algorithm::EdDsa => Box::new(EdDSA.verifier_from_jwk(&jwk).unwrap()),
        Algorithm::Es256 => Box::new(ES256.verifier_from_jwk(&jwk).unwrap()),
        Algorithm::Ps256 => Box::new(PS256.verifier_from_jwk(&jwk).unwrap()),
        Algorithm::Rs256 => Box::new(RS256.verifier_from_jwk(&jwk).unwrap()),
    };
    let (read, header) = jws::deserialize_compact(&token, &*verifier).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&read).unwrap(), payload());
    assert_eq!((header.key_id(), header.token_type()), (Some(key.kid()), Some("JWT")));
}

#[rstest]
fn we_read_josekit(#[values("EdDSA", "ES256", "PS256", "RS256")] algorithm: &str) {
    let algorithm = Algorithm::parse(algorithm).unwrap();
    let (key, pkcs8) = key_pair(algorithm);
    let der = pkcs8.expose();
    let private: Box<dyn JwsSigner> = match algorithm {
        Algorithm::EdDsa => Box::new(EdDSA.signer_from_der(der).unwrap()),
        Algorithm::Es256 => Box::new(ES256.signer_from_der(der).unwrap()),
        Algorithm::Ps256 => {
            // It wants the RSA-PSS object identifier in PKCS#8, which JOSE never asks for, or the bare PKCS#1
            // key.
            let pkcs1 = RS256.key_pair_from_der(der).unwrap().to_raw_private_key();
            Box::new(PS256.signer_from_der(pkcs1).unwrap())
        }
        Algorithm::Rs256 => Box::new(RS256.signer_from_der(der).unwrap()),
    };
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    header.set_key_id(key.kid());
    let token = jws::serialize_compact(payload().to_string().as_bytes(), &header, &*private).unwrap();
    assert_eq!(claims(&token, &verifier(algorithm)).map(Value::Object), Ok(payload()));
}

#[test]
fn thumbprints_agree_with_jsonwebtoken() {
    for algorithm in Algorithm::ALL {
        let key: &Jwk = signer(algorithm).public_jwk();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(&key.to_json()).unwrap();
        let theirs = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256);
        assert_eq!(theirs.as_deref(), Ok(key.thumbprint().as_str()));
    }
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
    }
}
