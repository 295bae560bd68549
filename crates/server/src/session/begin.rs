//! `POST /session` `{"username":"…","password":"…"[,"code":"…"][,"company_id":"…"]}`: signs somebody in, as `/login` does, for
//! the page of a listed origin or of our own. A session that the browser has goes on, or ends, as there.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use serde_json::{Value, json};
use tokenry_engine::Context;
use tokenry_engine::mail::browser;
use tokenry_engine::session::{AtHand, DEVICE_COOKIE, HeadlessError, HeadlessSignIn, Shown};
use tokenry_model::Company;
use tokenry_protocol::secret::Secret;

use super::{Refused, proof, show, signed_in};
use crate::app::State;
use crate::json::Members;
use crate::problem::{Failure, Fault};
use crate::ui::cookies;
use crate::ui::form::user_agent;
use crate::words::language::Language;

pub(crate) async fn begin(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Refused> {
    proof::check_before_session(&state, request.headers())?;
    let (head, members) = Members::read(&state, request).await?;
    let shown = Shown {
        username: members.required("username")?.to_owned(),
        password: Secret::new(members.required("password")?.to_owned()),
        code: members.secret("code")?,
        company: members.text("company_id")?.map(str::to_owned),
    };
    let context = told(&state, &head);
    let current = signed_in(&state, &head.headers, &context).await?;
    let device = state.engine.device(cookies::named(&head.headers, DEVICE_COOKIE).as_deref());
    let at_hand = AtHand { user_agent: user_agent(&head.headers), device: &device };
    let signed_in = state.engine.sign_in_headless(&shown, current.as_ref(), &at_hand, &context).await;
    match signed_in.map_err(failed)? {
        HeadlessSignIn::Begun(begun, user) => {
            let view = show::view(&state, &user, &context).await?;
            let mut response = Json(view).into_response();
            cookies::put_session(&mut response, &state, &begun, &device);
            Ok(response)
        }
        HeadlessSignIn::CompanyRequired(companies) => {
            Err(Failure::from(Fault::CompanyRequired).with("companies", listed(&companies)).into())
        }
        HeadlessSignIn::SecondFactorRequired => Err(Fault::SecondFactorRequired.into()),
    }
}

/// What mail that is sent because of it says of the browser, and in which language.
fn told(state: &State, head: &Parts) -> Context {
    Context {
        browser: browser(user_agent(&head.headers)),
        language: Language::accepted(&head.headers).map(Language::tag),
        ..state.context(head)
    }
}

fn failed(error: HeadlessError) -> Failure {
    match error {
        HeadlessError::Failed(refusal) => refusal.into(),
        HeadlessError::NotProven(error) => error.into(),
    }
}

fn listed(companies: &[Company]) -> Value {
    companies.iter().map(|company| json!({ "id": company.id.as_str(), "name": company.name })).collect()
}
