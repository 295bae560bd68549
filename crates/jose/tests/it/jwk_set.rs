//! Sets: what is skipped, what refuses the whole.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_jose::{Algorithm, Error, Jwk, JwkSet};

use crate::support::signer;

fn ours() -> Vec<Jwk> {
    Algorithm::ALL.map(|algorithm| signer(algorithm).public_jwk().clone()).to_vec()
}

fn parse(set: &Value) -> Result<JwkSet, Error> {
    JwkSet::parse(set.to_string().as_bytes())
}

#[test]
fn a_published_set_reads_back() {
    let set = JwkSet::new(ours()).unwrap();
    assert_eq!(JwkSet::parse(set.to_json().as_bytes()), Ok(set.clone()));
    assert_eq!(serde_json::from_str::<JwkSet>(&set.to_json()).unwrap(), set);
    for key in &ours() {
        assert_eq!(set.find(key.kid().unwrap()), Some(key));
    }
    assert_eq!(set.find(""), None);
    assert_eq!(JwkSet::default().to_json(), r#"{"keys":[]}"#);
}

#[test]
fn key_01_a_published_set_has_no_private_members() {
    let set: Value = serde_json::from_str(&JwkSet::new(ours()).unwrap().to_json()).unwrap();
    for key in set["keys"].as_array().unwrap() {
        for name in ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"] {
            assert_eq!(key.get(name), None);
        }
        assert_ne!(key["kty"], "oct");
    }
}

#[rstest]
#[case(json!({"kty": "OKP", "crv": "X25519", "x": "AA"}))]
#[case(json!({"kty": "future", "anything": [1]}))]
#[case(json!({"kty": "RSA", "use": "enc", "n": "AA", "e": "AQAB"}))]
#[case(json!({"kty": "RSA", "alg": "RSA-OAEP", "n": "AA", "e": "AQAB"}))]
#[case(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}))]
#[case(json!({"kty": "EC", "crv": "P-256"}))]
#[case(json!({}))]
fn keys_of_no_use_are_skipped(#[case] other: Value) {
    let key = signer(Algorithm::Es256).public_jwk();
    let set = parse(&json!({"keys": [other, key], "future": 1})).unwrap();
    assert_eq!(set.keys(), std::slice::from_ref(key));
}

#[rstest]
#[case(json!({"kty": "oct", "k": "AAAA"}))]
#[case(json!({"kty": "RSA", "use": "enc", "n": "AA", "e": "AQAB", "d": "AA"}))]
#[case(json!({"kty": "future", "priv": "AA"}))]
fn key_01_a_private_key_refuses_the_set(#[case] private: Value) {
    let set = json!({"keys": [signer(Algorithm::Es256).public_jwk(), private]});
    assert_eq!(parse(&set), Err(Error::KeyPrivate));
}

#[test]
fn key_03_two_keys_with_one_kid_refuse_the_set() {
    let mut rsa = serde_json::to_value(signer(Algorithm::Rs256).public_jwk()).unwrap();
    rsa["kid"] = json!(signer(Algorithm::Es256).kid());
    let set = json!({"keys": [signer(Algorithm::Es256).public_jwk(), rsa]});
    assert_eq!(parse(&set), Err(Error::DuplicateKid));
    assert_eq!(JwkSet::new([ours(), ours()].concat()), Err(Error::DuplicateKid));
}

#[test]
fn keys_without_kid_are_no_duplicates_and_not_found() {
    let anonymous = Algorithm::ALL.map(|algorithm| {
        let mut members = serde_json::to_value(signer(algorithm).public_jwk()).unwrap();
        members.as_object_mut().unwrap().remove("kid");
        members
    });
    let set = parse(&json!({ "keys": anonymous })).unwrap();
    assert_eq!(set.keys().len(), 4);
    assert!(set.keys().iter().all(|key| key.kid().is_none()));
}

#[rstest]
#[case(json!({}), Error::Set)]
#[case(json!({"keys": {}}), Error::Set)]
#[case(json!({"keys": null}), Error::Set)]
#[case(json!({"keys": [1]}), Error::Set)]
#[case(json!({"keys": [[]]}), Error::Set)]
#[case(json!([]), Error::JsonNotObject)]
#[case(json!("<html>"), Error::JsonNotObject)]
fn key_08_what_is_no_set(#[case] set: Value, #[case] expected: Error) {
    assert_eq!(parse(&set), Err(expected));
}

#[test]
fn key_08_limits_of_a_set() {
    let entries = |count: usize| json!({ "keys": vec![json!({"kty": "future"}); count] });
    assert_eq!(parse(&entries(64)).map(|set| set.keys().len()), Ok(0));
    assert_eq!(parse(&entries(65)), Err(Error::Set));

    let padded = |len: usize| format!("{}{}", " ".repeat(len - 11), r#"{"keys":[]}"#);
    assert!(JwkSet::parse(padded(256 * 1024).as_bytes()).is_ok());
    assert_eq!(JwkSet::parse(padded(256 * 1024 + 1).as_bytes()), Err(Error::Set));
    assert_eq!(JwkSet::parse(b"<html>502</html>"), Err(Error::JsonSyntax));
    assert_eq!(JwkSet::parse(br#"{"keys":[],"keys":[]}"#), Err(Error::JsonDuplicate));
}
