//! Signing in: what a guesser learns, how many guesses there are, and who is not locked out by somebody else's.

mod factors;
mod guesses;
mod passwords;

use std::net::IpAddr;

use tokenry_clock::Clock as _;
use tokenry_engine::{Context, ProvenUser, SignIn, SignInError};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::{DemoUser, TestApp};

/// A request of now, from an address.
fn from(app: &TestApp, address: [u8; 4]) -> Context {
    Context {
        now: app.clock.now(),
        request_id: "r".to_owned(),
        address: Some(IpAddr::from(address)),
        browser: None,
        language: None,
        from_browser: false,
    }
}

const HOME: [u8; 4] = [203, 0, 113, 7];

async fn sign_in(
    app: &TestApp,
    username: &str,
    password: &str,
    address: [u8; 4],
) -> Result<SignIn, SignInError> {
    let password = Secret::new(password.to_owned());
    app.engine.sign_in(username, &password, &from(app, address)).await
}

/// The user, who has proven all that there is to prove.
async fn proven(app: &TestApp, user: &DemoUser) -> ProvenUser {
    match sign_in(app, &user.username, &user.password, HOME).await {
        Ok(SignIn::Proven(proven)) => proven,
        other => panic!("{other:?}"),
    }
}

/// Waits until `count` refused sign-ins of a user are recorded for `reason`.
async fn recorded(app: &TestApp, user: Option<&str>, reason: &str, count: i64) {
    let of_user = |record: &tokenry_store::StoredRecord| {
        record.event == "sign_in.refused" && record.subject_id.as_deref() == user && record.outcome == reason
    };
    app.counted(count, of_user).await;
}
