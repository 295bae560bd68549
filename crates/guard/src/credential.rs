//! Finding the one credential of a request (RFC 6750 §2.1, RFC 6265 §4.2); what it is worth is not looked at yet.

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::guard::{HOST_API_COOKIE, SECURE_API_COOKIE};

use crate::accept::Accepted;
use crate::denied::{Denied, Reason};
use crate::sent::Sent;

/// No browser keeps a longer cookie (RFC 6265 §6.1).
const MAX_COOKIE: usize = 4_096;

/// What a request brought along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Presented<'a> {
    /// The text after `Bearer `.
    Bearer(&'a str),
    /// The cookie for APIs.
    Cookie(SentCookie<'a>),
    /// No credential. A token in the query is none: it is ignored, for it stands in logs and histories already.
    Nothing,
    /// The text after `Secret `.
    Secret(&'a str),
}

/// A cookie for APIs. The same value under another name is another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SentCookie<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: &'a str,
}

/// Reads the `Authorization` and `Cookie` header fields. The query only tells whether a second token came along (RFC 6750
/// §2: one method a request). Where no cookie is taken none is looked at: browsers send them along unasked.
pub(crate) fn presented<'a>(sent: &Sent<'a>, accepted: Accepted) -> Result<Presented<'a>, Denied> {
    let mut fields = sent.headers.get_all(AUTHORIZATION).iter();
    let cookie = if accepted.cookie { ApiCookie::of(sent.headers) } else { ApiCookie::Absent };
    let Some(field) = fields.next() else {
        return without_authorization(sent, cookie);
    };
    if fields.next().is_some() {
        return Err(two("two Authorization header fields"));
    }
    if cookie != ApiCookie::Absent {
        return Err(two("an Authorization header field and a cookie"));
    }
    if sent.query().is_some_and(has_access_token) {
        return Err(two("an Authorization header field and an access_token in the query"));
    }
    match Authorization::parse(field.as_bytes()) {
        Ok(Authorization::Bearer(token)) => Ok(Presented::Bearer(token)),
        Ok(Authorization::Secret(secret)) if accepted.secret => from_a_server(sent, secret),
        Ok(other @ (Authorization::Basic(_) | Authorization::Secret(_))) => {
            Err(Denied::new(Reason::SchemeNotAccepted)
                .because(format!("the scheme is {}, which this route does not take", other.scheme())))
        }
        // The word is not quoted: a token with a space in it looks like one.
        Ok(Authorization::Other(_)) => Err(Denied::invalid_token("the scheme is an unknown one")),
        Err(malformed) => Err(Denied::invalid_token(malformed.to_string())),
    }
}

fn without_authorization<'a>(sent: &Sent<'a>, cookie: ApiCookie<'a>) -> Result<Presented<'a>, Denied> {
    match cookie {
        ApiCookie::Absent => Ok(Presented::Nothing),
        _ if sent.query().is_some_and(has_access_token) => {
            Err(two("a cookie and an access_token in the query"))
        }
        ApiCookie::Malformed(why) => Err(Denied::invalid_token(why)),
        ApiCookie::Sent(cookie) => Ok(Presented::Cookie(cookie)),
    }
}

fn two(why: &'static str) -> Denied {
    Denied::new(Reason::InvalidRequest).because(why)
}

/// A secret that a page knows is none any more.
fn from_a_server<'a>(sent: &Sent<'a>, secret: &'a str) -> Result<Presented<'a>, Denied> {
    if sent.is_from_browser() {
        return Err(Denied::new(Reason::SchemeNotAccepted)
            .because("a browser sent an account secret (Origin or Sec-Fetch-Site is there)"));
    }
    Ok(Presented::Secret(secret))
}

