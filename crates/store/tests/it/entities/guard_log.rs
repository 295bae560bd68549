//! The log of each API: numbered without holes whoever numbers, read in pieces, forgotten when over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use tokenry_model::{Revocation, RevokedKind};
use tokenry_store::{Error, Store, statements};

use super::Engine::{self, Postgres, Sqlite};
use super::guard_world::{assign, handle, world_of_guards};
use super::samples::*;
use super::{World, race};

/// Disables a company of a corporation and enables it again: four events for each API whose resources belong to companies.
async fn toggle(store: &Store, id: &str) {
    for disabled_at in [Some(NOW), None] {
        store.set_company_state(&company_id(id), disabled_at, NOW, &[]).await.unwrap();
    }
}

/// Eight number while four write: every event has a number and none has two, and of each company the order is kept.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_numbers_no_number_is_missing_or_given_twice(#[values(Sqlite, Postgres)] engine: Engine) {
    const WRITERS: u64 = 4;
    const EACH: usize = 5;
    let world = World::open(engine).await;
    world.store.create_corporation(&corporation("group"), &[]).await.unwrap();
    for n in 0..WRITERS {
        world.store.create_company(&company_of(&format!("c{n}"), "group"), &[]).await.unwrap();
    }
    for id in ["timesheets", "payroll"] {
        world.store.create_resource_server(&api(id), None, &[]).await.unwrap();
    }
    let written = Arc::new(AtomicBool::new(false));
    let numbering: Vec<_> = (0..8)
        .map(|n| {
            let store = if n % 2 == 0 { world.store.clone() } else { world.other.clone() };
            tokio::spawn(number_until(store, Arc::clone(&written)))
        })
        .collect();
    race(&world, WRITERS, |store, n| async move {
        for _ in 0..EACH {
            toggle(&store, &format!("c{n}")).await;
        }
    })
    .await;
    written.store(true, Ordering::SeqCst);
    let mut numbered = 0;
    for numberer in numbering {
        numbered += numberer.await.unwrap();
    }
    let all = WRITERS * EACH as u64 * 4;
    assert_eq!(numbered, 2 * all, "each was numbered by one of them");
    assert!(!world.store.any_unnumbered_guard_event().await.unwrap());
    let all = i64::try_from(all).unwrap();
    let counters = [(api_id("payroll"), all), (api_id("timesheets"), all)];
    assert_eq!(world.other.guard_counters().await.unwrap(), counters.into());
    for id in ["timesheets", "payroll"] {
        let events = world.learned(id, 0).await;
        let numbers = (1..=all).map(|seq| seq.to_string());
        assert!(events.iter().map(|it| it.split(' ').next().unwrap()).eq(numbers), "{events:?}");
        for n in 0..WRITERS {
            let company = format!(" c{n}");
            let own = events.iter().filter(|it| it.ends_with(&company));
            let words = own.map(|it| it.split(' ').nth(1).unwrap());
            let expected = ["disabled", "left", "enabled", "joined"];
            assert!(words.eq(expected.into_iter().cycle().take(EACH * 4)), "{company}: {events:?}");
        }
    }
}

