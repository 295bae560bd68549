//! How many tokens a client got, by the audit trail.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Subject};
use tokenry_store::MintedTokens;

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

fn issued(client: &str, handle: &str, at: Timestamp) -> Record {
    let jti = format!("{handle:0>11}{}", "x".repeat(21));
    let record =
        Record::new(at, Event::TokenIssued, Actor::Client(client_id(client)), Some(Subject::Token(jti)));
    record.with("expires_at", at.plus(Duration::from_secs(900)).as_millis())
}

#[rstest]
#[tokio::test]
async fn tokens_are_counted_from_when_one_asks(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let count = async |since: u64, lately: u64| {
        let id = client_id("cron");
        world.other.find_minted_tokens(&id, later(since), later(lately)).await.unwrap()
    };
    assert_eq!(count(0, 0).await, MintedTokens::default(), "nothing is recorded at all");
    let records: Vec<_> = (0..400)
        .flat_map(|n| {
            let at = later(n * 60);
            let handle = if n % 3 == 0 { "a" } else { "b" };
            let refused = Record::new(at, Event::TokenRefused, Actor::Client(client_id("cron")), None);
            [issued("cron", handle, at), issued("other", "c", at), refused]
        })
        .collect();
    world.store.record(&records).await.unwrap();
    let last_ttl = Some(Duration::from_secs(900));
    for (since, lately, expected) in [
        (300, 390, MintedTokens { since: 99, lately: 9, handles: 2, last_ttl }),
        (398, 398, MintedTokens { since: 1, lately: 1, handles: 1, last_ttl }),
        (399, 399, MintedTokens::default()),
        (9_000, 9_000, MintedTokens::default()),
    ] {
        assert_eq!(count(since * 60, lately * 60).await, expected, "{since}");
    }
    let all = world.other.find_minted_tokens(&client_id("cron"), Timestamp::EPOCH, NOW).await.unwrap();
    assert_eq!((all.since, all.lately), (400, 399));
    let nobody = world.other.find_minted_tokens(&client_id("nobody"), Timestamp::EPOCH, NOW).await.unwrap();
    assert_eq!(nobody, MintedTokens::default());
}

/// Places that are missing, as after records were removed, and times that are a little out of order.
#[rstest]
#[tokio::test]
async fn gaps_and_disorder_lose_no_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let late = |n: u64| later(100_000 + n * 10).minus(Duration::from_secs(n % 7 * 60));
    let records: Vec<_> = (0..300).map(|n| issued("cron", "a", late(n))).collect();
    world.store.record(&records).await.unwrap();
    world.database.tamper("DELETE FROM audit WHERE seq <= 40 OR (seq > 100 AND seq < 140)");
    let kept = world.store.list_audit(0, 1_000).await.unwrap();
    for since in [99_000, 100_500, 101_400, 102_700] {
        let found =
            world.store.find_minted_tokens(&client_id("cron"), later(since), later(since)).await.unwrap();
        let expected = kept.iter().filter(|record| record.at > later(since)).count();
        assert_eq!(found.since, expected as u64, "{since}");
    }
}
