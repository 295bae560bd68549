//! The paths of the public surface: one list for the router, the metrics and the log.

use tokenry_protocol::{discovery, guard};

pub(crate) const ACK: &str = guard::ACK_PATH;
pub(crate) const AUTHORIZATION_SERVER: &str = discovery::AUTHORIZATION_SERVER_PATH;
pub(crate) const DOCS: &str = "/docs";
pub(crate) const DOCS_PAGE: &str = "/docs/{*name}";
pub(crate) const DOCS_SLASH: &str = "/docs/";
pub(crate) const EVENTS: &str = guard::EVENTS_PATH;
pub(crate) const HEALTH: &str = "/healthz";
pub(crate) const INTROSPECT: &str = "/oauth/introspect";
pub(crate) const JWKS: &str = discovery::JWKS_PATH;
pub(crate) const LLMS: &str = "/llms.txt";
pub(crate) const OPENID: &str = discovery::OPENID_PATH;
pub(crate) const READY: &str = "/readyz";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const SNAPSHOT: &str = guard::SNAPSHOT_PATH;
pub(crate) const TOKEN: &str = discovery::TOKEN_PATH;
pub(crate) const USERINFO: &str = discovery::USERINFO_PATH;

const ALL: [&str; 16] = [
    ACK,
    AUTHORIZATION_SERVER,
    DOCS,
    DOCS_PAGE,
    DOCS_SLASH,
    EVENTS,
    HEALTH,
    INTROSPECT,
    JWKS,
    LLMS,
    OPENID,
    READY,
    REVOKE,
    SNAPSHOT,
    TOKEN,
    USERINFO,
];

/// The route as a label: `unmatched` for whatever is none of ours, since strangers choose no labels.
pub(crate) fn template(matched: Option<&str>) -> &'static str {
    matched.and_then(|matched| ALL.into_iter().find(|path| *path == matched)).unwrap_or("unmatched")
}

/// Whether the endpoint has rules of its own for `Origin`.
pub(crate) fn judges_origin_itself(path: &str) -> bool {
    path.starts_with("/oauth/") || matches!(path, "/authorize" | "/oidc/logout")
}

/// When a request gets its place among those at work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// Before its handler runs.
    AtOnce,
    /// From its handler, once its body is there: whoever has only announced one is not at work.
    Later,
    /// Not at all. An orchestrator that gets no answer would restart a server that is merely busy, and documents
    /// in memory cost no more than a refusal.
    Never,
}

/// When a request for `path` gets its place.
pub(crate) fn place(path: &str) -> Place {
    match path {
        AUTHORIZATION_SERVER | HEALTH | JWKS | OPENID | READY => Place::Never,
        ACK | INTROSPECT | REVOKE | TOKEN | USERINFO => Place::Later,
        _ => Place::AtOnce,
    }
}