/// Numbers three at a time until nobody writes any more and nothing is left; says how many.
async fn number_until(store: Store, written: Arc<AtomicBool>) -> u64 {
    let mut numbered = 0;
    loop {
        let last = written.load(Ordering::SeqCst);
        match store.number_guard_events(3).await {
            Ok(0) if last => return numbered,
            Ok(0) => tokio::time::sleep(Duration::from_millis(2)).await,
            Ok(some) => numbered += some,
            // So many at once may take PostgreSQL longer than one call may last.
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
    }
}

#[rstest]
#[tokio::test]
async fn as_many_are_numbered_as_were_asked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let (store, timesheets) = (&world.store, api_id("timesheets"));
    assert!(!store.any_unnumbered_guard_event().await.unwrap());
    assert_eq!(store.number_guard_events(10).await.unwrap(), 0);
    assert_eq!(store.guard_counter(&timesheets).await.unwrap(), 0);
    for (n, jti) in jtis(5).iter().enumerate() {
        store.revoke_token(revoked_token(jti, later(60 + n as u64)), &[]).await.unwrap();
    }
    assert!(world.other.any_unnumbered_guard_event().await.unwrap());
    assert_eq!(world.other.guard_events_after(&timesheets, 0, 10).await.unwrap(), [], "not without a number");
    for (numbered, counter) in [(2, 2), (2, 4), (1, 5), (0, 5)] {
        assert_eq!(store.number_guard_events(2).await.unwrap(), numbered);
        assert_eq!(world.other.guard_counter(&timesheets).await.unwrap(), counter);
    }
    let page = world.other.guard_events_after(&timesheets, 1, 3).await.unwrap();
    assert_eq!(page.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(world.other.guard_counters().await.unwrap(), [(timesheets, 5)].into(), "others had no event");
}

fn jtis(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{}{n:05}", &JTI[..27])).collect()
}

/// What was swept is missed by who needs it, and what nobody could have heard of is kept.
#[rstest]
#[tokio::test]
async fn what_is_over_is_forgotten_and_leaves_a_hole(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let (store, timesheets) = (&world.store, api_id("timesheets"));
    let jtis = jtis(3);
    store.revoke_token(revoked_token(&jtis[0], later(100)), &[]).await.unwrap();
    toggle(store, "globex").await;
    store.revoke_token(revoked_token(&jtis[1], later(9_000)), &[]).await.unwrap();
    let before = [
        format!("1 revoked/token {} until +100", jtis[0]),
        "2 disabled globex".to_owned(),
        "3 enabled globex".to_owned(),
        format!("4 revoked/token {} until +9000", jtis[1]),
    ];
    assert_eq!(world.learned("timesheets", 0).await, before);
    store.revoke_token(revoked_token(&jtis[2], later(100)), &[]).await.unwrap();

    let delete = async |before, revoked| {
        store.delete_expired_guard_events(later(before), later(revoked), 1).await.unwrap()
    };
    assert_eq!(delete(599, 99).await, 0);
    assert_eq!(delete(599, 100).await, 1);
    assert_eq!(delete(599, 100).await, 0, "one has no number yet");
    assert_eq!(delete(600, 100).await, 2, "one of each kind");
    assert_eq!(delete(600, 100).await, 1);
    assert_eq!(delete(600, 100).await, 0);
    let after = [before[3].clone(), format!("5 revoked/token {} until +100", jtis[2])];
    assert_eq!(world.learned("timesheets", 0).await, after, "1 to 3 are missing");
    assert_eq!(world.learned("timesheets", 3).await, after);
    assert_eq!(world.learned("payroll", 0).await, ["2 enabled globex"], "the last one stays");
    assert_eq!(world.store.guard_counter(&api_id("payroll")).await.unwrap(), 2, "a hole right after 0");
    assert_eq!(store.guard_counter(&timesheets).await.unwrap(), 5);
}

/// As after a restore, which takes back what happened last.
#[rstest]
#[tokio::test]
async fn a_number_that_is_given_again_has_another_tag(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let (timesheets, jtis) = (api_id("timesheets"), jtis(5));
    let tags = async || {
        while world.store.number_guard_events(100).await.unwrap() > 0 {}
        let mut tags = Vec::new();
        for event in world.other.guard_events_after(&timesheets, 0, 10).await.unwrap() {
            assert_eq!(world.store.guard_event_tag(&timesheets, event.seq).await.unwrap(), event.tag);
            tags.push(event.tag);
        }
        tags
    };
    for jti in &jtis[..3] {
        world.store.revoke_token(revoked_token(jti, later(9_999)), &[]).await.unwrap();
    }
    let before = tags().await;
    assert_eq!(tags().await, before);
    world.database.tamper("DELETE FROM guard_events WHERE seq > 1; UPDATE guard_counters SET seq = 1");
    assert_eq!(tags().await, before[..1]);
    for seq in [0, 2, i64::MAX] {
        assert_eq!(world.store.guard_event_tag(&timesheets, seq).await.unwrap(), "");
    }
    for jti in &jtis[3..] {
        world.store.revoke_token(revoked_token(jti, later(9_999)), &[]).await.unwrap();
    }
    let after = tags().await;
    assert_eq!((after.len(), &after[0]), (3, &before[0]));
    let all: std::collections::BTreeSet<_> = before.iter().chain(&after[1..]).collect();
    assert_eq!(all.len(), 5, "{before:?} {after:?}");
}

/// The state of a snapshot: what is revoked now, numbered or not, of this API alone.
#[rstest]
#[tokio::test]
async fn what_is_revoked_is_read_in_pages(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let store = &world.store;
    let jtis = jtis(5);
    for (n, jti) in jtis.iter().enumerate() {
        store.revoke_token(revoked_token(jti, later(100 + n as u64)), &[]).await.unwrap();
    }
    toggle(store, "globex").await;
    store.number_guard_events(3).await.unwrap();
    store.revoke_client_secret(&client_id("cron"), &secret_id("cron"), NOW, &[]).await.unwrap();

    let pages = async |api: &str, now| {
        let mut entries: Vec<(i64, Revocation)> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |(id, _)| *id);
            let page = world.other.revoked_after(&api_id(api), after, now, 2).await.unwrap();
            assert!(page.len() <= 2 && page.iter().all(|(id, _)| *id > after));
            if page.is_empty() {
                return entries.into_iter().map(|(_id, entry)| (entry.what, entry.value)).collect::<Vec<_>>();
            }
            entries.extend(page);
        }
    };
    let token = |n: usize| (RevokedKind::Token, jtis[n].clone());
    let ended = |api| (RevokedKind::Handle, handle("cron", api));
    let all = [token(0), token(1), token(2), token(3), token(4), ended("timesheets")];
    assert_eq!(pages("timesheets", NOW).await, all);
    let day = 86_400;
    assert_eq!(pages("timesheets", later(day + 99)).await, all, "clocks differ");
    let left = [token(3), token(4)];
    assert_eq!(pages("timesheets", later(day + 102)).await[..2], left, "what ended a day ago has ended");
    assert_eq!(pages("payroll", NOW).await, [ended("payroll")]);
    assert_eq!(pages("status", NOW).await, []);
    assign(&world, "wide", "status").await;
    assert_eq!(pages("status", NOW).await, [], "a handle that lives is not revoked");
}

