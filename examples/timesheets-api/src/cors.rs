//! Which pages of other origins may call the API from a browser: those on the list, with credentials.

use std::time::Duration;

use anyhow::{Context, ensure};
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// Answers preflights, and names the origin to browsers if it is on the list; exactly, not by suffix or
/// scheme.
pub(crate) fn layer(allowed_origins: &[String]) -> anyhow::Result<CorsLayer> {
    let origins: Vec<HeaderValue> =
        allowed_origins.iter().map(|text| origin(text)).collect::<anyhow::Result<_>>()?;
    Ok(CorsLayer::new()
        .allow_credentials(true)
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("x-csrf-token")])
        .allow_methods([Method::DELETE, Method::GET, Method::POST])
        .allow_origin(origins)
        .expose_headers([
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(PREFLIGHT_AGE))
}

/// An origin as browsers send it (RFC 6454 §6.2): no path, no slash at the end, never `null` or `*`.
fn origin(text: &str) -> anyhow::Result<HeaderValue> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_origin =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
    ensure!(
        !rest.is_empty() && rest.bytes().all(is_origin),
        "{text:?} is no origin; expected is one like https://app.example.com, in lower case"
    );
    HeaderValue::from_str(text).context("an origin cannot stand in a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_08_only_exact_origins_can_be_listed() {
        for text in ["https://app.example.com", "http://127.0.0.1:8705", "http://[::1]:8705"] {
            assert_eq!(origin(text).unwrap(), text);
        }
        for text in [
            "*",
            "null",
            "",
            "https://",
            "https://*.example.com",
            "https://a.example/",
            "app.example",
            "HTTPS://A",
        ] {
            assert!(origin(text).is_err(), "{text:?}");
        }
    }
}
