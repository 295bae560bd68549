//! Sessions: begun for a user as proven, renewed once, ended with what was granted in them.

use rstest::rstest;
use tokenry_model::{Event, Session, UserState};
use tokenry_store::{BeginSession, RenewSession, SessionCap};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::{begin, family, insert_session, lives, world_of_families};
use super::samples::*;
use super::{World, race};

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world
}

async fn recorded(world: &World, event: Event) -> usize {
    world.events().await.iter().filter(|recorded| *recorded == event.as_str()).count()
}

#[rstest]
#[tokio::test]
async fn a_session_begins_for_the_user_who_was_proven(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let store = &world.store;
    let (ann, begin) = (user_id("usr_ann"), [record(Event::SessionStarted)]);
    assert!(!store.begin_session(&beginning(session("se0", "usr_ann"), 2), &begin).await.unwrap());
    assert!(!store.begin_session(&beginning(session("se0", "usr_nobody"), 1), &begin).await.unwrap());
    assert!(store.begin_session(&beginning(session("se1", "usr_ann"), 1), &begin).await.unwrap());
    let found = world.other.find_session(&digest("se1")).await.unwrap().unwrap();
    assert_eq!((found.session.id, found.user, found.company), (session_id("se1"), user("usr_ann"), None));
    assert!(store.find_session(&digest("se0")).await.unwrap().is_none());

    let off = UserState::Disabled { at: NOW };
    store.set_user_state(&ann, off, NOW, &[], None).await.unwrap();
    assert!(!store.begin_session(&beginning(session("se2", "usr_ann"), 2), &begin).await.unwrap());
    assert_eq!(recorded(&world, Event::SessionStarted).await, 1);
}

#[rstest]
#[tokio::test]
async fn ses_01_of_those_who_renew_a_session_at_once_one_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.store.begin_session(&beginning(session("se1", "usr_ann"), 1), &[]).await.unwrap();
    let stale = RenewSession { user_version: 2, ..renew("se1") };
    assert!(!world.store.renew_session(&stale, &[]).await.unwrap());
    let to = |value| RenewSession { digest: digest(value), ..renew("se1") };
    let done = [record(Event::SessionReauthenticated)];
    let (a, b) = (to("a"), to("b"));
    let (one, two) = tokio::join!(world.store.renew_session(&a, &done), world.other.renew_session(&b, &done));
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|won| **won).count(), 1);
    assert!(world.store.find_session(&digest("se1")).await.unwrap().is_none(), "the old value is dead");
    let (a, b) = (world.store.find_session(&digest("a")).await, world.store.find_session(&digest("b")).await);
    let found: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!((found.len(), found[0].session.auth_time), (1, later(60)));
    assert_eq!(recorded(&world, Event::SessionReauthenticated).await, 1);
}

#[rstest]
#[tokio::test]
async fn ses_07_what_was_granted_in_a_session_ends_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    let store = &world.store;
    insert_session(&world, "sid2");
    begin(&world, "aaaaaaaaaaa").await;
    assert_eq!(family("aaaaaaaaaaa").session_id, session_id("sid1"));
    let (ann, bob) = (user_id("usr_ann"), user_id("usr_bob"));
    let ended = [record(Event::SessionEnded)];
    assert!(store.end_session(&session_id("sid1"), Some(&bob), NOW, &ended).await.unwrap().is_none());
    assert!(store.end_session(&session_id("sid2"), Some(&ann), NOW, &ended).await.unwrap().is_some());
    assert!(lives(store, "aaaaaaaaaaa").await, "another session's end is none of its");
    let announced = store.end_session(&session_id("sid1"), Some(&ann), NOW, &ended).await.unwrap();
    assert!(!announced.unwrap().is_empty(), "guards are told");
    assert!(!lives(store, "aaaaaaaaaaa").await);
    assert!(store.end_session(&session_id("sid1"), None, NOW, &ended).await.unwrap().is_none());
    assert_eq!(recorded(&world, Event::SessionEnded).await, 2);
}

