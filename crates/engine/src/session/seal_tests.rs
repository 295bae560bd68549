//! Tests of the codec: what was sealed for a purpose opens for that purpose, until its end, and nothing else does.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use tokenry_jose::{Algorithm, SigningKey};
use tokenry_model::SystemRng;
use tokenry_store::SessionKeyRow;

use super::super::keys::generate;
use super::*;
use crate::keyring::DataKey;

const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);
const HOUR: Duration = Duration::from_secs(3_600);
const COOKIE: Purpose = Purpose::SessionCookie;

fn row() -> SessionKeyRow {
    generate(&DataKey::sample(7), NOW, &SystemRng).unwrap()
}

fn keys(rows: &[SessionKeyRow]) -> SessionKeys {
    SessionKeys::of(rows, DataKey::sample(7))
}

fn seal(keys: &SessionKeys, purpose: Purpose, payload: &str) -> String {
    sealed(&keys.sealing(NOW).unwrap(), purpose, &payload, NOW.plus(HOUR), &SystemRng).unwrap()
}

fn open(keys: &SessionKeys, purpose: Purpose, text: &str) -> Option<String> {
    unsealed(keys, purpose, text, NOW)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn ses_04_a_value_changed_anywhere_is_absent(payload in ".{0,200}", at: prop::sample::Index, bit in 0_u8..8) {
        let keys = keys(&[row()]);
        let text = seal(&keys, COOKIE, &payload);
        prop_assert_eq!(open(&keys, COOKIE, &text), Some(payload));
        let mut bytes = base64url::decode(&text).unwrap();
        bytes[at.index(text.len() * 3 / 4)] ^= 1 << bit;
        prop_assert_eq!(open(&keys, COOKIE, &base64url::encode(&bytes)), None);
        let mut letters = text.clone().into_bytes();
        let letter = &mut letters[at.index(text.len())];
        *letter = if *letter == b'A' { b'B' } else { b'A' };
        prop_assert_eq!(open(&keys, COOKIE, &String::from_utf8(letters).unwrap()), None);
        prop_assert_eq!(open(&keys, COOKIE, &text[..at.index(text.len())]), None);
        prop_assert_eq!(open(&keys, COOKIE, &format!("{text}AAAA")), None);
    }

    #[test]
    fn ses_04_anything_at_all_is_absent(text in ".{0,300}", bytes: Vec<u8>) {
        let keys = keys(&[row()]);
        prop_assert_eq!(open(&keys, COOKIE, &text), None);
        prop_assert_eq!(open(&keys, COOKIE, &base64url::encode(&bytes)), None);
    }
}

#[test]
fn ses_04_parts_of_two_values_make_none() {
    let keys = keys(&[row()]);
    let (a, b) = (seal(&keys, COOKIE, "aaaaaaaaaaaa"), seal(&keys, COOKIE, "bbbbbbbbbbbb"));
    for at in 1..a.len() {
        // Version and key id are the same, and by chance the beginning of what follows.
        let spliced = format!("{}{}", &a[..at], &b[at..]);
        assert_eq!(open(&keys, COOKIE, &spliced).is_some(), spliced == b, "{at}");
    }
}

#[test]
fn ses_06_peer_35_a_value_of_one_purpose_is_nothing_to_another() {
    let keys = keys(&[row()]);
    for made in Purpose::ALL {
        let text = seal(&keys, made, "value");
        for asked in Purpose::ALL {
            assert_eq!(open(&keys, asked, &text).is_some(), made == asked, "{made:?} as {asked:?}");
        }
    }
    let labels = Purpose::ALL.map(Purpose::label);
    assert_eq!(labels.iter().collect::<HashSet<_>>().len(), labels.len());
    for purpose in Purpose::ALL {
        assert!(purpose.cookie().is_none_or(|name| purpose.label().ends_with(name)), "{purpose:?}");
    }
}

/// The id of the key and the purpose stand beside what is encrypted, and are bound to it all the same.
#[test]
fn a20_a_value_is_bound_to_its_key_and_to_its_name() {
    let (mut old, new) = (row(), row());
    old.retired_at = Some(NOW);
    let keys = keys(&[old, new]);
    let text = seal(&keys, COOKIE, "value");
    let sealed = base64url::decode(&text).unwrap();
    let ids = [NOW, Timestamp::from_millis(NOW.as_millis() - 1)]
        .map(|at| keys.sealing(at).unwrap().sealing.id().to_vec());
    assert_ne!(ids[0], ids[1]);
    for id in [ids[1].as_slice(), &[0; 8]] {
        let named_otherwise = [&sealed[..1], id, &sealed[9..]].concat();
        assert_eq!(open(&keys, COOKIE, &base64url::encode(&named_otherwise)), None);
    }
    let unchanged = [&sealed[..1], &ids[0], &sealed[9..]].concat();
    assert_eq!(open(&keys, COOKIE, &base64url::encode(&unchanged)).as_deref(), Some("value"));
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != COOKIE) {
        assert_eq!(open(&keys, purpose, &text), None, "{purpose:?}");
    }
}

