//! The bearer token of a request (RFC 6750 §2): in the header field, or in the form of a POST; never in the address.

use crate::authorization::Authorization;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::secret::Secret;

/// The token that a request presents, if it presents one: in the value of its one `Authorization` header field, or as
/// `access_token` among the parameters of its form.
///
/// # Errors
/// `invalid_request` for a token in both places (RFC 6750 §2), `invalid_token` for a header field that is malformed or
/// of another scheme.
pub fn token(authorization: Option<&[u8]>, form: Option<&Params>) -> Result<Option<Secret>, Error> {
    let in_form = form.and_then(|form| form.secret("access_token"));
    let Some(header) = authorization else { return Ok(in_form) };
    if in_form.is_some() {
        let text = "Send the access token in the Authorization header or in the body, not in both";
        return Err(Error::new(ErrorCode::InvalidRequest, text));
    }
    match Authorization::parse(header) {
        Ok(Authorization::Bearer(token)) => Ok(Some(Secret::new(token.to_owned()))),
        Ok(_) => Err(Error::new(ErrorCode::InvalidToken, "The Authorization scheme must be Bearer")),
        Err(_) => Err(Error::new(ErrorCode::InvalidToken, "The Authorization header is malformed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&str>, form: &str) -> Result<Option<String>, ErrorCode> {
        let form = Params::from_form(form.as_bytes()).unwrap();
        token(header.map(str::as_bytes), Some(&form))
            .map(|token| token.map(|token| token.expose().to_owned()))
            .map_err(|error| error.code)
    }

    #[test]
    fn jwt_25_jwt_26_a_token_stands_in_one_place() {
        assert_eq!(read(None, ""), Ok(None));
        assert_eq!(read(None, "access_token="), Ok(None));
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(read(Some(&format!("{scheme} a.b.c")), "x=y"), Ok(Some("a.b.c".to_owned())));
        }
        assert_eq!(read(None, "access_token=a.b.c"), Ok(Some("a.b.c".to_owned())));
        assert_eq!(read(Some("Bearer a.b.c"), "access_token=a.b.c"), Err(ErrorCode::InvalidRequest));
        for wrong in
            ["Basic YTpi", "Bearer", "Bearer ", "Bearer  a", "Bearer\ta", "Bearer a, Bearer b", "DPoP a"]
        {
            assert_eq!(read(Some(wrong), ""), Err(ErrorCode::InvalidToken), "{wrong}");
        }
    }
}
