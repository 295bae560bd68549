//! Session keys: one first, one that seals, and none that goes while something that it sealed counts.

use rstest::rstest;
use tokenry_model::Event;
use tokenry_store::SessionKeyLeave;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world
}

async fn kids(world: &World) -> Vec<String> {
    world.other.list_session_keys().await.unwrap().into_iter().map(|key| key.kid).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ses_05_replicas_that_start_at_once_make_one_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let made = race(&world, 4, |store, n| async move {
        let records = [record(Event::KeyCreated)];
        store.init_session_key(session_key(&format!("sk{n}")), &records).await.unwrap()
    })
    .await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    let winner = made.iter().position(|made| *made).unwrap();
    assert_eq!(kids(&world).await, [format!("sk{winner}")]);
    assert_eq!(world.events().await, ["key.created"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ses_05_of_several_rotations_one_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.store.init_session_key(session_key("sk"), &[]).await.unwrap();
    let won = race(&world, 4, |store, n| async move {
        let leave = SessionKeyLeave::Retired { at: later(5) };
        let next = session_key(&format!("next{n}"));
        store.rotate_session_key("sk", leave, next, &[record(Event::KeyRetired)]).await.unwrap()
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    let keys = world.other.list_session_keys().await.unwrap();
    let retired: Vec<_> = keys.iter().map(|key| (key.kid == "sk", key.retired_at)).collect();
    assert_eq!(retired.len(), 2, "{keys:?}");
    assert!(retired.contains(&(true, Some(later(5)))) && retired.contains(&(false, None)), "{keys:?}");
    assert_eq!(world.events().await, ["key.retired"]);
}

#[rstest]
#[tokio::test]
async fn ses_05_a_revoked_key_is_gone_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.store.init_session_key(session_key("sk"), &[]).await.unwrap();
    let revoke = |next| world.store.rotate_session_key("sk", SessionKeyLeave::AtOnce, session_key(next), &[]);
    assert!(revoke("next").await.unwrap());
    assert_eq!(kids(&world).await, ["next"]);
    assert!(!revoke("another").await.unwrap());
    assert_eq!(kids(&world).await, ["next"], "who comes second changes nothing");
}

#[rstest]
#[tokio::test]
async fn r95_a_key_stays_while_a_session_lives_that_began_under_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world.store.init_session_key(session_key("sk"), &[]).await.unwrap();
    let leave = SessionKeyLeave::Retired { at: later(100) };
    world.store.rotate_session_key("sk", leave, session_key("next"), &[]).await.unwrap();
    world.database.tamper(&format!(
        "INSERT INTO sessions (id, digest, user_id, auth_time, amr, user_agent, created_at, last_seen_at, expires_at) \
         VALUES ('s1', {}, 'usr_ann', 0, 'pwd', '', {}, 0, 0)",
        match engine {
            Postgres => "decode(repeat('00', 32), 'hex')",
            Sqlite => "zeroblob(32)",
        },
        later(160).as_millis()
    ));
    let skew = std::time::Duration::from_secs(60);
    let records = [record(Event::KeyRemoved)];
    let remove = |by| world.store.remove_session_key("sk", by, skew, later(9_000), &records);
    assert!(!remove(later(8_000)).await.unwrap(), "the session began while it sealed, by another clock");
    world.database.tamper(&format!("UPDATE sessions SET created_at = {}", later(161).as_millis()));
    assert!(!remove(later(99)).await.unwrap(), "it had not retired by then");
    assert_eq!(kids(&world).await.len(), 2);
    assert!(remove(later(100)).await.unwrap());
    assert_eq!(kids(&world).await, ["next"]);
    assert!(!world.store.remove_session_key("next", later(9_000), skew, NOW, &[]).await.unwrap());
    assert_eq!(world.events().await, ["key.removed"]);
}
