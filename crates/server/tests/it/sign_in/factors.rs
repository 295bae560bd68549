//! The second factor: each code once, within its window, for its own user, and few guesses wherever they come from.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::session::{AtHand, FreshUser};
use tokenry_engine::{GuessLimits, HalfProven, ProvenUser, RecoveryCodes, SignIn, SignInError};
use tokenry_jose::Algorithm;
use tokenry_model::{About, AuthMethod};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoUser, Options, TestApp};

use super::{HOME, from, proven, recorded, sign_in};

/// What makes the codes of a user's authenticator.
struct Authenticator(totp_rs::Totp);

impl Authenticator {
    /// The code of now, or of so many steps from now.
    fn code(&self, app: &TestApp, steps: i64) -> String {
        let now = u64::try_from(app.clock.now().as_secs() + 30 * steps).unwrap();
        self.0.generate(now).to_string()
    }
}

/// Gives a user a second factor. The code that shows it is used up, so the clock goes on to the next.
async fn enrol(app: &TestApp, user: &DemoUser) -> (Authenticator, RecoveryCodes) {
    let (account, context) = (fresh(app, user).await, from(app, HOME));
    let enrolment = app.engine.enrol_totp(&account, &context).await.unwrap();
    let seed = totp_rs::Secret::try_from_base32(enrolment.secret.expose()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(seed.as_bytes().to_vec()).build_noncompliant();
    let authenticator = Authenticator(totp);
    let wrong = app.engine.confirm_totp(&account, &secret("000000"), &context).await;
    assert!(wrong.is_err(), "it counts once a code of it was shown");
    assert!(matches!(sign_in(app, &user.username, &user.password, HOME).await, Ok(SignIn::Proven(_))));
    let code = secret(&authenticator.code(app, 0));
    let codes = app.engine.confirm_totp(&account, &code, &context).await.unwrap();
    app.clock.advance(Duration::from_secs(30));
    (authenticator, codes)
}

/// A user who has just signed in in a browser.
async fn fresh(app: &TestApp, user: &DemoUser) -> FreshUser {
    let (proven, context) = (proven(app, user).await, from(app, HOME));
    let browser = AtHand { user_agent: "", device: &app.engine.device(None) };
    let begun = app.engine.begin_session(&proven, None, &browser, &context).await.unwrap().unwrap();
    let signed_in = app.engine.signed_in(begun.cookie.expose(), &context).await.unwrap();
    signed_in.and_then(|user| user.fresh(context.now)).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

async fn half(app: &TestApp, user: &DemoUser) -> HalfProven {
    match sign_in(app, &user.username, &user.password, HOME).await {
        Ok(SignIn::HalfProven(half)) => half,
        other => panic!("{other:?}"),
    }
}

async fn show(app: &TestApp, half: &HalfProven, code: &str) -> Result<ProvenUser, SignInError> {
    app.engine.second_factor(half, &secret(code), &from(app, HOME)).await
}

async fn start(database: Engine, guesses: GuessLimits) -> TestApp {
    let signing_alg = Algorithm::EdDsa;
    TestApp::with(Options { database, guesses, signing_alg, ..Options::default() }).await
}

#[rstest]
#[tokio::test]
async fn log_06_a_code_counts_once_within_its_window(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, GuessLimits::NONE).await;
    let people = app.people().await;
    let (authenticator, _codes) = enrol(&app, &people.ann).await;
    let first = half(&app, &people.ann).await;
    for wrong in ["", "12345", "1234567", &authenticator.code(&app, -3), &authenticator.code(&app, 3)] {
        let refused = show(&app, &first, wrong).await;
        assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "{wrong}");
    }
    recorded(&app, Some(&people.ann.id), "wrong_second_factor", 5).await;
    let code = authenticator.code(&app, 0);
    let both = show(&app, &first, &format!(" {} {}", &code[..3], &code[3..])).await.unwrap();
    assert_eq!(both.amr(), [AuthMethod::Password, AuthMethod::OneTimePassword, AuthMethod::Multi]);
    let again = half(&app, &people.ann).await;
    for used in [code.as_str(), &authenticator.code(&app, -1)] {
        let refused = show(&app, &again, used).await;
        assert_eq!(
            refused.unwrap_err(),
            SignInError::InvalidCredentials,
            "used, or from before the used one"
        );
    }
    assert!(show(&app, &again, &authenticator.code(&app, 1)).await.is_ok(), "clocks differ by a step");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_22_of_fifty_who_show_a_code_one_is_let_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = std::sync::Arc::new(start(engine, GuessLimits::NONE).await);
    let people = app.people().await;
    let (authenticator, codes) = enrol(&app, &people.ann).await;
    let recovery = codes.iter().next().unwrap().expose().to_owned();
    for code in [authenticator.code(&app, 0), recovery] {
        let half = half(&app, &people.ann).await;
        let shown: Vec<_> = (0..50)
            .map(|_| {
                let (app, half, code) = (std::sync::Arc::clone(&app), half.clone(), code.clone());
                tokio::spawn(async move { show(&app, &half, &code).await })
            })
            .collect();
        let mut let_in = 0;
        for shown in shown {
            match shown.await.unwrap() {
                Ok(_) => let_in += 1,
                Err(refused) => assert_eq!(refused, SignInError::InvalidCredentials),
            }
        }
        assert_eq!(let_in, 1, "{code}");
    }
}

