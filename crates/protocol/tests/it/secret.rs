//! Secrets: container, format, checksum.

use std::collections::HashSet;

use proptest::prelude::*;
use rstest::rstest;
use tokenry_protocol::secret::{Brand, InvalidBrand, Secret, SecretKind, Shape, base62, issue, shape};

const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 0, 1, … 31.
fn counted() -> [u8; 32] {
    std::array::from_fn(|at| u8::try_from(at).unwrap())
}

/// The inverse of `base62`, digit by digit on a long number: slow, and not the way the crate does it.
fn decode(text: &str, bytes: usize) -> Vec<u8> {
    let mut number = vec![0_u8; bytes];
    for digit in text.chars() {
        let mut carry = DIGITS.find(digit).unwrap();
        for byte in number.iter_mut().rev() {
            carry += usize::from(*byte) * 62;
            *byte = u8::try_from(carry & 0xFF).unwrap();
            carry >>= 8;
        }
        assert_eq!(carry, 0, "{text} does not fit {bytes} bytes");
    }
    number
}

// The expected texts were computed with Python's integers and zlib.
#[rstest]
#[case(SecretKind::ClientSecret, "tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case(SecretKind::PersonalAccessToken, "tokenry_pat_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1jAjP3")]
fn r21_a_secret_is_written_as_agreed(#[case] kind: SecretKind, #[case] expected: &str) {
    let secret = issue(&Brand::default(), kind, &counted());
    assert_eq!(secret.expose(), expected);
    assert_eq!(shape(&Brand::default(), expected), Shape::Branded(kind));
}

#[test]
fn r21_every_kind_has_its_own_letters() {
    let codes: HashSet<_> = SecretKind::ALL.into_iter().map(SecretKind::code).collect();
    assert_eq!(codes, HashSet::from(["as", "cs", "pat", "rs", "rt"]));
}

#[rstest]
#[case(&[0; 32], "0000000000000000000000000000000000000000000")]
#[case(&[0xFF; 32], "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1")]
fn base62_fills_43_digits_exactly(#[case] bytes: &[u8], #[case] expected: &str) {
    assert_eq!(base62(bytes, 43), expected);
}

#[rstest]
#[case(&[], 0, "")]
#[case(&[], 3, "000")]
#[case(&[0], 0, "")]
#[case(&[61], 1, "z")]
#[case(&[62], 1, "10")]
#[case(&[0, 0, 62], 4, "0010")]
#[case(&[0xCB, 0xF4, 0x39, 0x26], 6, "3jZRME")]
#[case(&[0x36, 0x9B, 0x13, 0xE0], 5, "100000")]
#[case(&[1, 0, 0, 0, 0], 6, "4gfFC4")]
fn base62_pads_and_never_cuts_off(#[case] bytes: &[u8], #[case] width: usize, #[case] expected: &str) {
    assert_eq!(base62(bytes, width), expected);
}

#[rstest]
#[case::nothing_after("tokenry_")]
#[case::no_kind("tokenry_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case::unknown_kind("tokenry_xx_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case::kind_in_capitals("tokenry_CS_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case::another_kind("tokenry_rs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case::cut_off("tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3s")]
#[case::a_character_more("tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ0")]
#[case::a_line_break_more("tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ\n")]
#[case::two_swapped("tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3Qs")]
#[case::non_ascii("tokenry_cs_é")]
#[case::non_ascii_at_the_checksum("tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3é")]
fn ours_but_broken(#[case] value: &str) {
    assert_eq!(shape(&Brand::default(), value), Shape::BadChecksum);
}

#[rstest]
#[case("")]
#[case("tokenry")]
#[case("tokenrycs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case("Tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case(" tokenry_cs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2QK3sQ")]
#[case("ghp_0123456789")]
#[case("correct horse battery staple")]
fn not_ours(#[case] value: &str) {
    assert_eq!(shape(&Brand::default(), value), Shape::Foreign);
}

