//! What of a request the guard looks at.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::extract::connect_info::MockConnectInfo;
use http::header::{HOST, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::uri::Authority;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri};
use ipnet::IpNet;
use tokenry_protocol::forwarded::{self, X_FORWARDED_FOR};

/// Where a browser says that a request comes from (W3C Fetch Metadata).
pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What of a request decides about its credential. See [`Guard::authenticate`](crate::Guard::authenticate).
///
/// From [`http::request::Parts`], with the client's address if there is an [`axum::extract::ConnectInfo`] among the extensions.
/// Or from a `HeaderMap` alone: then a cookie has to prove itself as for a method that changes something, and the client's
/// address is unknown.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub(crate) headers: &'a HeaderMap,
    /// What is known beside them.
    line: Option<Line<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    method: &'a Method,
    uri: &'a Uri,
    extensions: &'a Extensions,
}

impl<'a> From<&'a HeaderMap> for Sent<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        Self { headers, line: None }
    }
}

impl<'a> From<&'a Parts> for Sent<'a> {
    fn from(Parts { method, uri, headers, extensions, .. }: &'a Parts) -> Self {
        Self { headers, line: Some(Line { method, uri, extensions }) }
    }
}

impl<'a> Sent<'a> {
    /// `None`: it may be any.
    pub(crate) fn method(&self) -> Option<&'a Method> {
        self.line.map(|line| line.method)
    }

    pub(crate) fn query(&self) -> Option<&'a str> {
        self.line.and_then(|line| line.uri.query())
    }

    /// Whom the client thinks it talks to, host and perhaps port: HTTP/2 has it in the address, HTTP/1.1 in a header field.
    pub(crate) fn authority(&self) -> Option<&'a str> {
        let in_address = self.line.and_then(|line| line.uri.authority()).map(Authority::as_str);
        in_address.or_else(|| Field::of(self.headers, &HOST).text())
    }

    /// The other end of the connection.
    fn peer(&self) -> Option<SocketAddr> {
        let extensions = self.line?.extensions;
        let real = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        real.or_else(|| extensions.get::<MockConnectInfo<SocketAddr>>().map(|MockConnectInfo(peer)| *peer))
    }

    /// Where the request comes from, by its connection or by what trusted proxies say; `None` if nobody says so.
    pub(crate) fn client_address(&self, proxies: &[IpNet]) -> Option<IpAddr> {
        let fields = self.headers.get_all(X_FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
        let is_proxy = |ip: IpAddr| proxies.iter().any(|network| network.contains(&ip));
        let client = forwarded::client(self.peer()?, fields, is_proxy).ok()?;
        Some(client.ip().to_canonical())
    }

    /// With what it was sent, as it says; never more than so many characters.
    pub(crate) fn user_agent(&self, max_len: usize) -> Option<String> {
        Some(Field::of(self.headers, &USER_AGENT).text()?.chars().take(max_len).collect())
    }

    /// Whether a browser sent it, for all that can be told.
    pub(crate) fn is_from_browser(&self) -> bool {
        self.headers.contains_key(ORIGIN) || self.headers.contains_key(SEC_FETCH_SITE)
    }
}

/// A header field that is there once or not at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field<'a> {
    Absent,
    /// Twice, or something else than visible ASCII.
    Malformed,
    Text(&'a str),
}

impl<'a> Field<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => value.to_str().map_or(Self::Malformed, Self::Text),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }

    /// The value, if there is one that is text.
    pub(crate) const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Malformed => None,
        }
    }
}
