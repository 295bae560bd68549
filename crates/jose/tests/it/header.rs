//! Headers that must not be followed (RFC 8725), each on a token whose signature is right.

use rstest::rstest;
use serde_json::json;
use tokenry_jose::{Algorithm, Error, Expectations, JwkSet, Unverified};

use crate::support::{ANYTHING, MAX_LEN, claims, refusal, signer, token, token_by, verifier};

#[test]
fn a_plain_header_is_accepted() {
    assert_eq!(refusal(&token(r#"{"alg":"EdDSA"}"#, "{}")), None);
    assert_eq!(refusal(&token(r#"{"alg":"EdDSA","typ":"JWT","x":[{"unknown":1}],"x5t":"AA"}"#, "{}")), None);
}

#[rstest]
#[case(r#"{"alg":"none"}"#)]
#[case(r#"{"alg":"None"}"#)]
#[case(r#"{"alg":"nOnE"}"#)]
#[case(r#"{"alg":"NONE"}"#)]
#[case(r#"{"alg":""}"#)]
#[case(r#"{"alg":" EdDSA"}"#)]
#[case(r#"{"alg":"eddsa"}"#)]
#[case(r#"{"alg":"es256"}"#)]
#[case(r#"{"alg":null}"#)]
#[case(r#"{"alg":["EdDSA"]}"#)]
#[case(r#"{"alg":0}"#)]
#[case(r#"{"typ":"JWT"}"#)]
#[case(r#"{}"#)]
fn jwt_01_alg_none_missing_or_misspelled(#[case] header: &str) {
    let signed = token(header, "{}");
    assert_eq!(refusal(&signed), Some(Error::AlgorithmUnsupported));

    let (signing_input, _) = signed.rsplit_once('.').unwrap();
    assert_eq!(
        refusal(&format!("{signing_input}.")),
        Some(Error::AlgorithmUnsupported),
        "with a trailing dot"
    );
    assert_eq!(refusal(signing_input), Some(Error::Parts), "without");
}

#[rstest]
#[case("HS256")]
#[case("HS384")]
#[case("HS512")]
#[case("RS384")]
#[case("RS512")]
#[case("PS384")]
#[case("ES256K")]
#[case("ES384")]
#[case("dir")]
#[case("RSA1_5")]
#[case("RSA-OAEP")]
#[case("PBES2-HS256+A128KW")]
fn jwt_20_other_algorithms_are_not_there(#[case] alg: &str) {
    assert_eq!(refusal(&token(&json!({ "alg": alg }).to_string(), "{}")), Some(Error::AlgorithmUnsupported));
    assert_eq!(Algorithm::parse(alg), Err(Error::AlgorithmUnsupported));
}

#[test]
fn jwt_05_a_kid_is_data_and_finds_nothing() {
    let set =
        JwkSet::new(Algorithm::ALL.map(|algorithm| signer(algorithm).public_jwk().clone()).to_vec()).unwrap();
    for kid in ["../../etc/passwd", "' OR 1=1--", "https://evil.example/jwks", "*", "0", &"k".repeat(256)] {
        let token = token(&json!({ "alg": "EdDSA", "kid": kid }).to_string(), "{}");
        let unverified = Unverified::parse(&token, MAX_LEN).unwrap();
        assert_eq!(unverified.header().kid.as_deref(), Some(kid));
        assert_eq!(set.find(kid), None);
        assert_eq!(refusal(&token), Some(Error::KidMismatch));
    }
}

#[rstest]
#[case(json!("kid\u{0}"), Error::Kid)]
#[case(json!("kid\r\nSet-Cookie: a=b"), Error::Kid)]
#[case(json!(""), Error::Kid)]
#[case(json!("k".repeat(257)), Error::Kid)]
#[case(json!("k".repeat(100_000)), Error::TooLarge)]
#[case(json!(null), Error::Kid)]
#[case(json!(7), Error::Kid)]
#[case(json!(["kid"]), Error::Kid)]
fn jwt_05_a_kid_that_is_no_short_printable_string(#[case] kid: serde_json::Value, #[case] expected: Error) {
    let token = token(&json!({ "alg": "EdDSA", "kid": kid }).to_string(), "{}");
    assert_eq!(Unverified::parse(&token, usize::MAX).err(), Some(expected));
}

#[rstest]
#[case("jku", json!("https://evil.example/jwks"))]
#[case("jku", json!("http://127.0.0.1/"))]
#[case("x5u", json!("https://evil.example/chain.pem"))]
fn jwt_06_key_urls(#[case] name: &str, #[case] value: serde_json::Value) {
    assert_eq!(
        refusal(&token(&json!({ "alg": "EdDSA", name: value }).to_string(), "{}")),
        Some(Error::KeyInHeader)
    );
}

#[test]
fn jwt_07_embedded_keys() {
    let jwk = signer(Algorithm::EdDsa).public_jwk();
    for header in [json!({ "alg": "EdDSA", "jwk": jwk }), json!({ "alg": "EdDSA", "x5c": ["MIIB"] })] {
        assert_eq!(refusal(&token(&header.to_string(), "{}")), Some(Error::KeyInHeader));
    }
}

#[rstest]
#[case(json!(["exp"]))]
#[case(json!(["http://example.com/UNDEFINED"]))]
#[case(json!([]))]
#[case(json!(["alg"]))]
#[case(json!(["b64", "b64"]))]
#[case(json!("exp"))]
#[case(json!({}))]
#[case(json!(null))]
#[case(json!(false))]
fn jwt_08_crit(#[case] crit: serde_json::Value) {
    let header = json!({ "alg": "EdDSA", "crit": crit, "exp": 1 });
    assert_eq!(refusal(&token(&header.to_string(), "{}")), Some(Error::Critical));
}

#[rstest]
#[case(json!({ "alg": "EdDSA", "b64": false }), Error::Unencoded)]
#[case(json!({ "alg": "EdDSA", "b64": true }), Error::Unencoded)]
#[case(json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"] }), Error::Unencoded)]
fn jwt_09_unencoded_payload(#[case] header: serde_json::Value, #[case] expected: Error) {
    assert_eq!(refusal(&token(&header.to_string(), "{}")), Some(expected));
}

#[rstest]
#[case(json!({ "alg": "EdDSA", "zip": "DEF" }), Error::Compressed)]
#[case(json!({ "alg": "EdDSA", "enc": "A256GCM" }), Error::Encrypted)]
#[case(json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_648_u64, "p2s": "AA" }), Error::Encrypted)]
#[case(json!({ "alg": "RSA1_5", "enc": "A128GCM" }), Error::Encrypted)]
fn jwt_20_encryption_and_compression(#[case] header: serde_json::Value, #[case] expected: Error) {
    let token = token(&header.to_string(), "{}");
    assert_eq!(refusal(&token), Some(expected));
    assert_eq!(refusal(&format!("{token}.AAAA.AAAA")), Some(Error::Parts), "as a JWE of five parts");
}

#[test]
fn jwt_20_a_nested_token_has_no_claims() {
    let inner = token(r#"{"alg":"EdDSA"}"#, "{}");
    let outer = token(r#"{"alg":"EdDSA","cty":"JWT"}"#, &inner);
    assert_eq!(refusal(&outer), Some(Error::JsonSyntax));
}

#[test]
fn jwt_14_each_typ_passes_only_where_it_is_expected() {
    const TYPES: [&str; 8] = [
        "",
        "JWT",
        "at+jwt",
        "client-authentication+jwt",
        "dpop+jwt",
        "logout+jwt",
        "oauth-authz-req+jwt",
        "secevent+jwt",
    ];
    let key = verifier(Algorithm::EdDsa);
    for sent in TYPES {
        let header =
            if sent.is_empty() { json!({"alg": "EdDSA"}) } else { json!({"alg": "EdDSA", "typ": sent}) };
        let token = token(&header.to_string(), "{}");
        for expected in TYPES {
            let result = Unverified::parse(&token, MAX_LEN)
                .unwrap()
                .verify(&key, &Expectations { typ: &[expected], ..ANYTHING });
            assert_eq!(
                result.err(),
                (sent != expected).then_some(Error::Typ),
                "{sent:?} where {expected:?} is due"
            );
        }
    }
}

#[rstest]
#[case("at+jwt", true)]
#[case("AT+JWT", true)]
#[case("application/at+jwt", true)]
#[case("Application/At+Jwt", true)]
#[case("JWT", false)]
#[case("at+jwt ", false)]
#[case("at+jwt;v=1", false)]
#[case("at", false)]
#[case("application/", false)]
#[case("application/application/at+jwt", false)]
#[case("text/at+jwt", false)]
#[case("æpplication/at+jwt", false)]
fn jwt_15_typ_is_compared_as_a_media_type(#[case] typ: &str, #[case] accepted: bool) {
    let token = token(&json!({ "alg": "EdDSA", "typ": typ }).to_string(), "{}");
    for expected in ["at+jwt", "application/at+jwt"] {
        let result = Unverified::parse(&token, MAX_LEN)
            .unwrap()
            .verify(&verifier(Algorithm::EdDsa), &Expectations { typ: &[expected], ..ANYTHING });
        assert_eq!(result.err(), (!accepted).then_some(Error::Typ));
    }
}

#[test]
fn jwt_15_typ_missing_or_of_another_type() {
    let key = verifier(Algorithm::EdDsa);
    let only_at = Expectations { typ: &["at+jwt"], ..ANYTHING };
    let missing = token(r#"{"alg":"EdDSA"}"#, "{}");
    assert_eq!(Unverified::parse(&missing, MAX_LEN).unwrap().verify(&key, &only_at).err(), Some(Error::Typ));
    for typ in ["null", "\"\"", "[\"at+jwt\"]", "1"] {
        let token = token(&format!(r#"{{"alg":"EdDSA","typ":{typ}}}"#), "{}");
        assert_eq!(Unverified::parse(&token, MAX_LEN).err(), Some(Error::Typ));
    }
}

#[test]
fn empty_expectations_allow_nothing() {
    let key = verifier(Algorithm::EdDsa);
    let token = token(r#"{"alg":"EdDSA"}"#, "{}");
    let refused = |expected| Unverified::parse(&token, MAX_LEN).unwrap().verify(&key, &expected).err();
    assert_eq!(refused(Expectations { algorithms: &[], ..ANYTHING }), Some(Error::AlgorithmNotExpected));
    assert_eq!(refused(Expectations { typ: &[], ..ANYTHING }), Some(Error::Typ));
}

#[rstest]
#[case(r#"{"alg":"none","alg":"EdDSA"}"#)]
#[case(r#"{"alg":"EdDSA","alg":"EdDSA"}"#)]
#[case(r#"{"alg":"EdDSA","al\u0067":"none"}"#)]
#[case(r#"{"alg":"EdDSA","x":{"a":1,"a":1}}"#)]
#[case(r#"{"alg":"EdDSA","x":1,"x":2}"#)]
fn jwt_16_duplicate_header_members(#[case] header: &str) {
    assert_eq!(refusal(&token(header, "{}")), Some(Error::JsonDuplicate));
}

#[test]
fn the_header_of_our_own_tokens() {
    for algorithm in Algorithm::ALL {
        let key = signer(algorithm);
        let token = key.sign_compact(&key.header("at+jwt"), b"{}").unwrap();
        let unverified = Unverified::parse(&token, MAX_LEN).unwrap();
        assert_eq!(unverified.header().alg, algorithm);
        assert_eq!(unverified.header().kid.as_deref(), Some(key.kid()));
        assert_eq!(unverified.header().typ.as_deref(), Some("at+jwt"));
    }
    let quoted = token_by(signer(Algorithm::EdDsa), r#"{"alg":"EdDSA","typ":"\"},{\""}"#, "{}");
    let typ = Unverified::parse(&quoted, MAX_LEN).unwrap().header().typ.clone().unwrap();
    let ours = signer(Algorithm::EdDsa).sign_compact(&signer(Algorithm::EdDsa).header(&typ), b"{}").unwrap();
    assert_eq!(Unverified::parse(&ours, MAX_LEN).unwrap().header().typ, Some(typ), "typ is escaped");
    assert_eq!(claims(&ours, &verifier(Algorithm::EdDsa)).err(), Some(Error::Typ));
}
