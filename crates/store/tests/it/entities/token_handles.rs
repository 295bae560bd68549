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
            .assign_token_handle(&secret_id("s1"), &grant_id("g1"), proposed.clone(), HOUR, NOW)
            .await
            .unwrap();
        (proposed, assigned)
    })
    .await;
    let winner = &results[0].1;
    assert!(results.iter().all(|(_, assigned)| assigned == winner), "{results:?}");
    assert_eq!(results.iter().filter(|(proposed, _)| proposed == winner).count(), 1, "{results:?}");
    assert_eq!(world.store.find_token_handle(&s1, &g1).await.unwrap(), Some((winner.clone(), HOUR)));
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
        let refused =
            store.assign_token_handle(&secret_id(secret), &grant_id(grant), proposed, HOUR, NOW).await;
        assert!(matches!(refused, Err(Error::Missing(Entity::ClientGrant))), "{refused:?}");
    }

    store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap();
    let (s2, g1) = (secret_id("s2"), grant_id("g1"));
    let taken = store.assign_token_handle(&s2, &g1, first.clone(), HOUR, NOW).await;
    assert!(matches!(taken, Err(Error::Db(_))), "a handle names one pair only: {taken:?}");
    let second = TokenHandle::generate(&SystemRng);
    assert_eq!(store.assign_token_handle(&s2, &g1, second.clone(), HOUR, NOW).await.unwrap(), second);
    assert_ne!(first, second);
}

/// Guards remember an ended handle as long as any token under it can live: the longest, however short the last ones.
#[rstest]
#[tokio::test]
async fn the_longest_lifetime_only_grows_and_says_how_long_an_end_is_known(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    world.seed().await;
    let handle = world.assign_handle().await;
    let (s1, g1) = (secret_id("s1"), grant_id("g1"));
    for (ttl, longest) in [(HOUR, HOUR), (HOUR / 2, HOUR), (2 * HOUR, 2 * HOUR), (HOUR, 2 * HOUR)] {
        let proposed = TokenHandle::generate(&SystemRng);
        let assigned = world.store.assign_token_handle(&s1, &g1, proposed, ttl, NOW).await.unwrap();
        assert_eq!(assigned, handle);
        let found = world.other.find_token_handle(&s1, &g1).await.unwrap();
        assert_eq!(found, Some((handle.clone(), longest)), "{ttl:?}");
    }
    world.store.delete_client_grant(&g1, later(5), &[]).await.unwrap();
    let expected = format!("1 revoked/handle {} until +{}", handle.as_str(), 5 + 7_200 + 60);
    assert_eq!(world.learned("timesheets", 0).await, [expected]);
}

/// Whoever is to issue the longest-lived token, its lifetime is known before it is issued.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_lifetimes_the_longest_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    race(&world, 8, |store, n| async move {
        let (proposed, ttl) = (TokenHandle::generate(&SystemRng), HOUR * (u32::try_from(n).unwrap() + 1));
        store.assign_token_handle(&secret_id("s1"), &grant_id("g1"), proposed, ttl, NOW).await.unwrap()
    })
    .await;
    let found = world.store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap();
    assert_eq!(found.unwrap().1, 8 * HOUR);
}
