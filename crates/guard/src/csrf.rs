//! Proof that a page may do what it does with somebody's cookie: browsers send cookies along whoever asks.
//!
//! 1. The request comes from a page of this API, or of a listed origin: `Sec-Fetch-Site` says so, or where a browser does not
//!    send it, `Origin`.
//! 2. The page knows the session's CSRF token.
//!
//! Both are asked for by everything but the methods that change nothing (RFC 9110 §9.2.1); of these, what becomes a WebSocket
//! has to come from such a page too, because no CORS keeps others from reading it.

use http::header::{ORIGIN, UPGRADE};
use http::{HeaderName, Method};
use tokenry_jose::{constant_time_eq, sha256};

use crate::denied::{Denied, Reason};
use crate::origins::{self, Origins};
use crate::sent::{Field, SEC_FETCH_SITE, Sent};

const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Checks what a request with a cookie needs. `digest` is that of the session's CSRF token.
pub(crate) fn check(sent: &Sent<'_>, origins: &Origins, digest: Option<&[u8; 32]>) -> Result<(), Denied> {
    if !is_safe(sent.method()) {
        check_site(sent, origins)?;
        check_token(sent, digest)
    } else if becomes_web_socket(sent) {
        check_site(sent, origins)
    } else {
        Ok(())
    }
}

/// A method that is not known may be any.
fn is_safe(method: Option<&Method>) -> bool {
    method
        .is_some_and(|method| matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE))
}

fn becomes_web_socket(sent: &Sent<'_>) -> bool {
    match Field::of(sent.headers, &UPGRADE) {
        Field::Absent => false,
        Field::Malformed => true,
        Field::Text(protocols) => protocols.to_ascii_lowercase().contains("websocket"),
    }
}

fn check_site(sent: &Sent<'_>, origins: &Origins) -> Result<(), Denied> {
    let origin = Field::of(sent.headers, &ORIGIN);
    let listed = || origin.text().is_some_and(|origin| origins.lists(origin));
    let own = || {
        let (origin, authority) = (origin.text(), sent.authority());
        origin.zip(authority).is_some_and(|(origin, authority)| origins::is_own(origin, authority))
    };
    match Field::of(sent.headers, &SEC_FETCH_SITE) {
        Field::Text("none" | "same-origin") => Ok(()),
        Field::Text("cross-site" | "same-site") if listed() => Ok(()),
        Field::Text("cross-site" | "same-site") => {
            Err(failed("the page's Origin is not among the allowed ones"))
        }
        Field::Text(_) | Field::Malformed => Err(failed("Sec-Fetch-Site is none of its words")),
        Field::Absent if listed() || own() => Ok(()),
        Field::Absent => Err(failed(
            "there is no Sec-Fetch-Site, and Origin is neither this API's own nor among the allowed ones",
        )),
    }
}

fn check_token(sent: &Sent<'_>, digest: Option<&[u8; 32]>) -> Result<(), Denied> {
    let digest = digest.ok_or_else(|| failed("the issuer said nothing of the session's CSRF token"))?;
    match Field::of(sent.headers, &X_CSRF_TOKEN) {
        Field::Text(token) if constant_time_eq(&sha256(token.as_bytes()), digest) => Ok(()),
        Field::Absent => Err(failed("there is no X-CSRF-Token")),
        Field::Text(_) | Field::Malformed => Err(failed("X-CSRF-Token is not the session's")),
    }
}

