//! Client assertions: one use however many try, forgotten once nobody would take them.

use rstest::rstest;
use tokenry_store::UseAssertion;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn tok_24_of_eight_uses_one_is_the_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let results = race(&world, 8, |store, _| async move {
        store.use_assertion(&client_id("cron"), &digest("jti"), later(60)).await.unwrap()
    })
    .await;
    let first = results.iter().filter(|result| **result == UseAssertion::First).count();
    assert_eq!(first, 1, "{results:?}");
    let again = world.other.use_assertion(&client_id("cron"), &digest("jti"), later(90)).await.unwrap();
    assert_eq!(again, UseAssertion::Replay);
    let another = world.other.use_assertion(&client_id("cron"), &digest("another"), later(60)).await.unwrap();
    assert_eq!(another, UseAssertion::First);
}

#[rstest]
#[tokio::test]
async fn tok_24_an_assertion_is_one_clients(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_client(&client("other"), None, &[], &[]).await.unwrap();
    for id in ["cron", "other"] {
        let used = store.use_assertion(&client_id(id), &digest("jti"), later(60)).await.unwrap();
        assert_eq!(used, UseAssertion::First, "{id}");
    }
    store.delete_client(&client_id("other"), NOW, &[]).await.unwrap();
    let gone = store.use_assertion(&client_id("other"), &digest("new"), later(60)).await.unwrap();
    assert_eq!(gone, UseAssertion::Replay, "nobody's assertion is worth anything");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn expired_ones_go_in_batches_whoever_sweeps(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let jti = |n: u64| digest(&format!("jti {n}"));
    for n in 0..10 {
        world.store.use_assertion(&client_id("cron"), &jti(n), later(n)).await.unwrap();
    }
    assert_eq!(world.store.delete_expired_assertions(later(6), 3).await.unwrap(), 3);
    let removed =
        race(
            &world,
            4,
            |store, _| async move { store.delete_expired_assertions(later(6), 100).await.unwrap() },
        )
        .await;
    assert_eq!(removed.iter().sum::<u64>(), 4, "{removed:?}");
    for n in 0..10 {
        let used = world.store.use_assertion(&client_id("cron"), &jti(n), later(60)).await.unwrap();
        assert_eq!(used == UseAssertion::Replay, n > 6, "{n}");
    }
}
