//! Whom a trusted proxy speaks for: the client's address in `X-Forwarded-For`, and nobody else's word for it (HTTP-10).
//!
//! Issuer, host and links are configured, so that no other forwarded header means anything here, but `X-Forwarded-Proto` where
//! the issuer is https: whether the browser came by it, and can be told to stay (SES-10).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn};
use ipnet::IpNet;
use tokenry_protocol::forwarded::{self, X_FORWARDED_FOR};
use tokenry_server::Scheme;

const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Lets the `router` of an issuer see the client's address in place of a trusted proxy's, and what the client spoke to it.
pub(crate) fn believe(router: Router, issuer: &str, proxies: Vec<IpNet>) -> Router {
    if proxies.is_empty() {
        return router;
    }
    let proxies: Arc<[IpNet]> = proxies.into();
    let may_be_https = issuer.starts_with("https:");
    router.layer(from_fn(move |mut request: Request, next: Next| {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        if let Some(peer) = peer {
            let client = client(peer, request.headers(), &proxies);
            request.extensions_mut().insert(ConnectInfo(client));
            if may_be_https && came_by_https(peer, request.headers(), &proxies) {
                request.extensions_mut().insert(Scheme::Https);
            }
        }
        next.run(request)
    }))
}

/// The nearest address that is no trusted proxy; where a proxy does not say who asked it, the proxy's.
fn client(peer: SocketAddr, headers: &HeaderMap, proxies: &[IpNet]) -> SocketAddr {
    let fields = headers.get_all(X_FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    forwarded::client(peer, fields, |ip| is_trusted(ip, proxies))
        .unwrap_or_else(|unreadable| unreadable.proxy)
}

/// Whether a trusted proxy says, and says nothing else, that it was asked by https.
fn came_by_https(peer: SocketAddr, headers: &HeaderMap, proxies: &[IpNet]) -> bool {
    let mut said = headers.get_all(X_FORWARDED_PROTO).iter();
    is_trusted(peer.ip(), proxies) && said.next().is_some_and(|it| it == "https") && said.next().is_none()
}

fn is_trusted(ip: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(&ip.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, fields: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(X_FORWARDED_FOR, field.parse().unwrap());
        }
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client(peer.parse().unwrap(), &headers, &proxies).ip().to_string()
    }

    #[test]
    fn http_10_a_strangers_word_is_ignored() {
        assert_eq!(seen("203.0.113.7:1", &["192.0.2.1"]), "203.0.113.7");
        assert_eq!(seen("127.0.0.1:1", &["192.0.2.1"]), "127.0.0.1");
    }

    #[test]
    fn ses_10_a_trusted_proxy_says_how_it_was_asked() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let https = |peer: &str, said: &[&str]| {
            let mut headers = HeaderMap::new();
            for proto in said {
                headers.append(X_FORWARDED_PROTO, proto.parse().unwrap());
            }
            came_by_https(peer.parse().unwrap(), &headers, &proxies)
        };
        assert!(https("10.0.0.1:1", &["https"]));
        for said in [&[][..], &["http"], &["https, http"], &["https", "http"], &["HTTPS "], &[""]] {
            assert!(!https("10.0.0.1:1", said), "{said:?}");
        }
        assert!(!https("127.0.0.1:1", &["https"]), "a stranger's word");
    }

    #[test]
    fn http_10_the_nearest_address_that_is_no_proxy_counts() {
        for (fields, client) in [
            (&[][..], "10.0.0.1"),
            (&["192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9", "192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            (&["192.0.2.1", "198.51.100.9"], "198.51.100.9"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["2001:db8::1, fd00::2"], "2001:db8::1"),
            (&["192.0.2.1, unknown"], "10.0.0.1"),
            (&["192.0.2.1, "], "10.0.0.1"),
            (&["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            (&["10.0.0.3"], "10.0.0.3"),
        ] {
            assert_eq!(seen("10.0.0.1:1", fields), client, "{fields:?}");
        }
        assert_eq!(seen("[::ffff:10.0.0.1]:1", &["192.0.2.1"]), "192.0.2.1");
    }
}
