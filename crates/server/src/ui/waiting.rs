//! The application that waits while somebody goes the way of a mail: to another password, or to an account.
//!
//! 1. `/login` says which request waits, and the pages that ask for a mail pass that on, in their addresses and forms.
//! 2. With the mail that is asked for, this browser gets it as a cookie. It is sealed as it is, and nothing of it is in the mail.
//! 3. Where the password is chosen in the same browser, the way leads on with it, and the cookie is taken back. In another
//!    browser there is none.

use askama::Template;
use axum::response::Response;
use cookie::SameSite;
use http::HeaderMap;
use tokenry_engine::session::FLOW_COOKIE;
use tokenry_engine::{AwaitedSignIn, Context, FLOW_TTL};
use tokenry_protocol::params::Params;

use super::cookies;
use crate::app::State;
use crate::paths;
use crate::ui::theme::Look;
use crate::words::Words;

/// A pending authorization request, if there is one that can be answered still.
#[derive(Default)]
pub(super) struct Waiting(Option<(String, AwaitedSignIn)>);

impl Waiting {
    /// What a query or a form says. What has ended waits for nobody, and is no reason not to send a mail.
    pub(super) fn of(state: &State, params: Option<&Params>, context: &Context) -> Self {
        Self::opened(state, params.and_then(|params| params.get("flow")), context)
    }

    /// What this browser has kept, or, where it keeps nothing, nothing.
    pub(super) fn kept(state: &State, headers: &HeaderMap, context: &Context) -> Self {
        Self::opened(state, cookies::named(headers, FLOW_COOKIE).as_deref(), context)
    }

    fn opened(state: &State, flow: Option<&str>, context: &Context) -> Self {
        let opened = |flow: &str| state.engine.awaited_sign_in(flow, context).ok();
        Self(flow.and_then(|flow| Some((flow.to_owned(), opened(flow)?))))
    }

    /// For the hidden field; empty: nothing waits.
    pub(super) fn flow(&self) -> &str {
        self.0.as_ref().map_or("", |(flow, _awaited)| flow)
    }

    /// How the pages look meanwhile.
    pub(super) fn look(&self, state: &State) -> Look {
        self.0.as_ref().map_or_else(|| state.look(), |(_flow, awaited)| awaited.theme.clone().into())
    }

    /// The address of a page of ours with it. A sealed request is base64url, and so a query as it is.
    pub(super) fn at(&self, path: &'static str) -> String {
        self.0.as_ref().map_or_else(|| path.to_owned(), |(flow, _awaited)| format!("{path}?flow={flow}"))
    }

    /// Step 2.
    pub(super) fn keep(&self, mut response: Response) -> Response {
        let flow = self.flow();
        if !flow.is_empty() {
            cookies::put_named(&mut response, FLOW_COOKIE, flow, FLOW_TTL, SameSite::Lax);
        }
        response
    }
}

/// Step 3, and where somebody has signed in after all.
pub(super) fn forget(headers: &HeaderMap, mut response: Response) -> Response {
    if cookies::named(headers, FLOW_COOKIE).is_some() {
        cookies::take_back_named(&mut response, FLOW_COOKIE);
    }
    response
}

/// What is said at the end of that way.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct WayEnded {
    pub(super) words: &'static Words,
    pub(super) look: Look,
    pub(super) title: String,
    pub(super) text: String,
    /// To the sign-in, with what it is called.
    pub(super) onward: Option<(String, String)>,
}

impl WayEnded {
    /// Where a password was chosen.
    pub(super) fn with_password(state: &State, waiting: &Waiting, words: &'static Words) -> Self {
        Self {
            words,
            look: waiting.look(state),
            title: words.reset_done_title(),
            text: words.reset_done_text(),
            onward: Some((waiting.at(paths::LOGIN), words.link_sign_in())),
        }
    }
}
