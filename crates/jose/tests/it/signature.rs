//! Signatures that must not verify: of another algorithm, another length, another encoding, or no signature
//! at all.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    RSA_PSS_SHA256, RsaKeyPair, RsaPssSaltLength, RsaPublicKeyComponents, RsaSignatureEncoding,
};
use serde_json::{Value, json};
use tokenry_jose::{
    Algorithm, Error, Expectations, Jwk, Result, SigningKey, Unverified, VerifyingKey, base64url,
};

use crate::support::{ANYTHING, MAX_LEN, claims, key_pair, pem, signer, token_by, verifier};

/// The order of P-256, and of the prime subgroup of edwards25519 (little-endian).
const P256_ORDER: [u8; 32] = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const ED25519_ORDER: [u8; 32] = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

#[test]
fn every_algorithm_verifies_its_own_signature_and_no_other() {
    for by in Algorithm::ALL {
        let token = token_by(signer(by), &json!({ "alg": by }).to_string(), r#"{"sub":"alice"}"#);
        for key in Algorithm::ALL {
            let expected = if by == key { Ok(json!("alice")) } else { Err(Error::AlgorithmMismatch) };
            assert_eq!(
                claims(&token, &verifier(key)).map(|claims| claims["sub"].clone()),
                expected,
                "{by} for {key}"
            );
        }
    }
}

#[test]
fn jwt_02_hmac_keyed_with_the_public_key() {
    for (alg, label, secret) in public_key_texts() {
        let header = base64url::encode(json!({ "alg": alg, "typ": "JWT" }).to_string().as_bytes());
        let signing_input = format!("{header}.{}", base64url::encode(b"{}"));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signing_input.as_bytes());
        let token = format!("{signing_input}.{}", base64url::encode(tag.as_ref()));
        let expected = if alg == "HS256" { Error::AlgorithmUnsupported } else { Error::Signature };
        assert_eq!(
            claims(&token, &verifier(Algorithm::Rs256)).err(),
            Some(expected),
            "{alg} with the key as {label}"
        );
    }
}

/// The RSA key as an attacker might guess that a library feeds it to HMAC; also under its own name.
fn public_key_texts() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let jwk = signer(Algorithm::Rs256).public_jwk().to_json();
    let members: Value = serde_json::from_str(&jwk).expect("a JWK is JSON");
    let octets =
        |name: &str| base64url::decode(members[name].as_str().expect("a string")).expect("base64url");
    let (n, e) = (octets("n"), octets("e"));
    let der = RsaPublicKeyComponents { n: &n, e: &e }.as_der().expect("a valid key").as_ref().to_vec();
    let ssh = [&b"\0\0\0\x07ssh-rsa\0\0\0\x03"[..], &e, b"\0\0\x01\x01\0", &n].concat();
    let texts = [
        ("PEM", pem("PUBLIC KEY", &der).into_bytes()),
        ("PEM without the last line feed", pem("PUBLIC KEY", &der).trim_end().as_bytes().to_vec()),
        ("DER", der),
        ("JWK", jwk.into_bytes()),
        ("modulus", n),
        ("SSH", ssh),
    ];
    texts
        .into_iter()
        .flat_map(|(label, text)| ["HS256", "RS256"].map(|alg| (alg, label, text.clone())))
        .collect()
}

#[test]
fn jwt_03_a_jwk_without_alg_leaves_no_choice_to_the_header() {
    let (_, pkcs8) = key_pair(Algorithm::Rs256);
    let same_key_as_ps = SigningKey::from_pkcs8(Algorithm::Ps256, pkcs8.expose()).unwrap();
    let key = VerifyingKey::from_jwk(&without_alg(signer(Algorithm::Rs256))).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Rs256);

    let ps256 = token_by(&same_key_as_ps, r#"{"alg":"PS256"}"#, "{}");
    assert_eq!(claims(&ps256, &key).err(), Some(Error::AlgorithmMismatch));
    let rs256 = token_by(signer(Algorithm::Rs256), r#"{"alg":"RS256"}"#, "{}");
    assert!(claims(&rs256, &key).is_ok());

    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        assert_eq!(without_alg(signer(algorithm)).algorithm(), algorithm, "the only one the curve allows");
    }
}

fn without_alg(key: &SigningKey) -> Jwk {
    let mut members = serde_json::to_value(key.public_jwk()).expect("a JWK is JSON");
    members.as_object_mut().expect("an object").remove("alg");
    Jwk::parse(members.to_string().as_bytes()).expect("alg is optional")
}

