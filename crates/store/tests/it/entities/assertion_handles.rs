//! Handles of clients that have no secret: one a grant, whoever asks first, with the longest lifetime under it.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::{ClientState, SystemRng, TokenHandle};
use tokenry_store::{Entity, Error, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

const HOUR: Duration = Duration::from_secs(3_600);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_racers_agree_on_one_handle_and_the_longest_lifetime(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    world.seed().await;
    let g1 = grant_id("g1");
    assert!(world.store.find_assertion_handle(&g1).await.unwrap().is_none());
    let results = race(&world, 8, |store, n| async move {
        let proposed = TokenHandle::generate(&SystemRng);
        let ttl = HOUR * u32::try_from(n).unwrap();
        store.assign_assertion_handle(&grant_id("g1"), proposed, ttl, NOW).await.unwrap()
    })
    .await;
    assert!(results.iter().all(|assigned| *assigned == results[0]), "{results:?}");
    let found = world.other.find_assertion_handle(&g1).await.unwrap();
    assert_eq!(found, Some((results[0].clone(), 7 * HOUR)));
}

#[rstest]
#[tokio::test]
async fn a_shorter_lifetime_leaves_the_longest_and_a_longer_one_replaces_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let (store, g1) = (&world.store, grant_id("g1"));
    world.seed().await;
    let propose = || TokenHandle::generate(&SystemRng);
    let first = store.assign_assertion_handle(&g1, propose(), 2 * HOUR, NOW).await.unwrap();
    for (ttl, longest) in [(HOUR, 2 * HOUR), (2 * HOUR, 2 * HOUR), (3 * HOUR, 3 * HOUR), (HOUR, 3 * HOUR)] {
        assert_eq!(store.assign_assertion_handle(&g1, propose(), ttl, later(1)).await.unwrap(), first);
        let found = world.other.find_assertion_handle(&g1).await.unwrap();
        assert_eq!(found, Some((first.clone(), longest)), "after {ttl:?}");
    }
    let refused = store.assign_assertion_handle(&grant_id("none"), propose(), HOUR, NOW).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::ClientGrant))), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn tok_20_it_ends_with_what_it_hangs_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let (store, g1) = (&world.store, grant_id("g1"));
    world.seed().await;
    let assign = || store.assign_assertion_handle(&g1, TokenHandle::generate(&SystemRng), HOUR, NOW);
    let first = assign().await.unwrap();
    let disabled = ClientState::Disabled { at: NOW };
    let switched = store.set_client_state(&client_id("cron"), disabled, NOW, &[]).await.unwrap();
    assert!(matches!(switched, Switch::Done { .. }), "{switched:?}");
    assert!(store.find_assertion_handle(&g1).await.unwrap().is_none());
    store.set_client_state(&client_id("cron"), ClientState::Enabled, NOW, &[]).await.unwrap();
    let second = assign().await.unwrap();
    assert_ne!(first, second);
    store.delete_client_grant(&g1, NOW, &[]).await.unwrap();
    assert!(store.find_assertion_handle(&g1).await.unwrap().is_none());
}
