//! `/account/developer`, Developer Settings: one's personal access tokens, the secret of a
//! developer's account, and what is done about them (R78, R84, R99, R103).
//!
//! 1. The list is a part of a page, which My Profile has too ([`section`]); each part of the page is a template of its own.
//! 2. A token is asked for at `/account/developer/new` ([`new`], [`wish`]); another value, and the end of one, at
//!    `/account/developer/token`, which names what it does to what uses the token ([`confirm`]).
//!    What is done about the secret is asked at `/account/developer/secret` ([`secret`]).
//! 3. Who has not shown lately that it is them does so, and comes back to what they were about to do ([`errand`]).
//! 4. The value is in the answer to the form alone, in the row of its token: nothing leads on to it, and no database, address
//!    or history has it. Who loads that answer again sends the form again, which makes nothing a second time.

pub(crate) mod confirm;
mod errand;
pub(crate) mod new;
pub(crate) mod secret;
mod secret_part;
pub(crate) mod section;
mod snippets;
mod wish;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{StatusCode, Uri};
use tokenry_engine::{MAX_PATS, PatError, PatState, Refusal};

use self::confirm::Change;
use self::errand::What;
use self::section::{Access, Section};
pub(crate) use self::snippets::PLACEHOLDER;
use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other, with_script};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_developer.html")]
struct DeveloperPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    /// What was just done.
    notice: Option<String>,
    /// Why nothing was done.
    error: Option<&'a str>,
    developer: Section,
}

/// What the page says of what was just tried.
#[derive(Default)]
struct Told {
    notice: Option<String>,
    error: Option<Outcome>,
}

/// `GET /account/developer`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let notice = match uri.query() {
        Some("done=revoked") => Some(words.developer_revoked_notice()),
        Some("done=secret-revoked") => Some(words.developer_secret_revoked_notice()),
        _ => None,
    };
    let section = Section::of(&state, &visitor, 2).await?;
    overview(&state, &visitor, section, Told { notice, ..Told::default() })
}

/// `POST /account/developer`.
pub(crate) async fn act(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let visitor = Visitor { user, context: posted.context.clone() };
    match posted.params.get("action") {
        Some("create") => new::create(&state, &visitor, &posted).await,
        Some("refresh") => replace(&state, &visitor, &posted, Change::Refresh).await,
        Some("revoke") => revoke(&state, &visitor, &posted).await,
        Some("reveal-secret") => secret::reveal(&state, &visitor, &posted).await,
        Some("revoke-secret") => secret::revoke(&state, &visitor, &posted).await,
        Some("roll") => replace(&state, &visitor, &posted, Change::Roll).await,
        Some("rotate-secret") => secret::rotate(&state, &visitor, &posted).await,
        _ => Err(Fault::ForeignForm.into()),
    }
}

fn overview(state: &State, visitor: &Visitor, section: Section, told: Told) -> Result<Response, Instead> {
    let copies = section.shows_value();
    let page = DeveloperPage {
        words: Words::to(&visitor.context),
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        notice: told.notice,
        error: told.error.as_ref().map(|outcome| outcome.text.as_str()),
        developer: section,
    };
    let response = page_told(&page, told.error.as_ref())?;
    Ok(if copies { with_script(response) } else { response })
}

/// The list, and why nothing was done.
async fn refused(state: &State, visitor: &Visitor, error: PatError) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let said = |text| Outcome::said(StatusCode::CONFLICT, text);
    let error = match error {
        PatError::Barred => return Ok(see_other(paths::LOGIN)),
        PatError::Conflict => said(words.developer_overtaken()),
        PatError::Invalid { .. } => return Err(Fault::ForeignForm.into()),
        PatError::NotFound => return Err(Fault::NotFound.into()),
        PatError::SentBefore => said(words.developer_sent_before()),
        PatError::Store(error) => return Err(Refusal::from(error).into()),
        PatError::TooMany => said(words.developer_too_many(MAX_PATS)),
        PatError::TooOften { retry_after } => {
            Outcome::limited(&words.developer_too_often(), retry_after, words)
        }
    };
    let section = Section::of(state, visitor, 2).await?;
    overview(state, visitor, section, Told { error: Some(error), ..Told::default() })
}

/// `action=refresh` and `action=roll`: another value, in the row of its token.
async fn replace(
    state: &State,
    visitor: &Visitor,
    posted: &Posted,
    change: Change,
) -> Result<Response, Instead> {
    let context = &posted.context;
    let id = posted.params.get("id").unwrap_or_default();
    let Some(fresh) = visitor.user.fresh(context.now) else {
        let what = What::Change { id: id.to_owned(), change };
        return errand::keep(state, Some(&visitor.user), what, context);
    };
    let overlap = match change {
        Change::Roll => Some(overlap(posted).ok_or(Fault::ForeignForm)?),
        Change::Refresh | Change::Revoke => None,
    };
    match state.engine.replace_pat(&fresh, id, overlap, Some(posted.sent()), context).await {
        Ok((issued, announced)) => {
            let known = state.engine.propagated(&announced).await;
            let words = Words::to(context);
            let notice = match (overlap, known) {
                (Some(_), _) => None,
                (None, true) => Some(words.developer_dead()),
                (None, false) => Some(words.developer_dying()),
            };
            let section = Section::with_value(state, visitor, issued).await?;
            overview(state, visitor, section, Told { notice, ..Told::default() })
        }
        Err(error) => refused(state, visitor, error).await,
    }
}

fn overlap(posted: &Posted) -> Option<Duration> {
    posted.params.get("overlap")?.parse().ok().map(Duration::from_secs)
}

/// `action=revoke`. Who has just found that a token is known to others is not asked for anything before.
async fn revoke(state: &State, visitor: &Visitor, posted: &Posted) -> Result<Response, Instead> {
    let id = posted.params.get("id").unwrap_or_default();
    match state.engine.revoke_pat(&visitor.user, id, &posted.context).await {
        Ok(announced) => {
            state.engine.propagated(&announced).await;
            Ok(see_other(&format!("{}?done=revoked#{id}", paths::ACCOUNT_DEVELOPER)))
        }
        Err(error) => refused(state, visitor, error).await,
    }
}
