//! `/account`, My Profile: who is signed in, and what they say of themselves.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{StatusCode, Uri};
use tokenry_engine::{OwnProfile, ProfileError, ProfileField};

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other};

#[derive(Template)]
#[template(path = "account.html")]
struct ProfilePage<'a> {
    here: &'static str,
    csrf: &'a str,
    username: &'a str,
    company: Option<&'a str>,
    /// Whether something has just been changed.
    saved: bool,
    error: Option<&'a str>,
    /// The version of the user whom the form is filled in for.
    seen: i64,
    fields: &'a [Field<'a>],
}

/// A field of the form, filled in.
struct Field<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: &'a str,
    /// Whether it is this one that cannot be taken.
    wrong: bool,
}

/// `GET /account`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Instead> {
    let user = visitor.user.user();
    let values = ProfileField::ALL.map(|field| field.of(user).to_owned());
    let filled = Filled { values: &values, wrong: None, saved: uri.query() == Some("done=profile") };
    form(&state, &visitor, &filled, None)
}

/// `POST /account`.
pub(crate) async fn change(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let value = |field: ProfileField| posted.params.get(field.claim()).unwrap_or_default().to_owned();
    let values = ProfileField::ALL.map(value);
    let seen = posted.params.get("seen").and_then(|seen| seen.parse().ok());
    let profile = OwnProfile {
        seen: seen.ok_or(Fault::ForeignForm)?,
        fields: ProfileField::ALL.into_iter().zip(values.iter().cloned()).collect(),
    };
    let (wrong, outcome) = match state.engine.change_profile(user.user(), &profile, &posted.context).await {
        Ok(()) => return Ok(see_other(&format!("{}?done=profile", paths::ACCOUNT))),
        Err(ProfileError::Failed(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a profile cannot be changed");
            return Err(Fault::Panicked.into());
        }
        Err(ProfileError::Overtaken) => {
            let text = "Your account was changed just now, somewhere else. Look at what you have written, and save it once more.";
            (None, Outcome::said(StatusCode::CONFLICT, text))
        }
        Err(ProfileError::Unfit { field, problem }) => {
            let text = format!("{} cannot be taken: {problem}.", asked_for(field).0);
            (Some(field), Outcome::said(StatusCode::BAD_REQUEST, text))
        }
    };
    let visitor = Visitor { user, context: posted.context.clone() };
    form(&state, &visitor, &Filled { values: &values, wrong, saved: false }, Some(&outcome))
}

/// How the form is filled in.
struct Filled<'a> {
    values: &'a [String],
    wrong: Option<ProfileField>,
    saved: bool,
}

fn form(
    state: &State,
    visitor: &Visitor,
    filled: &Filled<'_>,
    outcome: Option<&Outcome>,
) -> Result<Response, Instead> {
    let user = visitor.user.user();
    let fields = ProfileField::ALL.into_iter().zip(filled.values).map(|(field, value)| {
        let (label, kind, autocomplete) = asked_for(field);
        let wrong = filled.wrong == Some(field);
        Field { name: field.claim(), label, kind, autocomplete, value, wrong }
    });
    let fields: Vec<_> = fields.collect();
    let page = ProfilePage {
        here: paths::ACCOUNT,
        csrf: &visitor.csrf(state)?,
        username: &user.username,
        company: visitor.user.company().map(|company| company.name.as_str()),
        saved: filled.saved,
        error: outcome.map(|outcome| outcome.text.as_ref()),
        seen: user.version,
        fields: &fields,
    };
    Ok(page_told(&page, outcome)?)
}

/// A field's label, its type, and what browsers fill it in with.
const fn asked_for(field: ProfileField) -> (&'static str, &'static str, &'static str) {
    match field {
        ProfileField::Name => ("Name", "text", "name"),
        ProfileField::GivenName => ("Given name", "text", "given-name"),
        ProfileField::FamilyName => ("Family name", "text", "family-name"),
        ProfileField::Nickname => ("Nickname", "text", "nickname"),
        ProfileField::PhoneNumber => ("Telephone number", "tel", "tel"),
        ProfileField::Website => ("Website", "url", "url"),
    }
}
