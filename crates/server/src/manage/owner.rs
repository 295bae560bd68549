//! Who asks: somebody whose interactive cookie is there, and nobody by anything else.
//!
//! 1. An `Authorization` header beside the cookie is a second credential: refused, whoever the two name (SES-17). The cookie for
//!    APIs is none here, beside neither.
//! 2. The cookie names a session that lives; one that does not is taken back (SES-04).
//! 3. Without it, whatever else works somewhere is told that it does not here, and the rest that nobody is signed in.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tokenry_engine::Context;
use tokenry_engine::mail::browser;
use tokenry_engine::session::{FreshUser, Purpose, SignedInUser, Withheld};

use crate::app::State;
use crate::problem::Fault;
use crate::session::{Refused, check_one_credential, nobody_by_cookie, proof};
use crate::ui::cookies;
use crate::ui::form::{read_by, signed_in, user_agent};

/// Somebody who is signed in, and what the engine is told of their request.
pub(super) struct Owner {
    pub(super) user: SignedInUser,
    pub(super) context: Context,
}

impl Owner {
    /// Who only looks.
    pub(super) async fn looking(state: &State, head: &Parts) -> Result<Self, Refused> {
        let mut context = Context { browser: browser(user_agent(&head.headers)), ..state.context(head) };
        let user = user(state, &head.headers, &context).await?;
        read_by(head, &mut context, user.user());
        Ok(Self { user, context })
    }

    /// Who changes something.
    pub(super) async fn changing(state: &State, head: &Parts) -> Result<Self, Refused> {
        let owner = Self::looking(state, head).await?;
        proof::check(state, &owner.user, &head.headers, &owner.context)?;
        Ok(owner)
    }

    /// The same as one who has shown lately that it is them.
    pub(super) fn fresh(&self, state: &State) -> Result<FreshUser, Fault> {
        self.user.fresh(self.context.now).ok_or_else(|| {
            state.engine.note_withheld(
                Withheld::ReauthenticationRequired,
                Some(&self.user.user().id),
                &self.context,
            );
            Fault::ReauthenticationRequired
        })
    }
}

async fn user(state: &State, headers: &HeaderMap, context: &Context) -> Result<SignedInUser, Refused> {
    let cookie = cookies::is_there(headers, Purpose::SessionCookie);
    check_one_credential(headers, cookie)?;
    if cookie {
        return match signed_in(state, headers, context).await? {
            Some(user) => Ok(user),
            None => Err(nobody_by_cookie(state, headers, context).await?),
        };
    }
    let works = match headers.get(AUTHORIZATION) {
        Some(credential) => state.engine.is_working_credential(credential.as_bytes(), context).await?,
        None => match state.api_cookie.value(headers) {
            Some(cookie) => state.engine.signed_in_for_apis(&cookie, context).await?.is_some(),
            None => false,
        },
    };
    if !works {
        return Err(Fault::SessionRequired.into());
    }
    state.engine.note_withheld(Withheld::InteractiveSessionRequired, None, context);
    Err(Fault::InteractiveSessionRequired.into())
}
