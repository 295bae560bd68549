//! The examples of the RFCs, read from `tests/vectors`: verified, and signed again with their private keys.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_jose::{Algorithm, Error, Jwk, SigningKey, Unverified, VerifyingKey, base64url};

use crate::support::{ANYTHING, MAX_LEN};

const RFC7515_A2: &str = include_str!("../vectors/rfc7515-a2.json");
const RFC7515_A3: &str = include_str!("../vectors/rfc7515-a3.json");
const RFC7520_4_1: &str = include_str!("../vectors/rfc7520-4.1.json");
const RFC7520_OTHERS: &str = include_str!("../vectors/rfc7520-others.json");
const RFC7638_3_1: &str = include_str!("../vectors/rfc7638-3.1.json");
const RFC8037_A: &str = include_str!("../vectors/rfc8037-a.json");

const JOE: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const FRODO: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto the road, and if you \
                     don't keep your feet, there\u{2019}s no knowing where you might be swept off to.";

#[rstest]
#[case(RFC7515_A2, Algorithm::Rs256, JOE)]
#[case(RFC7515_A3, Algorithm::Es256, JOE)]
#[case(RFC7520_4_1, Algorithm::Rs256, FRODO)]
#[case(RFC8037_A, Algorithm::EdDsa, "Example of Ed25519 signing")]
fn verifies_the_example(#[case] vector: &str, #[case] algorithm: Algorithm, #[case] payload: &str) {
    let vector = parse(vector);
    let key = VerifyingKey::from_jwk(&public_jwk(&vector["jwk"])).unwrap();
    assert_eq!(key.algorithm(), algorithm);
    let token = vector["token"].as_str().unwrap();
    let verified = Unverified::parse(token, MAX_LEN).unwrap().verify(&key, &ANYTHING).unwrap();
    assert_eq!(str::from_utf8(verified.payload()), Ok(payload));
}

#[rstest]
#[case(RFC7515_A2, Algorithm::Rs256)]
#[case(RFC7520_4_1, Algorithm::Rs256)]
#[case(RFC8037_A, Algorithm::EdDsa)]
fn makes_the_example(#[case] vector: &str, #[case] algorithm: Algorithm) {
    let vector = parse(vector);
    let key = private_key(&vector["jwk"], algorithm);
    let token = vector["token"].as_str().unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    let payload = base64url::decode(rest.split_once('.').unwrap().0).unwrap();
    assert_eq!(key.sign_compact(header, &payload).as_deref(), Ok(token));
    assert_eq!(key.kid(), public_jwk(&vector["jwk"]).thumbprint());
}

#[test]
fn signs_with_the_es256_key_of_rfc7515() {
    let jwk = &parse(RFC7515_A3)["jwk"];
    let key = private_key(jwk, Algorithm::Es256);
    let signature = key.sign(b"message").unwrap();
    let public = public_jwk(jwk);
    assert_eq!(VerifyingKey::from_jwk(&public).unwrap().verify(b"message", &signature), Ok(()));
    assert_eq!(key.kid(), public.thumbprint());
}

#[test]
fn ps256_with_the_key_of_rfc7520() {
    let jwk = &parse(RFC7520_4_1)["jwk"];
    let key = private_key(jwk, Algorithm::Ps256);
    let verifier = VerifyingKey::from_jwk(key.public_jwk()).unwrap();
    let (one, other) = (key.sign(FRODO.as_bytes()).unwrap(), key.sign(FRODO.as_bytes()).unwrap());
    assert_ne!(one, other, "salted");
    assert_eq!(
        (verifier.verify(FRODO.as_bytes(), &one), verifier.verify(FRODO.as_bytes(), &other)),
        (Ok(()), Ok(()))
    );
}

#[test]
fn refuses_the_examples_of_other_algorithms() {
    for token in parse(RFC7520_OTHERS)["tokens"].as_array().unwrap() {
        let refusal = Unverified::parse(token.as_str().unwrap(), MAX_LEN).err();
        assert_eq!(refusal, Some(Error::AlgorithmUnsupported));
    }
}

#[rstest]
#[case(RFC7638_3_1)]
#[case(RFC8037_A)]
fn thumbprints(#[case] vector: &str) {
    let vector = parse(vector);
    assert_eq!(json!(public_jwk(&vector["jwk"]).thumbprint()), vector["thumbprint"]);
}

#[rstest]
fn key_01_the_private_jwk_itself_is_refused(
    #[values(RFC7515_A2, RFC7515_A3, RFC7520_4_1, RFC8037_A)] vector: &str,
) {
    assert_eq!(Jwk::parse(parse(vector)["jwk"].to_string().as_bytes()), Err(Error::KeyPrivate));
}

fn parse(vector: &str) -> Value {
    serde_json::from_str(vector).expect("vectors are JSON")
}

fn public_jwk(jwk: &Value) -> Jwk {
    let mut members = jwk.as_object().expect("a JWK is an object").clone();
    members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    Jwk::parse(&serde_json::to_vec(&members).expect("serializes")).expect("a valid public key")
}

fn private_key(jwk: &Value, algorithm: Algorithm) -> SigningKey {
    let octets = |name: &str| base64url::decode(jwk[name].as_str().expect("a string")).expect("base64url");
    let pkcs8 = match algorithm {
        Algorithm::EdDsa => {
            let pair =
                Ed25519KeyPair::from_seed_and_public_key(&octets("d"), &octets("x")).expect("a valid key");
            pair.to_pkcs8v1().expect("encodes").as_ref().to_vec()
        }
        Algorithm::Es256 => {
            let point = [&[4][..], &octets("x"), &octets("y")].concat();
            let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, &octets("d"), &point)
                .expect("a valid key");
            pair.to_pkcs8v1().expect("encodes").as_ref().to_vec()
        }
        Algorithm::Ps256 | Algorithm::Rs256 => {
            let pair = RsaKeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: octets("n"), e: octets("e") },
                d: octets("d"),
                p: octets("p"),
                q: octets("q"),
                dP: octets("dp"),
                dQ: octets("dq"),
                qInv: octets("qi"),
            });
            pair.expect("a valid key").as_der().expect("encodes").as_ref().to_vec()
        }
    };
    SigningKey::from_pkcs8(algorithm, &pkcs8).expect("a valid document")
}
