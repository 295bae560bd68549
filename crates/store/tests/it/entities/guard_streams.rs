//! Guards that follow a log: who is waited for, until when, and what each of them says.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_store::{Ack, Announced, GuardStream, OpenStream, RevokeToken};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

/// Two APIs, `timesheets` and `payroll`, and a revoked token of the first: event 1 once it is numbered.
async fn world_and_event(engine: Engine) -> (World, Announced) {
    let world = World::open(engine).await;
    world.seed().await;
    world.store.create_resource_server(&api("payroll"), None, &[]).await.unwrap();
    let announced = revoke(&world, JTI).await;
    (world, announced)
}

async fn revoke(world: &World, jti: &str) -> Announced {
    match world.store.revoke_token(revoked_token(jti, later(9_999)), &[]).await.unwrap() {
        RevokeToken::Revoked { announced } => announced,
        RevokeToken::AlreadyRevoked => panic!("{jti} was revoked before"),
    }
}

impl World {
    async fn open_stream(&self, guard: &str, stream: &str, after: i64, now: Timestamp) -> OpenStream {
        self.store.open_guard_stream(guard_stream(guard, stream, after), now).await.unwrap()
    }

    async fn ack(&self, stream: &str, seq: i64, now: Timestamp) -> Ack {
        self.other.ack_guard_stream(&api_id("timesheets"), stream, seq, now).await.unwrap()
    }

    async fn end_stream(&self, stream: &str, now: Timestamp) {
        self.other.end_guard_stream(&api_id("timesheets"), stream, now).await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn propagated_is_what_every_guard_that_counts_has_applied(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, announced) = world_and_event(engine).await;
    let propagated = async |now| world.other.propagated(&announced, now).await.unwrap();
    assert!(propagated(NOW).await, "there is no guard");
    let elsewhere = GuardStream { resource_server_id: api_id("payroll"), ..guard_stream("one", "p1", 0) };
    world.store.open_guard_stream(elsewhere, NOW).await.unwrap();
    assert!(propagated(NOW).await, "another API's guard need not know");

    world.open_stream("one", "s1", 0, NOW).await;
    assert!(!propagated(NOW).await, "it has no number yet");
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    assert!(!propagated(NOW).await, "the guard has not said that it knows");
    assert_eq!(world.ack("s1", 1, NOW).await, Ack::Acked);
    assert!(propagated(NOW).await);
    world.open_stream("two", "s2", 0, NOW).await;
    assert!(!propagated(NOW).await, "the second lags");

    world.end_stream("s2", later(10)).await;
    assert!(!propagated(later(10)).await, "a connection broke, and its guard may still let callers in");
    assert!(!propagated(later(609)).await);
    assert!(propagated(later(610)).await, "after ten minutes nobody waits");
    world.open_stream("two", "s3", 0, later(700)).await;
    assert!(!propagated(later(700)).await, "it is back");
    assert!(propagated(later(1_300)).await, "it has not been heard of for ten minutes");
    assert_eq!(world.ack("s3", 0, later(1_300)).await, Ack::Acked);
    assert!(!propagated(later(1_301)).await, "it lives, and lags");
    assert!(world.other.sign_off_guard_stream(&api_id("timesheets"), "s3").await.unwrap());
    assert!(propagated(later(1_301)).await, "who signed off refuses everything");
    assert!(!world.store.sign_off_guard_stream(&api_id("timesheets"), "s3").await.unwrap());
    assert_eq!(world.ack("s3", 0, later(1_301)).await, Ack::NotFound);
    assert!(world.store.propagated(&Announced::default(), NOW).await.unwrap(), "nothing to learn");
}

/// A guard lets callers in as soon as it has a snapshot, whether or not it gets a stream.
#[rstest]
#[tokio::test]
async fn a_guard_without_a_connection_is_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, first) = world_and_event(engine).await;
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    let note = async |guard: &str, stream: &str, after, now| {
        world.store.note_guard(guard_stream(guard, stream, after), now).await.unwrap()
    };
    assert_eq!(note("one", "n1", 1, NOW).await, OpenStream::Opened);
    let second = revoke(&world, &JTI.replace("tu", "ut")).await;
    let propagated = async |announced: &Announced, now| world.other.propagated(announced, now).await.unwrap();
    assert!(propagated(&first, NOW).await && !propagated(&second, NOW).await);
    assert_eq!(note("one", "n2", 2, later(500)).await, OpenStream::Opened);
    assert!(!propagated(&second, later(1_099)).await, "it has not taken the newer one in yet");
    assert!(propagated(&second, later(1_100)).await);

    assert_eq!(world.learned("timesheets", 1).await.len(), 1);
    world.open_stream("one", "s1", 2, later(1_200)).await;
    assert!(propagated(&second, later(1_200)).await);
    note("one", "n3", 0, later(1_300)).await;
    assert!(!propagated(&first, later(1_300)).await, "what it had was of another log");
    assert_eq!(world.ack("s1", 2, later(1_301)).await, Ack::Acked, "its connection is as it was");
    assert!(propagated(&second, later(1_301)).await);
    world.end_stream("s1", later(1_302)).await;
    note("one", "n4", 1, later(1_400)).await;
    assert!(!propagated(&second, later(1_999)).await && propagated(&second, later(2_000)).await);
    assert_eq!(world.store.delete_gone_guard_streams(later(9_999), 9).await.unwrap(), 1);
}