/// The cookie for APIs among all cookies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ApiCookie<'a> {
    Absent,
    Malformed(&'static str),
    Sent(SentCookie<'a>),
}

impl<'a> ApiCookie<'a> {
    /// Where one is bound to the host no other counts, for that one a sibling host cannot plant. Whether it is the one that the
    /// server sets, the server says.
    fn of(headers: &'a HeaderMap) -> Self {
        match Self::named(headers, HOST_API_COOKIE) {
            Self::Absent => Self::named(headers, SECURE_API_COOKIE),
            bound => bound,
        }
    }

    /// Two of one name are none: which one is the browser's own and which somebody planted there nobody can tell.
    fn named(headers: &'a HeaderMap, name: &'static str) -> Self {
        let pairs =
            headers.get_all(COOKIE).iter().flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
        let mut values =
            pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::value(name, value),
            (Some(_), Some(_)) => Self::Malformed("two cookies for APIs of one name"),
        }
    }

    fn value(name: &'static str, value: &'a [u8]) -> Self {
        match str::from_utf8(value) {
            Ok(value) if (1..=MAX_COOKIE).contains(&value.len()) && value.bytes().all(is_cookie_octet) => {
                Self::Sent(SentCookie { name, value })
            }
            _ => Self::Malformed("the cookie's value is none"),
        }
    }
}

/// RFC 6265 §4.1.1.
const fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

