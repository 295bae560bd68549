//! The paths of the public surface: one list for the router, the metrics and the log.

use tokenry_protocol::{discovery, guard};

pub(crate) const ACCOUNT: &str = "/account";
pub(crate) const ACCOUNT_ADDRESS: &str = "/account/address";
pub(crate) const ACCOUNT_APPS: &str = "/account/apps";
pub(crate) const ACCOUNT_DATA: &str = "/account/data";
pub(crate) const ACCOUNT_LEAVING: &str = "/account/leaving";
pub(crate) const ACCOUNT_SECURITY: &str = "/account/security";
pub(crate) const ACCOUNT_SESSIONS: &str = "/account/sessions";
pub(crate) const ACK: &str = guard::ACK_PATH;
pub(crate) const ADDRESS: &str = "/address";
pub(crate) const ADDRESS_DONE: &str = "/address/done";
pub(crate) const ADDRESS_WAITING: &str = "/address/waiting";
pub(crate) const AUTHORIZATION_SERVER: &str = discovery::AUTHORIZATION_SERVER_PATH;
pub(crate) const AUTHORIZE: &str = "/authorize";
pub(crate) const CHANGE_PASSWORD: &str = "/.well-known/change-password";
pub(crate) const CONSENT: &str = "/consent";
pub(crate) const DOCS: &str = "/docs";
pub(crate) const DOCS_PAGE: &str = "/docs/{*name}";
pub(crate) const DOCS_SLASH: &str = "/docs/";
pub(crate) const END_SESSION: &str = "/oidc/logout";
pub(crate) const EVENTS: &str = guard::EVENTS_PATH;
pub(crate) const FORM_POST_SCRIPT: &str = "/assets/form-post.js";
pub(crate) const HEALTH: &str = "/healthz";
pub(crate) const INTROSPECT: &str = "/oauth/introspect";
pub(crate) const JWKS: &str = discovery::JWKS_PATH;
pub(crate) const LLMS: &str = "/llms.txt";
pub(crate) const LOGIN: &str = "/login";
pub(crate) const LOGIN_CODE: &str = "/login/code";
pub(crate) const LOGIN_PASSKEY: &str = "/login/passkey";
pub(crate) const LOGO: &str = "/assets/logos/{name}";
pub(crate) const LOGOUT: &str = "/logout";
pub(crate) const MAILBOX: &str = "/dev/mailbox";
pub(crate) const MAILBOX_HTML: &str = "/dev/mailbox/{id}/html";
pub(crate) const MAILBOX_LETTER: &str = "/dev/mailbox/{id}";
pub(crate) const OPENID: &str = discovery::OPENID_PATH;
pub(crate) const PASSKEYS_SCRIPT: &str = "/assets/passkeys.js";
pub(crate) const READY: &str = "/readyz";
pub(crate) const RESET: &str = "/reset";
pub(crate) const RESET_DONE: &str = "/reset/done";
pub(crate) const RESET_PASSWORD: &str = "/reset/password";
pub(crate) const RESET_SENT: &str = "/reset/sent";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const ROOT: &str = "/";
pub(crate) const SESSION: &str = "/session";
pub(crate) const SESSION_CHECK: &str = guard::SESSION_CHECK_PATH;
pub(crate) const SESSION_CSRF: &str = "/session/csrf";
pub(crate) const SESSION_TOKEN: &str = "/session/token";
pub(crate) const SIGN_UP: &str = "/signup";
pub(crate) const SIGN_UP_SENT: &str = "/signup/sent";
pub(crate) const SNAPSHOT: &str = guard::SNAPSHOT_PATH;
pub(crate) const STYLE: &str = "/assets/{name}";
pub(crate) const TOKEN: &str = discovery::TOKEN_PATH;
pub(crate) const USERINFO: &str = discovery::USERINFO_PATH;
pub(crate) const VERIFY: &str = "/verify";
pub(crate) const VERIFY_DONE: &str = "/verify/done";

