//! Which redirect URIs may be registered, and which of those sent is one of them (RFC 6749 §3.1.2, RFC 8252 §7, AZ-07).

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

/// Whether `sent` is one of the registered URIs: the same text, character by character (RFC 9700 §4.1.3).
///
/// The one exception is the port of a native application's loopback address, which the system gives out when the
/// application begins to listen (RFC 8252 §7.3).
pub(crate) fn is_registered(sent: &str, registered: &[String], kind: ClientType) -> bool {
    if check(sent, kind).is_err() {
        return false;
    }
    registered.iter().any(|uri| {
        uri == sent
            || kind == ClientType::Native
                && without_loopback_port(sent).is_some_and(|sent| without_loopback_port(uri) == Some(sent))
    })
}

/// The two halves of an address on loopback round its port, if it has one. `localhost` is a name, which may lead elsewhere
/// (§8.3).
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let host = ["http://127.0.0.1", "http://[::1]"].into_iter().find(|host| uri.starts_with(host))?;
    let rest = &uri[host.len()..];
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..digits].parse::<u16>().ok().filter(|&port| port != 0)?;
            &port[digits..]
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// Where the user would be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// To an application on the same computer.
    ThisComputer,
    /// To this host.
    Host(String),
}

/// Where a URI leads that has been found registered.
pub(crate) fn destination(uri: &str) -> Destination {
    let url = Url::parse(uri).ok();
    let host = url.as_ref().and_then(Url::host);
    match host.filter(|host| !is_loopback(host)) {
        Some(host) => Destination::Host(host.to_string()),
        // A scheme of its own is opened by an application that is installed here.
        None => Destination::ThisComputer,
    }
}

/// What a policy of a page must name for its form to lead there: an origin, or the scheme of an application.
#[must_use]
pub fn form_target(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let target = match url.origin() {
        origin if origin.is_tuple() => origin.ascii_serialization(),
        _opaque => format!("{}:", url.scheme()),
    };
    // What separates values or directives would let more into the policy than was meant.
    target.bytes().all(|byte| byte.is_ascii_graphic() && !b";,'".contains(&byte)).then_some(target)
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

    fn registered(uris: &[&str]) -> Vec<String> {
        uris.iter().map(|uri| (*uri).to_owned()).collect()
    }

    #[test]
    fn az_09_only_a_native_applications_port_on_loopback_may_differ() {
        let uris = registered(&["http://127.0.0.1/cb", "http://[::1]:5000/cb", "com.example.app:/cb"]);
        let native = |sent: &str| is_registered(sent, &uris, ClientType::Native);
        for sent in [
            "http://127.0.0.1/cb",
            "http://127.0.0.1:51000/cb",
            "http://[::1]/cb",
            "http://[::1]:1/cb",
            "com.example.app:/cb",
        ] {
            assert!(native(sent), "{sent}");
        }
        for sent in [
            "http://localhost/cb",
            "http://localhost:51000/cb",
            "http://127.0.0.2/cb",
            "https://127.0.0.1/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:051/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80/cb",
            "http://127.0.0.1:51000/other",
            "http://127.0.0.1:51000/cb?x=1",
            "http://127.0.0.1:51000@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:51000/cb#x",
        ] {
            assert!(!native(sent), "{sent}");
        }
        for kind in [ClientType::Web, ClientType::Spa, ClientType::ThirdParty] {
            assert!(is_registered("http://127.0.0.1/cb", &uris, kind), "{kind}");
            assert!(!is_registered("http://127.0.0.1:51000/cb", &uris, kind), "{kind}");
        }
    }

    #[test]
    fn az_07_what_could_not_be_registered_is_no_target_even_if_it_is_stored() {
        let uris = registered(&["javascript:alert(1)", "http://app.example.com/cb"]);
        for uri in &uris {
            assert!(!is_registered(uri, &uris, ClientType::Web), "{uri}");
        }
    }

    #[test]
    fn a_destination_is_named_as_users_know_it() {
        let host = |host: &str| Destination::Host(host.to_owned());
        assert_eq!(destination("https://app.example.com:8443/cb"), host("app.example.com"));
        assert_eq!(destination("http://127.0.0.1:8702/cb"), Destination::ThisComputer);
        assert_eq!(destination("http://localhost/cb"), Destination::ThisComputer);
        assert_eq!(destination("com.example.app:/cb"), Destination::ThisComputer);
        assert_eq!(form_target("https://app.example.com/cb").as_deref(), Some("https://app.example.com"));
        assert_eq!(form_target("http://127.0.0.1:8702/cb").as_deref(), Some("http://127.0.0.1:8702"));
        assert_eq!(form_target("com.example.app:/cb").as_deref(), Some("com.example.app:"));
        assert_eq!(form_target("https://app.example:8443/").as_deref(), Some("https://app.example:8443"));
        assert_eq!(form_target("http://[::1]:1/").as_deref(), Some("http://[::1]:1"));
        assert_eq!(form_target("callback"), None);
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