/// Of several changes the last event of each API counts.
#[rstest]
#[tokio::test]
async fn merged_announcements_wait_for_the_last(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, first) = world_and_event(engine).await;
    let second = revoke(&world, &JTI.replace("tu", "ut")).await;
    let mut both = second.clone();
    both.merge(first.clone());
    assert_eq!(both, second, "in whatever order they are merged");
    world.open_stream("one", "s1", 0, NOW).await;
    assert_eq!(world.learned("timesheets", 0).await.len(), 2);
    world.ack("s1", 1, NOW).await;
    assert!(world.other.propagated(&first, NOW).await.unwrap());
    assert!(!world.other.propagated(&both, NOW).await.unwrap());
    world.ack("s1", 2, NOW).await;
    assert!(world.other.propagated(&both, NOW).await.unwrap());
}

/// An event that was taken back, because others say more, counts as heard of when all that there is has been.
#[rstest]
#[tokio::test]
async fn an_event_that_is_gone_waits_for_all_that_there_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, announced) = world_and_event(engine).await;
    world.open_stream("one", "s1", 0, NOW).await;
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    world.database.tamper("DELETE FROM guard_events");
    let propagated = async || world.other.propagated(&announced, NOW).await.unwrap();
    assert!(!propagated().await);
    world.ack("s1", 1, NOW).await;
    assert!(propagated().await);
    revoke(&world, &JTI.replace("tu", "ut")).await;
    assert!(!propagated().await, "what takes its place has no number yet");
    assert_eq!(world.learned("timesheets", 1).await.len(), 1);
    assert!(!propagated().await);
    world.ack("s1", 2, NOW).await;
    assert!(propagated().await);
}

#[rstest]
#[tokio::test]
async fn an_acknowledgement_only_moves_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, first) = world_and_event(engine).await;
    world.open_stream("one", "s1", 0, NOW).await;
    assert_eq!(world.ack("s1", 1, NOW).await, Ack::AheadOfLog, "there is no event 1 yet");
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    assert_eq!(world.ack("s1", 1, NOW).await, Ack::Acked);
    assert_eq!(world.ack("s1", 0, NOW).await, Ack::Acked, "late, and harmless");
    assert!(world.other.propagated(&first, NOW).await.unwrap());
    assert_eq!(world.ack("s1", 2, NOW).await, Ack::AheadOfLog);
    assert!(world.other.propagated(&first, NOW).await.unwrap());

    let payroll = api_id("payroll");
    assert_eq!(world.store.ack_guard_stream(&payroll, "s1", 0, NOW).await.unwrap(), Ack::NotFound);
    assert!(!world.store.sign_off_guard_stream(&payroll, "s1").await.unwrap(), "it is another API's");
    world.store.end_guard_stream(&payroll, "s1", NOW).await.unwrap();
    assert_eq!(world.ack("none", 0, NOW).await, Ack::NotFound);
    assert_eq!(world.ack("s1", 1, later(599)).await, Ack::Acked);
    let second = revoke(&world, &JTI.replace("tu", "ut")).await;
    assert!(
        !world.other.propagated(&second, later(1_100)).await.unwrap(),
        "it was neither ended nor removed"
    );
}