#[rstest]
#[tokio::test]
async fn log_07_half_a_proof_is_no_proof_of_anybody_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, GuessLimits::NONE).await;
    let people = app.people().await;
    let (of_ann, ann_codes) = enrol(&app, &people.ann).await;
    let (of_bob, _codes) = enrol(&app, &people.bob).await;
    let anns = half(&app, &people.ann).await;
    let code = of_bob.code(&app, 0);
    let refused = show(&app, &anns, &code).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "bob's code is not ann's");
    let bobs = half(&app, &people.bob).await;
    let recovery = ann_codes.iter().next().unwrap().expose();
    let refused = show(&app, &bobs, recovery).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "nor is ann's recovery code bob's");

    let late = half(&app, &people.ann).await;
    app.clock.advance(Duration::from_secs(601));
    let refused = show(&app, &late, &of_ann.code(&app, 0)).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "the password is too long ago");
    recorded(&app, Some(&people.ann.id), "second_factor_too_late", 1).await;

    let before = half(&app, &people.ann).await;
    drop(app.manager.disable_user(&people.ann.id).await.unwrap());
    drop(app.manager.enable_user(&people.ann.id).await.unwrap());
    let refused = show(&app, &before, &of_ann.code(&app, 0)).await;
    assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials, "of before the user was disabled");
    let now = half(&app, &people.ann).await;
    assert!(show(&app, &now, recovery).await.is_ok(), "the recovery code was not used up");
    assert!(show(&app, &now, recovery).await.is_err(), "and is now");
}

/// Whoever guesses codes knows the password: they are counted for the user wherever they come from, apart from
/// passwords, which are heard all the while.
#[rstest]
#[tokio::test]
async fn log_06_few_codes_are_heard_wherever_they_come_from(#[values(Sqlite, Postgres)] engine: Engine) {
    let limits = GuessLimits { failures_per_client: 20, names_per_address: 20, refused_per_address: 600 };
    let app = start(engine, limits).await;
    let people = app.people().await;
    let (authenticator, codes) = enrol(&app, &people.ann).await;
    let half_proven = half(&app, &people.ann).await;
    let mut heard = 0;
    for n in 0..100_u8 {
        let context = from(&app, [198, 51, 100, n]);
        match app.engine.second_factor(&half_proven, &secret("abcdef"), &context).await.unwrap_err() {
            SignInError::InvalidCredentials => heard += 1,
            SignInError::TooMany { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(heard, 20);
    let limited = show(&app, &half_proven, &authenticator.code(&app, 0)).await;
    assert!(matches!(limited, Err(SignInError::TooMany { .. })), "{limited:?}");
    let recovery = codes.iter().next().unwrap().expose();
    assert!(show(&app, &half_proven, recovery).await.is_ok(), "she has what nobody guesses");
    proven(&app, &people.bob).await;
    app.clock.advance(Duration::from_secs(61));
    let again = half(&app, &people.ann).await;
    assert!(show(&app, &again, &authenticator.code(&app, 0)).await.is_ok(), "not for good");
}

/// An operator takes the factor away, and what was proven with it before is void.
#[rstest]
#[tokio::test]
async fn rt_08_a_factor_that_was_reset_is_asked_for_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, GuessLimits::NONE).await;
    let people = app.people().await;
    let (authenticator, codes) = enrol(&app, &people.ann).await;
    let before = half(&app, &people.ann).await;
    drop(app.manager.reset_second_factor(&people.ann.username).await.unwrap());
    let told = app.engine.mailbox().await.unwrap();
    let removed =
        |it: &&tokenry_engine::mail::MailInBox| it.about == Some(About::SecondFactorRemovedByOperator);
    assert_eq!(told.iter().filter(removed).count(), 1, "the user is told: {told:?}");
    for code in [&authenticator.code(&app, 0), codes.iter().next().unwrap().expose()] {
        let refused = show(&app, &before, code).await;
        assert_eq!(refused.unwrap_err(), SignInError::InvalidCredentials);
    }
    proven(&app, &people.ann).await;
    assert!(app.manager.reset_second_factor(&people.ann.username).await.is_err(), "there is none any more");
}

/// A few guesses a minute are many in a month: whoever knows the password is stopped for good, and ann is not.
#[rstest]
#[tokio::test]
async fn log_06_after_fifty_wrong_codes_none_is_heard(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, GuessLimits::NONE).await;
    let people = app.people().await;
    let (authenticator, codes) = enrol(&app, &people.ann).await;
    let told = async || {
        let mails = app.engine.mailbox().await.unwrap();
        mails.iter().filter(|mail| mail.about == Some(About::CodesGuessed)).count()
    };
    for n in 0..50 {
        assert_eq!(told().await, usize::from(n >= 10));
        let half = half(&app, &people.ann).await;
        let wrong = authenticator.code(&app, 5);
        assert_eq!(show(&app, &half, &wrong).await.unwrap_err(), SignInError::InvalidCredentials);
    }
    let half_proven = half(&app, &people.ann).await;
    for _time in 0..2 {
        let locked = show(&app, &half_proven, &authenticator.code(&app, 0)).await;
        assert_eq!(locked.unwrap_err(), SignInError::CodesLocked, "the right one neither");
        app.clock.advance(Duration::from_secs(120));
    }
    recorded(&app, Some(&people.ann.id), "too_many_wrong_codes", 2).await;
    let half_proven = half(&app, &people.ann).await;
    assert!(show(&app, &half_proven, codes.iter().next().unwrap().expose()).await.is_ok());
    assert!(show(&app, &half_proven, &authenticator.code(&app, 0)).await.is_ok(), "and codes count again");
    assert_eq!(told().await, 1);
}
