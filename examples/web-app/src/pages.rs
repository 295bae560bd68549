//! What both applications' pages have in common: a page as an answer, what went wrong, the style.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::api::ApiError;

/// A template as an answer.
#[derive(Debug)]
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!("a page could not be made: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A page that says what went wrong.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Page(self)).into_response()
    }
}

impl Problem {
    /// The authorization server said no (RFC 6749 §4.1.2.1).
    #[must_use]
    pub fn refused(error: &str, description: Option<&str>) -> Self {
        let detail = match (error, description) {
            ("access_denied", _) => "You did not allow it. Nothing was changed.".to_owned(),
            (_, Some(description)) => format!("{description} ({error})"),
            (_, None) => error.to_owned(),
        };
        Self { status: StatusCode::FORBIDDEN, title: "You are not signed in", detail }
    }

    /// What came back is no answer to a sign-in of this browser.
    #[must_use]
    pub fn bad_answer(detail: &str) -> Self {
        let detail = detail.to_owned();
        Self { status: StatusCode::BAD_REQUEST, title: "You are not signed in", detail }
    }

    /// There is nobody to do it for.
    #[must_use]
    pub fn signed_out() -> Self {
        let detail = "Sign in, then do it again.".to_owned();
        Self { status: StatusCode::UNAUTHORIZED, title: "You are signed out", detail }
    }

    /// What only the log explains.
    #[must_use]
    pub fn unexpected() -> Self {
        let detail = "The reason is in this application's log.".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, title: "That did not work", detail }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Away(error) => {
                tracing::warn!("the API cannot be reached: {error}");
                let detail = "Try again in a moment.".to_owned();
                Self {
                    status: StatusCode::BAD_GATEWAY,
                    title: "The Timesheets API cannot be reached",
                    detail,
                }
            }
            ApiError::Refused { status, detail } => {
                Self { status, title: "The Timesheets API refused", detail }
            }
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        tracing::warn!("{error:#}");
        Self::unexpected()
    }
}

impl From<tower_sessions::session::Error> for Problem {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::from(anyhow::Error::from(error))
    }
}

pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css")], include_str!("../assets/style.css"))
}
