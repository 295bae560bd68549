//! Token revocation requests (RFC 7009 §2.1). The answer to one that is taken has nothing to say.

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::secret::Secret;
use crate::token::ClientAuthentication;

/// A request to revoke a token. `token_type_hint` only tells where to look first, and every place is looked at
/// anyway, so it is not read.
#[derive(Clone, Debug)]
pub struct Request {
    /// How the client authenticates.
    pub client: ClientAuthentication,
    /// What it wants revoked, whatever that is.
    pub token: Secret,
}

impl Request {
    /// Reads the value of the `Authorization` header field, if there is one, and the parameters of the body.
    ///
    /// # Errors
    /// As [`ClientAuthentication::parse`], and `invalid_request` without a token.
    pub fn parse(authorization: Option<&[u8]>, params: &Params) -> Result<Self, Error> {
        Ok(Self { client: ClientAuthentication::parse(authorization, params)?, token: token(params)? })
    }
}

/// The token that a request is about.
pub(crate) fn token(params: &Params) -> Result<Secret, Error> {
    let missing = || Error::new(ErrorCode::InvalidRequest, "The parameter token is missing");
    params.secret("token").ok_or_else(missing)
}
