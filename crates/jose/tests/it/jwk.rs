//! Keys that are taken, and keys that are not.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_jose::{Algorithm, Error, Jwk, RsaSize, SigningKey, VerifyingKey, base64url};

use crate::support::{key_pair, signer};

/// A public JWK of our own as JSON, to be broken.
fn members(algorithm: Algorithm) -> Value {
    serde_json::to_value(signer(algorithm).public_jwk()).expect("a JWK is JSON")
}

fn with(algorithm: Algorithm, name: &str, value: Value) -> Value {
    let mut members = members(algorithm);
    members[name] = value;
    members
}

fn refusal(jwk: &Value) -> Option<Error> {
    Jwk::parse(jwk.to_string().as_bytes()).and_then(|jwk| VerifyingKey::from_jwk(&jwk)).err()
}

#[test]
fn a_published_key_reads_back() {
    for algorithm in Algorithm::ALL {
        let key = signer(algorithm);
        let jwk = Jwk::parse(key.public_jwk().to_json().as_bytes()).unwrap();
        assert_eq!(&jwk, key.public_jwk());
        assert_eq!((jwk.algorithm(), jwk.kid()), (algorithm, Some(key.kid())));
        assert_eq!(jwk.thumbprint(), key.kid());
        assert_eq!(serde_json::from_str::<Jwk>(&jwk.to_json()).unwrap(), jwk);
    }
}

#[rstest]
#[case(Algorithm::EdDsa, &["alg", "crv", "kid", "kty", "use", "x"])]
#[case(Algorithm::Es256, &["alg", "crv", "kid", "kty", "use", "x", "y"])]
#[case(Algorithm::Ps256, &["alg", "e", "kid", "kty", "n", "use"])]
#[case(Algorithm::Rs256, &["alg", "e", "kid", "kty", "n", "use"])]
fn key_01_a_public_key_has_public_members_only(#[case] algorithm: Algorithm, #[case] expected: &[&str]) {
    let members = members(algorithm);
    let mut names: Vec<_> = members.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!((&members["alg"], &members["use"]), (&json!(algorithm), &json!("sig")));
}

#[rstest]
fn key_01_private_members_are_refused(
    #[values("d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi")] name: &str,
    #[values(json!("AQAB"), json!(null), json!([]))] value: Value,
) {
    for algorithm in Algorithm::ALL {
        assert_eq!(refusal(&with(algorithm, name, value.clone())), Some(Error::KeyPrivate));
    }
}

#[test]
fn key_01_symmetric_keys_are_refused() {
    assert_eq!(refusal(&json!({"kty": "oct", "k": "AAAA"})), Some(Error::KeyPrivate));
    assert_eq!(refusal(&json!({"kty": "oct"})), Some(Error::KeyPrivate));
}

#[test]
fn key_01_debug_output_holds_no_private_key() {
    for algorithm in Algorithm::ALL {
        let (key, pkcs8) = key_pair(algorithm);
        assert_eq!(format!("{pkcs8:?}"), "Pkcs8(…)");
        let expected = format!("SigningKey {{ algorithm: {algorithm:?}, kid: {:?}, .. }}", key.kid());
        assert_eq!(format!("{key:?}"), expected);
    }
}

#[rstest]
#[case(1024, Error::KeySize)]
#[case(1536, Error::KeySize)]
#[case(2040, Error::KeySize)]
#[case(8200, Error::KeySize)]
#[case(16_384, Error::KeySize)]
fn key_06_rsa_modulus_sizes(#[case] bits: usize, #[case] expected: Error) {
    let n = base64url::encode(&vec![0xff; bits / 8]);
    assert_eq!(refusal(&with(Algorithm::Rs256, "n", json!(n))), Some(expected));
}

#[test]
fn key_06_rsa_2047_bits_in_256_octets() {
    let mut n = [0xff; 256];
    n[0] = 0x7f;
    assert_eq!(refusal(&with(Algorithm::Rs256, "n", json!(base64url::encode(&n)))), Some(Error::KeySize));
}

