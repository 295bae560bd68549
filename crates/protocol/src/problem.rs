//! Problem details: the error format of everything that is not an OAuth endpoint (RFC 9457).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

/// The media type of a serialised [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A kind of problem, for the page that lists them all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kind {
    /// The stable word for programs.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it says, or when.
    pub meaning: &'static str,
}

/// An error for machines (`code`), for people (`title`, `detail`), and for whoever searches the log
/// (`request_id`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// A URI that documents this kind of problem; `about:blank` if none does.
    #[serde(rename = "type")]
    pub type_: Cow<'static, str>,
    /// The kind of problem in a few words, the same for every occurrence.
    pub title: Cow<'static, str>,
    /// The HTTP status, repeated.
    pub status: u16,
    /// This occurrence in a sentence. Nothing that only the operator may know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
    /// A stable word for programs to compare, e.g. `tenant_mismatch`.
    pub code: Cow<'static, str>,
    /// The request's identifier, as in `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Further members; see [`Problem::with`].
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Problem {
    /// A problem with what every one must have.
    #[must_use]
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            type_: Cow::Borrowed("about:blank"),
            title: title.into(),
            status,
            detail: None,
            code: code.into(),
            request_id: None,
            extra: Map::new(),
        }
    }

    /// Links the documentation of this kind of problem.
    #[must_use]
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.type_ = uri.into();
        self
    }

    /// Says what happened this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names the request.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Adds a further member, `required` for instance. One with the name of a member above is dropped: it
    /// would stand there twice.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        if !["type", "title", "status", "detail", "instance", "code", "request_id"].contains(&member) {
            self.extra.insert(member.to_owned(), value.into());
        }
        self
    }

    /// The further member of that name.
    #[must_use]
    pub fn extra(&self, member: &str) -> Option<&Value> {
        self.extra.get(member)
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, a number and JSON values always serialise")
    }
}
