//! The change log: every change, in order, none of them late.

use rstest::rstest;
use tokenry_store::{Change, Entity};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test]
async fn each_change_is_noted_under_what_others_hold_copies_of(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    assert_eq!(store.latest_change().await.unwrap(), 0);
    world.seed().await;
    store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap();
    store.revoke_client_secret(&client_id("cron"), &secret_id("s2"), later(2), &[]).await.unwrap();
    store.delete_client_grant(&grant_id("g1"), later(3), &[]).await.unwrap();
    store.add_resource_server_secret(&api_secret("rs2", "timesheets"), None, &[]).await.unwrap();
    let entry = |seq, entity, id: &str, at| Change { seq, entity, entity_id: id.to_owned(), at };
    let all = [
        entry(1, Entity::ResourceServer, "timesheets", NOW),
        entry(2, Entity::Client, "cron", NOW),
        entry(3, Entity::Client, "cron", NOW),
        entry(4, Entity::Client, "cron", later(2)),
        entry(5, Entity::Client, "cron", later(3)),
        entry(6, Entity::ResourceServer, "timesheets", NOW),
    ];
    assert_eq!(world.other.changes_after(0, 10).await.unwrap(), all);
    assert_eq!(world.other.changes_after(2, 3).await.unwrap(), all[2..5]);
    assert_eq!(world.other.changes_after(6, 3).await.unwrap(), []);
    assert_eq!(world.other.latest_change().await.unwrap(), 6);
}

/// A reader that polls while others write sees every number in order, none of them late.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_poller_misses_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    const WRITERS: u64 = 6;
    const EACH: i64 = 5;
    let world = World::open(engine).await;
    let poller = world.other.clone();
    let polling = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < usize::try_from(6 * EACH).unwrap() {
            let after = seen.last().copied().unwrap_or(0);
            seen.extend(poller.changes_after(after, 100).await.unwrap().into_iter().map(|it| it.seq));
            tokio::task::yield_now().await;
        }
        seen
    });
    race(&world, WRITERS, |store, n| async move {
        for round in 0..EACH {
            store.create_company(&company(&format!("company-{n}-{round}")), &[]).await.unwrap();
        }
    })
    .await;
    let seen = tokio::time::timeout(std::time::Duration::from_secs(20), polling).await;
    let seen = seen.expect("the poller saw them all").unwrap();
    assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>());
}
