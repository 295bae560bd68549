//! `/account/developer/token`: before a token gets another value, or ends, the page names what that does to what uses it (R85).

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State as Shared};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tokenry_engine::PatState;
use tokenry_protocol::params::Params;

use super::errand::{self, What};
use super::section::Row;
use crate::app::State;
use crate::paths;
use crate::problem::{Failure, Fault};
use crate::ui::form::{Instead, Visitor};
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

/// What can be done about a token.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Change {
    /// Another value, at once.
    Refresh,
    /// Its end.
    Revoke,
    /// Another value, with the one before beside it for a while.
    Roll,
}

impl Change {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "refresh" => Self::Refresh,
            "revoke" => Self::Revoke,
            "roll" => Self::Roll,
            _ => return None,
        })
    }
}

#[derive(Template)]
#[template(path = "account_developer_confirm.html")]
struct ConfirmPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    change: Change,
    row: Row,
    /// Until when the next value would work.
    until: String,
    /// For how long the value until now may go on, in seconds and in words.
    overlaps: Vec<(u64, String)>,
}

/// `GET /account/developer/token`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (mut head, _body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut head, &state).await?;
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from)?;
    let asked = (params.get("id"), params.get("do").and_then(Change::parse));
    let (id, change) = match asked {
        (Some(id), Some(change)) => (id.to_owned(), change),
        _ => match errand::kept(&state, &head.headers, &visitor.user, &visitor.context) {
            Some(What::Change { id, change }) => (id, change),
            _ => return Ok(see_other(paths::ACCOUNT_DEVELOPER)),
        },
    };
    let now = visitor.context.now;
    if change != Change::Revoke && visitor.user.fresh(now).is_none() {
        return errand::keep(&state, Some(&visitor.user), What::Change { id, change }, &visitor.context);
    }
    Ok(errand::forget(&head.headers, question(&state, &visitor, &id, change).await?))
}

async fn question(state: &State, visitor: &Visitor, id: &str, change: Change) -> Result<Response, Instead> {
    let (now, words) = (visitor.context.now, Words::to(&visitor.context));
    let pat = state.engine.find_own_pat(&visitor.user, id, now).await?.ok_or(Fault::NotFound)?;
    if matches!(pat.state, PatState::Revoked { .. }) {
        return Ok(see_other(&format!("{}#{}", paths::ACCOUNT_DEVELOPER, pat.id)));
    }
    let lifetime = state.engine.next_lifetime(pat.lifetime);
    Ok(page(&ConfirmPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        csrf: &visitor.csrf(state)?,
        change,
        until: words.at(now.plus(lifetime)),
        overlaps: overlaps(lifetime, words),
        row: Row::of(pat, now, words),
    })?)
}

/// An hour, a day and a week, as far as the token lives that long.
pub(super) fn overlaps(lifetime: Duration, words: &Words) -> Vec<(u64, String)> {
    let all = [
        (3_600, words.developer_hours(1_u64)),
        (86_400, words.developer_hours(24_u64)),
        (604_800, words.developer_days(7_u64)),
    ];
    all.into_iter().filter(|(seconds, _text)| *seconds <= lifetime.as_secs()).collect()
}
