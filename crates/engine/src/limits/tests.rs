//! Tests of what is counted together, and of floods.

use std::net::Ipv4Addr;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const LIMITS: GuessLimits =
    GuessLimits { failures_per_client: 3, names_per_address: 4, refused_per_address: 10 };

fn here(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([203, 0, 113, last]))
}

fn named(name: &str) -> Party {
    Party::new(Some(name), here(1))
}

fn after(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

/// How often `party` is let fail.
fn failures(limits: &Limits, party: &Party, now: Timestamp) -> usize {
    (0..1_000).take_while(|_| limits.fail(party, now).is_ok()).count()
}

#[test]
fn r104_a_name_is_limited_from_one_address_only() {
    let limits = Limits::new(LIMITS);
    assert_eq!(failures(&limits, &named("cron"), NOW), 3);
    for other in [named("Cron"), Party::new(Some("cron"), here(2)), Party::new(Some("cron"), None)] {
        assert!(limits.admit(&other, NOW).is_ok(), "{other:?}");
    }
    let refusal = limits.admit(&named("cron"), after(20)).unwrap_err();
    assert_eq!((refusal.reason, refusal.retry_after), ("rate_limited", Some(Duration::from_secs(40))));
    assert!(limits.admit(&named("cron"), after(60)).is_ok());
}

/// Many who fail are not taken for one who tries many names.
#[test]
fn log_04_a_name_from_anywhere_limits_nobody_else() {
    let limits = Limits::new(LIMITS);
    for n in 0..9 {
        assert_eq!(failures(&limits, &Party::anywhere(&format!("user{n}")), NOW), 3);
    }
    for other in [Party::anywhere("other"), Party::new(Some("user1"), None), Party::new(None, None)] {
        assert!(limits.admit(&other, NOW).is_ok(), "{other:?}");
    }
    assert!(limits.admit(&Party::anywhere("user1"), after(60)).is_ok());
}

#[test]
fn http_18_addresses_of_one_64_are_one() {
    let limits = Limits::new(LIMITS);
    let from = |address: &str| Party::new(Some("cron"), Some(address.parse().unwrap()));
    assert_eq!(failures(&limits, &from("2001:db8::1"), NOW), 3);
    assert!(limits.admit(&from("2001:db8::ffff:1"), NOW).is_err());
    assert!(limits.admit(&from("2001:db8:0:1::1"), NOW).is_ok());
}

#[test]
fn r104_an_address_is_limited_as_a_whole_after_more_names_than_it_may() {
    let limits = Limits::new(LIMITS);
    for name in ["a", "b", "c", "d"] {
        limits.fail(&named(name), NOW).unwrap();
        limits.fail(&named(name), NOW).unwrap();
    }
    assert!(limits.admit(&named("honest"), NOW).is_ok(), "four names may fail");
    limits.fail(&named("e"), NOW).unwrap();
    for party in [named("honest"), named("a"), Party::new(None, here(1))] {
        assert!(limits.admit(&party, NOW).is_err(), "{party:?}");
    }
    assert!(limits.admit(&Party::new(Some("honest"), here(2)), NOW).is_ok());
    assert!(limits.admit(&named("honest"), after(60)).is_ok());
}

#[test]
fn r104_what_names_nobody_limits_nothing_but_that() {
    let limits = Limits::new(LIMITS);
    let nameless = Party::new(None, here(1));
    assert_eq!(failures(&limits, &nameless, NOW), 10);
    assert!(limits.admit(&named("honest"), NOW).is_ok());
    assert!(limits.admit(&Party::new(None, here(2)), NOW).is_ok());
    assert!(limits.admit(&nameless, after(60)).is_ok());
}

#[test]
fn r104_an_unknown_address_is_limited_like_any() {
    let limits = Limits::new(LIMITS);
    assert_eq!(failures(&limits, &Party::new(Some("cron"), None), NOW), 3);
}

#[test]
fn r104_the_right_secret_is_not_told_from_a_wrong_one_while_others_fail() {
    let limits = Limits::new(LIMITS);
    let party = named("cron");
    limits.admit(&party, NOW).unwrap();
    assert_eq!(failures(&limits, &party, NOW), 3, "others that came with it");
    let right = limits.judge(&party, Ok(()), NOW).unwrap_err();
    let wrong = limits.judge::<()>(&party, Err(Refusal::invalid_client("wrong_secret")), NOW).unwrap_err();
    assert_eq!((right.reason, right.retry_after), (wrong.reason, wrong.retry_after));
    assert_eq!(right.error.to_json(), wrong.error.to_json());
}

#[test]
fn what_is_no_failed_authentication_does_not_count() {
    let limits = Limits::new(LIMITS);
    for _ in 0..100 {
        let judged =
            limits.judge::<()>(&named("cron"), Err(Refusal::unavailable("storage_unavailable")), NOW);
        assert_eq!(judged.unwrap_err().reason, "storage_unavailable");
        limits.judge(&named("cron"), Ok(()), NOW).unwrap();
    }
}

#[test]
fn nothing_is_limited_by_zero() {
    let limits = Limits::new(GuessLimits::NONE);
    for n in 0..1_000 {
        limits.fail(&named("cron"), NOW).unwrap();
        limits.fail(&named(&format!("c{n}")), NOW).unwrap();
        limits.fail(&Party::new(None, here(1)), NOW).unwrap();
    }
}

/// Many strangers, each with an address and a name of its own.
#[test]
fn r104_a_flood_of_names_and_addresses_fills_no_memory_and_frees_nobody() {
    let limits = Limits::new(LIMITS);
    let (blocked, flooding) = (named("cron"), Party::new(Some("f"), here(9)));
    assert_eq!(failures(&limits, &blocked, NOW), 3);
    for name in ["1", "2", "3", "4", "5"] {
        limits.fail(&Party::new(Some(name), here(9)), NOW).unwrap();
    }
    for n in 0..200_000_u32 {
        let address = IpAddr::from(Ipv4Addr::from(n.wrapping_mul(2_654_435_761)));
        let _told = limits.fail(&Party::new(Some(&n.to_string()), Some(address)), after(1));
    }
    assert!(limits.admit(&blocked, after(2)).is_err());
    assert!(limits.admit(&flooding, after(2)).is_err());
    let mut counts = limits.counts.lock();
    assert_eq!((counts.pairs.iter_mut().count(), counts.addresses.iter_mut().count()), (50_000, 20_000));
}
