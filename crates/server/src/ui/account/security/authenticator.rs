//! The second factor: an authenticator app that is enrolled by showing one of its codes, recovery codes, and the way back.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use qrcode::QrCode;
use qrcode::render::svg;
use tokenry_engine::session::FreshUser;
use tokenry_engine::{Context, RecoveryCodes, Refusal, SignInError, TotpEnrolment, TotpError};
use tokenry_protocol::secret::Secret;

use super::{Told, done, overview};
use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Binding, Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page, page_told, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_totp.html")]
struct TotpPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    seed: Seed<'a>,
    error: Option<&'a str>,
}

/// A seed that does not count yet, in three forms.
struct Seed<'a> {
    link: &'a str,
    /// An SVG of ours.
    picture: String,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "account_codes.html")]
struct CodesPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    codes: Vec<&'a str>,
}

/// `action=enrol`: shows a new seed.
pub(super) async fn enrol(state: &State, user: &FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let enrolment = match state.engine.enrol_totp(user, &posted.context).await {
        Ok(enrolment) => enrolment,
        Err(error) => return elsewhere(error),
    };
    propose(state, user, posted, &enrolment, None)
}

fn propose(
    state: &State,
    user: &FreshUser,
    posted: &Posted,
    enrolment: &TotpEnrolment,
    outcome: Option<&Outcome>,
) -> Result<Response, Instead> {
    let page = TotpPage {
        words: Words::to(&posted.context),
        look: state.look(),
        here: paths::ACCOUNT_SECURITY,
        csrf: &Binding::of(user).csrf(state, &posted.context)?,
        seed: seed(enrolment)?,
        error: outcome.map(|outcome| outcome.text.as_str()),
    };
    Ok(page_told(&page, outcome)?)
}

/// `action=confirm`: makes it count, or shows it again with what was wrong.
pub(super) async fn confirm(state: &State, user: &FreshUser, posted: &Posted) -> Result<Response, Instead> {
    match state.engine.confirm_totp(user, &code(posted), &posted.context).await {
        Ok(codes) => show(state, &codes, &posted.context),
        Err(TotpError::WrongCode) => match state.engine.proposed_totp(user).await {
            Ok(enrolment) => {
                let wrong =
                    Outcome::said(StatusCode::FORBIDDEN, Words::to(&posted.context).factor_wrong_code());
                propose(state, user, posted, &enrolment, Some(&wrong))
            }
            Err(error) => elsewhere(error),
        },
        Err(error) => elsewhere(error),
    }
}

/// `action=codes`: other recovery codes in the place of those from before.
pub(super) async fn renew_codes(
    state: &State,
    user: FreshUser,
    posted: &Posted,
) -> Result<Response, Instead> {
    match state.engine.renew_recovery_codes(&user, &code(posted), &posted.context).await {
        Ok(codes) => show(state, &codes, &posted.context),
        Err(TotpError::NotShown(error)) => not_shown(state, user, posted, error).await,
        Err(error) => elsewhere(error),
    }
}

/// `action=remove`.
pub(super) async fn remove(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    match state.engine.remove_totp(&user, &code(posted), &posted.context).await {
        Ok(()) => Ok(done("removed")),
        Err(TotpError::NotShown(error)) => not_shown(state, user, posted, error).await,
        Err(error) => elsewhere(error),
    }
}

fn code(posted: &Posted) -> Secret {
    posted.params.secret("code").unwrap_or_else(|| Secret::new(String::new()))
}

/// The page once more, for whoever has not shown the second factor.
async fn not_shown(
    state: &State,
    user: FreshUser,
    posted: &Posted,
    error: SignInError,
) -> Result<Response, Instead> {
    let words = Words::to(&posted.context);
    let outcome = Outcome::of(error, words.factor_wrong_code(), words);
    let visitor = Visitor { user: user.into(), context: posted.context.clone() };
    overview(state, &visitor, &Told { factor_error: Some(&outcome), ..Told::default() }).await
}

pub(super) fn show(state: &State, codes: &RecoveryCodes, context: &Context) -> Result<Response, Instead> {
    let codes = codes.iter().map(Secret::expose).collect();
    let words = Words::to(context);
    Ok(page(&CodesPage { words, look: state.look(), here: paths::ACCOUNT_SECURITY, codes })?)
}

fn seed(enrolment: &TotpEnrolment) -> Result<Seed<'_>, Fault> {
    let (link, text) = (enrolment.uri.expose(), enrolment.secret.expose());
    let code = QrCode::new(link).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a key cannot be drawn");
        Fault::Panicked
    })?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // An XML declaration has no place within HTML.
    let picture = svg.find("<svg").map_or_else(String::new, |start| svg[start..].to_owned());
    Ok(Seed { link, picture, text })
}

/// What another tab has done meanwhile, the page tells as it is now.
fn elsewhere(error: TotpError) -> Result<Response, Instead> {
    match error {
        TotpError::Enrolled | TotpError::None | TotpError::NotShown(_) | TotpError::WrongCode => {
            Ok(see_other(paths::ACCOUNT_SECURITY))
        }
        TotpError::Sealed => {
            tracing::error!(error = &error as &dyn std::error::Error, "a second factor cannot be opened");
            Err(Fault::Panicked.into())
        }
        TotpError::Store(error) => Err(Refusal::from(error).into()),
    }
}
