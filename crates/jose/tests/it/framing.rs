//! The outer form of a token: parts, base64url, sizes, and payloads that are no claims.

use rstest::rstest;
use tokenry_jose::{Algorithm, Error, Unverified, base64url};

use crate::support::{MAX_LEN, claims, refusal, token, verifier};

const HEADER: &str = r#"{"alg":"EdDSA"}"#;

#[test]
fn jwt_17_wrong_number_of_parts() {
    let good = token(HEADER, "{}");
    assert_eq!(refusal(&good), None);
    let (two, signature) = good.rsplit_once('.').unwrap();
    for wrong in [
        "",
        ".",
        two,
        signature,
        &format!("{good}."),
        &format!("{good}.{signature}"),
        &format!("{good}.A.A"),
        &format!(r#"{{"protected":"{two}","signature":"{signature}"}}"#),
    ] {
        assert_eq!(refusal(wrong), Some(Error::Parts), "{wrong:?}");
    }
    assert_eq!(refusal(".."), Some(Error::JsonSyntax));
    assert_eq!(refusal(&format!(".{good}")), Some(Error::Parts));
}

#[test]
fn jwt_17_non_canonical_base64url_in_every_part() {
    // 16, 13 and 64 octets: the last character of each part carries unused bits, which are zero.
    let good = token(r#"{"alg":"EdDSA" }"#, r#"{"sub":"?>~"}"#);
    assert_eq!(refusal(&good), None);
    let parts: Vec<_> = good.split('.').collect();
    for (index, part) in parts.iter().enumerate() {
        let (rest, last) = part.split_at(part.len() - 1);
        for text in [
            format!("{rest}{}", char::from(last.as_bytes()[0] + 1)),
            format!("{part}="),
            format!("{part}=="),
            format!("{part}\n"),
            format!(" {part}"),
            format!("{part}\u{a0}"),
            format!("{}\r\n{}", &part[..4], &part[4..]),
            format!("+{}", &part[1..]),
            format!("/{}", &part[1..]),
            format!("%{}", &part[1..]),
        ] {
            let mut parts = parts.clone();
            parts[index] = &text;
            assert_eq!(refusal(&parts.join(".")), Some(Error::Base64), "part {index}: {text:?}");
        }
    }
}

#[rstest]
#[case("null", Error::JsonNotObject)]
#[case("[]", Error::JsonNotObject)]
#[case("[{\"alg\":\"EdDSA\"}]", Error::JsonNotObject)]
#[case("0", Error::JsonNotObject)]
#[case("\"EdDSA\"", Error::JsonNotObject)]
#[case("true", Error::JsonNotObject)]
#[case("", Error::JsonSyntax)]
#[case("{", Error::JsonSyntax)]
#[case("{}{}", Error::JsonSyntax)]
#[case("{} x", Error::JsonSyntax)]
#[case("\u{feff}{}", Error::JsonSyntax)]
#[case("{\"a\":1,}", Error::JsonSyntax)]
#[case("{'a':1}", Error::JsonSyntax)]
#[case("{\"a\":01}", Error::JsonSyntax)]
#[case("{\"a\":NaN}", Error::JsonSyntax)]
#[case("{\"a\":\"\\ud800\"}", Error::JsonSyntax)]
fn jwt_18_header_or_payload_is_no_object(#[case] text: &str, #[case] expected: Error) {
    assert_eq!(refusal(&token(text, "{}")), Some(expected), "as the header");
    assert_eq!(refusal(&token(HEADER, text)), Some(expected), "as the payload");
}

#[test]
fn jwt_18_payload_that_is_not_utf_8() {
    assert_eq!(refusal(&token(HEADER, b"{\"a\":\"\xff\"}")), Some(Error::JsonSyntax));
    assert_eq!(refusal(&token(HEADER, b"{\"\xc0\x80\":1}")), Some(Error::JsonSyntax));
}

#[test]
fn jwt_18_nested_100_000_deep() {
    let deep = "{\"a\":".repeat(100_000);
    let payload = token(HEADER, &deep);
    let key = verifier(Algorithm::EdDsa);
    let verified =
        Unverified::parse(&payload, usize::MAX).unwrap().verify(&key, &crate::support::ANYTHING).unwrap();
    assert_eq!(verified.claims().err(), Some(Error::JsonDepth));

    let header = "[".repeat(3000);
    assert_eq!(Unverified::parse(&token(&header, "{}"), usize::MAX).err(), Some(Error::JsonDepth));
}

#[test]
fn jwt_18_ten_megabytes() {
    let payload = token(HEADER, format!(r#"{{"a":"{}"}}"#, "a".repeat(10_000_000)));
    assert_eq!(Unverified::parse(&payload, MAX_LEN).err(), Some(Error::TooLarge));

    let header = token(&format!(r#"{{"alg":"EdDSA","a":"{}"}}"#, "a".repeat(10_000_000)), "{}");
    assert_eq!(
        Unverified::parse(&header, usize::MAX).err(),
        Some(Error::TooLarge),
        "whatever the caller allows"
    );
}

#[test]
fn the_limit_is_inclusive() {
    let token = token(HEADER, "{}");
    assert!(Unverified::parse(&token, token.len()).is_ok());
    assert_eq!(Unverified::parse(&token, token.len() - 1).err(), Some(Error::TooLarge));
}

#[rstest]
#[case(r#"{"sub":"a","sub":"b"}"#)]
#[case(r#"{"sub":"a","s\u0075b":"a"}"#)]
#[case(r#"{"cnf":{"jkt":"a","jkt":"b"}}"#)]
#[case(r#"{"a":[[{"b":1,"b":2}]]}"#)]
fn jwt_16_duplicate_claims_at_any_depth(#[case] payload: &str) {
    assert_eq!(refusal(&token(HEADER, payload)), Some(Error::JsonDuplicate));
}

#[test]
fn jwt_10_a_number_beyond_all_bounds_is_refused_not_rounded() {
    assert_eq!(refusal(&token(HEADER, r#"{"exp":1e400}"#)), Some(Error::JsonSyntax));
    assert_eq!(refusal(&token(HEADER, r#"{"exp":-1e400}"#)), Some(Error::JsonSyntax));
}

#[test]
fn the_payload_may_be_anything_but_only_objects_are_claims() {
    let token = token(HEADER, b"\x00\xff");
    let key = verifier(Algorithm::EdDsa);
    let verified =
        Unverified::parse(&token, MAX_LEN).unwrap().verify(&key, &crate::support::ANYTHING).unwrap();
    assert_eq!(verified.payload(), b"\x00\xff");
    assert_eq!(verified.claims().err(), Some(Error::JsonSyntax));
}

/// What is claimed is read with the same strictness before and after the signature is checked.
#[rstest]
#[case(r#"{"sub":"alice"}"#)]
#[case(r#"{"sub":"alice","sub":"bob"}"#)]
#[case("[]")]
#[case("not JSON")]
fn what_is_claimed_is_what_was_signed(#[case] payload: &str) {
    let token = token(HEADER, payload);
    let unverified = Unverified::parse(&token, MAX_LEN).unwrap();
    let claimed = unverified.claimed();
    let verified = unverified.verify(&verifier(Algorithm::EdDsa), &crate::support::ANYTHING).unwrap();
    assert_eq!(claimed, verified.claims());
}

#[test]
fn debug_output_shows_no_token() {
    let token = token(HEADER, r#"{"sub":"alice"}"#);
    let unverified = Unverified::parse(&token, MAX_LEN).unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let payload = base64url::encode(br#"{"sub":"alice"}"#);
    let before = format!("{unverified:?}");
    let after =
        format!("{:?}", unverified.verify(&verifier(Algorithm::EdDsa), &crate::support::ANYTHING).unwrap());
    for text in [before, after] {
        assert!(!text.contains("alice") && !text.contains(&payload) && !text.contains(signature), "{text}");
    }
    assert!(claims(&token, &verifier(Algorithm::EdDsa)).is_ok());
}
