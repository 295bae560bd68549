//! The paths of the public surface: one list for the router, the metrics and the log.

use tokenry_protocol::discovery;

pub(crate) const AUTHORIZATION_SERVER: &str = discovery::AUTHORIZATION_SERVER_PATH;
pub(crate) const HEALTH: &str = "/healthz";
pub(crate) const INTROSPECT: &str = "/oauth/introspect";
pub(crate) const JWKS: &str = discovery::JWKS_PATH;
pub(crate) const OPENID: &str = discovery::OPENID_PATH;
pub(crate) const READY: &str = "/readyz";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const SNAPSHOT: &str = "/guard/v1/snapshot";
pub(crate) const TOKEN: &str = "/oauth/token";

const ALL: [&str; 9] =
    [AUTHORIZATION_SERVER, HEALTH, INTROSPECT, JWKS, OPENID, READY, REVOKE, SNAPSHOT, TOKEN];

/// The route as a label: `unmatched` for whatever is none of ours, since strangers choose no labels.
pub(crate) fn template(matched: Option<&str>) -> &'static str {
    matched.and_then(|matched| ALL.into_iter().find(|path| *path == matched)).unwrap_or("unmatched")
}

/// Whether the endpoint has rules of its own for `Origin`.
pub(crate) fn judges_origin_itself(path: &str) -> bool {
    path.starts_with("/oauth/") || matches!(path, "/authorize" | "/oidc/logout")
}