#[test]
fn another_brand_is_foreign() {
    let acme = Brand::parse("acme").unwrap();
    let secret = issue(&acme, SecretKind::RefreshToken, &counted());
    assert!(secret.expose().starts_with("acme_rt_"));
    assert_eq!(shape(&acme, secret.expose()), Shape::Branded(SecretKind::RefreshToken));
    assert_eq!(shape(&Brand::default(), secret.expose()), Shape::Foreign);
    assert_eq!(shape(&Brand::parse("acm").unwrap(), secret.expose()), Shape::Foreign);
}

#[rstest]
#[case("t", true)]
#[case("tokenry", true)]
#[case("a123456789abcdef", true)]
#[case("a123456789abcdefg", false)]
#[case("", false)]
#[case("1a", false)]
#[case("Acme", false)]
#[case("ac_me", false)]
#[case("ac-me", false)]
#[case("é", false)]
fn a_brand_is_a_short_word(#[case] text: &str, #[case] fits: bool) {
    let expected = if fits { Ok(text.to_owned()) } else { Err(InvalidBrand) };
    assert_eq!(Brand::parse(text).map(|brand| brand.to_string()), expected);
}

#[test]
fn r17_a_secret_is_not_printed() {
    let secret = Secret::new("hunter2hunter2hunter2".to_owned());
    assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(…) Secret(…)");
    assert_eq!((secret.len(), secret.is_empty(), secret.expose()), (21, false, "hunter2hunter2hunter2"));
}

#[rstest]
#[case("0123456789abcdef", "cdef")]
#[case("0123456789abcdé€x", "dé€x")]
#[case("0123456789abcde", "")]
#[case("", "")]
fn the_last_four_characters_of_a_long_secret_only(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(Secret::new(text.to_owned()).last4(), expected);
}

fn any_kind() -> impl Strategy<Value = SecretKind> {
    prop::sample::select(SecretKind::ALL.as_slice())
}

proptest! {
    #[test]
    fn base62_is_exact_and_uniformly_wide(bytes: [u8; 32]) {
        let text = base62(&bytes, 43);
        prop_assert_eq!(text.len(), 43);
        prop_assert_eq!(decode(&text, 32), bytes);
    }

    #[test]
    fn base62_is_exact_for_any_length(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(decode(&base62(&bytes, 0), bytes.len()), bytes);
    }

    #[test]
    fn base62_keeps_the_order_of_numbers(a: [u8; 32], b: [u8; 32]) {
        prop_assert_eq!(base62(&a, 43).cmp(&base62(&b, 43)), a.cmp(&b));
    }

    #[test]
    fn what_is_issued_is_intact(entropy: [u8; 32], kind in any_kind(), brand in "[a-z][a-z0-9]{0,15}") {
        let brand = Brand::parse(&brand).unwrap();
        let secret = issue(&brand, kind, &entropy);
        prop_assert_eq!(shape(&brand, secret.expose()), Shape::Branded(kind));
        prop_assert_eq!(secret.len(), brand.as_str().len() + kind.code().len() + 51);
        prop_assert_eq!(decode(&secret.expose()[secret.len() - 49..secret.len() - 6], 32), entropy);
    }

    #[test]
    fn any_single_character_change_after_the_brand_is_noticed(
        entropy: [u8; 32],
        kind in any_kind(),
        at: prop::sample::Index,
        new in prop_oneof![prop::char::range('!', '~'), any::<char>()],
    ) {
        let brand = Brand::default();
        let secret = issue(&brand, kind, &entropy);
        let start = brand.as_str().len() + 1;
        let at = start + at.index(secret.len() - start);
        let mut changed = secret.expose().to_owned();
        changed.replace_range(at..=at, &new.to_string());
        prop_assume!(changed != secret.expose());
        prop_assert_eq!(shape(&brand, &changed), Shape::BadChecksum);
    }

    #[test]
    fn any_text_has_a_shape(text: String) {
        prop_assert_ne!(shape(&Brand::default(), &format!("tokenry_{text}")), Shape::Foreign);
        let expected = if text.starts_with("tokenry_") { Shape::BadChecksum } else { Shape::Foreign };
        prop_assert_eq!(shape(&Brand::default(), &text), expected);
    }
}