/// What is asked all the time must not read a million entries that live for weeks.
#[tokio::test]
async fn a_long_log_is_not_read_to_find_the_new() {
    let world = World::open(Sqlite).await;
    for (name, index) in [
        ("ANY_UNNUMBERED", "INDEX guard_events_unnumbered"),
        ("LIST_UNNUMBERED", "INDEX guard_events_unnumbered"),
        ("EVENTS_AFTER", "INDEX guard_events_by_seq (resource_server_id=? AND seq>?)"),
        ("REVOKED_AFTER", "INDEX guard_events_by_api (resource_server_id=? AND id>?)"),
        ("COUNT_LIVE_REVOCATIONS", "INDEX revoked_tokens_by_client (client_id=? AND expires_at>?)"),
        ("FORGET_TOKENS_OF_CLIENT", "INDEX guard_events_by_client (client_id=?)"),
        ("ACK_STREAM", "INDEX guard_streams_by_stream (stream=?)"),
    ] {
        let statement = statements::all().find(|it| it.name() == name).unwrap();
        let plan = world.database.plan(statement.text()).unwrap();
        assert!(plan.contains(index), "{name}: {plan}");
    }
}

#[rstest]
#[tokio::test]
async fn a_log_goes_with_its_api(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let store = &world.store;
    toggle(store, "globex").await;
    assert_eq!(world.learned("payroll", 0).await.len(), 2);
    let stream =
        tokenry_store::GuardStream { resource_server_id: api_id("payroll"), ..guard_stream("one", "s", 0) };
    store.open_guard_stream(stream, NOW).await.unwrap();
    toggle(store, "globex").await;
    for grant in ["cron-payroll", "erp-payroll"] {
        store.delete_client_grant(&grant_id(grant), NOW, &[]).await.unwrap();
    }
    assert!(store.delete_resource_server(&api_id("payroll"), NOW, &[]).await.unwrap());
    store.number_guard_events(100).await.unwrap();
    assert_eq!(store.guard_counters().await.unwrap(), [(api_id("timesheets"), 4)].into());
    assert_eq!(world.learned("payroll", 0).await, [""; 0]);
    store
        .revoke_token(
            tokenry_store::RevokedToken {
                resource_server_id: api_id("payroll"),
                ..revoked_token(JTI, later(9))
            },
            &[],
        )
        .await
        .unwrap();
    assert!(!store.any_unnumbered_guard_event().await.unwrap(), "nobody is left to tell");
}

#[rstest]
#[tokio::test]
async fn db_11_an_event_that_cannot_be_read_is_an_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    world.store.create_company(&company_of("new", "other"), &[]).await.unwrap();
    assert_eq!(world.learned("timesheets", 0).await, ["1 joined other new"]);
    for (column, value, whole) in [
        ("kind", "company_merged", "company_joined"),
        ("kind", "company_enabled", "company_joined"),
        ("value", "a b", "new"),
        ("corporation_id", "gr/oup", "other"),
    ] {
        world.database.tamper(&format!("UPDATE guard_events SET {column} = '{value}'"));
        let refused = world.other.guard_events_after(&api_id("timesheets"), 0, 9).await;
        let named = if value == "company_enabled" { "corporation_id" } else { column };
        assert!(
            matches!(&refused, Err(Error::Corrupt { table: "guard_events", column, .. }) if *column == named),
            "{column}: {refused:?}"
        );
        world.database.tamper(&format!("UPDATE guard_events SET {column} = '{whole}'"));
    }
    assert_eq!(world.learned("timesheets", 0).await, ["1 joined other new"]);
}
