//! `/consent`: where a pending authorization request goes on: to sign-in, to a page that asks, or back to its client.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::session::SignedInUser;
use tokenry_engine::{Act, CompanyChoice, ConsentQuestion, Context, Destination, Step, TenantName};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::params::Params;

use super::form::{Binding, Instead, Posted, leaving, read_in, signed_in};
use super::page::{leading_to, page, see_other};
use crate::app::State;
use crate::authorize::{answer, refused};
use crate::paths;
use crate::problem::Failure;
use crate::ui::theme::Look;
use crate::words::Words;

/// The field and the parameter that hold the pending request, sealed.
const FLOW: &str = "flow";

#[derive(Template)]
#[template(path = "company.html")]
pub(super) struct CompanyPage<'a> {
    pub(super) words: &'static Words,
    pub(super) look: Look,
    pub(super) csrf: &'a str,
    pub(super) choice: &'a CompanyChoice,
}

#[derive(Template)]
#[template(path = "consent.html")]
pub(super) struct ConsentPage<'a> {
    pub(super) words: &'static Words,
    pub(super) look: Look,
    pub(super) csrf: &'a str,
    pub(super) question: &'a ConsentQuestion,
}

/// `GET /consent?flow=…`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from)?;
    let who = signed_in(&state, &head.headers, &context).await?;
    read_in(&state, &head, &mut context, who.as_ref(), Some(&params));
    let leaves = who.is_none() && leaving(&state, &head.headers, &context).await?.is_some();
    go_on(&state, &params, Sitting { who: who.as_ref(), leaves }, &Act::Look, &context).await
}

/// Who sits before the browser.
#[derive(Clone, Copy)]
struct Sitting<'a> {
    who: Option<&'a SignedInUser>,
    /// Whether it is somebody who has deleted their account: signing in would lead here for ever.
    leaves: bool,
}

/// `POST /consent`: what the user decided.
pub(crate) async fn decide(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (who, posted) = Posted::take(&state, request).await?;
    let params = &posted.params;
    let act = match (params.get("decision"), params.get("company")) {
        (Some("allow"), None) => Act::Allow,
        (Some("deny"), None) => Act::Deny,
        (None, Some(company)) => Act::Pick(company.to_owned()),
        _ => return Err(unreadable().into()),
    };
    go_on(&state, params, Sitting { who: Some(&who), leaves: false }, &act, &posted.context).await
}

async fn go_on(
    state: &State,
    params: &Params,
    sitting: Sitting<'_>,
    act: &Act,
    context: &Context,
) -> Result<Response, Instead> {
    let flow = params.get(FLOW).ok_or_else(unreadable)?;
    let Sitting { who, leaves } = sitting;
    let step = match state.engine.continue_authorization(flow, who, act, context).await {
        Ok(step) => step,
        Err(refusal) => return Ok(refused(state, refusal, Words::to(context))?),
    };
    let words = Words::to(context);
    let csrf = match who {
        Some(who) => Binding::of(who).csrf(state, context)?,
        None => String::new(),
    };
    Ok(match step {
        Step::Answered(response) => answer::respond(&response, words, state.look())?,
        Step::AskCompany(choice) => {
            let html = page(&CompanyPage {
                words,
                look: choice.theme.clone().into(),
                csrf: &csrf,
                choice: &choice,
            })?;
            leading_to(html, choice.form_target.as_deref())
        }
        Step::AskConsent(question) => {
            let html = page(&ConsentPage {
                words,
                look: question.theme.clone().into(),
                csrf: &csrf,
                question: &question,
            })?;
            leading_to(html, question.form_target.as_deref())
        }
        Step::SignIn if leaves => see_other(paths::ACCOUNT_LEAVING),
        Step::SignIn => see_other(&format!("{}?{FLOW}={flow}", paths::LOGIN)),
    })
}

fn unreadable() -> Failure {
    let text = "Something is missing in this address or form. Go back to the application and start again.";
    Error::new(ErrorCode::InvalidRequest, text).into()
}
