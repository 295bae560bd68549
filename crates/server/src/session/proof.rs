//! What a request shows that changes something by a cookie: that it comes from a page that may, and that the page knows the
//! session's CSRF token (R92). Guards ask APIs' callers for the same (`guard/csrf.rs`).

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokenry_engine::Context;
use tokenry_engine::session::{SignedInUser, Withheld};
use tokenry_model::Session;

use super::origins::is_listed;
use crate::app::{SEC_FETCH_SITE, State};
use crate::cors::origin;
use crate::problem::Fault;
use crate::ui::form::{is_ours, origin_is_ours};

const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Refuses whatever does not show both, and has that recorded with who it was.
pub(crate) fn check(
    state: &State,
    user: &SignedInUser,
    headers: &HeaderMap,
    context: &Context,
) -> Result<(), Fault> {
    if is_shown(state, user.session(), headers) {
        return Ok(());
    }
    state.engine.note_withheld(Withheld::CsrfFailed, Some(&user.user().id), context);
    Err(Fault::CsrfFailed)
}

/// Whether it shows both, for that session.
pub(crate) fn is_shown(state: &State, session: &Session, headers: &HeaderMap) -> bool {
    let mut tokens = headers.get_all(TOKEN).iter();
    let shown = match (tokens.next().map(|token| token.to_str()), tokens.next()) {
        (Some(Ok(token)), None) => state.engine.is_csrf_token(session, token),
        _ => false,
    };
    comes_from_a_page_that_may(state, headers) && shown
}

/// Refuses a page that may not sign anybody in, by what it says of where it comes from: there is no session yet whose token it
/// could know. What says nothing is no browser: no cookie of somebody's comes into it, only what it sends itself.
pub(crate) fn check_before_session(state: &State, headers: &HeaderMap) -> Result<(), Fault> {
    let issuer = state.engine.issuer();
    let may = match headers.contains_key(ORIGIN) {
        true => origin_is_ours(headers, issuer) || comes_from_listed(state, headers),
        false => is_ours(headers, issuer),
    };
    if may { Ok(()) } else { Err(Fault::ForeignOrigin) }
}

/// By `Sec-Fetch-Site`, or where a browser does not send it, by `Origin`; of nowhere, if there is neither.
fn comes_from_a_page_that_may(state: &State, headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    match (sites.next().map(HeaderValue::as_bytes), sites.next()) {
        (Some(b"none" | b"same-origin"), None) => true,
        (Some(b"cross-site" | b"same-site"), None) => comes_from_listed(state, headers),
        (Some(_), _) => false,
        (None, _) => comes_from_listed(state, headers) || comes_from_us(state, headers),
    }
}

fn comes_from_listed(state: &State, headers: &HeaderMap) -> bool {
    origin(headers).is_some_and(|origin| is_listed(state, &origin))
}

fn comes_from_us(state: &State, headers: &HeaderMap) -> bool {
    origin(headers).is_some() && origin_is_ours(headers, state.engine.issuer())
}
