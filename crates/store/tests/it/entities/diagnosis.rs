//! What a diagnosis asks: of guards, and of the database itself.

use rstest::rstest;
use tokenry_store::{GuardStanding, GuardStream};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

#[rstest]
#[tokio::test]
async fn guards_are_listed_while_they_are_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let stream = |guard: &str, stream: &str| GuardStream {
        resource_server_id: api_id("timesheets"),
        guard: guard.to_owned(),
        stream: stream.to_owned(),
        after: 0,
    };
    for (guard, name) in [("one", "s1"), ("two", "s2")] {
        world.store.open_guard_stream(stream(guard, name), NOW).await.unwrap();
    }
    world.store.revoke_token(revoked_token(JTI, later(9_999)), &[]).await.unwrap();
    while world.store.number_guard_events(1_000).await.unwrap() > 0 {}
    world.store.ack_guard_stream(&api_id("timesheets"), "s1", 1, later(3)).await.unwrap();
    world.store.end_guard_stream(&api_id("timesheets"), "s2", later(4)).await.unwrap();
    let audience = world.other.find_resource_server(&api_id("timesheets")).await.unwrap().unwrap().audience;
    let told = |guard: &str, acked, seen, ended: Option<u64>| GuardStanding {
        audience: audience.to_string(),
        guard: guard.to_owned(),
        acked,
        announced: 1,
        seen_at: seen,
        ended_at: ended.map(later),
    };
    let both = [told("one", 1, later(3), None), told("two", 0, NOW, Some(4))];
    assert_eq!(world.other.list_guards(later(10)).await.unwrap(), both);
    assert_eq!(world.other.list_guards(later(603)).await.unwrap(), both[1..]);
    assert_eq!(world.other.list_guards(later(604)).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn the_database_says_how_it_stands(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.db().probe_write().await.unwrap();
    let db = world.store.db();
    let (standing, complaints) = (db.postgres_standing().await.unwrap(), db.complaints().await.unwrap());
    match engine {
        Postgres => {
            let standing = standing.unwrap();
            assert!(standing.number >= 130_000 && standing.version.starts_with('1'), "{standing:?}");
            assert_eq!(complaints, None);
        }
        Sqlite => assert_eq!((standing, complaints), (None, Some(Vec::new()))),
    }
}
