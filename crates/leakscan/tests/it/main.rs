//! What is found, and what is not taken for a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tokenry_leakscan::{assert_none, in_bytes, in_folder};
use tokenry_protocol::secret::{Brand, SecretKind, issue};

fn secret(kind: SecretKind) -> String {
    issue(&Brand::default(), kind, &[7; 32]).expose().to_owned()
}

#[test]
fn leak_01_every_kind_of_secret_is_found_wherever_it_stands() {
    for kind in SecretKind::ALL {
        let secret = secret(kind);
        for text in
            [secret.clone(), format!("x{secret}"), format!("a \"{secret}\" b"), format!("{secret}zzzz")]
        {
            let found = in_bytes(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert!(!found[0].to_string().contains(&secret), "{}", found[0]);
        }
    }
}

#[test]
fn leak_01_so_it_is_in_base64_and_in_hexadecimal() {
    let secret = secret(SecretKind::ClientSecret);
    for id in ["a", "ab", "abc", "abcd"] {
        for encoded in
            [STANDARD.encode(format!("{id}:{secret}")), URL_SAFE_NO_PAD.encode(format!("{id}:{secret}:more"))]
        {
            assert_eq!(in_bytes(format!("Basic {encoded}, more").as_bytes()).len(), 1, "{id} {encoded}");
        }
    }
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(in_bytes(format!("\\x{hex}").as_bytes()).len(), 1);
}

#[test]
fn a_signed_token_is_found_and_its_first_two_parts_are_not() {
    let (header, payload) =
        (URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode("{\"a\":1}"));
    let token = format!("{header}.{payload}.{}", "s".repeat(86));
    assert_eq!(in_bytes(format!("Bearer {token}\n").as_bytes()).len(), 1);
    for harmless in [format!("{header}.{payload}"), format!("{header}.{payload}."), header] {
        assert_eq!(in_bytes(harmless.as_bytes()), [], "{harmless}");
    }
}

#[test]
fn what_only_looks_like_a_secret_is_none() {
    let secret = secret(SecretKind::ClientSecret);
    let wrong = secret.replace(&secret[20..21], if &secret[20..21] == "a" { "b" } else { "a" });
    for text in [&wrong, &secret[..secret.len() - 1], "tokenry_cs_…abcd", "tokenry_token_requests_total"] {
        assert_none("the text", text.as_bytes());
    }
}

#[test]
#[should_panic(expected = "the log holds secrets")]
fn who_asserts_is_told() {
    assert_none("the log", secret(SecretKind::RefreshToken).as_bytes());
}

#[test]
fn folders_are_searched_to_the_bottom() {
    let folder = std::env::temp_dir().join(format!("tokenry-leakscan-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("a/b")).unwrap();
    std::fs::write(folder.join("a/b/log"), secret(SecretKind::AccountSecret)).unwrap();
    std::fs::write(folder.join("a/clean"), "nothing").unwrap();
    let found = in_folder(&folder, &|_| true).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].0.ends_with("a/b/log"));
    std::fs::remove_dir_all(&folder).unwrap();
}