#[rstest]
#[case(&[1], Some(Error::KeyExponent))]
#[case(&[2], Some(Error::KeyExponent))]
#[case(&[3], Some(Error::KeyExponent))]
#[case(&[17], Some(Error::KeyExponent))]
#[case(&[0xff, 0xff], Some(Error::KeyExponent))]
#[case(&[1, 0, 0], Some(Error::KeyExponent))]
#[case(&[1, 0, 1], None)]
#[case(&[1, 0, 2], Some(Error::KeyExponent))]
#[case(&[1, 0, 3], None)]
#[case(&[0xff, 0xff, 0xff, 0xff], None)]
#[case(&[1, 0, 0, 0, 1], Some(Error::KeyExponent))]
#[case(&[0xff; 256], Some(Error::KeyExponent))]
#[case(&[0, 1, 0, 1], Some(Error::KeyMalformed))]
#[case(&[], Some(Error::KeyMalformed))]
fn key_06_rsa_exponents(#[case] e: &[u8], #[case] expected: Option<Error>) {
    assert_eq!(refusal(&with(Algorithm::Rs256, "e", json!(base64url::encode(e)))), expected);
}

#[test]
fn key_06_rsa_numbers_have_one_encoding() {
    let n = base64url::decode(members(Algorithm::Rs256)["n"].as_str().unwrap()).unwrap();
    let mut even = n.clone();
    *even.last_mut().unwrap() &= 0xfe;
    for wrong in [[&[0], n.as_slice()].concat(), even, vec![]] {
        assert_eq!(
            refusal(&with(Algorithm::Rs256, "n", json!(base64url::encode(&wrong)))),
            Some(Error::KeyMalformed)
        );
    }
}

#[rstest]
#[case(json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}))]
#[case(json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "alg": "ES256"}))]
#[case(json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}))]
#[case(json!({"kty": "EC", "crv": "p-256", "x": "AA", "y": "AA"}))]
#[case(json!({"kty": "EC", "crv": "Ed25519", "x": "AA", "y": "AA"}))]
#[case(json!({"kty": "OKP", "crv": "Ed448", "x": "AA"}))]
#[case(json!({"kty": "OKP", "crv": "X25519", "x": "AA"}))]
#[case(json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}))]
#[case(json!({"kty": "rsa", "n": "AA", "e": "AQAB"}))]
#[case(json!({"kty": ""}))]
fn key_06_other_types_and_curves(#[case] jwk: Value) {
    assert_eq!(refusal(&jwk), Some(Error::KeyUnsupported));
}

#[rstest]
#[case(Algorithm::Es256, "x")]
#[case(Algorithm::Es256, "y")]
#[case(Algorithm::EdDsa, "x")]
fn key_06_coordinates_of_another_form(#[case] algorithm: Algorithm, #[case] name: &str) {
    let right = base64url::decode(members(algorithm)[name].as_str().unwrap()).unwrap();
    let encoded = base64url::encode(&right);
    for wrong in [
        json!(null),
        json!(1),
        json!(""),
        json!(base64url::encode(&right[1..])),
        json!(base64url::encode(&[&[0], right.as_slice()].concat())),
        json!(format!("{encoded}=")),
        json!(format!("{encoded}\n")),
    ] {
        assert_eq!(refusal(&with(algorithm, name, wrong)), Some(Error::KeyMalformed));
    }
    let mut missing = members(algorithm);
    missing.as_object_mut().unwrap().remove(name);
    assert_eq!(refusal(&missing), Some(Error::KeyMalformed));
}

#[test]
fn key_06_points_off_the_curve() {
    for (x, y) in [([0; 32], [0; 32]), ([1; 32], [1; 32]), ([0xff; 32], [0xff; 32])] {
        let jwk =
            json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(&x), "y": base64url::encode(&y)});
        assert_eq!(refusal(&jwk), Some(Error::KeyMalformed));
    }
    // The point of another curve with the same field: y is changed by one, so that y² = x³ - 3x + b' for some
    // other b'.
    let mut y = base64url::decode(members(Algorithm::Es256)["y"].as_str().unwrap()).unwrap();
    y[31] ^= 1;
    assert_eq!(
        refusal(&with(Algorithm::Es256, "y", json!(base64url::encode(&y)))),
        Some(Error::KeyMalformed)
    );
}

/// Every encoding of the eight points of small order, with either sign, including those that are not
/// canonical.
#[test]
fn key_06_ed25519_points_of_small_order() {
    let octets = |first: u8, middle: u8, last: u8| {
        let mut point = [middle; 32];
        (point[0], point[31]) = (first, last);
        base64url::encode(&point)
    };
    let points = [
        octets(0, 0, 0),
        octets(0, 0, 0x80),
        octets(1, 0, 0),
        octets(1, 0, 0x80),
        octets(0xec, 0xff, 0x7f),
        octets(0xec, 0xff, 0xff),
        octets(0xed, 0xff, 0x7f),
        octets(0xed, 0xff, 0xff),
        octets(0xee, 0xff, 0x7f),
        octets(0xee, 0xff, 0xff),
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU".to_owned(),
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU".to_owned(),
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o".to_owned(),
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o".to_owned(),
    ];
    for x in points {
        assert_eq!(refusal(&with(Algorithm::EdDsa, "x", json!(x))), Some(Error::KeyMalformed), "{x}");
    }
}

