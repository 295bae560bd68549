//! `/account`, My Profile: who is signed in, and what they say of themselves.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{StatusCode, Uri};
use tokenry_engine::{OwnProfile, PatState, ProfileError, ProfileField, ProfileProblem, Refusal};

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::account::developer::section::{Access, Section};
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other};
use crate::ui::theme::Look;
use crate::words::Words;
use crate::words::language::Language;

#[derive(Template)]
#[template(path = "account.html")]
struct ProfilePage<'a> {
    words: &'static Words,
    look: Look,
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
    /// Developer Settings (R99).
    developer: Section,
}

/// A field of the form, filled in.
struct Field<'a> {
    name: &'static str,
    label: String,
    kind: &'static str,
    autocomplete: &'static str,
    value: &'a str,
    /// Whether it is this one that cannot be taken.
    wrong: bool,
    /// What there is to choose from, by value and name; nothing where anything may be written.
    choices: Vec<(String, String)>,
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
    form(&state, &visitor, &filled, None).await
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
    let words = Words::to(&posted.context);
    let (wrong, outcome) = match state.engine.change_profile(user.user(), &profile, &posted.context).await {
        Ok(()) => return Ok(see_other(&format!("{}?done=profile", paths::ACCOUNT))),
        Err(ProfileError::Failed(error)) => return Err(Refusal::from(error).into()),
        Err(ProfileError::Overtaken) => {
            (None, Outcome::said(StatusCode::CONFLICT, words.profile_overtaken()))
        }
        Err(ProfileError::Unfit { field, problem }) => {
            let text = words.profile_unfit(label(field, words), why(problem, words));
            (Some(field), Outcome::said(StatusCode::BAD_REQUEST, text))
        }
    };
    let visitor = Visitor { user, context: posted.context.clone() };
    form(&state, &visitor, &Filled { values: &values, wrong, saved: false }, Some(&outcome)).await
}

/// How the form is filled in.
struct Filled<'a> {
    values: &'a [String],
    wrong: Option<ProfileField>,
    saved: bool,
}

async fn form(
    state: &State,
    visitor: &Visitor,
    filled: &Filled<'_>,
    outcome: Option<&Outcome>,
) -> Result<Response, Instead> {
    let (user, words) = (visitor.user.user(), Words::to(&visitor.context));
    let fields = ProfileField::ALL.into_iter().zip(filled.values).map(|(field, value)| {
        let (kind, autocomplete) = asked_for(field);
        let wrong = filled.wrong == Some(field);
        let (name, label) = (field.claim(), label(field, words));
        Field { name, label, kind, autocomplete, value, wrong, choices: choices(field, value, words) }
    });
    let fields: Vec<_> = fields.collect();
    let page = ProfilePage {
        words,
        look: state.look(),
        here: paths::ACCOUNT,
        csrf: &visitor.csrf(state)?,
        username: &user.username,
        company: visitor.user.company().map(|company| company.name.as_str()),
        saved: filled.saved,
        error: outcome.map(|outcome| outcome.text.as_str()),
        seen: user.version,
        fields: &fields,
        developer: Section::of(state, visitor, 3).await?,
    };
    Ok(page_told(&page, outcome)?)
}

fn label(field: ProfileField, words: &Words) -> String {
    match field {
        ProfileField::FamilyName => words.profile_family_name(),
        ProfileField::GivenName => words.profile_given_name(),
        ProfileField::Locale => words.profile_language(),
        ProfileField::Name => words.profile_name(),
        ProfileField::Nickname => words.profile_nickname(),
        ProfileField::PhoneNumber => words.profile_phone_number(),
        ProfileField::Website => words.profile_website(),
    }
}

/// A field's type, and what browsers fill it in with.
const fn asked_for(field: ProfileField) -> (&'static str, &'static str) {
    match field {
        ProfileField::FamilyName => ("text", "family-name"),
        ProfileField::GivenName => ("text", "given-name"),
        ProfileField::Locale => ("text", "language"),
        ProfileField::Name => ("text", "name"),
        ProfileField::Nickname => ("text", "nickname"),
        ProfileField::PhoneNumber => ("tel", "tel"),
        ProfileField::Website => ("url", "url"),
    }
}

/// What there is to choose from, each with what it is called; nothing where anything may be written. A language that is none
/// of ours stays until another is chosen: applications may speak it.
fn choices(field: ProfileField, value: &str, words: &Words) -> Vec<(String, String)> {
    if field != ProfileField::Locale {
        return Vec::new();
    }
    let ours =
        Language::ALL.map(|language| (language.tag().to_owned(), Words::of(language).language_itself()));
    let other = (!value.is_empty() && ours.iter().all(|(tag, _name)| tag != value)).then_some(value);
    let unsaid = (String::new(), words.profile_language_browser());
    let other = other.map(|other| (other.to_owned(), other.to_owned()));
    [unsaid].into_iter().chain(other).chain(ours).collect()
}

/// What is wrong with a text.
fn why(problem: ProfileProblem, words: &Words) -> String {
    match problem {
        ProfileProblem::Language => words.profile_language_form(),
        ProfileProblem::Misleading(c) => words.profile_misleading(format!("U+{:04X}", u32::from(c))),
        ProfileProblem::Telephone => words.profile_telephone_form(),
        ProfileProblem::TooLong(most) => words.profile_too_long(most as u64),
        ProfileProblem::TooMuch => words.profile_too_much(),
        ProfileProblem::Website => words.profile_website_form(),
    }
}
