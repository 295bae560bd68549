//! Finding the one credential of a request (RFC 6750 §2.1); the token is not looked at yet.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokenry_protocol::authorization::Authorization;

use crate::denied::{Denied, Reason};

/// A kind of credential that an API may accept. See [`GuardBuilder::accept`](crate::GuardBuilder::accept).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bearer(Kind);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Jwt,
    Opaque,
}

impl Bearer {
    /// Signed access tokens (RFC 9068), which the guard verifies itself.
    #[must_use]
    pub const fn jwt() -> Self {
        Self(Kind::Jwt)
    }

    /// Opaque access tokens, 43 characters of base62, about which the guard asks the first issuer (RFC 7662).
    #[must_use]
    pub const fn opaque() -> Self {
        Self(Kind::Opaque)
    }
}

/// The kinds that a guard accepts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Accepted {
    pub(crate) jwt: bool,
    pub(crate) opaque: bool,
}

impl FromIterator<Bearer> for Accepted {
    fn from_iter<I: IntoIterator<Item = Bearer>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), |accepted, Bearer(kind)| match kind {
            Kind::Jwt => Self { jwt: true, ..accepted },
            Kind::Opaque => Self { opaque: true, ..accepted },
        })
    }
}

/// What a request brought along.
#[derive(Clone, Copy)]
pub(crate) enum Presented<'a> {
    /// The text after `Bearer `.
    Bearer(&'a str),
    /// No credential. A token in the query is none: it is ignored, for it stands in logs and histories already.
    Nothing,
}

/// Reads the `Authorization` header field. `query` only tells whether a second token came along (RFC 6750 §2: one
/// method a request).
pub(crate) fn presented<'a>(headers: &'a HeaderMap, query: Option<&str>) -> Result<Presented<'a>, Denied> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else {
        return Ok(Presented::Nothing);
    };
    if fields.next().is_some() {
        return Err(Denied::new(Reason::InvalidRequest).because("two Authorization header fields"));
    }
    if query.is_some_and(has_access_token) {
        return Err(Denied::new(Reason::InvalidRequest)
            .because("an Authorization header field and an access_token in the query"));
    }
    match Authorization::parse(field.as_bytes()) {
        Ok(Authorization::Bearer(token)) => Ok(Presented::Bearer(token)),
        Ok(other @ (Authorization::Basic(_) | Authorization::Secret(_))) => {
            Err(Denied::new(Reason::SchemeNotAccepted)
                .because(format!("the scheme is {}, accepted is Bearer", other.scheme())))
        }
        // The word is not quoted: a token with a space in it looks like one.
        Ok(Authorization::Other(_)) => {
            Err(Denied::invalid_token("the scheme is an unknown one, accepted is Bearer"))
        }
        Err(malformed) => Err(Denied::invalid_token(malformed.to_string())),
    }
}

fn has_access_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::*;

    fn code(values: &[&str], query: Option<&str>) -> &'static str {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        match presented(&headers, query) {
            Ok(Presented::Bearer(token)) => {
                assert_eq!(token, "abc");
                "bearer"
            }
            Ok(Presented::Nothing) => "nothing",
            Err(denied) => denied.code(),
        }
    }

    #[rstest]
    #[case::nothing(&[], "nothing")]
    #[case::bearer(&["Bearer abc"], "bearer")]
    #[case::r79_scheme_has_no_case(&["bEARER abc"], "bearer")]
    #[case::basic(&["Basic YTpi"], "scheme_not_accepted")]
    #[case::r96_secret(&["Secret abc"], "scheme_not_accepted")]
    #[case::other_word(&["Token abc"], "invalid_token")]
    #[case::no_word(&["abc"], "invalid_token")]
    #[case::no_space(&["Bearerabc"], "invalid_token")]
    #[case::tab(&["Bearer\tabc"], "invalid_token")]
    #[case::two_spaces(&["Bearer  abc"], "invalid_token")]
    #[case::empty_token(&["Bearer "], "invalid_token")]
    #[case::empty(&[""], "invalid_token")]
    #[case::two_tokens(&["Bearer abc abc"], "invalid_token")]
    #[case::two_schemes(&["Bearer abc, Basic YTpi"], "invalid_token")]
    #[case::two_fields(&["Bearer abc", "Bearer abc"], "invalid_request")]
    fn jwt_26_the_header_field(#[case] values: &[&str], #[case] expected: &str) {
        assert_eq!(code(values, None), expected);
    }

    #[test]
    fn jwt_25_a_token_in_the_query_counts_only_as_one_too_many() {
        assert_eq!(code(&[], Some("access_token=abc")), "nothing");
        assert_eq!(code(&["Bearer abc"], Some("a=b&access_token=abc")), "invalid_request");
        assert_eq!(code(&["Bearer abc"], Some("no_access_token=abc")), "bearer");
    }
}
