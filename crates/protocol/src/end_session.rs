//! A request to sign out that a client sends through the browser (OpenID Connect RP-Initiated Logout §2).

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::secret::Secret;

/// The longest `state`, in bytes of what was sent: however much longer it is in the address that it comes back in.
const MAX_STATE: usize = 2_048;
/// The longest `ui_locales`, in bytes.
const MAX_LOCALES: usize = 256;

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
    /// Which languages the user reads, best first.
    pub ui_locales: Vec<String>,
}

impl Request {
    /// Reads the parameters. `logout_hint` may mean nothing to us (§2), so it is taken and not read; of `ui_locales` no more
    /// than pages need.
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
            ui_locales: params.get("ui_locales").map(locales).unwrap_or_default(),
        })
    }
}

/// Which languages are named, unless they are more than anybody reads: a wish is no reason to refuse to sign out.
fn locales(text: &str) -> Vec<String> {
    if text.len() > MAX_LOCALES {
        return Vec::new();
    }
    text.split(' ').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}
