//! What a request shows that changes something by a cookie: that it comes from a page that may, and that the page knows the
//! session's CSRF token (R92).

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName};
use tokenry_engine::session::SignedInUser;

use super::origins::is_listed;
use crate::app::State;
use crate::problem::Fault;
use crate::ui::form::{is_ours, origin_is_ours};

const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Refuses whatever does not show both.
pub(crate) fn check(state: &State, user: &SignedInUser, headers: &HeaderMap) -> Result<(), Fault> {
    let from_a_page_that_may = is_ours(headers, state.engine.issuer()) || comes_from_listed(state, headers);
    let mut tokens = headers.get_all(TOKEN).iter();
    let shown = match (tokens.next().map(|token| token.to_str()), tokens.next()) {
        (Some(Ok(token)), None) => state.engine.is_csrf_token(user, token),
        _ => false,
    };
    if from_a_page_that_may && shown { Ok(()) } else { Err(Fault::CsrfFailed) }
}

/// Refuses a page that may not sign anybody in, by what it says of where it comes from: there is no session yet whose token it
/// could know.
pub(crate) fn check_before_session(state: &State, headers: &HeaderMap) -> Result<(), Fault> {
    let issuer = state.engine.issuer();
    let may = match headers.contains_key(ORIGIN) {
        true => origin_is_ours(headers, issuer) || comes_from_listed(state, headers),
        false => is_ours(headers, issuer),
    };
    if may { Ok(()) } else { Err(Fault::ForeignOrigin) }
}

fn comes_from_listed(state: &State, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => is_listed(state, origin),
        _ => false,
    }
}
