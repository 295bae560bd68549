//! Refresh tokens: one winner, one successor, and an end for all when one is spent again.

use rstest::rstest;
use tokenry_model::RefreshTokenState;
use tokenry_store::RotateRefreshToken;

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::*;
use super::samples::*;
use super::{World, race};
use RotateRefreshToken::{Gone, Repeated, Reused, Rotated, Stale};

const FAMILY: &str = "aaaaaaaaaaa";
const FIRST: &str = "aaaaaaaaaaa 0";

async fn rotate(world: &World, spent: &str, next: &str, secs: u64) -> RotateRefreshToken {
    let seen = view(world).await;
    world.store.rotate_refresh_token(spending(FAMILY, spent, next, later(secs), seen)).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_02_of_eight_rotations_one_wins_and_the_others_get_its_successor(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    let seen = view(&world).await;
    let results = race(&world, 8, |store, n| async move {
        let next = format!("next {n}");
        let rotation = spending(FAMILY, FIRST, &next, later(2), seen);
        (next, store.rotate_refresh_token(rotation).await.unwrap())
    })
    .await;
    let winners: Vec<_> = results.iter().filter(|(_next, it)| *it == Rotated).collect();
    let [(winner, _)] = winners[..] else { panic!("{results:?}") };
    for (next, result) in &results {
        if next != winner {
            assert_eq!(*result, Repeated { sealed: winner.as_bytes().to_vec() });
            assert!(world.other.find_refresh_token(&digest(next)).await.unwrap().is_none());
        }
    }
    assert_eq!(rotate(&world, winner, "onwards", 3).await, Rotated, "one live branch");
    let issued = world.events().await.into_iter().filter(|event| event == "token.issued").count();
    assert_eq!(issued, 1 + 8 + 1);
}

#[rstest]
#[tokio::test]
async fn rt_01_spent_too_long_ago_ends_the_family(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    assert_eq!(rotate(&world, FIRST, "one", 10).await, Rotated);
    assert_eq!(rotate(&world, FIRST, "x", 19).await, Repeated { sealed: b"one".to_vec() });
    assert!(matches!(rotate(&world, FIRST, "x", 20).await, Reused { .. }));
    assert!(!lives(&world.other, FAMILY).await);
    assert_eq!(rotate(&world, "one", "y", 20).await, Gone);
    assert_eq!(world.events().await.last().unwrap(), "refresh_token.reused");
    assert_eq!(world.learned("timesheets", 0).await, ["1 revoked/handle aaaaaaaaaaa until +3680"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_01_a_reuse_ends_the_family_without_a_rotation(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    let end = |id: &str, secs| world.store.end_reused_family(presented(id, later(secs)));
    assert!(end(FIRST, 900).await.unwrap().is_none(), "nobody has spent it");
    assert_eq!(rotate(&world, FIRST, "one", 10).await, Rotated);
    for (id, secs) in [(FIRST, 19), ("one", 900), ("another", 900)] {
        assert!(end(id, secs).await.unwrap().is_none(), "{id}");
    }
    assert!(lives(&world.other, FAMILY).await);
    let ended = race(&world, 8, |store, _n| async move {
        store.end_reused_family(presented(FIRST, later(20))).await.unwrap().is_some()
    })
    .await;
    assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
    assert!(!lives(&world.other, FAMILY).await);
    assert_eq!(world.events().await.last().unwrap(), "refresh_token.reused");
    assert_eq!(world.learned("timesheets", 0).await, ["1 revoked/handle aaaaaaaaaaa until +3680"]);
}

#[rstest]
#[tokio::test]
async fn rt_01_a_successor_that_was_used_leaves_no_grace(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    assert_eq!(rotate(&world, FIRST, "one", 2).await, Rotated);
    assert_eq!(rotate(&world, "one", "two", 3).await, Rotated);
    let (_, family) = world.other.find_refresh_token(&digest("one")).await.unwrap().unwrap();
    assert_eq!(family.handle, handle(FAMILY));
    assert!(matches!(rotate(&world, FIRST, "x", 4).await, Reused { .. }));
    assert_eq!(rotate(&world, "two", "y", 4).await, Gone);
}

#[rstest]
#[tokio::test]
async fn peer_33_the_grace_is_given_a_hundred_times(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    assert_eq!(rotate(&world, FIRST, "one", 2).await, Rotated);
    for _ in 0..100 {
        assert!(matches!(rotate(&world, FIRST, "x", 3).await, Repeated { .. }));
    }
    assert!(matches!(rotate(&world, FIRST, "x", 3).await, Reused { .. }));
    assert!(!lives(&world.other, FAMILY).await);
}

#[rstest]
#[tokio::test]
async fn rt_09_an_idle_one_is_gone_and_a_stale_view_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    let (idle, late) = (3_601, 36_000);
    assert_eq!(rotate(&world, FIRST, "one", idle).await, Gone);
    assert!(lives(&world.other, FAMILY).await);
    let seen = view(&world).await;
    world.store.remove_membership(&user_id("usr_ann"), &company_id("acme"), NOW, &[]).await.unwrap();
    let stale = spending(FAMILY, FIRST, "one", later(2), seen);
    let stale = world.store.rotate_refresh_token(stale).await.unwrap();
    assert!([Stale, Gone].contains(&stale), "{stale:?}");
    if lives(&world.other, FAMILY).await {
        let (token, _) = world.other.find_refresh_token(&digest(FIRST)).await.unwrap().unwrap();
        assert!(matches!(token.state, RefreshTokenState::Fresh));
        assert_eq!(rotate(&world, FIRST, "one", 2).await, Rotated);
        assert_eq!(rotate(&world, "one", "two", late).await, Gone);
    }
}

/// After the revocation has returned there is nothing that could be used (RT-03).
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_03_rotating_races_revoking(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    let seen = view(&world).await;
    let results = race(&world, 8, |store, n| async move {
        if n == 3 {
            let ended = store.end_family(&handle(FAMILY), later(2), &[]).await.unwrap();
            assert!(ended.is_some());
            return Gone;
        }
        let rotation = spending(FAMILY, FIRST, &format!("next {n}"), later(2), seen);
        store.rotate_refresh_token(rotation).await.unwrap()
    })
    .await;
    assert!(!results.iter().any(|it| matches!(it, Stale | Reused { .. })), "{results:?}");
    assert!(!lives(&world.other, FAMILY).await);
    for n in 0..8 {
        assert!(world.other.find_refresh_token(&digest(&format!("next {n}"))).await.unwrap().is_none());
    }
}

/// A family is swept once nothing of it lives.
#[rstest]
#[tokio::test]
async fn a_family_is_swept_when_its_last_token_has_expired(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    begin(&world, FAMILY).await;
    let mut brief = code_issue(&world, "bbbbbbbbbbb").await;
    brief.family.expires_at = later(60);
    world.store.issue_code(brief).await.unwrap();
    let sweep = |secs| world.other.delete_expired_token_families(later(secs), 10);
    assert_eq!(sweep(3_659).await.unwrap(), 0);
    assert_eq!(sweep(3_660).await.unwrap(), 1);
    assert!(lives(&world.other, FAMILY).await && !lives(&world.other, "bbbbbbbbbbb").await);
    assert_eq!(sweep(36_000 + 3_599).await.unwrap(), 0);
    assert_eq!(sweep(36_000 + 3_600).await.unwrap(), 1);
    assert!(world.other.find_refresh_token(&digest(FIRST)).await.unwrap().is_none());
}