/// A broken connection is often noticed after the guard is back.
#[rstest]
#[tokio::test]
async fn a_guard_that_is_back_takes_its_place_over(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, announced) = world_and_event(engine).await;
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    world.open_stream("one", "s1", 1, NOW).await;
    world.end_stream("s1", later(1)).await;
    world.open_stream("one", "s2", 0, later(2)).await;
    world.end_stream("s1", later(3)).await;
    assert_eq!(world.ack("s1", 1, later(3)).await, Ack::NotFound, "the old connection says nothing more");
    assert!(!world.other.propagated(&announced, later(3)).await.unwrap(), "it begins before the event anew");
    // Had the late end hit the new connection, nobody would wait for it any more.
    world.ack("s2", 0, later(500)).await;
    assert!(!world.other.propagated(&announced, later(700)).await.unwrap());
    assert_eq!(world.ack("s2", 1, later(700)).await, Ack::Acked);
    assert!(world.other.propagated(&announced, later(700)).await.unwrap());
    let rows = world.other.delete_gone_guard_streams(later(9_999), 9).await.unwrap();
    assert_eq!(rows, 1, "one guard, one row");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_connections_of_one_guard_leave_one_row(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, _) = world_and_event(engine).await;
    let opened = race(&world, 8, |store, n| async move {
        store.open_guard_stream(guard_stream("one", &format!("s{n}"), 0), NOW).await.unwrap()
    })
    .await;
    assert!(opened.iter().all(|it| *it == OpenStream::Opened), "{opened:?}");
    let mut known = 0;
    for n in 0..8 {
        known += u32::from(world.ack(&format!("s{n}"), 0, NOW).await == Ack::Acked);
    }
    assert_eq!(known, 1, "the last one's");
}

/// When a server comes up, all of its guards do at once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_guards_do_not_get_in_each_others_way(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, announced) = world_and_event(engine).await;
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
    let acked = race(&world, 32, |store, n| async move {
        let guard = format!("guard{n}");
        for round in 0..3 {
            let stream = format!("{guard}-{round}");
            let opened = store.open_guard_stream(guard_stream(&guard, &stream, 0), NOW).await.unwrap();
            assert_eq!(opened, OpenStream::Opened);
            let acked = store.ack_guard_stream(&api_id("timesheets"), &stream, 1, NOW).await.unwrap();
            assert_eq!(acked, Ack::Acked);
        }
    })
    .await;
    assert_eq!(acked.len(), 32);
    assert!(world.other.propagated(&announced, NOW).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn an_api_has_a_thousand_guards_at_most(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, _) = world_and_event(engine).await;
    world.database.tamper(&format!(
        "INSERT INTO guard_streams (resource_server_id, guard, stream, acked, opened_at, seen_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) \
         SELECT 'timesheets', 'guard' || i, 'stream' || i, 0, {0}, {0} FROM n",
        NOW.as_millis()
    ));
    assert_eq!(world.open_stream("one", "s1", 0, later(1)).await, OpenStream::Opened, "the thousandth");
    assert_eq!(world.open_stream("two", "s2", 0, later(1)).await, OpenStream::TooMany);
    let noted = world.store.note_guard(guard_stream("two", "s2", 0), later(1)).await.unwrap();
    assert_eq!(noted, OpenStream::TooMany);
    assert_eq!(world.ack("s2", 0, later(1)).await, Ack::NotFound);
    assert_eq!(world.open_stream("guard7", "s7", 0, later(1)).await, OpenStream::Opened, "it has its place");
    let elsewhere = GuardStream { resource_server_id: api_id("payroll"), ..guard_stream("two", "p2", 0) };
    let opened = world.store.open_guard_stream(elsewhere, later(1)).await.unwrap();
    assert_eq!(opened, OpenStream::Opened, "another API's guards are counted by themselves");
    assert_eq!(
        world.open_stream("two", "s2", 0, later(600)).await,
        OpenStream::Opened,
        "those that were not heard of for ten minutes make room"
    );
    assert_eq!(world.ack("s7", 0, later(600)).await, Ack::Acked, "the others stay");
}

#[rstest]
#[tokio::test]
async fn guards_that_are_gone_are_forgotten(#[values(Sqlite, Postgres)] engine: Engine) {
    let (world, _) = world_and_event(engine).await;
    for (n, guard) in ["a", "b", "c", "d"].iter().enumerate() {
        world.open_stream(guard, guard, 0, later(n as u64)).await;
    }
    world.ack("a", 0, later(9)).await;
    world.end_stream("d", later(10)).await;
    assert_eq!(world.store.delete_gone_guard_streams(later(2), 1).await.unwrap(), 1);
    assert_eq!(world.store.delete_gone_guard_streams(later(2), 9).await.unwrap(), 1);
    assert_eq!(
        world.store.delete_gone_guard_streams(later(8), 9).await.unwrap(),
        0,
        "a spoke, d ended later"
    );
    let api = api_id("timesheets");
    let mut left = Vec::new();
    for guard in ["a", "b", "c", "d"] {
        if world.store.sign_off_guard_stream(&api, guard).await.unwrap() {
            left.push(guard);
        }
    }
    assert_eq!(left, ["a", "d"]);
}
