//! Why there is no code, and who is told: the user on a page of ours, or the client.

use tokenry_protocol::authorize::{Answer, Response};
use tokenry_protocol::error::ErrorCode;
use tokenry_store::Error as StoreError;

use super::flow::Flow;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// Why there is no code.
#[derive(Debug)]
pub enum AuthorizeRefusal {
    /// The user would act for what is not theirs: told on a page of ours, and forbidden.
    Forbidden(Refusal),
    /// Told on a page of ours, and sent nowhere (RFC 6749 §4.1.2.1).
    Here(Refusal),
    /// Goes back to the client. With the stable word for log and metric.
    There(Box<Response>, &'static str),
}

impl From<Refusal> for AuthorizeRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Here(refusal)
    }
}

impl From<StoreError> for AuthorizeRefusal {
    fn from(error: StoreError) -> Self {
        Self::Here(error.into())
    }
}

impl AuthorizeRefusal {
    /// The stable word for log and metric.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Forbidden(refusal) | Self::Here(refusal) => refusal.reason,
            Self::There(_response, reason) => reason,
        }
    }
}

impl Engine {
    /// A refusal that goes back to the client of `flow`; what is our own failure stays here, for asking again may help.
    pub(super) fn back(&self, flow: &Flow, refusal: Refusal) -> AuthorizeRefusal {
        if matches!(refusal.error.code, ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable) {
            return AuthorizeRefusal::Here(refusal);
        }
        let response = self.response(flow, Answer::Error(refusal.error));
        AuthorizeRefusal::There(Box::new(response), refusal.reason)
    }

    /// An answer to the client of `flow`.
    pub(super) fn response(&self, flow: &Flow, answer: Answer) -> Response {
        Response {
            redirect_uri: flow.redirect_uri.clone(),
            mode: flow.mode,
            state: flow.state.clone(),
            issuer: self.settings.issuer.clone(),
            answer,
        }
    }
}
