//! An authorization response (RFC 6749 §4.1.2, RFC 9207): code or error, always with `iss`, and with `state` if there was one.

use std::borrow::Cow;

use super::recipient::ResponseMode;
use crate::error::Error;
use crate::secret::Secret;

/// What the client is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A code, which is redeemed once.
    Code(Secret),
    /// Why there is none.
    Error(Error),
}

/// An answer on its way to a redirect URI that is known to be the client's.
#[derive(Clone, Debug)]
pub struct Response {
    /// Where to.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// What the client sent along.
    pub state: Option<String>,
    /// Who answers: the issuer, verbatim.
    pub issuer: String,
    /// What.
    pub answer: Answer,
}

impl Response {
    /// The parameters, in the order in which they are sent.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut parameters = match &self.answer {
            Answer::Code(code) => vec![("code", Cow::Borrowed(code.expose()))],
            Answer::Error(error) => vec![
                ("error", Cow::Borrowed(error.code.as_str())),
                ("error_description", Cow::Borrowed(&*error.description)),
            ],
        };
        parameters.extend(self.state.as_deref().map(|state| ("state", Cow::Borrowed(state))));
        parameters.push(("iss", Cow::Borrowed(&self.issuer)));
        parameters
    }

    /// The redirect URI with the parameters in its query, after those that it has itself, which stay as they are.
    ///
    /// It ends with an empty fragment, unless it has one: otherwise browsers would attach that of an address before it
    /// (PEER-14).
    #[must_use]
    pub fn location(&self) -> String {
        let (uri, fragment) = match self.redirect_uri.split_once('#') {
            Some((uri, fragment)) => (uri, fragment),
            None => (self.redirect_uri.as_str(), ""),
        };
        let separator = match uri.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.parameters() {
            query.append_pair(name, &value);
        }
        format!("{uri}{separator}{}#{fragment}", query.finish())
    }
}
