//! Cookies as a browser gets them from the sign-in page, and whether it keeps them: without them nobody signs in.

use cookie::Cookie;
use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap, SET_COOKIE};

use super::finding::Finding;
use super::heard::{Answer, Heard, Trouble};
use crate::config::Config;

const CHECK: &str = "issuer.cookies";
/// The one that every visitor of the sign-in page gets. A session's has the same flags.
const NAME: &str = "__Host-tokenry_pre";
const PASS_ON: &str =
    "let the proxy pass Set-Cookie on as it is, without rewriting names, paths, domains or flags";

pub(super) fn judge(config: &Config, heard: &Heard) -> Finding {
    let page = match &heard.sign_in {
        None => return Finding::skipped(CHECK, "the issuer does not answer"),
        Some(Err(Trouble::Tls(error))) => return unreachable(&error.to_string()),
        Some(Err(Trouble::Unreachable(why))) => return unreachable(why),
        Some(Ok(page)) => page,
    };
    match problem(page) {
        Err((text, fix)) => Finding::failure(CHECK, text, fix),
        Ok(same_site) => {
            let for_whom = if config.issuer.starts_with("https:") { "HTTPS" } else { "loopback" };
            let text = format!(
                "browsers keep the cookies: for this host and {for_whom} alone, SameSite={same_site}"
            );
            Finding::ok(CHECK, text)
        }
    }
}

fn unreachable(why: &str) -> Finding {
    let fix = "let the proxy pass everything below the issuer's address on, /login too";
    Finding::failure(CHECK, format!("the sign-in page cannot be fetched: {why}"), fix)
}

/// What keeps a browser from signing in, with what to do about it; or what the cookie says of other sites.
fn problem(page: &Answer) -> Result<String, (String, &'static str)> {
    if !page.status.is_success() {
        let text = format!("the sign-in page answers {}", page.status);
        return Err((text, "let the proxy pass everything below the issuer's address on, /login too"));
    }
    if is_kept(&page.headers) {
        let text = "something between the server and browsers may keep the sign-in page, and give one visitor's cookie to the next";
        return Err((text.to_owned(), "let no proxy keep pages: the server says no-store of them"));
    }
    let fields = page.headers.get_all(SET_COOKIE).iter().filter_map(|field| field.to_str().ok());
    let cookies = fields.filter_map(|field| Cookie::parse(field.to_owned()).ok());
    let mut ours = cookies.filter(|cookie| cookie.name() == NAME);
    let Some(cookie) = ours.next() else {
        return Err((format!("the sign-in page comes without its cookie {NAME}"), PASS_ON));
    };
    if ours.next().is_some() {
        return Err((format!("the cookie {NAME} comes twice"), PASS_ON));
    }
    flags(&cookie)
}

fn is_kept(headers: &HeaderMap) -> bool {
    let control = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    headers.contains_key(AGE) || !control.contains("no-store")
}

/// RFC 6265bis §4.1.3: a browser drops a cookie of that prefix unless it is for one host, all of it, and HTTPS.
fn flags(cookie: &Cookie<'_>) -> Result<String, (String, &'static str)> {
    let bad = |text: &str| Err((format!("the cookie {NAME} arrives {text}"), PASS_ON));
    if let Some(domain) = cookie.domain() {
        return bad(&format!("with Domain={domain}, so browsers drop it"));
    }
    if cookie.path() != Some("/") {
        return bad(&format!("with Path={}, so browsers drop it", cookie.path().unwrap_or_default()));
    }
    if cookie.secure() != Some(true) {
        return bad("without Secure, so browsers drop it");
    }
    if cookie.http_only() != Some(true) {
        return bad("without HttpOnly, so scripts can read it");
    }
    match cookie.same_site() {
        Some(same_site) if !same_site.is_none() => Ok(same_site.to_string()),
        _ => bad("without SameSite=Lax or Strict, so other sites' requests carry it"),
    }
}
