//! What `[sessions]` says of user interfaces that are not ours, and of the cookie for APIs: checked so that a slip lets nobody
//! in who was not meant.

use std::net::Ipv4Addr;

use tokenry_server::Headless;
use url::{Host, Url};

use crate::config::{Config, quoted};
use crate::failure::{Code, Failure, Result};

/// How long an origin may be: a host has 253 characters at the most (RFC 1035 §2.3.4).
const MAX_ORIGIN: usize = 270;
/// How long a path may be.
const MAX_PATH: usize = 256;

/// Reads it.
pub(crate) fn headless(config: &Config) -> Result<Headless> {
    let sessions = &config.sessions;
    for origin in &sessions.headless_origins {
        check_origin(origin)?;
    }
    Ok(Headless {
        origins: sessions.headless_origins.clone(),
        cookie_domain: cookie_domain(&sessions.cookie_domain, &config.issuer)?,
        cookie_path: cookie_path(&sessions.cookie_path)?,
    })
}

/// As browsers write it (RFC 6454 §6.2), and one that nobody on the way can write into: HTTPS, or this machine.
fn check_origin(text: &str) -> Result {
    let key = "sessions.headless_origins";
    let no_origin =
        || refused(key, text, "is no origin: write scheme, host and port, https://app.example.com");
    let url = Url::parse(text).ok().filter(|_url| text.len() <= MAX_ORIGIN);
    let Some(url) = url else { return Err(no_origin()) };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(no_origin()),
    };
    let origin = url.origin().ascii_serialization();
    match url.scheme() {
        "http" | "https" if text.contains('*') => Err(no_origin()),
        "http" if !loopback => {
            Err(refused(key, text, "must be https: anybody on the way could write into its pages"))
        }
        "http" | "https" if origin == text => Ok(()),
        "http" | "https" => {
            Err(refused(key, text, &format!("is no origin; did you mean {}?", quoted(&origin))))
        }
        _ => Err(no_origin()),
    }
}

/// A domain that the issuer's host is in (RFC 6265 §5.1.3): browsers drop a cookie for any other.
fn cookie_domain(text: &str, issuer: &str) -> Result<Option<String>> {
    let key = "sessions.cookie_domain";
    if text.is_empty() {
        return Ok(None);
    }
    if text.starts_with('.') {
        return Err(refused(key, text, "is written without the dot that it begins with"));
    }
    let url = Url::parse(issuer).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    if !text.contains('.') || text.parse::<Ipv4Addr>().is_ok() {
        return Err(refused(key, text, "is no domain of yours"));
    }
    let is_in = host == text || host.strip_suffix(text).is_some_and(|rest| rest.ends_with('.'));
    if is_in {
        return Ok(Some(text.to_owned()));
    }
    Err(refused(key, text, &format!("must be the issuer's host {host} or one above it")))
}

/// What browsers compare paths with (RFC 6265 §5.1.4).
fn cookie_path(text: &str) -> Result<String> {
    let key = "sessions.cookie_path";
    if !text.starts_with('/') {
        return Err(refused(key, text, "is no path: it begins with a slash"));
    }
    let plain = |byte: u8| byte.is_ascii_graphic() && !b";,\"\\".contains(&byte);
    if text.len() > MAX_PATH || !text.bytes().all(plain) {
        return Err(refused(key, text, "is no path that a cookie can have"));
    }
    Ok(text.to_owned())
}

fn refused(key: &str, text: &str, why: &str) -> Failure {
    Failure::new(Code::Usage, format!("{key}: {} {why}", quoted(text)))
}
