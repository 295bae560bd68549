//! Token handles: one for a secret with a grant, whoever asks first.

use rstest::rstest;
use tokenry_model::{SystemRng, TokenHandle};
use tokenry_store::{Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_racers_agree_on_one_handle(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let (s1, g1) = (secret_id("s1"), grant_id("g1"));
    assert!(world.store.find_token_handle(&s1, &g1).await.unwrap().is_none());
    let results = race(&world, 8, |store, _| async move {
        let proposed = TokenHandle::generate(&SystemRng);
        let assigned = store
            .assign_token_handle(&secret_id("s1"), &grant_id("g1"), proposed.clone(), NOW)
            .await
            .unwrap();
        (proposed, assigned)
    })
    .await;
    let winner = &results[0].1;
    assert!(results.iter().all(|(_, assigned)| assigned == winner), "{results:?}");
    assert_eq!(results.iter().filter(|(proposed, _)| proposed == winner).count(), 1, "{results:?}");
    assert_eq!(world.store.find_token_handle(&s1, &g1).await.unwrap().as_ref(), Some(winner));
}

#[rstest]
#[tokio::test]
async fn a_handle_belongs_to_a_secret_and_a_grant_of_one_client(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_client(&client("other"), Some(&secret("theirs", "other")), &[], &[]).await.unwrap();
    let first = world.assign_handle().await;
    for (secret, grant) in [("theirs", "g1"), ("none", "g1"), ("s1", "none")] {
        let proposed = TokenHandle::generate(&SystemRng);
        let refused = store.assign_token_handle(&secret_id(secret), &grant_id(grant), proposed, NOW).await;
        assert!(matches!(refused, Err(Error::Missing(Entity::ClientGrant))), "{refused:?}");
    }

    store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap();
    let (s2, g1) = (secret_id("s2"), grant_id("g1"));
    let taken = store.assign_token_handle(&s2, &g1, first.clone(), NOW).await;
    assert!(matches!(taken, Err(Error::Db(_))), "a handle names one pair only: {taken:?}");
    let second = TokenHandle::generate(&SystemRng);
    assert_eq!(store.assign_token_handle(&s2, &g1, second.clone(), NOW).await.unwrap(), second);
    assert_ne!(first, second);
}
