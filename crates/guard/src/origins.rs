//! Whose pages may use this API from a browser in which somebody is signed in: its own, and those of a list.

use std::net::IpAddr;

/// The origins that are listed; compared exactly, never by suffix or scheme.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<String>);

impl Origins {
    pub(crate) fn new(listed: Vec<String>) -> Self {
        Self(listed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn lists(&self, origin: &str) -> bool {
        self.0.iter().any(|listed| listed == origin)
    }
}

/// Whether it is an origin as browsers send it (RFC 6454 §6.2): no path, no slash at the end, never `null` or `*`.
pub(crate) fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(is_plain)
}

/// Whether it is the origin of a page at `authority` itself. Nobody says whether that was asked by https, which a proxy may
/// have ended: plain http counts on loopback alone, since anybody on the way can answer in the name of another host.
pub(crate) fn is_own(origin: &str, authority: &str) -> bool {
    let same = |scheme: &str, port: &str| {
        let host = origin.strip_prefix(scheme);
        let usual = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
        host.is_some_and(|host| !host.is_empty() && usual(host) == usual(authority))
    };
    same("https://", ":443") || is_loopback(authority) && same("http://", ":80")
}

fn is_loopback(authority: &str) -> bool {
    let without_port = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = without_port.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_08_only_exact_origins_can_be_listed() {
        for text in ["https://app.example.com", "http://127.0.0.1:8705", "http://[::1]:8705"] {
            assert!(is_origin(text), "{text:?}");
        }
        let none = [
            "*",
            "null",
            "",
            "https://",
            "https://*.example.com",
            "https://a.example/",
            "https://a.example, https://b.example",
            "app.example",
            "HTTPS://A",
            "https://A.example",
        ];
        for text in none {
            assert!(!is_origin(text), "{text:?}");
        }
    }

    #[test]
    fn r92_a_host_is_its_own_origin() {
        for (origin, authority) in [
            ("https://api.example.com", "api.example.com"),
            ("https://api.example.com", "API.example.com:443"),
            ("https://api.example.com:8443", "api.example.com:8443"),
            ("http://127.0.0.1:8701", "127.0.0.1:8701"),
            ("http://localhost", "localhost:80"),
            ("http://[::1]:8701", "[::1]:8701"),
            ("http://[::1]", "[::1]"),
        ] {
            assert!(is_own(origin, authority), "{origin} {authority}");
        }
        for (origin, authority) in [
            ("http://api.example.com", "api.example.com"),
            ("https://api.example.com", "api.example.com:8443"),
            ("https://evil.example", "api.example.com"),
            ("https://api.example.com.evil.example", "api.example.com"),
            ("http://127.0.0.1:8702", "127.0.0.1:8701"),
            ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example"),
            ("null", "null"),
            ("https://", ""),
            ("", ""),
        ] {
            assert!(!is_own(origin, authority), "{origin} {authority}");
        }
    }
}
