//! "Nothing is missing" is said only when it is true, and said of the time at which the database was read.

use std::time::{Duration, Instant};

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Events, TestApp};

use super::{happen, listen, snapshot};

/// Keeps events from being numbered, whoever tries, as long as the database is so.
fn forbid_numbers(app: &TestApp) {
    match app.database.folder() {
        Some(_file) => app.database.execute(
            "CREATE TRIGGER no_numbers BEFORE UPDATE ON guard_events BEGIN SELECT RAISE(ABORT, 'no'); END",
        ),
        None => app.database.execute(
            "CREATE FUNCTION no_numbers() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no'; END $$; \
             CREATE TRIGGER no_numbers BEFORE UPDATE ON guard_events EXECUTE FUNCTION no_numbers()",
        ),
    };
}

fn allow_numbers(app: &TestApp) {
    match app.database.folder() {
        Some(_file) => app.database.execute("DROP TRIGGER no_numbers"),
        None => app.database.execute("DROP TRIGGER no_numbers ON guard_events"),
    };
}

/// Everything that is said within `time`.
async fn said_within(events: &mut Events, time: Duration) -> Vec<String> {
    let mut said = Vec::new();
    let listening = async {
        while let Some(it) = events.next().await {
            said.push(it.name);
        }
    };
    let _over = tokio::time::timeout(time, listening).await;
    said
}

#[rstest]
#[tokio::test]
async fn while_an_event_has_no_number_nothing_is_complete(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let mut events = listen(&app, 0).await;
    events.complete_to(0).await;
    forbid_numbers(&app);
    happen(&app, 1).await;
    // What was read before may have been on its way; after that there is silence.
    said_within(&mut events, Duration::from_secs(2)).await;
    assert_eq!(said_within(&mut events, Duration::from_secs(3)).await, [String::new(); 0]);
    // A snapshot has the state whether or not the event has a number, and says what it surely has.
    let seen = snapshot(&app, &app.demo.api).await.json();
    assert_eq!(seen["seq"], 0);
    assert_eq!(seen["corporations"][&app.demo.acme_group].as_array().unwrap().len(), 3);
    allow_numbers(&app);
    let (changes, complete) = events.complete_to(1).await;
    assert_eq!((changes.len(), &complete["seq"]), (1, &1.into()));
}

#[rstest]
#[tokio::test]
async fn what_was_committed_before_the_time_of_a_complete_was_sent(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let asked = Instant::now();
    let mut events = listen(&app, 0).await;
    let (mut committed, mut sent) = (Vec::new(), 0);
    for round in 0..5 {
        happen(&app, 4).await;
        committed.push((asked.elapsed(), (round + 1) * 4));
        let (changes, complete) = events.complete_to(0).await;
        sent += changes.len();
        let known = Duration::from_millis(complete["elapsed_ms"].as_u64().unwrap());
        assert!(known <= asked.elapsed(), "nobody knows the future");
        for (when, how_many) in &committed {
            // The stream was opened later than it was asked for, so this is the stricter reckoning.
            assert!(*when > known || sent >= *how_many, "{when:?} {known:?}: {sent} of {how_many}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_ends_the_word_not_the_stream() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut events = listen(&app, 0).await;
    events.complete_to(0).await;
    // As if the table could not be read.
    app.database.execute("ALTER TABLE guard_counters RENAME TO away");
    said_within(&mut events, Duration::from_secs(2)).await;
    assert_eq!(said_within(&mut events, Duration::from_secs(3)).await, [String::new(); 0]);
    app.database.execute("ALTER TABLE away RENAME TO guard_counters");
    events.complete_to(0).await;
}
