//! Opaque tokens: stored with the record of their issue or not at all, found by digest, gone once expired.

use rstest::rstest;
use tokenry_model::{Event, Tenant};
use tokenry_store::{Error, IssueOutcome};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

#[rstest]
#[tokio::test]
async fn a_token_reads_back_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let mut token = opaque_token("one");
    for tenant in [
        None,
        Some(Tenant { company: company_id("acme"), corporation: None }),
        Some(Tenant { company: company_id("acme"), corporation: Some(corporation_id("group")) }),
    ] {
        let number = world.events().await.len();
        token = tokenry_model::OpaqueToken { tenant, ..opaque_token(&format!("token {number}")) };
        let outcome = world.store.record_opaque_issue(world.view().await, token.clone()).await.unwrap();
        assert_eq!(outcome, IssueOutcome::Recorded);
        same(&world.other.find_opaque_token(&token.digest).await.unwrap().unwrap(), &token);
    }
    assert_eq!(world.events().await, ["token.issued"; 3]);
    assert!(world.store.find_opaque_token(&digest("another")).await.unwrap().is_none());
    let twice = world.store.record_opaque_issue(world.view().await, token).await;
    assert!(matches!(twice, Err(Error::Db(_))), "{twice:?}");
    assert_eq!(world.events().await.len(), 3, "the record went with the token");
}

#[rstest]
#[tokio::test]
async fn a_stale_view_stores_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let view = world.view().await;
    world.store.revoke_client_secret(&client_id("cron"), &secret_id("s1"), NOW, &[]).await.unwrap();
    let token = opaque_token("one");
    let outcome = world.store.record_opaque_issue(view, token.clone()).await.unwrap();
    assert_eq!(outcome, IssueOutcome::Stale);
    assert!(world.store.find_opaque_token(&token.digest).await.unwrap().is_none());
    assert!(world.events().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_token_goes_with_its_client(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let token = opaque_token("one");
    world.store.record_opaque_issue(world.view().await, token.clone()).await.unwrap();
    world.store.delete_client(&client_id("cron"), NOW, &[record(Event::ClientDeleted)]).await.unwrap();
    assert!(world.store.find_opaque_token(&token.digest).await.unwrap().is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn expired_ones_go_in_batches_whoever_sweeps(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    for n in 0..10 {
        let expires_at = later(n);
        let token = tokenry_model::OpaqueToken { expires_at, ..opaque_token(&format!("token {n}")) };
        world.store.record_opaque_issue(world.view().await, token).await.unwrap();
    }
    assert_eq!(world.store.delete_expired_opaque_tokens(later(6), 3).await.unwrap(), 3);
    let removed = race(&world, 4, |store, _| async move {
        store.delete_expired_opaque_tokens(later(6), 100).await.unwrap()
    })
    .await;
    assert_eq!(removed.iter().sum::<u64>(), 4, "{removed:?}");
    for n in 0..10 {
        let found = world.store.find_opaque_token(&digest(&format!("token {n}"))).await.unwrap();
        assert_eq!(found.is_some(), n > 6, "{n}");
    }
}
