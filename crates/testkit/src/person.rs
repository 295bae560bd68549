//! People of a test: each with a password that they know, and an authenticator if they enrol one.

use serde_json::Map;
use tokenry_clock::{Clock as _, Timestamp};
use tokenry_engine::Context;
use tokenry_model::{Actor, User, UserId, UserState};
use tokenry_protocol::secret::Secret;
use totp_rs::{Algorithm, Builder};

use crate::app::TestApp;
use crate::browser::Browser;
use crate::page::Page;

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Person {
    /// `sub`.
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// What only they know.
    pub password: String,
}

impl TestApp {
    /// Makes somebody with an account: `ann` is `ann@acme.example`.
    pub async fn person(&self, name: &str) -> Person {
        let id = UserId::parse(&format!("usr_{name}")).unwrap();
        let person = Person {
            id: id.clone(),
            username: format!("{name}@acme.example"),
            password: format!("{name}'s lanterns by a quiet canal"),
        };
        let user = User {
            id: id.clone(),
            username: person.username.clone(),
            email_verified_at: Some(self.clock.now()),
            name: None,
            claims: Map::new(),
            state: UserState::Enabled,
            version: 1,
            created_at: self.clock.now(),
        };
        self.store.create_user(&user, &[]).await.unwrap();
        let password = Secret::new(person.password.clone());
        self.engine.set_password(&id, &password, Actor::Operator, &self.context()).await.unwrap();
        person
    }

    /// What a verb is told of a request that nobody sent.
    #[must_use]
    pub fn context(&self) -> Context {
        let (now, request_id) = (self.clock.now(), "test".to_owned());
        Context { now, request_id, address: None, browser: None, language: None, from_browser: true }
    }

    /// A fresh browser at its pages.
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::through(self.http.clone(), &self.issuer)
    }
}

impl Person {
    /// Signs in at `/login` in a browser, up to where that leads; no second factor is shown.
    pub async fn sign_in(&self, browser: &mut Browser) -> Page {
        let page = browser.open("/login").await;
        self.fill_in(browser, &page).await
    }

    /// Fills in the sign-in form of a page, and follows where that leads.
    pub async fn fill_in(&self, browser: &mut Browser, page: &Page) -> Page {
        let form = page.form("/login").with("username", &self.username).with("password", &self.password);
        browser.submit(&form).await
    }
}

/// What an authenticator with a key in base32 shows at `now`.
#[must_use]
pub fn totp(key: &str, now: Timestamp) -> String {
    let seed = totp_rs::Secret::try_from_base32(key).unwrap();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(seed)
        .build_noncompliant();
    totp.generate(u64::try_from(now.as_secs()).unwrap()).to_string()
}