fn failed(why: &'static str) -> Denied {
    Denied::new(Reason::CsrfFailed).because(why)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Request};
    use rstest::rstest;

    use super::*;

    const TOKEN: (&str, &str) = ("x-csrf-token", "proof");
    const OWN: (&str, &str) = ("origin", "https://api.example.com");
    const LISTED: (&str, &str) = ("origin", "https://app.example.com");
    const EVIL: (&str, &str) = ("origin", "https://evil.example");
    const NULL: (&str, &str) = ("origin", "null");

    const fn site(word: &'static str) -> (&'static str, &'static str) {
        ("sec-fetch-site", word)
    }

    fn passes(method: &Method, fields: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/").header("host", "api.example.com");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let origins = Origins::new(vec!["https://app.example.com".to_owned()]);
        match check(&Sent::from(&parts), &origins, Some(&sha256(b"proof"))) {
            Ok(()) => true,
            Err(denied) => {
                assert_eq!((denied.code(), denied.status().as_u16()), ("csrf_failed", 403));
                assert!(denied.why().is_some());
                false
            }
        }
    }

    #[rstest]
    #[case::own_page(&[site("same-origin"), TOKEN], true)]
    #[case::typed_in(&[site("none"), TOKEN], true)]
    #[case::own_page_that_tells_no_referrer(&[site("same-origin"), NULL, TOKEN], true)]
    #[case::listed(&[site("cross-site"), LISTED, TOKEN], true)]
    #[case::listed_sibling(&[site("same-site"), LISTED, TOKEN], true)]
    #[case::older_browser(&[OWN, TOKEN], true)]
    #[case::older_browser_listed(&[LISTED, TOKEN], true)]
    #[case::nothing(&[], false)]
    #[case::no_token(&[site("same-origin")], false)]
    #[case::no_token_listed(&[site("cross-site"), LISTED], false)]
    #[case::no_site_no_origin(&[TOKEN], false)]
    #[case::stranger(&[site("cross-site"), EVIL, TOKEN], false)]
    #[case::sibling_is_not_own(&[site("same-site"), OWN, TOKEN], false)]
    #[case::cross_site_without_origin(&[site("cross-site"), TOKEN], false)]
    #[case::older_browser_stranger(&[EVIL, TOKEN], false)]
    #[case::null(&[NULL, TOKEN], false)]
    #[case::null_cross_site(&[site("cross-site"), NULL, TOKEN], false)]
    #[case::own_over_http(&[("origin", "http://api.example.com"), TOKEN], false)]
    #[case::unknown_word(&[site("Same-Origin"), OWN, TOKEN], false)]
    #[case::two_sites(&[site("same-origin"), site("same-origin"), TOKEN], false)]
    #[case::two_origins(&[OWN, OWN, TOKEN], false)]
    #[case::two_tokens(&[site("same-origin"), TOKEN, TOKEN], false)]
    #[case::another_token(&[site("same-origin"), ("x-csrf-token", "proof2")], false)]
    #[case::empty_token(&[site("same-origin"), ("x-csrf-token", "")], false)]
    fn ses_17_r92_what_changes_something_needs_both(#[case] fields: &[(&str, &str)], #[case] expected: bool) {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::CONNECT] {
            assert_eq!(passes(&method, fields), expected, "{method}");
        }
        let other = Method::from_bytes(b"PROPFIND").unwrap();
        assert_eq!(passes(&other, fields), expected);
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE] {
            assert!(passes(&method, fields), "{method}");
        }
    }

    #[test]
    fn a_web_socket_opens_from_such_pages_alone() {
        let upgrade = ("upgrade", "WebSocket");
        for (fields, expected) in [
            (&[("upgrade", "h2c")][..], true),
            (&[("upgrade", "h2c, websocket")], false),
            (&[("upgrade", "h2c"), upgrade], false),
            (&[upgrade, OWN], true),
            (&[upgrade, site("cross-site"), LISTED], true),
            (&[upgrade, site("cross-site"), EVIL], false),
            (&[upgrade, EVIL], false),
            (&[upgrade], false),
        ] {
            assert_eq!(passes(&Method::GET, fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn without_a_digest_or_a_method_nothing_is_taken_for_granted() {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        let sent = Sent::from(&headers);
        let origins = Origins::default();
        assert!(check(&sent, &origins, Some(&sha256(b"proof"))).is_err(), "the method may be any");
        headers.insert("x-csrf-token", "proof".parse().unwrap());
        let sent = Sent::from(&headers);
        assert!(check(&sent, &origins, Some(&sha256(b"proof"))).is_ok());
        assert!(check(&sent, &origins, None).is_err());
    }
}