#[rstest]
#[tokio::test]
async fn a_session_of_somebody_else_is_replaced_with_all_that_was_its(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    let store = &world.store;
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    begin(&world, "aaaaaaaaaaa").await;
    let old = session_id("sid1");
    let bobs = session("se1", "usr_bob");
    let begins = |version| {
        let replaced = Some(old.clone());
        BeginSession { replaced, ..beginning(bobs.clone(), version) }
    };
    assert!(!store.begin_session(&begins(9), &[]).await.unwrap());
    assert!(lives(store, "aaaaaaaaaaa").await, "nothing has begun, so nothing has ended");
    assert!(store.begin_session(&begins(1), &[]).await.unwrap());
    assert!(!lives(store, "aaaaaaaaaaa").await);
    assert!(store.find_session_by_id(&old).await.unwrap().is_none());
    assert!(store.find_session_by_id(&bobs.id).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn ses_08_sessions_are_listed_touched_and_swept(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let store = &world.store;
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    for (id, user) in [("se1", "usr_ann"), ("se2", "usr_bob"), ("se3", "usr_ann")] {
        assert!(store.begin_session(&beginning(session(id, user), 1), &[]).await.unwrap());
    }
    let ids = |sessions: Vec<tokenry_model::Session>| -> Vec<String> {
        sessions.iter().map(|session| session.id.to_string()).collect()
    };
    let ann = user_id("usr_ann");
    assert_eq!(ids(store.list_sessions(None, None, 2).await.unwrap()), ["se1", "se2"]);
    assert_eq!(ids(store.list_sessions(None, Some(&session_id("se2")), 2).await.unwrap()), ["se3"]);
    assert_eq!(ids(store.list_sessions(Some(&ann), None, 9).await.unwrap()), ["se1", "se3"]);

    store.touch_session(&session_id("se1"), later(60)).await.unwrap();
    store.touch_session(&session_id("se1"), later(30)).await.unwrap();
    let touched = store.find_session_by_id(&session_id("se1")).await.unwrap().unwrap();
    assert_eq!(touched.last_seen_at, later(60), "it never goes back");

    assert_eq!(store.delete_expired_sessions(later(3_599), 9).await.unwrap(), 0);
    assert_eq!(store.delete_expired_sessions(later(3_600), 2).await.unwrap(), 2);
    assert_eq!(store.delete_expired_sessions(later(3_600), 2).await.unwrap(), 1);
    assert!(store.list_sessions(None, None, 9).await.unwrap().is_empty());
}

fn listed(sessions: Vec<Session>) -> Vec<String> {
    sessions.into_iter().map(|session| session.id.to_string()).collect()
}

/// The one of `id`, used last at `used`, with at most `most` beside it, of which those count that were used since [`NOW`].
fn capped(id: &str, used: u64, most: i64) -> BeginSession {
    let used = later(used);
    let one = Session { created_at: used, last_seen_at: used, ..session(id, "usr_ann") };
    let begin = beginning(one, 1);
    BeginSession { cap: SessionCap { most, used_since: NOW, ..begin.cap }, ..begin }
}

#[rstest]
#[tokio::test]
async fn of_too_many_sessions_the_longest_unused_ends_with_what_was_granted_in_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    let store = &world.store;
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    assert!(store.begin_session(&beginning(session("bobs", "usr_bob"), 1), &[]).await.unwrap());
    let version = store.find_user(&user_id("usr_ann")).await.unwrap().unwrap().version;
    let start = async |id: &str, used| {
        let begin = BeginSession { user_version: version, ..capped(id, used, 3) };
        assert!(store.begin_session(&begin, &[]).await.unwrap(), "{id}");
    };
    // `sid1`, which began the family, has run out long ago: it counts for nothing, and nothing of it ends.
    begin(&world, "aaaaaaaaaaa").await;
    for (id, used) in [("se1", 1), ("se2", 2), ("se3", 3)] {
        start(id, used).await;
    }
    let anns = async || listed(world.other.list_sessions(Some(&user_id("usr_ann")), None, 9).await.unwrap());
    assert_eq!(anns().await, ["se1", "se2", "se3", "sid1"]);
    store.touch_session(&session_id("se1"), later(9)).await.unwrap();
    start("se4", 10).await;
    assert_eq!(anns().await, ["se1", "se3", "se4", "sid1"], "the first was used after the second");
    assert!(lives(store, "aaaaaaaaaaa").await);
    let refused = BeginSession { user_version: version + 1, ..capped("se5", 11, 3) };
    assert!(!store.begin_session(&refused, &[]).await.unwrap());
    assert_eq!(anns().await, ["se1", "se3", "se4", "sid1"], "nothing begins, and nothing ends");

    world.database.tamper(&format!(
        "UPDATE sessions SET last_seen_at = {0}, expires_at = {1} WHERE id = 'sid1'",
        NOW.as_millis() + 1,
        later(99).as_millis()
    ));
    world.database.tamper("UPDATE sessions SET created_at = 1 WHERE id = 'sid1'");
    start("se6", 12).await;
    assert_eq!(anns().await, ["se1", "se4", "se6"], "it lives again, and is the longest unused");
    assert!(!lives(store, "aaaaaaaaaaa").await, "with what was granted in it");
    let told = world.learned("timesheets", 0).await;
    assert!(told.iter().any(|line| line.contains("aaaaaaaaaaa")), "its guards are told: {told:?}");
    assert_eq!(recorded(&world, Event::SessionEnded).await, 3);
    let subjects: Vec<_> = world.other.list_audit(0, 99).await.unwrap();
    let subjects =
        subjects.into_iter().filter(|it| it.event == "session.ended").filter_map(|it| it.subject_id);
    let mut subjects: Vec<_> = subjects.collect();
    subjects.sort();
    assert_eq!(subjects, ["se2", "se3", "sid1"]);
    assert!(
        world.other.find_session_by_id(&session_id("bobs")).await.unwrap().is_some(),
        "and nobody else's"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_sign_in_at_once_no_more_stay_than_may(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let begun = race(&world, 8, |store, n| async move {
        store.begin_session(&capped(&format!("se{n}"), n + 1, 3), &[]).await.unwrap()
    });
    assert_eq!(begun.await, [true; 8]);
    let left = listed(world.other.list_sessions(Some(&user_id("usr_ann")), None, 99).await.unwrap());
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(recorded(&world, Event::SessionEnded).await, 5);
}
