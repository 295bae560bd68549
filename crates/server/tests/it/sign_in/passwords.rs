//! Passwords: one answer and the same work for whoever it is not, and what a change of password or standing ends.

use rstest::rstest;
use tokenry_engine::manage::NewUser;
use tokenry_engine::{SignIn, SignInError};
use tokenry_model::UserId;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Log, TestApp};

use super::{HOME, proven, recorded, sign_in};

const GUESS: &str = "a password of somebody else";
/// What a sign-in may cost; what else is logged is done in the background.
const WORK: [&str; 7] = [
    "FIND_PASSWORD",
    "FIND_SIGN_IN",
    "FIND_TOTP_SEED",
    "FIND_USER",
    "FIND_USER_BY_USERNAME",
    "REHASH_PASSWORD",
    "slow hash",
];

/// Unknown, wrong, disabled, without a password: one answer, the same statements, one slow hash. Time itself is not
/// asserted: it would fail on a busy machine and pass on a quiet one.
#[rstest]
#[tokio::test]
async fn log_01_peer_20_whoever_it_is_not_gets_one_answer(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let people = app.people().await;
    let dora = NewUser { username: "dora@acme.example".to_owned(), ..NewUser::default() };
    let dora = app.manager.create_user(dora).await.unwrap();
    drop(app.manager.disable_user(&people.bob.id).await.unwrap());
    let (log, _guard) = Log::start();
    let mut works = Vec::new();
    for (username, password) in [
        ("nobody@acme.example", GUESS),
        (people.ann.username.as_str(), GUESS),
        (&people.bob.username, GUESS),
        (&people.bob.username, &people.bob.password),
        (&dora.username, GUESS),
        ("no address at all", GUESS),
    ] {
        drop(log.take_work());
        let refused = sign_in(&app, username, password, HOME).await;
        assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "{username}");
        let work = log.take_work().into_iter().filter(|work| WORK.contains(&work.as_str()));
        works.push(work.collect::<Vec<_>>());
    }
    assert_eq!(works[0], ["FIND_SIGN_IN", "slow hash"]);
    assert!(works.iter().all(|work| *work == works[0]), "{works:?}");
    recorded(&app, None, "unknown_user", 2).await;
    recorded(&app, Some(&people.ann.id), "wrong_password", 1).await;
    recorded(&app, Some(&people.bob.id), "wrong_password", 1).await;
    recorded(&app, Some(&people.bob.id), "user_disabled", 1).await;
    recorded(&app, Some(dora.id.as_str()), "no_password", 1).await;
    assert_eq!(proven(&app, &people.ann).await.user().id.as_str(), people.ann.id);
}

#[rstest]
#[tokio::test]
async fn peer_03_log_11_a_password_that_nobody_can_have_is_not_hashed(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let people = app.people().await;
    let (log, _guard) = Log::start();
    for long in ["x".repeat(129), "\u{1f511}".repeat(129), "x".repeat(1_000_000)] {
        let refused = sign_in(&app, &people.ann.username, &long, HOME).await;
        assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials);
    }
    assert!(!log.take_work().contains(&"slow hash".to_owned()));
    proven(&app, &people.ann).await;
}

/// Every character counts: nothing is cut off, also not at a NUL, and what looks the same is the same.
#[tokio::test]
async fn log_10_long_passwords_of_all_scripts_are_taken_whole() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.people().await.ann;
    let long = "gentle harbour ninety kites over the old brick tower by night, ".repeat(2);
    for (password, wrong) in [
        (long.as_str(), &long[..72]),
        ("gentle harbour\0ninety kites", "gentle harbour"),
        ("пароль из многих слов ночью", "пароль из многих слов днём"),
    ] {
        drop(app.manager.set_user_password(&ann.id, &Secret::new(password.to_owned())).await.unwrap());
        assert!(sign_in(&app, &ann.username, password, HOME).await.is_ok(), "{password}");
        let refused = sign_in(&app, &ann.username, wrong, HOME).await;
        assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "{wrong}");
    }
    let (composed, decomposed) = ("caf\u{e9} harbour ninety kites", "cafe\u{301} harbour\u{a0}ninety kites");
    drop(app.manager.set_user_password(&ann.id, &Secret::new(composed.to_owned())).await.unwrap());
    assert!(sign_in(&app, &ann.username, decomposed, HOME).await.is_ok());
}

#[rstest]
#[tokio::test]
async fn log_09_a_new_password_is_the_only_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let ann = app.people().await.ann;
    let before = proven(&app, &ann).await;
    let new = "seven pelicans rowing northward";
    drop(app.manager.set_user_password(&ann.id, &Secret::new(new.to_owned())).await.unwrap());
    let refused = sign_in(&app, &ann.username, &ann.password, HOME).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials);
    let after = sign_in(&app, &ann.username, new, HOME).await;
    let Ok(SignIn::Proven(after)) = after else { panic!("{after:?}") };
    assert!(after.user().version > before.user().version, "what was proven before is of another moment");
}

/// A hash of yesterday's parameters is made anew when its password is next shown.
#[rstest]
#[tokio::test]
async fn an_older_hash_is_made_anew_at_sign_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let ann = app.people().await.ann;
    let id = UserId::parse(&ann.id).unwrap();
    // argon2id of "gentle harbour kites of a manager" with a quarter of today's memory.
    let older = older_hash(&ann.password);
    app.database.execute(&format!("UPDATE passwords SET hash = '{older}' WHERE user_id = '{id}'"));
    let refused = sign_in(&app, &ann.username, GUESS, HOME).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials);
    let hash = async || app.store.find_password(&id).await.unwrap().unwrap();
    assert_eq!(hash().await, older, "a guess changes nothing");
    let version = proven(&app, &ann).await.user().version;
    let newer = hash().await;
    assert!(newer.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{newer}");
    assert_eq!(proven(&app, &ann).await.user().version, version, "nothing that others look at has changed");
    assert_eq!(hash().await, newer, "and it stays");
}

fn older_hash(password: &str) -> String {
    use argon2::password_hash::PasswordHasher as _;
    let params = argon2::Params::new(4_864, 2, 1, None).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    argon2.hash_password_with_salt(password.as_bytes(), &[7; 16]).unwrap().to_string()
}
