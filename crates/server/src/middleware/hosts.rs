//! Who the request says that it is for (`Host`) and on whose behalf a browser sends it (`Origin`).
//!
//! The issuer is configured and never derived from either (HTTP-11). `serve` checks no more than that there is one
//! well-formed host. `dev` listens where any web page can reach it, so it answers for loopback names and its issuer
//! only: else a page whose name resolves to 127.0.0.1 could read what it answers (DNS rebinding).

use std::net::IpAddr;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::{HOST, LOCATION, ORIGIN};
use http::uri::Authority;
use http::{HeaderValue, Method, StatusCode, Uri, Version};

use crate::paths;
use crate::problem::Fault;

/// Which hosts and origins are served.
#[derive(Clone, Debug, Default)]
pub enum HostPolicy {
    /// Loopback names, the issuer, and what the operator adds: `tokenry dev`.
    Loopback(Loopback),
    /// Any: `tokenry serve`, where TLS or a proxy has settled who is asked.
    #[default]
    Public,
}

/// What `dev` answers for.
#[derive(Clone, Debug)]
pub struct Loopback {
    issuer: Origin,
    exposed: Option<String>,
    origins: Vec<Origin>,
}

/// An address of `dev` that cannot be compared with.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidHost {
    /// Not a bare host name.
    #[error("{0:?} is not a host name: write it without scheme, port and path, e.g. laptop.local")]
    Exposed(String),
    /// Not an absolute http(s) URL.
    #[error("{0:?} is not an issuer: write an absolute URL, e.g. http://127.0.0.1:8700")]
    Issuer(String),
    /// Not an origin.
    #[error("{0:?} is not an origin: write scheme, host and port, e.g. http://127.0.0.1:8705")]
    Origin(String),
}

impl Loopback {
    /// What `dev` answers for at `issuer`: besides, the host `exposed`, and pages of `origins`.
    ///
    /// # Errors
    /// [`InvalidHost`] names the value that is none.
    pub fn new(
        issuer: &str,
        exposed: Option<&str>,
        origins: &[impl AsRef<str>],
    ) -> Result<Self, InvalidHost> {
        let origins = origins.iter().map(AsRef::as_ref);
        Ok(Self {
            issuer: Origin::of_url(issuer).ok_or_else(|| InvalidHost::Issuer(issuer.to_owned()))?,
            exposed: exposed
                .map(|host| bare_host(host).ok_or_else(|| InvalidHost::Exposed(host.to_owned())))
                .transpose()?,
            origins: origins
                .map(|origin| Origin::parse(origin).ok_or_else(|| InvalidHost::Origin(origin.to_owned())))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl HostPolicy {
    /// Whether nobody but this machine can reach it: a `dev` that is not exposed.
    #[must_use]
    pub fn is_for_this_machine_alone(&self) -> bool {
        matches!(self, Self::Loopback(rules) if !rules.is_exposed())
    }

    /// Whether the request may be served; else the answer that it gets.
    pub(super) fn check(&self, request: &Request) -> Result<(), Box<Response>> {
        let host = host(request).map_err(|fault| Box::new(fault.into_response()))?;
        match self {
            Self::Loopback(rules) => rules.check(request, host.as_ref()),
            Self::Public => Ok(()),
        }
    }
}

impl Loopback {
    /// Whether others are meant to reach it. What they send through a tunnel looks like the machine's own, `Host` too, so
    /// what may not be theirs must not be there at all.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.exposed.is_some() || !is_loopback(&self.issuer.host)
    }

    fn check(&self, request: &Request, host: Option<&Authority>) -> Result<(), Box<Response>> {
        let refuse = |fault: Fault| Err(Box::new(fault.into_response()));
        let name = host.map(|host| name(host.host())).unwrap_or_default();
        if !self.serves(&name) {
            return refuse(Fault::Misdirected);
        }
        let origins = request.headers().get_all(ORIGIN);
        if !paths::judges_origin_itself(request.uri().path())
            && !origins.iter().all(|origin| self.admits(origin) || is_own_form(origin, request.uri().path()))
        {
            return refuse(Fault::ForeignOrigin);
        }
        // One name for one server: cookies and the issuer's own addresses belong to it.
        let is_other_name = is_loopback(&name) && is_loopback(&self.issuer.host) && name != self.issuer.host;
        if is_other_name && matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Box::new(self.redirect(request.uri())));
        }
        Ok(())
    }

    fn serves(&self, name: &str) -> bool {
        is_loopback(name) || name == self.issuer.host || self.exposed.as_deref() == Some(name)
    }

    fn admits(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().ok().and_then(Origin::parse);
        origin.is_some_and(|origin| {
            is_loopback(&origin.host)
                || origin == self.issuer
                || self.exposed.as_ref() == Some(&origin.host)
                || self.origins.contains(&origin)
        })
    }

    fn redirect(&self, target: &Uri) -> Response {
        let path = target.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        match HeaderValue::try_from(format!("{}{path}", self.issuer.text())) {
            Ok(location) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response(),
            Err(_) => Fault::Misdirected.into_response(),
        }
    }
}

/// The host that the request is for, from its target or its one `Host` (RFC 9112 §3.2, RFC 9113 §8.3.1).
fn host(request: &Request) -> Result<Option<Authority>, Fault> {
    let mut fields = request.headers().get_all(HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (None, _) => None,
        (Some(host), None) => Some(authority(host).ok_or(Fault::HostInvalid)?),
        (Some(_), Some(_)) => return Err(Fault::HostInvalid),
    };
    match (request.uri().authority(), field) {
        (Some(target), Some(field)) if *target != field => Err(Fault::HostInvalid),
        (Some(target), _) if target.as_str().contains('@') => Err(Fault::HostInvalid),
        (Some(target), _) => Ok(Some(target.clone())),
        (None, None) if request.version() != Version::HTTP_10 => Err(Fault::HostInvalid),
        (None, field) => Ok(field),
    }
}

fn authority(value: &HeaderValue) -> Option<Authority> {
    let authority = Authority::try_from(value.as_bytes()).ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

/// An origin: scheme, host and port (RFC 6454).
#[derive(Clone, Debug, Eq, PartialEq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Reads an `Origin` header or a configured origin: a URL without path. `null` is none.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.split_once("://")?.1;
        if rest.contains(['/', '?', '#', '@']) { None } else { Self::of_url(text) }
    }