#[test]
fn jwt_04_one_key_one_padding() {
    let (rs256, pkcs8) = key_pair(Algorithm::Rs256);
    let ps256 = SigningKey::from_pkcs8(Algorithm::Ps256, pkcs8.expose()).unwrap();
    let rs_key = verifier(Algorithm::Rs256);
    let ps_key = VerifyingKey::from_jwk(ps256.public_jwk()).unwrap();

    assert_eq!(
        claims(&token_by(&ps256, r#"{"alg":"PS256"}"#, "{}"), &rs_key).err(),
        Some(Error::AlgorithmMismatch)
    );
    assert_eq!(
        claims(&token_by(rs256, r#"{"alg":"RS256"}"#, "{}"), &ps_key).err(),
        Some(Error::AlgorithmMismatch)
    );
    // Lying in the header about the padding does not help either.
    assert_eq!(claims(&token_by(&ps256, r#"{"alg":"RS256"}"#, "{}"), &rs_key).err(), Some(Error::Signature));
    assert_eq!(claims(&token_by(rs256, r#"{"alg":"PS256"}"#, "{}"), &ps_key).err(), Some(Error::Signature));
}

#[test]
fn jwt_04_an_algorithm_of_the_key_that_the_caller_does_not_expect() {
    let token = token_by(signer(Algorithm::Es256), r#"{"alg":"ES256"}"#, "{}");
    let expected = Expectations { algorithms: &[Algorithm::EdDsa, Algorithm::Rs256], ..ANYTHING };
    let result = Unverified::parse(&token, MAX_LEN).unwrap().verify(&verifier(Algorithm::Es256), &expected);
    assert_eq!(result.err(), Some(Error::AlgorithmNotExpected));
}

#[test]
fn jwt_05_a_right_signature_under_the_kid_of_another_key() {
    let key = signer(Algorithm::Es256);
    let header = |kid: &str| json!({ "alg": "ES256", "kid": kid }).to_string();
    let verify = |kid: &str| claims(&token_by(key, &header(kid), "{}"), &verifier(Algorithm::Es256)).err();
    assert_eq!(verify(key.kid()), None);
    assert_eq!(verify(signer(Algorithm::EdDsa).kid()), Some(Error::KidMismatch));
}

#[test]
fn jwt_21_wrong_lengths() {
    for algorithm in Algorithm::ALL {
        let (key, signature) = (verifier(algorithm), signer(algorithm).sign(b"message").unwrap());
        assert_eq!(key.verify(b"message", &signature), Ok(()));
        let len = signature.len();
        let wrong = [
            vec![],
            signature[..len - 1].to_vec(),
            signature[1..].to_vec(),
            signature[..len / 2].to_vec(),
            [&signature[..], &[0]].concat(),
            [&[0], &signature[..]].concat(),
            [&signature[..], &signature].concat(),
            vec![0; len],
            vec![0xff; len],
            vec![0; 100_000],
        ];
        for wrong in wrong {
            assert_eq!(
                key.verify(b"message", &wrong),
                Err(Error::Signature),
                "{algorithm}, {} octets",
                wrong.len()
            );
        }
    }
}

#[test]
fn jwt_21_es256_values_out_of_range() {
    let key = verifier(Algorithm::Es256);
    let signature = signer(Algorithm::Es256).sign(b"message").unwrap();
    let (r, s) = signature.split_at(32);
    let (zero, one) = ([0; 32], {
        let mut one = [0; 32];
        one[31] = 1;
        one
    });
    for (wrong_r, wrong_s) in [
        (&zero[..], &zero[..]),
        (&zero, s),
        (r, &zero),
        (&one, &one),
        (&P256_ORDER, s),
        (r, &P256_ORDER),
        (&P256_ORDER, &P256_ORDER),
        (&[0xff; 32], &[0xff; 32]),
        (s, r),
    ] {
        assert_eq!(key.verify(b"message", &[wrong_r, wrong_s].concat()), Err(Error::Signature));
    }
}

#[test]
fn jwt_21_es256_in_der() {
    let signature = signer(Algorithm::Es256).sign(b"message").unwrap();
    let integer = |octets: &[u8]| {
        let sign = if octets[0] >= 0x80 { &[0][..] } else { &[] };
        [&[2, u8::try_from(octets.len() + sign.len()).unwrap()], sign, octets].concat()
    };
    let integers = [integer(&signature[..32]), integer(&signature[32..])].concat();
    let der = [&[0x30, u8::try_from(integers.len()).unwrap()], integers.as_slice()].concat();
    assert_eq!(verifier(Algorithm::Es256).verify(b"message", &der), Err(Error::Signature));
}

/// ECDSA has two signatures for each nonce, and honest signers make either, so the twin cannot be refused.
/// That is why nothing may take the octets of a token for its identity: that is what `jti` is for.
#[test]
fn jwt_21_the_es256_twin_says_the_same_and_nothing_else() {
    let key = verifier(Algorithm::Es256);
    let mut twin = signer(Algorithm::Es256).sign(b"message").unwrap();
    let negated = subtract(P256_ORDER, &twin[32..]);
    twin[32..].copy_from_slice(&negated);
    assert_eq!(key.verify(b"message", &twin), Ok(()));
    assert_eq!(key.verify(b"massage", &twin), Err(Error::Signature));
}

#[test]
fn jwt_21_ed25519_is_not_malleable() {
    let key = verifier(Algorithm::EdDsa);
    let mut signature = signer(Algorithm::EdDsa).sign(b"message").unwrap();
    let mut carry = 0;
    for (octet, order) in signature[32..].iter_mut().zip(ED25519_ORDER) {
        let sum = u16::from(*octet) + u16::from(order) + carry;
        *octet = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(key.verify(b"message", &signature), Err(Error::Signature), "S + L");
}

#[test]
fn jwt_21_rsa_signature_plus_modulus() {
    let key = verifier(Algorithm::Rs256);
    let signature = signer(Algorithm::Rs256).sign(b"message").unwrap();
    let members: Value = serde_json::from_str(&signer(Algorithm::Rs256).public_jwk().to_json()).unwrap();
    let n = base64url::decode(members["n"].as_str().unwrap()).unwrap();
    let mut sum = vec![0; n.len() + 1];
    let mut carry = 0;
    for index in (0..n.len()).rev() {
        let digit = u16::from(n[index]) + u16::from(signature[index]) + carry;
        sum[index + 1] = digit.to_le_bytes()[0];
        carry = digit >> 8;
    }
    sum[0] = carry.to_le_bytes()[0];
    assert_eq!(key.verify(b"message", &sum), Err(Error::Signature));
    assert_eq!(key.verify(b"message", &sum[1..]), Err(Error::Signature));
}

#[test]
fn ps256_has_a_salt_of_32_octets() {
    const NO_SALT: RsaSignatureEncoding = RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(0));
    const SHORT: RsaSignatureEncoding = RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(20));
    const LONGEST: RsaSignatureEncoding = RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max);
    let (_, pkcs8) = key_pair(Algorithm::Ps256);
    let pair = RsaKeyPair::from_pkcs8(pkcs8.expose()).unwrap();
    let verify = |encoding: &'static RsaSignatureEncoding| -> Result<()> {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), b"message", &mut signature).unwrap();
        verifier(Algorithm::Ps256).verify(b"message", &signature)
    };
    assert_eq!(verify(&RSA_PSS_SHA256), Ok(()));
    for encoding in [&NO_SALT, &SHORT, &LONGEST] {
        assert_eq!(verify(encoding), Err(Error::Signature));
    }
}

#[test]
fn a_signature_covers_header_and_payload_as_sent() {
    let token = token_by(signer(Algorithm::EdDsa), r#"{"alg":"EdDSA"}"#, r#"{"sub":"alice"}"#);
    let parts: Vec<_> = token.split('.').collect();
    let key = verifier(Algorithm::EdDsa);
    let other_header = base64url::encode(br#"{"alg":"EdDSA" }"#);
    let other_payload = base64url::encode(br#"{"sub":"mallory"}"#);
    for [header, payload] in [[other_header.as_str(), parts[1]], [parts[0], &other_payload], [parts[0], ""]] {
        assert_eq!(claims(&format!("{header}.{payload}.{}", parts[2]), &key).err(), Some(Error::Signature));
    }
}

#[test]
fn keys_are_shared_between_threads() {
    let key = verifier(Algorithm::Rs256);
    std::thread::scope(|scope| {
        for index in 0..8_u8 {
            let key = &key;
            scope.spawn(move || {
                let signature = signer(Algorithm::Rs256).sign(&[index]).unwrap();
                assert_eq!(key.verify(&[index], &signature), Ok(()));
                assert_eq!(key.verify(&[index + 1], &signature), Err(Error::Signature));
            });
        }
    });
}

const fn hex(text: &str) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        if character <= b'9' { character - b'0' } else { character - b'a' + 10 }
    }
    let (text, mut octets, mut index) = (text.as_bytes(), [0; 32], 0);
    while index < 32 {
        octets[index] = digit(text[2 * index]) << 4 | digit(text[2 * index + 1]);
        index += 1;
    }
    octets
}

/// `a - b`, big-endian, for `b < a`.
fn subtract(mut a: [u8; 32], b: &[u8]) -> [u8; 32] {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b).rev() {
        let (difference, first) = a.overflowing_sub(*b);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (*a, borrow) = (difference, first || second);
    }
    a
}