const ALL: [&str; 54] = [
    ACCOUNT,
    ACCOUNT_ADDRESS,
    ACCOUNT_APPS,
    ACCOUNT_DATA,
    ACCOUNT_LEAVING,
    ACCOUNT_SECURITY,
    ACCOUNT_SESSIONS,
    ACK,
    ADDRESS,
    ADDRESS_DONE,
    ADDRESS_WAITING,
    AUTHORIZATION_SERVER,
    AUTHORIZE,
    CHANGE_PASSWORD,
    CONSENT,
    DOCS,
    DOCS_PAGE,
    DOCS_SLASH,
    END_SESSION,
    EVENTS,
    FORM_POST_SCRIPT,
    HEALTH,
    INTROSPECT,
    JWKS,
    LLMS,
    LOGIN,
    LOGIN_CODE,
    LOGIN_PASSKEY,
    LOGO,
    LOGOUT,
    MAILBOX,
    MAILBOX_HTML,
    MAILBOX_LETTER,
    OPENID,
    PASSKEYS_SCRIPT,
    READY,
    RESET,
    RESET_DONE,
    RESET_PASSWORD,
    RESET_SENT,
    REVOKE,
    ROOT,
    SESSION,
    SESSION_CHECK,
    SESSION_CSRF,
    SESSION_TOKEN,
    SIGN_UP,
    SIGN_UP_SENT,
    SNAPSHOT,
    STYLE,
    TOKEN,
    USERINFO,
    VERIFY,
    VERIFY_DONE,
];

/// Pages to which a sign-in may lead (OUT-08).
const OWN_PAGES: [&str; 6] =
    [ACCOUNT, ACCOUNT_ADDRESS, ACCOUNT_APPS, ACCOUNT_DATA, ACCOUNT_SECURITY, ACCOUNT_SESSIONS];

/// The page of ours that `path` names, if a sign-in may lead there.
pub(crate) fn own_page(path: &str) -> Option<&'static str> {
    OWN_PAGES.into_iter().find(|page| *page == path)
}

/// Whether people look at what is there, so that errors are pages too.
pub(crate) fn is_page(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(
        first,
        "account" | "address" | "authorize" | "consent" | "login" | "logout" | "reset" | "signup" | "verify"
    ) || path == END_SESSION
        || path.strip_prefix(MAILBOX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The route as a label: `unmatched` for whatever is none of ours, since strangers choose no labels.
pub(crate) fn template(matched: Option<&str>) -> &'static str {
    matched.and_then(|matched| ALL.into_iter().find(|path| *path == matched)).unwrap_or("unmatched")
}

/// Whether pages of listed origins may call what is there with our cookies: sessions, and what people do about what is their
/// own.
pub(crate) fn is_headless(path: &str) -> bool {
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below(SESSION) || below("/manage/v1/users/me")
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
        ACK | AUTHORIZE | END_SESSION | INTROSPECT | REVOKE | SESSION_CHECK | TOKEN | USERINFO => Place::Later,
        _ => Place::AtOnce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_08_only_our_own_pages_are_own_pages() {
        for page in OWN_PAGES {
            assert_eq!(own_page(page), Some(page));
        }
        for other in [
            "",
            "/",
            "/account/",
            "/account?x",
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https://evil.example/account",
            "%2f%2fevil.example",
            "/\tevil.example",
            "/account@evil.example",
            "data:text/html,x",
            "javascript:alert(1)",
            "/logout",
        ] {
            assert_eq!(own_page(other), None, "{other}");
        }
    }

    #[test]
    fn people_look_at_pages() {
        for page in
            ["/login", "/login/code", "/account", "/account/security", "/logout", "/authorize", "/consent"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in ["/oauth/token", "/loginx", "/docs", "/healthz", "/", "/session"] {
            assert!(!is_page(other), "{other}");
        }
    }
}
