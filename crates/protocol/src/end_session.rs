//! A request to sign out that a client sends through the browser (OpenID Connect RP-Initiated Logout §2).

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::secret::Secret;

/// The longest `state`, in bytes.
const MAX_STATE: usize = 2_048;

/// What a client asks for. Whether any of it is true is not known yet.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// An ID token of the session that is to end.
    pub id_token_hint: Option<Secret>,
    /// Who the client says it is.
    pub client_id: Option<String>,
    /// Where the browser is to go afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// What it is to take along.
    pub state: Option<String>,
}

impl Request {
    /// Reads the parameters. `logout_hint` and `ui_locales` may mean nothing to us (§2), so they are taken and not read.
    ///
    /// # Errors
    /// `invalid_request` for a `state` that no client needs.
    pub fn parse(params: &Params) -> Result<Self, Error> {
        let text = |name: &str| params.get(name).map(str::to_owned);
        let state = text("state");
        if state.as_ref().is_some_and(|state| state.len() > MAX_STATE) {
            return Err(Error::new(ErrorCode::InvalidRequest, "The parameter state is too long"));
        }
        Ok(Self {
            id_token_hint: params.secret("id_token_hint"),
            client_id: text("client_id"),
            post_logout_redirect_uri: text("post_logout_redirect_uri"),
            state,
        })
    }
}
