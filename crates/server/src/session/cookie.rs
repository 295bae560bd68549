//! The cookie for APIs as browsers get it: for the issuer's host alone, unless an operator lets it reach further.

use std::time::Duration;

use axum::response::Response;
use cookie::{Cookie, SameSite, time};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use tokenry_protocol::guard::{HOST_API_COOKIE, SECURE_API_COOKIE};

use crate::app::{self, Headless};
use crate::ui::cookies;

/// How it is set.
#[derive(Clone, Debug)]
pub(crate) struct ApiCookie {
    domain: Option<String>,
    path: String,
    same_site: SameSite,
}

impl ApiCookie {
    pub(crate) fn new(headless: &Headless, same_site: app::SameSite) -> Self {
        Self {
            domain: headless.cookie_domain.clone(),
            path: headless.cookie_path.clone(),
            same_site: match same_site {
                app::SameSite::Lax => SameSite::Lax,
                app::SameSite::None => SameSite::None,
                app::SameSite::Strict => SameSite::Strict,
            },
        }
    }

    /// The name that it has with these settings.
    pub(crate) fn name(&self) -> &'static str {
        if self.domain.is_none() && self.path == "/" { HOST_API_COOKIE } else { SECURE_API_COOKIE }
    }

    /// The value; `None` also where there are two of the name (SES-11).
    pub(crate) fn value(&self, headers: &HeaderMap) -> Option<String> {
        cookies::named(headers, self.name())
    }

    /// The values of all of the name.
    pub(crate) fn all(&self, headers: &HeaderMap) -> impl Iterator<Item = String> {
        cookies::values(headers, self.name())
    }

    /// Whether there is one at all.
    pub(crate) fn is_there(&self, headers: &HeaderMap) -> bool {
        cookies::is_named(headers, self.name())
    }

    /// Gives it to the browser for so long.
    pub(crate) fn put(&self, response: &mut Response, value: &str, lives: Duration) {
        let max_age = time::Duration::seconds(i64::try_from(lives.as_secs()).unwrap_or(i64::MAX));
        self.append(response, value, max_age);
    }

    /// Takes it back.
    pub(crate) fn take_back(&self, response: &mut Response) {
        self.append(response, "", time::Duration::ZERO);
    }

    fn append(&self, response: &mut Response, value: &str, max_age: time::Duration) {
        let mut cookie = Cookie::build((self.name(), value))
            .path(self.path.as_str())
            .secure(true)
            .http_only(true)
            .same_site(self.same_site)
            .max_age(max_age);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain.as_str());
        }
        if self.same_site == SameSite::None {
            // One jar for each site that embeds us, so that it is nobody's means of following people about.
            cookie = cookie.partitioned(true);
        }
        if let Ok(field) = HeaderValue::try_from(cookie.build().to_string()) {
            response.headers_mut().append(SET_COOKIE, field);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::lax(
        None,
        "/",
        app::SameSite::Lax,
        "__Host-tokenry_api=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
    )]
    #[case::strict(
        None,
        "/",
        app::SameSite::Strict,
        "__Host-tokenry_api=v; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
    )]
    #[case::other_sites(
        None,
        "/",
        app::SameSite::None,
        "__Host-tokenry_api=v; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=60"
    )]
    #[case::a_domain(
        Some("example.com"),
        "/",
        app::SameSite::Lax,
        "__Secure-tokenry_api=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=60"
    )]
    #[case::a_path(
        None,
        "/api",
        app::SameSite::Lax,
        "__Secure-tokenry_api=v; HttpOnly; SameSite=Lax; Secure; Path=/api; Max-Age=60"
    )]
    fn r89_r90_r91_r93_r94_a_cookie_has_every_attribute(
        #[case] domain: Option<&str>,
        #[case] path: &str,
        #[case] same_site: app::SameSite,
        #[case] expected: &str,
    ) {
        let cookie_domain = domain.map(str::to_owned);
        let headless = Headless { cookie_domain, cookie_path: path.to_owned(), ..Headless::default() };
        let cookie = ApiCookie::new(&headless, same_site);
        let mut response = ().into_response();
        cookie.put(&mut response, "v", Duration::from_secs(60));
        cookie.take_back(&mut response);
        let set: Vec<_> =
            response.headers().get_all(SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
        let gone = expected.replace("=v;", "=;").replace("Max-Age=60", "Max-Age=0");
        assert_eq!(set, [expected, &gone], "taken back from where it was put");
    }
}