#[test]
fn ses_05_neither_half_is_enough() {
    let key_row = row();
    let keys = keys(std::slice::from_ref(&key_row));
    let key = keys.sealing(NOW).unwrap();
    let end = NOW.plus(HOUR).as_millis().to_be_bytes();
    let statement = statement(COOKIE, end, b"\"value\"");
    let honest = key.signing.sign(&statement).unwrap();
    let sealed = |signature: &[u8]| {
        let signed = [signature, &end, b"\"value\""].concat();
        base64url::encode(&key.sealing.seal(COOKIE.label(), &signed, &SystemRng))
    };
    assert_eq!(open(&keys, COOKIE, &sealed(&honest)).as_deref(), Some("value"));
    let (stranger, _pkcs8) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    for signature in [vec![0; 64], vec![], honest[..63].to_vec(), stranger.sign(&statement).unwrap()] {
        assert_eq!(open(&keys, COOKIE, &sealed(&signature)), None, "encrypted, and not signed by us");
    }
    let signed = [honest.as_slice(), &end, b"\"value\""].concat();
    assert_eq!(open(&keys, COOKIE, &base64url::encode(&signed)), None, "signed, and not encrypted");
}

#[test]
fn ses_05_r95_a_retired_key_opens_and_the_next_one_seals() {
    let (mut old, new, other) = (row(), row(), row());
    let before = seal(&keys(std::slice::from_ref(&old)), COOKIE, "value");
    old.retired_at = Some(NOW);
    let both = keys(&[old.clone(), new.clone()]);
    assert_eq!(open(&both, COOKIE, &before).as_deref(), Some("value"));
    let after = seal(&both, COOKIE, "value");
    let (only_old, only_new) = (keys(&[old]), keys(std::slice::from_ref(&new)));
    assert_eq!(open(&only_old, COOKIE, &after), None, "sealed with the new one");
    assert_eq!(open(&only_new, COOKIE, &after).as_deref(), Some("value"));
    assert_eq!(open(&only_new, COOKIE, &before), None, "a removed key opens nothing");
    assert_eq!(open(&keys(&[other]), COOKIE, &after), None, "nor does another installation's");
}

#[test]
fn ses_05_the_next_key_seals_only_when_the_one_before_has_retired() {
    let (mut old, new) = (row(), row());
    old.retired_at = Some(NOW.plus(Duration::from_secs(5)));
    let keys = keys(&[old.clone(), new.clone()]);
    let sealing = |at: Timestamp| keys.sealing(at).unwrap().kid.clone();
    assert_eq!(sealing(NOW), old.kid);
    assert_eq!(sealing(NOW.plus(Duration::from_secs(5))), new.kid);
}

#[test]
fn ses_05_a_million_values_have_a_million_nonces() {
    let keys = keys(&[row()]);
    let key = keys.sealing(NOW).unwrap();
    let nonces: HashSet<[u8; 12]> = (0..1_000_000)
        .map(|_| key.sealing.seal("nonces", b"", &SystemRng)[9..21].try_into().unwrap())
        .collect();
    assert_eq!(nonces.len(), 1_000_000);
}

#[test]
fn ses_08_the_end_is_inside() {
    let keys = keys(&[row()]);
    let text = seal(&keys, COOKIE, "value");
    let at = |now| unsealed::<String>(&keys, COOKIE, &text, now);
    assert_eq!(at(Timestamp::from_millis(NOW.plus(HOUR).as_millis() - 1)).as_deref(), Some("value"));
    assert_eq!(at(NOW.plus(HOUR)), None);
    assert_eq!(at(Timestamp::from_millis(i64::MAX)), None);
    assert_eq!(at(Timestamp::from_millis(i64::MIN)).as_deref(), Some("value"), "a clock that was set back");
}

#[test]
fn ses_09_nothing_longer_than_a_cookie_is_made_or_looked_at() {
    let keys = keys(&[row()]);
    let key = keys.sealing(NOW).unwrap();
    for purpose in Purpose::ALL {
        let sealed = |len: usize| sealed(&key, purpose, &"x".repeat(len), NOW.plus(HOUR), &SystemRng);
        let longest = (1..4_096).rev().find(|len| sealed(*len).is_ok()).unwrap();
        let text = sealed(longest).unwrap();
        let name = match purpose {
            Purpose::ApiCookie => "__Secure-tokenry_api=",
            Purpose::ErrandCookie => "__Host-tokenry_errand=",
            Purpose::Flow => "__Host-tokenry_flow=",
            Purpose::LinkCookie => "__Host-tokenry_link=",
            Purpose::PreSessionCookie => "__Host-tokenry_pre=",
            Purpose::SessionCookie => "__Host-tokenry_sid=",
            _ => "",
        };
        let whole = name.len() + text.len();
        assert!((4_090..=MAX_SEALED).contains(&whole), "{purpose:?}: {whole}");
        assert!(open(&keys, purpose, &text).is_some());
        assert!(matches!(sealed(longest + 1), Err(SealError::TooLong)));
    }
    assert_eq!(open(&keys, COOKIE, &"A".repeat(100_000)), None);
}
