//! Our cookies: read so that no second one of the same name is mixed in, written with every attribute that binds them.

use std::time::Duration;

use axum::response::Response;
use cookie::{Cookie, SameSite, time};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use tokenry_engine::session::{BegunSession, DEVICE_COOKIE, DEVICE_TTL, Device, Purpose};

use crate::app::State;

/// The value of a cookie; `None` also where there are two of its name (SES-11).
pub(crate) fn value(headers: &HeaderMap, purpose: Purpose) -> Option<String> {
    named(headers, purpose.cookie()?)
}

/// The same of one that is not sealed.
pub(crate) fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = values(headers, name);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// The values of all cookies of that name, where which of them is the browser's own is not the question.
pub(crate) fn all(headers: &HeaderMap, purpose: Purpose) -> impl Iterator<Item = String> {
    purpose.cookie().into_iter().flat_map(|name| values(headers, name))
}

/// Whether there is a cookie of that name at all.
pub(crate) fn is_there(headers: &HeaderMap, purpose: Purpose) -> bool {
    purpose.cookie().is_some_and(|name| is_named(headers, name))
}

/// The same of one by its name.
pub(crate) fn is_named(headers: &HeaderMap, name: &str) -> bool {
    values(headers, name).next().is_some()
}

/// Cookies of other applications may have any bytes, and change nothing about ours.
pub(crate) fn values(headers: &HeaderMap, name: &str) -> impl Iterator<Item = String> {
    let fields = headers.get_all(COOKIE).iter();
    let pairs = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    let cookies = pairs.filter_map(|pair| Cookie::parse(str::from_utf8(pair).ok()?).ok());
    cookies.filter(move |cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// Gives the browser a cookie for so long.
pub(crate) fn put(
    response: &mut Response,
    purpose: Purpose,
    value: &str,
    lives: Duration,
    same_site: SameSite,
) {
    let Some(name) = purpose.cookie() else { return };
    put_named(response, name, value, lives, same_site);
}

/// The same of one that is not sealed.
pub(crate) fn put_named(
    response: &mut Response,
    name: &'static str,
    value: &str,
    lives: Duration,
    same_site: SameSite,
) {
    let max_age = time::Duration::seconds(i64::try_from(lives.as_secs()).unwrap_or(i64::MAX));
    append(response, name, value, max_age, same_site);
}

/// Gives the browser a session, for us and for APIs, and what it is known by.
pub(crate) fn put_session(response: &mut Response, state: &State, begun: &BegunSession, device: &Device) {
    put(response, Purpose::SessionCookie, begun.cookie.expose(), begun.lives, state.same_site);
    state.api_cookie.put(response, begun.api_cookie.expose(), begun.lives);
    put_named(response, DEVICE_COOKIE, device.cookie().expose(), DEVICE_TTL, SameSite::Lax);
}

/// Takes back what a browser has of a session.
pub(crate) fn take_session_back(response: &mut Response, state: &State) {
    take_back(response, Purpose::SessionCookie);
    state.api_cookie.take_back(response);
}

/// Takes a cookie back.
pub(crate) fn take_back(response: &mut Response, purpose: Purpose) {
    let Some(name) = purpose.cookie() else { return };
    take_back_named(response, name);
}

/// The same of one that has no purpose of its own.
pub(crate) fn take_back_named(response: &mut Response, name: &'static str) {
    append(response, name, "", time::Duration::ZERO, SameSite::Lax);
}

/// `Secure` also on loopback, where browsers take it over plain HTTP: the prefix asks for it (RFC 6265bis §4.1.3).
fn append(
    response: &mut Response,
    name: &'static str,
    value: &str,
    max_age: time::Duration,
    same_site: SameSite,
) {
    let cookie = Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .max_age(max_age)
        .build();
    if let Ok(field) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, field);
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(&[], None)]
    #[case::other(&["tokenry_sid=a"], None)]
    #[case::one(&["a=b; __Host-tokenry_sid=v; c=d"], Some("v"))]
    #[case::two_fields(&["a=b", "__Host-tokenry_sid=v"], Some("v"))]
    #[case::twice(&["__Host-tokenry_sid=v; __Host-tokenry_sid=w"], None)]
    #[case::twice_the_same(&["__Host-tokenry_sid=v", "__Host-tokenry_sid=v"], None)]
    #[case::other_case(&["__host-tokenry_sid=v"], None)]
    #[case::ses_02_beside_any_bytes(&["who=J\u{fc}rgen; __Host-tokenry_sid=v"], Some("v"))]
    fn ses_11_a_cookie_counts_alone(#[case] fields: &[&str], #[case] expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(COOKIE, HeaderValue::from_bytes(field.as_bytes()).unwrap());
        }
        assert_eq!(value(&headers, Purpose::SessionCookie).as_deref(), expected);
    }

    #[test]
    fn ses_02_a_neighbour_of_other_characters_hides_nothing() {
        let mut headers = HeaderMap::new();
        let latin1 = b"who=J\xfcrgen; __Host-tokenry_sid=v; \xff\xfe";
        headers.append(COOKIE, HeaderValue::from_bytes(latin1).unwrap());
        assert_eq!(value(&headers, Purpose::SessionCookie).as_deref(), Some("v"));
        let own = b"__Host-tokenry_sid=v\xff";
        headers.insert(COOKIE, HeaderValue::from_bytes(own).unwrap());
        assert_eq!(value(&headers, Purpose::SessionCookie), None);
    }

    #[test]
    fn ses_03_a_cookie_has_every_attribute() {
        let mut response = ().into_response();
        put(&mut response, Purpose::SessionCookie, "v", Duration::from_secs(60), SameSite::Lax);
        take_back(&mut response, Purpose::PreSessionCookie);
        let set: Vec<_> =
            response.headers().get_all(SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
        assert_eq!(
            set,
            [
                "__Host-tokenry_sid=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60",
                "__Host-tokenry_pre=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0",
            ]
        );
    }
}
