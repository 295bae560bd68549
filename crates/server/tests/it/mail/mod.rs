//! Mail that is really sent: to a mail server on loopback, over TLS and with a password, and read there by a parser of its own.

mod address;
mod claims;
mod links;
mod mailbox;
mod notices;
mod reset;
mod sending;
mod sign_up;
mod way_back;

use serde_json::Map;
use tokenry_clock::Clock as _;
use tokenry_engine::Context;
use tokenry_engine::mail::Postman;
use tokenry_model::{About, Actor, SystemRng, User, UserId, UserState};
use tokenry_testkit::TestApp;

pub(super) const ANN: &str = "ann@acme.example";
pub(crate) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A user of that address, without a password.
pub(super) async fn user(app: &TestApp, username: &str) -> UserId {
    let id = UserId::parse(&format!("usr_{}", username.split('@').next().unwrap())).unwrap();
    let user = User {
        id: id.clone(),
        username: username.to_owned(),
        email_verified_at: None,
        name: None,
        claims: Map::new(),
        state: UserState::Enabled,
        version: 1,
        created_at: app.clock.now(),
        updated_at: app.clock.now(),
    };
    app.store.create_user(&user, &[]).await.unwrap();
    id
}

pub(super) fn context(app: &TestApp) -> Context {
    Context {
        now: app.clock.now(),
        request_id: "request".to_owned(),
        address: Some("192.0.2.7".parse().unwrap()),
        browser: Some("Firefox on Linux".to_owned()),
        language: None,
        from_browser: true,
    }
}

/// What sends links, as the operator's command line has it.
pub(crate) async fn postman(app: &TestApp) -> Postman {
    Postman {
        store: app.store.clone(),
        clock: std::sync::Arc::new(app.clock.clone()),
        rng: std::sync::Arc::new(SystemRng),
        data_key: app.keyholder().await.data_key,
        issuer: app.issuer.clone(),
        actor: Actor::Operator,
    }
}

/// Whom the mails are for and what they are about, the newest first.
pub(crate) async fn mails(app: &TestApp) -> Vec<(String, About)> {
    let listed = app.engine.mailbox().await.unwrap();
    listed.into_iter().map(|mail| (mail.recipient, mail.about.unwrap())).collect()
}

/// The link in the newest mail.
pub(crate) async fn newest_link(app: &TestApp) -> String {
    let id = app.engine.mailbox().await.unwrap().remove(0).id;
    let letter = app.engine.open_mail(&id).await.unwrap().unwrap().mail.letter;
    letter.link.unwrap().expose().to_owned()
}
