//! Which redirect URIs may be registered (RFC 6749 §3.1.2, RFC 8252 §7, AZ-07).

use thiserror::Error;
use tokenry_model::ClientType;
use url::{Host, Url};

const MAX_LEN: usize = 2_048;

/// A URI that may not be registered.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unfit {
    /// Not an absolute URI, or not as a browser would write it.
    #[error("it must be an absolute URI written as a browser writes it")]
    Form,
    /// With a fragment.
    #[error("it must not have a fragment (RFC 6749 §3.1.2)")]
    Fragment,
    /// With a user name or password.
    #[error("it must not name a user")]
    User,
    /// Neither https nor loopback nor, for a native application, a scheme of its own.
    #[error(
        "it must be https, or http on loopback; a native application may use a scheme of its own with a dot in it"
    )]
    Scheme,
}

/// Whether `uri` may be registered for an application of type `kind`.
///
/// # Errors
/// The first rule that it breaks.
pub(crate) fn check(uri: &str, kind: ClientType) -> Result<(), Unfit> {
    let url = Url::parse(uri).map_err(|_error| Unfit::Form)?;
    if uri.len() > MAX_LEN || !uri.bytes().all(|b| b.is_ascii_graphic()) || uri.contains('\\') {
        return Err(Unfit::Form);
    }
    if uri.contains('#') {
        return Err(Unfit::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unfit::User);
    }
    let fit = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => url.host().is_some_and(|host| is_loopback(&host)),
        own => kind == ClientType::Native && own.contains('.'),
    };
    // Matching is by exact text, so what is stored must already be what a browser sends.
    let written_plainly = url.as_str() == uri || url.as_str() == format!("{uri}/");
    if !fit {
        Err(Unfit::Scheme)
    } else if written_plainly {
        Ok(())
    } else {
        Err(Unfit::Form)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_schemes_that_run_or_leak_are_refused_at_registration() {
        for uri in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "http://app.example.com/cb",
            "myapp://cb",
        ] {
            assert_eq!(check(uri, ClientType::Web), Err(Unfit::Scheme), "{uri}");
        }
        assert_eq!(check("com.example.app:/cb", ClientType::Spa), Err(Unfit::Scheme));
    }

    #[test]
    fn exact_uris_are_fit() {
        for uri in [
            "https://app.example.com/cb",
            "https://app.example.com/cb?x=1",
            "http://127.0.0.1:8702/callback",
            "http://[::1]/cb",
            "http://localhost/cb",
            "https://app.example.com",
        ] {
            assert_eq!(check(uri, ClientType::Web), Ok(()), "{uri}");
        }
        assert_eq!(check("com.example.app:/cb", ClientType::Native), Ok(()));
    }

    #[test]
    fn what_a_browser_would_rewrite_is_refused() {
        for uri in [
            "HTTPS://app.example.com/cb",
            "https://APP.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com/a/../cb",
            "https:app.example.com",
            "https:///app.example.com/cb",
            "/cb",
            "",
            "https://app.example.com\\cb",
            "https://app.example.com/c b",
        ] {
            assert_eq!(check(uri, ClientType::Web), Err(Unfit::Form), "{uri}");
        }
        assert_eq!(check("https://a.example/cb#x", ClientType::Web), Err(Unfit::Fragment));
        assert_eq!(check("https://app@evil.example/cb", ClientType::Web), Err(Unfit::User));
    }
}
