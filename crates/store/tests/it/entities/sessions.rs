//! Sessions: begun for a user as proven, renewed once, ended with what was granted in them.

use rstest::rstest;
use tokenry_model::{Event, UserState};
use tokenry_store::RenewSession;

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::family_world::{begin, family, insert_session, lives, world_of_families};
use super::samples::*;

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
    assert!(!store.begin_session(&session("se0", "usr_ann"), 2, None, &begin, None).await.unwrap());
    assert!(!store.begin_session(&session("se0", "usr_nobody"), 1, None, &begin, None).await.unwrap());
    assert!(store.begin_session(&session("se1", "usr_ann"), 1, None, &begin, None).await.unwrap());
    let found = world.other.find_session(&digest("se1")).await.unwrap().unwrap();
    assert_eq!((found.session.id, found.user, found.company), (session_id("se1"), user("usr_ann"), None));
    assert!(store.find_session(&digest("se0")).await.unwrap().is_none());

    let off = UserState::Disabled { at: NOW };
    store.set_user_state(&ann, off, NOW, &[], None).await.unwrap();
    assert!(!store.begin_session(&session("se2", "usr_ann"), 2, None, &begin, None).await.unwrap());
    assert_eq!(recorded(&world, Event::SessionStarted).await, 1);
}

#[rstest]
#[tokio::test]
async fn ses_01_of_those_who_renew_a_session_at_once_one_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.store.begin_session(&session("se1", "usr_ann"), 1, None, &[], None).await.unwrap();
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
    assert!(!store.begin_session(&bobs, 9, Some(&old), &[], None).await.unwrap());
    assert!(lives(store, "aaaaaaaaaaa").await, "nothing has begun, so nothing has ended");
    assert!(store.begin_session(&bobs, 1, Some(&old), &[], None).await.unwrap());
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
        assert!(store.begin_session(&session(id, user), 1, None, &[], None).await.unwrap());
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
