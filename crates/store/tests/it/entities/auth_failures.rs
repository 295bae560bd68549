//! Failures that replicas tell each other of: sums that lose nothing, of the minute that they are of.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_store::AuthFailures;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

const MINUTE: Duration = Duration::from_secs(60);

fn failed(pair: u8, began_at: Timestamp, failures: i64) -> AuthFailures {
    AuthFailures { pair: [pair; 32], began_at, failures }
}

impl World {
    async fn failed(&self, began_at: Timestamp, failures: i64, now: Timestamp) -> AuthFailures {
        let sums =
            self.store.add_auth_failures(vec![failed(1, began_at, failures)], MINUTE, now).await.unwrap();
        let [sum] = &*sums else { panic!("{sums:?}") };
        sum.clone()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_of_eight_who_count_at_once_every_failure_counts(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    race(&world, 8, |store, n| async move {
        let own = |pair| failed(pair, later(n), 2);
        let counts = if n % 2 == 0 { vec![own(1), own(2)] } else { vec![own(2), own(1)] };
        store.add_auth_failures(counts, MINUTE, later(8)).await.unwrap();
    })
    .await;
    let mut sums = world.other.auth_failures_since(NOW, 10).await.unwrap();
    sums.sort_by_key(|sum| sum.pair);
    assert_eq!(sums, [failed(1, NOW, 16), failed(2, NOW, 16)], "one row a pair, from the first failure on");
}

#[rstest]
#[tokio::test]
async fn r104_a_count_begins_anew_once_its_minute_is_over(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    assert_eq!(world.failed(NOW, 3, NOW).await, failed(1, NOW, 3));
    assert_eq!(world.failed(later(59), 2, later(59)).await, failed(1, NOW, 5));
    assert_eq!(world.failed(later(60), 1, later(60)).await, failed(1, later(60), 1));
    let set_back = world.failed(NOW, 1, NOW).await;
    assert_eq!(set_back, failed(1, NOW, 2), "a clock that is set back forgets nothing and lengthens nothing");
}

#[rstest]
#[tokio::test]
async fn others_read_what_was_written_since_the_latest_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for n in 1..=5 {
        let counts = vec![failed(n, NOW, i64::from(n))];
        world.store.add_auth_failures(counts, MINUTE, later(n.into())).await.unwrap();
    }
    let latest = world.other.auth_failures_since(later(2), 2).await.unwrap();
    assert_eq!(latest, [failed(5, NOW, 5), failed(4, NOW, 4)]);
    assert_eq!(world.other.auth_failures_since(later(2), 10).await.unwrap().len(), 3);
    assert_eq!(world.other.auth_failures_since(later(5), 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn old_counts_go_in_batches_whoever_sweeps(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for n in 0..10 {
        world.store.add_auth_failures(vec![failed(n, NOW, 1)], MINUTE, later(n.into())).await.unwrap();
    }
    assert_eq!(world.store.delete_old_auth_failures(later(6), 3).await.unwrap(), 3);
    let removed =
        race(
            &world,
            4,
            |store, _| async move { store.delete_old_auth_failures(later(6), 100).await.unwrap() },
        )
        .await;
    assert_eq!(removed.iter().sum::<u64>(), 4, "{removed:?}");
    assert_eq!(world.other.auth_failures_since(NOW, 100).await.unwrap().len(), 3);
}
