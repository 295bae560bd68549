//! Properties: what is signed verifies, what is changed does not, and nothing panics.

use proptest::prelude::*;
use serde_json::{Value, json};
use tokenry_jose::{
    Algorithm, Error, Expectations, Jwk, JwkSet, SigningKey, Unverified, base64url, constant_time_eq,
    json as strict,
};

use crate::support::{ANYTHING, MAX_LEN, claims, signer, token_by, verifier};

fn algorithm() -> impl Strategy<Value = Algorithm> {
    proptest::sample::select(Algorithm::ALL.to_vec())
}

/// JSON values with integers only, since not every float survives printing and reading in the last digit.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(".{0,8}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies(
        algorithm in algorithm(),
        typ in ".{1,40}",
        payload in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let key = signer(algorithm);
        let token = key.sign_compact(&key.header(&typ), &payload).unwrap();
        let expected = Expectations { algorithms: &[algorithm], typ: &[&typ] };
        let verified = Unverified::parse(&token, MAX_LEN).unwrap().verify(&verifier(algorithm), &expected).unwrap();
        prop_assert_eq!(verified.payload(), &payload[..]);
        prop_assert_eq!(verified.header().typ.as_deref(), Some(typ.as_str()));
    }

    #[test]
    fn claims_come_back(members in proptest::collection::btree_map(".{0,12}", json_value(), 0..6)) {
        let payload = json!(members);
        let token = token_by(signer(Algorithm::EdDsa), r#"{"alg":"EdDSA"}"#, payload.to_string());
        prop_assert_eq!(claims(&token, &verifier(Algorithm::EdDsa)).map(Value::Object), Ok(payload));
    }

    #[test]
    fn any_changed_octet_is_refused(algorithm in algorithm(), at in any::<prop::sample::Index>(), change in 1u8..128) {
        let key = signer(algorithm);
        let mut token = key.sign_compact(&key.header("JWT"), br#"{"sub":"alice"}"#).unwrap().into_bytes();
        let at = at.index(token.len());
        token[at] ^= change;
        let token = String::from_utf8(token).unwrap();
        prop_assert!(claims(&token, &verifier(algorithm)).is_err(), "octet {} to {:?}", at, &token[at..=at]);
    }

    #[test]
    fn any_removed_or_inserted_octet_is_refused(algorithm in algorithm(), at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_.-]") {
        let key = signer(algorithm);
        let token = key.sign_compact(&key.header("JWT"), br#"{"sub":"alice"}"#).unwrap();
        let at = at.index(token.len());
        let removed = format!("{}{}", &token[..at], &token[at + 1..]);
        let inserted = format!("{}{new}{}", &token[..at], &token[at..]);
        prop_assert!(claims(&removed, &verifier(algorithm)).is_err());
        prop_assert!(claims(&inserted, &verifier(algorithm)).is_err());
    }

    #[test]
    fn any_flipped_bit_of_message_or_signature_is_refused(algorithm in algorithm(), at in any::<prop::sample::Index>()) {
        let (mut message, mut signature) = (*b"message", signer(algorithm).sign(b"message").unwrap());
        let bit = at.index((message.len() + signature.len()) * 8);
        let octet = bit / 8;
        match octet.checked_sub(message.len()) {
            None => message[octet] ^= 1 << (bit % 8),
            Some(octet) => signature[octet] ^= 1 << (bit % 8),
        }
        prop_assert_eq!(verifier(algorithm).verify(&message, &signature), Err(Error::Signature));
    }

    #[test]
    fn equality(a in proptest::collection::vec(any::<u8>(), 0..40), b in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(constant_time_eq(&a, &b), a == b);
        prop_assert!(constant_time_eq(&a, &a.clone()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn base64url_is_a_bijection(octets in proptest::collection::vec(any::<u8>(), 0..80), text in "[A-Za-z0-9_=+/ -]{0,12}") {
        prop_assert_eq!(base64url::decode(&base64url::encode(&octets)), Ok(octets));
        if let Ok(octets) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&octets), text);
        }
    }

    #[test]
    fn strict_json_reads_what_serde_json_writes(value in json_value()) {
        prop_assert_eq!(strict::from_slice(value.to_string().as_bytes()), Ok(value));
    }

    #[test]
    fn strict_json_accepts_no_more_than_serde_json(text in r#"[\[\]{}:, "a0-9.eE\\ntrufls+-]{0,24}"#) {
        if let Ok(value) = strict::from_slice(text.as_bytes()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        }
    }

    #[test]
    fn a_repeated_member_is_refused_wherever_it_is(value in json_value(), name in "[a-z]{1,4}", wrap in 0usize..4) {
        let object = format!(r#"{{"{name}":{value},"x":[],"{name}":{value}}}"#);
        let text = (0..wrap).fold(object, |text, level| if level % 2 == 0 { format!("[1,{text}]") } else { format!(r#"{{"w":{text}}}"#) });
        prop_assert_eq!(strict::from_slice(text.as_bytes()), Err(Error::JsonDuplicate));
    }

    #[test]
    fn nothing_panics(text in ".{0,80}", octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(Unverified::parse(&text, MAX_LEN).is_err());
        prop_assert!(SigningKey::from_pkcs8(Algorithm::Es256, &octets).is_err());
        prop_assert!(Jwk::parse(&octets).is_err());
        prop_assert!(JwkSet::parse(&octets).is_err());
        let framed = format!("{}.{}.{text}", base64url::encode(br#"{"alg":"ES256"}"#), base64url::encode(&octets));
        let verified = Unverified::parse(&framed, MAX_LEN).and_then(|token| token.verify(&verifier(Algorithm::Es256), &ANYTHING));
        prop_assert!(verified.is_err());
    }
}
