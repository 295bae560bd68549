//! Personal access tokens and account secrets of a test's people, made as their owners, and operators, make them.

use std::time::Duration;

use tokenry_clock::Clock as _;
use tokenry_engine::session::FreshUser;
use tokenry_engine::{IssuedPat, NewPat};
use tokenry_model::{SystemRng, UserId, random_base62};

use crate::app::TestApp;
use crate::member::Member;

impl TestApp {
    /// Somebody who has just shown that it is them, in a session of its own.
    pub async fn fresh(&self, person: &Member) -> FreshUser {
        let session = self.sign_in(&person.id, &random_base62(&SystemRng, 20));
        let cookie = self.cookie(&Member { session, ..person.clone() });
        let (_name, value) = cookie.split_once('=').unwrap();
        let user = self.engine.signed_in(value, &self.context()).await.unwrap().unwrap();
        user.fresh(self.clock.now()).unwrap()
    }

    /// The secret of the account of somebody who is a developer from now on.
    pub async fn account_secret(&self, user: &UserId) -> String {
        self.manager.make_developer(user.as_str()).await.unwrap();
        self.manager.reveal_account_secret(user.as_str()).await.unwrap().expose().to_owned()
    }

    /// A token of somebody's.
    pub async fn pat(&self, person: &Member, new: NewPat) -> IssuedPat {
        self.engine.create_pat(&self.fresh(person).await, new, None, &self.context()).await.unwrap()
    }
}

/// A token for everything that its owner may do, which lives 30 days.
#[must_use]
pub fn new_pat(name: &str) -> NewPat {
    NewPat {
        name: name.to_owned(),
        note: String::new(),
        expires_in: Duration::from_secs(30 * 86_400),
        company_id: None,
        apis: None,
        scopes: None,
        each: None,
        allowed_addresses: Vec::new(),
    }
}