fn has_access_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const EVERYTHING: Accepted = Accepted { cookie: true, jwt: true, opaque: true, pat: true, secret: true };
    const NO_SECRET: Accepted = EVERYTHING.and_secret(false);

    fn code(fields: &[(&'static str, &str)], query: Option<&str>, accepted: Accepted) -> &'static str {
        let mut request = http::Request::get(format!("/?{}", query.unwrap_or_default()));
        for (name, value) in fields {
            request = request.header(*name, value.as_bytes());
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let sent = Sent::from(&parts);
        match presented(&sent, accepted) {
            Ok(Presented::Nothing) => "nothing",
            Ok(Presented::Bearer("abc")) => "bearer",
            Ok(Presented::Cookie(SentCookie { value: "abc", .. })) => "cookie",
            Ok(Presented::Secret("abc")) => "secret",
            Ok(_) => "another value",
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
        let fields: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
        assert_eq!(code(&fields, None, NO_SECRET), expected);
    }

    #[test]
    fn jwt_25_a_token_in_the_query_counts_only_as_one_too_many() {
        let bearer = [("authorization", "Bearer abc")];
        let cookie = [("cookie", "__Host-tokenry_api=abc")];
        assert_eq!(code(&[], Some("access_token=abc"), EVERYTHING), "nothing");
        assert_eq!(code(&bearer, Some("a=b&access_token=abc"), EVERYTHING), "invalid_request");
        assert_eq!(code(&cookie, Some("access_token=abc"), EVERYTHING), "invalid_request");
        assert_eq!(code(&bearer, Some("no_access_token=abc"), EVERYTHING), "bearer");
    }

    #[rstest]
    #[case::taken("Secret abc", "secret")]
    #[case::sec_01_the_word_has_no_case("sECRET abc", "secret")]
    #[case::sec_01_tab("Secret\tabc", "invalid_token")]
    #[case::sec_01_two_spaces("Secret  abc", "invalid_token")]
    #[case::sec_01_no_break_space("Secret\u{a0}abc", "invalid_token")]
    #[case::sec_01_no_space("Secretabc", "invalid_token")]
    #[case::r100_bare("abc", "invalid_token")]
    #[case::sec_04_two_in_one("Secret abc, Bearer abc", "invalid_token")]
    #[case::empty("Secret ", "invalid_token")]
    #[case::basic("Basic YTpi", "scheme_not_accepted")]
    fn sec_where_a_route_takes_secrets(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(code(&[("authorization", value)], None, EVERYTHING), expected);
    }

    #[test]
    fn r105_no_secret_comes_from_a_browser() {
        let secret = ("authorization", "Secret abc");
        for field in [
            ("origin", "https://app.example.com"),
            ("origin", "null"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", ""),
        ] {
            assert_eq!(code(&[secret, field], None, EVERYTHING), "scheme_not_accepted", "{field:?}");
        }
        // Node's fetch sends it.
        assert_eq!(code(&[secret, ("sec-fetch-mode", "cors")], None, EVERYTHING), "secret");
    }

    #[rstest]
    #[case::host(&["__Host-tokenry_api=abc"], "cookie")]
    #[case::shared(&["__Secure-tokenry_api=abc"], "cookie")]
    #[case::among_others(&["a=b; __Host-tokenry_api=abc;c=d"], "cookie")]
    #[case::in_another_field(&["a=b", "__Host-tokenry_api=abc"], "cookie")]
    #[case::beside_the_interactive_one(&["__Host-tokenry_sid=x; __Host-tokenry_api=abc"], "cookie")]
    #[case::the_interactive_one(&["__Host-tokenry_sid=abc"], "nothing")]
    #[case::no_prefix(&["tokenry_api=abc"], "nothing")]
    #[case::another_prefix(&["__Http-tokenry_api=abc"], "nothing")]
    #[case::another_brand(&["__Host-acme_api=abc"], "nothing")]
    #[case::case(&["__host-tokenry_api=abc"], "nothing")]
    #[case::longer(&["x__Host-tokenry_api=abc; __Host-tokenry_api2=abc"], "nothing")]
    #[case::no_value(&["__Host-tokenry_api"], "nothing")]
    #[case::empty(&["__Host-tokenry_api="], "invalid_token")]
    #[case::quoted(&["__Host-tokenry_api=\"abc\""], "invalid_token")]
    #[case::space(&["__Host-tokenry_api=a bc"], "invalid_token")]
    #[case::ses_11_twice(&["__Host-tokenry_api=abc; __Host-tokenry_api=abc"], "invalid_token")]
    #[case::ses_11_in_two_fields(&["__Host-tokenry_api=abc", "__Host-tokenry_api=abd"], "invalid_token")]
    #[case::ses_11_shared_twice(&["__Secure-tokenry_api=abc; __Secure-tokenry_api=abc"], "invalid_token")]
    #[case::ses_11_beside_a_planted_one(&["__Secure-tokenry_api=abd; __Host-tokenry_api=abc"], "cookie")]
    #[case::ses_11_before_a_planted_one(&["__Host-tokenry_api=abc", "__Secure-tokenry_api=\""], "cookie")]
    #[case::ses_11_planted_twice(&["__Secure-tokenry_api=abd; __Host-tokenry_api=abc; __Secure-tokenry_api=abc"], "cookie")]
    #[case::ses_11_twice_of_three(&["__Host-tokenry_api=abc; __Secure-tokenry_api=abc; __Host-tokenry_api=abc"], "invalid_token")]
    #[case::ses_11_the_hosts_or_none(&["__Host-tokenry_api=; __Secure-tokenry_api=abc"], "invalid_token")]
    fn ses_the_cookie_for_apis(#[case] values: &[&str], #[case] expected: &str) {
        let fields: Vec<_> = values.iter().map(|value| ("cookie", *value)).collect();
        assert_eq!(code(&fields, None, EVERYTHING), expected);
    }

    #[test]
    fn ses_17_sec_04_a_cookie_and_an_authorization_field_are_two() {
        let cookie = ("cookie", "__Host-tokenry_api=abc");
        for value in ["Bearer abc", "Secret abc", "Basic YTpi", "nonsense"] {
            let both = [cookie, ("authorization", value)];
            assert_eq!(code(&both, None, EVERYTHING), "invalid_request", "{value}");
        }
        let twice = ("cookie", "__Host-tokenry_api=abc; __Host-tokenry_api=abc");
        assert_eq!(code(&[twice, ("authorization", "Bearer abc")], None, EVERYTHING), "invalid_request");
    }

    #[test]
    fn where_no_cookie_is_taken_none_is_looked_at() {
        let cookie = ("cookie", "__Host-tokenry_api=abc; __Host-tokenry_api=abd");
        let none = Accepted { cookie: false, ..EVERYTHING };
        assert_eq!(code(&[cookie], None, none), "nothing");
        assert_eq!(code(&[cookie, ("authorization", "Bearer abc")], None, none), "bearer");
    }

    #[test]
    fn no_browser_has_a_cookie_that_long() {
        let of = |len: usize| format!("__Host-tokenry_api={}", "a".repeat(len));
        assert_eq!(code(&[("cookie", &of(4_096))], None, EVERYTHING), "another value");
        assert_eq!(code(&[("cookie", &of(4_097))], None, EVERYTHING), "invalid_token");
    }
}