#[rstest]
#[case(Algorithm::Rs256, json!("ES256"), Error::AlgorithmMismatch)]
#[case(Algorithm::Es256, json!("RS256"), Error::AlgorithmMismatch)]
#[case(Algorithm::Es256, json!("EdDSA"), Error::AlgorithmMismatch)]
#[case(Algorithm::EdDsa, json!("PS256"), Error::AlgorithmMismatch)]
#[case(Algorithm::Rs256, json!("HS256"), Error::AlgorithmUnsupported)]
#[case(Algorithm::Rs256, json!("none"), Error::AlgorithmUnsupported)]
#[case(Algorithm::Rs256, json!("RSA-OAEP"), Error::AlgorithmUnsupported)]
#[case(Algorithm::Rs256, json!(null), Error::AlgorithmUnsupported)]
fn jwt_04_alg_that_does_not_fit_the_key(#[case] key: Algorithm, #[case] alg: Value, #[case] expected: Error) {
    assert_eq!(refusal(&with(key, "alg", alg)), Some(expected));
}

#[rstest]
#[case("use", json!("enc"), Some(Error::KeyUse))]
#[case("use", json!(null), Some(Error::KeyUse))]
#[case("use", json!(["sig"]), Some(Error::KeyUse))]
#[case("key_ops", json!(["verify"]), None)]
#[case("key_ops", json!(["encrypt", "verify"]), None)]
#[case("key_ops", json!([]), Some(Error::KeyUse))]
#[case("key_ops", json!(["sign"]), Some(Error::KeyUse))]
#[case("key_ops", json!("verify"), Some(Error::KeyUse))]
#[case("kid", json!(""), Some(Error::Kid))]
#[case("kid", json!(1), Some(Error::Kid))]
#[case("x5c", json!(["MIIB"]), None)]
fn other_members(#[case] name: &str, #[case] value: Value, #[case] expected: Option<Error>) {
    assert_eq!(refusal(&with(Algorithm::Rs256, name, value)), expected);
}

#[test]
fn jwt_16_duplicate_members_in_a_jwk() {
    let jwk = signer(Algorithm::Rs256).public_jwk().to_json().replacen('{', r#"{"kty":"EC","#, 1);
    assert_eq!(Jwk::parse(jwk.as_bytes()), Err(Error::JsonDuplicate));
    assert!(serde_json::from_str::<Jwk>(&jwk).is_err(), "nor inside another document");
}

#[test]
fn key_06_from_pkcs8_wants_the_right_kind_of_key() {
    for of in Algorithm::ALL {
        let (key, pkcs8) = key_pair(of);
        for algorithm in Algorithm::ALL {
            let read = SigningKey::from_pkcs8(algorithm, pkcs8.expose());
            let same_type = of == algorithm
                || [of, algorithm].iter().all(|one| matches!(one, Algorithm::Ps256 | Algorithm::Rs256));
            match read {
                Ok(read) => assert!(same_type && read.kid() == key.kid(), "{of} as {algorithm}"),
                Err(error) => assert!(!same_type && error == Error::Pkcs8, "{of} as {algorithm}"),
            }
        }
        assert_eq!(SigningKey::from_pkcs8(of, b"").err(), Some(Error::Pkcs8));
        let len = pkcs8.expose().len();
        assert_eq!(SigningKey::from_pkcs8(of, &pkcs8.expose()[..len - 1]).err(), Some(Error::Pkcs8));
    }
}

#[test]
fn key_06_rsa_keys_are_generated_in_three_sizes() {
    for (size, octets) in [(RsaSize::Bits2048, 256), (RsaSize::Bits3072, 384), (RsaSize::Bits4096, 512)] {
        let (key, _) = SigningKey::generate_rsa(Algorithm::Ps256, size).unwrap();
        assert_eq!(key.sign(b"").unwrap().len(), octets);
    }
    assert_eq!(signer(Algorithm::Rs256).sign(b"").unwrap().len(), 256, "2048 by default");
    assert!(SigningKey::generate_rsa(Algorithm::Es256, RsaSize::Bits2048).is_err());
}

#[test]
fn key_03_two_keys_have_two_kids() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let (other, _) = SigningKey::generate(algorithm).unwrap();
        assert_ne!(other.kid(), signer(algorithm).kid());
        assert_eq!(other.kid().len(), 43);
    }
}
