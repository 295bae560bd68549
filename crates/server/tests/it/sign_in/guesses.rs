//! Guessing passwords: slowed down by name and address, whatever the spelling, and nobody locks anybody else out.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::{GuessLimits, SignInError};
use tokenry_jose::Algorithm;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoUser, Options, TestApp, until};

use super::{HOME, from, recorded, sign_in};

const GUESS: &str = "a password of somebody else";
const LIMITS: GuessLimits =
    GuessLimits { failures_per_client: 20, names_per_address: 20, refused_per_address: 600 };
const ELSEWHERE: [u8; 4] = [198, 51, 100, 9];

async fn start(database: Engine) -> TestApp {
    let signing_alg = Algorithm::EdDsa;
    TestApp::with(Options { database, guesses: LIMITS, signing_alg, ..Options::default() }).await
}

/// Guesses until nobody is heard any more, and tells how often somebody was.
async fn guess(app: &TestApp, usernames: &[&str], address: [u8; 4], times: usize) -> usize {
    let mut heard = 0;
    for username in usernames.iter().cycle().take(times) {
        match sign_in(app, username, GUESS, address).await.unwrap_err() {
            SignInError::InvalidCredentials => heard += 1,
            SignInError::TooMany { retry_after } => assert!(retry_after <= Duration::from_secs(60)),
            other => panic!("{other:?}"),
        }
    }
    heard
}

async fn is_let_in(app: &TestApp, user: &DemoUser, address: [u8; 4]) -> bool {
    sign_in(app, &user.username, &user.password, address).await.is_ok()
}

/// However the name is written, its failures are counted together (PEER-18); the right password does not help while
/// nobody is heard; and after the minute all is well.
#[rstest]
#[tokio::test]
async fn log_03_peer_18_a_hundred_guesses_are_not_heard(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let people = app.people().await;
    let spellings = ["ann@acme.example", "ANN@acme.example", " ann@ACME.example ", "ａｎｎ@acme.example"];
    assert_eq!(guess(&app, &spellings, HOME, 100).await, 20);
    assert!(!is_let_in(&app, &people.ann, HOME).await, "not with the right one either");
    recorded(&app, Some(&people.ann.id), "wrong_password", 20).await;
    recorded(&app, None, "rate_limited", 81).await;
    app.clock.advance(Duration::from_secs(61));
    assert!(is_let_in(&app, &people.ann, HOME).await);
}

/// Who guesses is slowed down, and not whom they guess (LOG-04); and no success of another's clears the count.
#[rstest]
#[tokio::test]
async fn log_04_nobody_locks_anybody_else_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let people = app.people().await;
    assert_eq!(guess(&app, &[&people.ann.username], ELSEWHERE, 30).await, 20);
    assert!(is_let_in(&app, &people.ann, HOME).await, "she is heard from where she is");
    assert!(is_let_in(&app, &people.carl, ELSEWHERE).await, "others are heard from there");
    assert_eq!(guess(&app, &[&people.ann.username], ELSEWHERE, 5).await, 0, "which clears nothing");
    // For as long as they like.
    for _minute in 0..3 {
        app.clock.advance(Duration::from_secs(61));
        // Fewer, where failures were on their way to the database when the clock jumped: they count in the new minute.
        let heard = guess(&app, &[&people.ann.username], ELSEWHERE, 30).await;
        assert!(heard <= 20, "{heard}");
        assert!(is_let_in(&app, &people.ann, HOME).await);
    }
}

/// One password for many names: the address as a whole is not heard any more, whether or not there are such users.
#[rstest]
#[tokio::test]
async fn log_03_an_address_tries_so_many_names(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let people = app.people().await;
    let names: Vec<_> = (0..40).map(|n| format!("user{n}@acme.example")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(guess(&app, &names, ELSEWHERE, 40).await, 21);
    assert!(!is_let_in(&app, &people.ann, ELSEWHERE).await);
    assert!(is_let_in(&app, &people.ann, HOME).await);
}

/// What one replica has counted, another knows about a second later.
#[rstest]
#[tokio::test]
async fn log_03_replicas_count_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let ann = app.people().await.ann;
    let other = app.other_engine().await;
    assert_eq!(guess(&app, &[&ann.username], HOME, 25).await, 20);
    let context = from(&app, HOME);
    let password = Secret::new(ann.password.clone());
    until("the other is told", async || {
        match other.engine.sign_in(&ann.username, &password, &context).await {
            Err(SignInError::TooMany { .. }) => true,
            Ok(_) => false,
            Err(other) => panic!("{other:?}"),
        }
    })
    .await;
}