    fn of_url(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?.to_owned();
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let default = if scheme == "http" { 80 } else { 443 };
        let port = authority.port_u16().filter(|port| *port != default);
        Some(Self { scheme, host: name(authority.host()), port })
    }

    fn text(&self) -> String {
        let Self { scheme, host, port } = self;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}"))
    }
}

/// With `no-referrer`, browsers send the forms of our own pages with `null`. Whether one is ours, the page asks itself.
fn is_own_form(origin: &HeaderValue, path: &str) -> bool {
    origin == "null" && paths::is_page(path)
}

fn bare_host(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    (authority.port().is_none() && !text.contains('@')).then(|| name(authority.host()))
}

/// A host to compare with: lower case, without brackets or the root's dot.
fn name(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a name always means the machine itself (RFC 6761 §6.3).
fn is_loopback(name: &str) -> bool {
    let is_address = || name.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback());
    name == "localhost" || name.ends_with(".localhost") || is_address()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use rstest::rstest;

    use super::*;

    fn policy() -> HostPolicy {
        let rules = Loopback::new("http://127.0.0.1:8700", Some("laptop.local"), &["https://ui.example"]);
        HostPolicy::Loopback(rules.unwrap())
    }

    fn ask(method: Method, path: &str, fields: &[(&str, &str)]) -> Result<(), (u16, Option<String>)> {
        let mut request = Request::builder().method(method).uri(path);
        for (field, value) in fields {
            request = request.header(*field, *value);
        }
        policy().check(&request.body(Body::empty()).unwrap()).map_err(|response| {
            let location = response.headers().get(LOCATION).map(|at| at.to_str().unwrap().to_owned());
            (response.status().as_u16(), location)
        })
    }

    #[rstest]
    #[case::itself("127.0.0.1:8700", 0)]
    #[case::another_port_is_a_tunnel("127.0.0.1:9000", 0)]
    #[case::exposed("laptop.local:8700", 0)]
    #[case::exposed_in_capitals("LAPTOP.local.", 0)]
    #[case::rebound("evil.example:8700", 421)]
    #[case::suffix("127.0.0.1.evil.example", 421)]
    #[case::prefix("localhost.evil.example", 421)]
    #[case::unspecified("0.0.0.0:8700", 421)]
    #[case::user("127.0.0.1@evil.example", 400)]
    #[case::nonsense("a b", 400)]
    fn dev_answers_for_its_own_names_only(#[case] host: &str, #[case] status: u16) {
        let answer = ask(Method::POST, "/oauth/token", &[("host", host)]);
        assert_eq!(answer.err().map_or(0, |(status, _)| status), status, "{host}");
    }

    #[rstest]
    #[case("localhost:8700")]
    #[case("[::1]:8700")]
    #[case("api.localhost")]
    fn dev_redirects_other_loopback_names(#[case] host: &str) {
        let answer = ask(Method::GET, "/readyz?a=b", &[("host", host)]);
        assert_eq!(answer, Err((307, Some("http://127.0.0.1:8700/readyz?a=b".into()))));
        assert_eq!(ask(Method::POST, "/oauth/token", &[("host", host)]), Ok(()));
    }

    #[rstest]
    #[case::loopback("/readyz", "http://localhost:8705", 0)]
    #[case::issuer("/readyz", "http://127.0.0.1:8700", 0)]
    #[case::listed("/readyz", "https://ui.example", 0)]
    #[case::listed_with_default_port("/readyz", "https://ui.example:443", 0)]
    #[case::http_twin("/readyz", "http://ui.example", 403)]
    #[case::port_twin("/readyz", "https://ui.example:8443", 403)]
    #[case::suffix("/readyz", "https://ui.example.evil.example", 403)]
    #[case::prefix("/readyz", "https://evil-ui.example", 403)]
    #[case::opaque("/readyz", "null", 403)]
    #[case::a_form_of_ours("/login", "null", 0)]
    #[case::a_form_of_others("/login", "https://evil.example", 403)]
    #[case::with_path("/readyz", "https://ui.example/", 403)]
    #[case::own_rules("/oauth/token", "https://evil.example", 0)]
    #[case::own_rules("/authorize", "https://evil.example", 0)]
    #[case::no_prefix_match("/oauthx", "https://evil.example", 403)]
    fn dev_checks_origins(#[case] path: &str, #[case] origin: &str, #[case] status: u16) {
        let answer = ask(Method::GET, path, &[("host", "127.0.0.1:8700"), ("origin", origin)]);
        assert_eq!(answer.err().map_or(0, |(status, _)| status), status, "{origin} at {path}");
    }

    #[test]
    fn every_origin_of_a_request_counts() {
        let fields =
            [("host", "127.0.0.1"), ("origin", "http://127.0.0.1"), ("origin", "https://evil.example")];
        assert_eq!(ask(Method::GET, "/readyz", &fields), Err((403, None)));
    }

    #[rstest]
    #[case::none(&[], false)]
    #[case::one(&["id.example.com"], true)]
    #[case::two(&["id.example.com", "id.example.com"], false)]
    #[case::malformed(&["id.example.com/x"], false)]
    fn http_04_a_request_has_one_host(#[case] hosts: &[&str], #[case] accepted: bool) {
        let mut request = Request::builder().uri("/");
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let request = request.body(Body::empty()).unwrap();
        assert_eq!(HostPolicy::Public.check(&request).is_ok(), accepted, "{hosts:?}");
    }

    #[test]
    fn a_target_and_a_host_that_differ_are_refused() {
        let request = |target: &str| {
            Request::builder().uri(target).header(HOST, "id.example.com").body(Body::empty()).unwrap()
        };
        assert!(HostPolicy::Public.check(&request("http://id.example.com/healthz")).is_ok());
        assert!(HostPolicy::Public.check(&request("http://evil.example/healthz")).is_err());
    }

    #[rstest]
    #[case("127.0.0.1:8700", None, "http://ui.example")]
    #[case("http://127.0.0.1:8700", Some("http://laptop.local"), "http://ui.example")]
    #[case("http://127.0.0.1:8700", Some("laptop.local:80"), "http://ui.example")]
    #[case("http://127.0.0.1:8700", None, "ui.example")]
    fn misspelt_hosts_are_named(#[case] issuer: &str, #[case] exposed: Option<&str>, #[case] origin: &str) {
        assert!(Loopback::new(issuer, exposed, &[origin]).is_err());
    }
}
