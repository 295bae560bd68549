//! Blocks of mint quotas: whoever takes them, a period never has more than the quota, and one taker gets all of it.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::QuotaPeriod::{self, Day, Hour};
use tokenry_store::{TokenLease, UnusedTokens};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

impl World {
    async fn lease(&self, period: QuotaPeriod, quota: u32, now: Timestamp) -> Option<TokenLease> {
        self.store.lease_tokens(&client_id("cron"), period, quota, now).await.unwrap()
    }

    /// The blocks that are there to be taken.
    async fn blocks(&self, quota: u32, now: Timestamp) -> Vec<i64> {
        let mut blocks = Vec::new();
        while let Some(lease) = self.lease(Hour, quota, now).await {
            blocks.push(lease.tokens);
            assert!(lease.leased >= blocks.iter().sum::<i64>(), "{lease:?}");
        }
        blocks
    }
}

#[rstest]
#[tokio::test]
async fn r104_one_taker_gets_all_of_a_quota_in_blocks_that_shrink(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    world.seed().await;
    for (n, quota) in [1, 2, 16, 17, 100, 40_000].into_iter().enumerate() {
        let blocks = world.blocks(quota, later(3_600 * n as u64)).await;
        assert_eq!(blocks.iter().sum::<i64>(), i64::from(quota), "{blocks:?}");
        assert!(blocks.is_sorted_by(|one, next| one >= next), "{blocks:?}");
        assert!(blocks[0] <= 1_000 && blocks[0] <= i64::from(quota.div_ceil(16)), "{blocks:?}");
        assert!(blocks.iter().rev().take(15).all(|block| *block == 1), "{blocks:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_of_eight_takers_at_once_none_gets_what_another_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let taken = race(&world, 8, |store, _| async move {
        let mut taken = 0;
        while let Some(lease) = store.lease_tokens(&client_id("cron"), Hour, 100, NOW).await.unwrap() {
            taken += lease.tokens;
        }
        taken
    })
    .await;
    assert_eq!(taken.iter().sum::<i64>(), 100, "{taken:?}");
}

#[rstest]
#[tokio::test]
async fn r104_periods_and_clients_do_not_mix(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let began_at = Hour.beginning(NOW);
    assert_eq!(world.lease(Hour, 1, NOW).await, Some(TokenLease { began_at, tokens: 1, leased: 1 }));
    assert_eq!(world.lease(Hour, 1, NOW).await, None);
    assert_eq!(world.lease(Day, 1, NOW).await.unwrap().began_at, Day.beginning(NOW));
    let nobody = world.store.lease_tokens(&client_id("nobody"), Hour, 5, NOW).await.unwrap();
    assert_eq!(nobody, None, "a client that has gone leaves nothing behind");
    assert_eq!(world.lease(Hour, 3, NOW).await.unwrap().leased, 2, "a quota that was raised");
    assert_eq!(world.lease(Hour, 2, NOW).await, None, "and lowered again");
    let next = Hour.beginning(NOW).plus(Hour.length());
    assert_eq!(world.lease(Hour, 1, next).await.unwrap().began_at, next);
}

/// A clock that is behind takes of the period that others are in; one that was far ahead locks nobody out for long.
#[rstest]
#[tokio::test]
async fn r104_clocks_that_disagree_share_the_later_period(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let next = Hour.beginning(NOW).plus(Hour.length());
    assert_eq!(world.lease(Hour, 2, next).await.unwrap().leased, 1);
    let behind = world.lease(Hour, 2, NOW).await.unwrap();
    assert_eq!((behind.began_at, behind.leased), (next, 2));
    assert_eq!(world.lease(Hour, 2, NOW).await, None);
    let far_ahead = NOW.plus(Hour.length() * 9_000);
    assert_eq!(world.lease(Hour, 2, far_ahead).await.unwrap().leased, 1);
    assert_eq!(world.lease(Hour, 2, NOW).await.unwrap().began_at, Hour.beginning(NOW));
}

#[rstest]
#[tokio::test]
async fn r104_what_is_given_back_is_taken_again_but_not_twice(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let lease = world.lease(Hour, 32, NOW).await.unwrap();
    assert_eq!(lease.tokens, 2);
    let unused =
        |began_at, tokens| UnusedTokens { client_id: client_id("cron"), period: Hour, began_at, tokens };
    world.store.return_tokens(vec![unused(lease.began_at, 2)]).await.unwrap();
    assert_eq!(world.lease(Hour, 32, NOW).await.unwrap().leased, 2, "as if it had not been taken");
    world.store.return_tokens(vec![unused(lease.began_at, 3)]).await.unwrap();
    world.store.return_tokens(vec![unused(lease.began_at.minus(Hour.length()), 1)]).await.unwrap();
    assert_eq!(world.blocks(32, NOW).await.iter().sum::<i64>(), 30);
}
