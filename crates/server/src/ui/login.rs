//! `/login`: who sits there. A password, then a second factor where there is one ([`code`]), or a passkey alone
//! ([`passkey`]), then on to where it leads ([`aim`]).
//!
//! A form that was open for too long, or comes from a page before the cookies changed, is not judged: it comes again, filled
//! in as far as it may be. Nobody is signed in by a form that another site's page made this browser send (LOG-16).

mod aim;
pub(crate) mod code;
pub(crate) mod passkey;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::session::{AtHand, Purpose};
use tokenry_engine::{Context, PasskeyPrompt, ProvenUser, SignIn};
use tokenry_protocol::params::Params;
use tokenry_protocol::secret::Secret;

use self::aim::Aim;
use super::cookies;
use super::form::{Instead, Posted, Stranger, read_in, signed_in};
use super::outcome::Outcome;
use super::page::{page_told, see_other, with_script};
use super::waiting;
use crate::app::State;
use crate::paths;
use crate::problem::Failure;
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    words: &'static Words,
    look: Look,
    /// Whether somebody is signed in, and has to show that it is them.
    again: bool,
    /// The application that is waiting; empty where none is.
    app: &'a str,
    error: Option<&'a str>,
    csrf: &'a str,
    flow: &'a str,
    next: &'a str,
    username: &'a str,
    /// Whether a forgotten password can be replaced by mail.
    mail: bool,
    /// What asks for a passkey, where there are any.
    passkey: Option<&'a PasskeyPrompt>,
    /// Whether people may make accounts of their own.
    sign_up: bool,
}

/// `GET /login`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from)?;
    let user = signed_in(&state, &head.headers, &context).await?;
    read_in(&state, &head, &mut context, user.as_ref(), Some(&params));
    let aim = Aim::of(&state, &params, &context)?;
    let another = params.get("as") == Some("another");
    let username = match &user {
        Some(_) if aim.is_open() => return Ok(see_other(paths::ACCOUNT)),
        Some(_) if another => String::new(),
        Some(user) if !aim.chooses_account() => user.user().username.clone(),
        Some(_) | None => aim.login_hint().unwrap_or_default().to_owned(),
    };
    let stranger = Stranger::of(&state, &head.headers, &context)?;
    let again = user.is_some() && !another && !aim.chooses_account();
    let filled = Filled { again, username: &username };
    let mut response = form(&state, &stranger, &filled, &aim, None, &context)?;
    if user.is_none() && cookies::is_there(&head.headers, Purpose::SessionCookie) {
        // It opens nothing (SES-04, SES-15).
        cookies::take_back(&mut response, Purpose::SessionCookie);
    }
    Ok(response)
}

/// `POST /login`.
pub(crate) async fn submit(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::read_before_sign_in(&state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let aim = Aim::of(&state, &posted.params, context)?;
    let username = posted.params.get("username").unwrap_or_default();
    let filled = Filled { again: false, username };
    let Some(stranger) = stranger else {
        let stranger = Stranger::of(&state, &posted.head.headers, context)?;
        return form(&state, &stranger, &filled, &aim, Some(&Outcome::too_old(words)), context);
    };
    let password = Secret::new(posted.params.get("password").unwrap_or_default().to_owned());
    let outcome = match state.engine.sign_in(username, &password, context).await {
        Ok(SignIn::HalfProven(half)) => return code::ask(&state, &stranger, &half, &aim, context).await,
        Ok(SignIn::Proven(proven)) => match enter(&state, &posted, &proven, &aim).await? {
            Some(response) => return Ok(response),
            None => Outcome::changed(words),
        },
        Err(error) => Outcome::of(error, words.login_wrong(), words),
    };
    form(&state, &stranger, &filled, &aim, Some(&outcome), context)
}

/// How the form is filled in.
struct Filled<'a> {
    again: bool,
    username: &'a str,
}

fn form(
    state: &State,
    stranger: &Stranger,
    filled: &Filled<'_>,
    aim: &Aim,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let passkey = state.engine.ask_for_passkey(stranger.browser(), context)?;
    let page = LoginPage {
        words: Words::to(context),
        look: aim.look(state),
        again: filled.again,
        app: aim.app(),
        error: outcome.map(|outcome| outcome.text.as_str()),
        csrf: &stranger.binding.csrf(state, context)?,
        flow: aim.flow(),
        next: aim.next(),
        username: filled.username,
        mail: state.mail,
        passkey: passkey.as_ref(),
        sign_up: state.offers_sign_up() && !filled.again,
    };
    Ok(finished(page_told(&page, outcome)?, passkey.as_ref(), stranger, aim))
}

/// The form anew, empty, for whoever has to begin from the start.
fn begin_again(state: &State, posted: &Posted, aim: &Aim, outcome: &Outcome) -> Result<Response, Instead> {
    let stranger = Stranger::of(state, &posted.head.headers, &posted.context)?;
    let filled = Filled { again: false, username: "" };
    form(state, &stranger, &filled, aim, Some(outcome), &posted.context)
}

/// What every page of a sign-in has: the browser's name, and a policy that lets its form lead where the sign-in does, and
/// runs the script that asks for a passkey.
fn finished(response: Response, passkey: Option<&PasskeyPrompt>, stranger: &Stranger, aim: &Aim) -> Response {
    let mut response = aim.policy(response);
    if passkey.is_some() {
        response = with_script(response);
    }
    stranger.remember(&mut response);
    response
}

/// Begins a session, or goes on with the one that the browser has, and leads on. `None`: the user was changed meanwhile.
async fn enter(
    state: &State,
    posted: &Posted,
    proven: &ProvenUser,
    aim: &Aim,
) -> Result<Option<Response>, Instead> {
    let context = &posted.context;
    let current = signed_in(state, &posted.head.headers, context).await?;
    let device = posted.device(state);
    let browser = AtHand { user_agent: posted.user_agent(), device: &device };
    let begun = state.engine.begin_session(proven, current.as_ref(), &browser, context).await?;
    let Some(begun) = begun else { return Ok(None) };
    let mut response = see_other(&aim.location());
    cookies::put_session(&mut response, state, &begun, &device);
    Ok(Some(waiting::forget(&posted.head.headers, response)))
}
