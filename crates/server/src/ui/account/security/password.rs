//! Changing one's password: who knew the old one is signed out everywhere, and this browser goes on with a new session.

use axum::response::Response;
use http::StatusCode;
use tokenry_engine::session::{AtHand, FreshUser};
use tokenry_engine::{ChangePasswordError, Refusal};
use tokenry_protocol::secret::Secret;

use super::{Told, done, overview};
use crate::app::State;
use crate::paths;
use crate::problem::Failure;
use crate::ui::cookies;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::logout::signed_out;
use crate::ui::outcome::Outcome;
use crate::words::Words;

/// `action=password`.
pub(super) async fn change(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let context = &posted.context;
    let field = |name| Secret::new(posted.params.get(name).unwrap_or_default().to_owned());
    let (old, new) = (field("current-password"), field("new-password"));
    let proven = match state.engine.change_password(&user, &old, &new, context).await {
        Ok(proven) => proven,
        Err(error) => {
            let outcome = told(error, state.mail, Words::to(context))?;
            let visitor = Visitor { user: user.into(), context: context.clone() };
            let told = Told { password_error: Some(&outcome), ..Told::default() };
            return overview(state, &visitor, &told).await;
        }
    };
    let device = posted.device(state);
    let browser = AtHand { user_agent: posted.user_agent(), device: &device };
    let begun = state.engine.begin_session(&proven, None, &browser, context).await?;
    // Somebody changed the account once more: who sits here has to sign in with what counts now.
    let Some(begun) = begun else { return Ok(signed_out(state, paths::LOGIN)) };
    let mut response = done("password");
    cookies::put_session(&mut response, state, &begun, &device);
    Ok(response)
}

fn told(error: ChangePasswordError, mail: bool, words: &Words) -> Result<Outcome, Failure> {
    match error {
        ChangePasswordError::Current(error) => Ok(Outcome::of(error, words.security_password_other(), words)),
        ChangePasswordError::Failed(error) => Err(Refusal::from(error).into()),
        ChangePasswordError::Overtaken => {
            Ok(Outcome::said(StatusCode::CONFLICT, words.security_password_overtaken()))
        }
        ChangePasswordError::TooSoon => {
            Ok(Outcome::said(StatusCode::CONFLICT, words.password_too_soon(mail)))
        }
        ChangePasswordError::New(unfit) => {
            let text = words.security_password_unfit(words.unfit_password(unfit));
            Ok(Outcome::said(StatusCode::BAD_REQUEST, text))
        }
    }
}
