//! Who asks, and where an answer would go: read before anything else, and judged before anything is sent there.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::token::MAX_CLIENT_ID;

/// The longest redirect URI, in bytes.
pub const MAX_REDIRECT_URI: usize = 2_048;
/// The longest `state`, in bytes.
pub const MAX_STATE: usize = 2_048;

/// How an answer gets to the client (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// The browser posts it.
    FormPost,
    /// In the query of the redirect URI.
    #[default]
    Query,
}

/// Who asks, and where an answer would go. Neither is known to be good yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// Who the client says it is.
    pub client_id: String,
    /// Where it wants the answer, verbatim: it is compared as text.
    pub redirect_uri: String,
    /// How; a mode that we do not have is an error that goes back in the query.
    pub mode: ResponseMode,
    /// What comes back with every answer; what could not come back unharmed is an error that goes without it.
    pub state: Option<String>,
}

impl Recipient {
    /// Reads `client_id`, `redirect_uri`, and how errors would go back.
    ///
    /// # Errors
    /// `invalid_request` if one of the two is missing, too long, or has characters that no URI and no id has. It must be
    /// shown to the user and sent nowhere (RFC 6749 §4.1.2.1).
    pub fn parse(params: &Params) -> Result<Self, Error> {
        let client_id = visible(params, "client_id", MAX_CLIENT_ID)?;
        let redirect_uri = visible(params, "redirect_uri", MAX_REDIRECT_URI)?;
        let mode = match params.get("response_mode") {
            Some("form_post") => ResponseMode::FormPost,
            _ => ResponseMode::Query,
        };
        let state = params.get("state").filter(|state| is_state(state)).map(str::to_owned);
        Ok(Self { client_id, redirect_uri, mode, state })
    }
}

/// Whether a `state` can be given back byte for byte (RFC 6749 appendix A.5).
pub(super) fn is_state(state: &str) -> bool {
    state.len() <= MAX_STATE && state.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn visible(params: &Params, name: &'static str, longest: usize) -> Result<String, Error> {
    let refused = |text: String| Error::new(ErrorCode::InvalidRequest, text);
    match params.get(name) {
        None => Err(refused(format!("The parameter {name} is missing")).with_missing(name)),
        Some(value) if value.len() > longest => Err(refused(format!("The parameter {name} is too long"))),
        Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(refused(format!("The parameter {name} has characters that it cannot have")))
        }
        Some(value) => Ok(value.to_owned()),
    }
}
