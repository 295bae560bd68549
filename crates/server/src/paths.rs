//! The paths of the public surface: one list for the router, the metrics and the log.

use tokenry_protocol::{discovery, guard};

/// Gives each path a name, and the list of all.
macro_rules! paths {
    ($(#[$meta:meta])* $list:ident: $($name:ident = $path:expr),+ $(,)?) => {
        $(pub(crate) const $name: &str = $path;)+

        $(#[$meta])*
        const $list: &[&str] = &[$($name),+];
    };
}

paths! {
    /// Where people look, also at errors.
    PAGES:
    ACCOUNT = "/account",
    ACCOUNT_ADDRESS = "/account/address",
    ACCOUNT_APPS = "/account/apps",
    ACCOUNT_DATA = "/account/data",
    ACCOUNT_DEVELOPER = "/account/developer",
    ACCOUNT_DEVELOPER_NEW = "/account/developer/new",
    ACCOUNT_DEVELOPER_SECRET = "/account/developer/secret",
    ACCOUNT_DEVELOPER_TOKEN = "/account/developer/token",
    ACCOUNT_LEAVING = "/account/leaving",
    ACCOUNT_SECURITY = "/account/security",
    ACCOUNT_SESSIONS = "/account/sessions",
    ADDRESS = "/address",
    ADDRESS_DONE = "/address/done",
    ADDRESS_WAITING = "/address/waiting",
    AUTHORIZE = "/authorize",
    CONSENT = "/consent",
    END_SESSION = "/oidc/logout",
    LOGIN = "/login",
    LOGIN_CODE = "/login/code",
    LOGIN_PASSKEY = "/login/passkey",
    LOGOUT = "/logout",
    MAILBOX = "/dev/mailbox",
    MAILBOX_HTML = "/dev/mailbox/{id}/html",
    MAILBOX_LETTER = "/dev/mailbox/{id}",
    RESET = "/reset",
    RESET_DONE = "/reset/done",
    RESET_PASSWORD = "/reset/password",
    RESET_SENT = "/reset/sent",
    SIGN_UP = "/signup",
    SIGN_UP_SENT = "/signup/sent",
    VERIFY = "/verify",
    VERIFY_DONE = "/verify/done",
}

paths! {
    /// What programs read.
    OTHERS:
    ACK = guard::ACK_PATH,
    AUTHORIZATION_SERVER = discovery::AUTHORIZATION_SERVER_PATH,
    CHANGE_PASSWORD = "/.well-known/change-password",
    COPY_SCRIPT = "/assets/copy.js",
    DOCS = "/docs",
    DOCS_PAGE = "/docs/{*name}",
    DOCS_SLASH = "/docs/",
    EVENTS = guard::EVENTS_PATH,
    FORM_POST_SCRIPT = "/assets/form-post.js",
    HEALTH = "/healthz",
    INTROSPECT = "/oauth/introspect",
    JWKS = discovery::JWKS_PATH,
    LEAKS = "/leaks",
    LEAKS_GITHUB = "/leaks/github",
    LLMS = "/llms.txt",
    LOGO = "/assets/logos/{name}",
    MY_SECRET = "/manage/v1/users/me/secret",
    MY_SECRET_REVEAL = "/manage/v1/users/me/secret/reveal",
    MY_SECRET_REVOKE = "/manage/v1/users/me/secret/revoke",
    MY_SECRET_ROTATE = "/manage/v1/users/me/secret/rotate",
    MY_TOKEN = "/manage/v1/users/me/tokens/{id}",
    MY_TOKENS = "/manage/v1/users/me/tokens",
    MY_TOKEN_REFRESH = "/manage/v1/users/me/tokens/{id}/refresh",
    MY_TOKEN_ROLL = "/manage/v1/users/me/tokens/{id}/roll",
    OPENID = discovery::OPENID_PATH,
    PASSKEYS_SCRIPT = "/assets/passkeys.js",
    READY = "/readyz",
    REVOKE = "/oauth/revoke",
    ROOT = "/",
    SESSION = "/session",
    SESSION_CHECK = guard::SESSION_CHECK_PATH,
    SESSION_CSRF = "/session/csrf",
    SESSION_TOKEN = "/session/token",
    SNAPSHOT = guard::SNAPSHOT_PATH,
    STYLE = "/assets/{name}",
    TOKEN = discovery::TOKEN_PATH,
    USERINFO = discovery::USERINFO_PATH,
}

/// Every path under which people see pages, as the router has it.
pub fn pages() -> impl Iterator<Item = &'static str> {
    PAGES.iter().copied()
}

/// Pages to which a sign-in may lead (OUT-08).
const OWN_PAGES: [&str; 11] = [
    ACCOUNT,
    ACCOUNT_ADDRESS,
    ACCOUNT_APPS,
    ACCOUNT_DATA,
    ACCOUNT_DEVELOPER,
    ACCOUNT_DEVELOPER_NEW,
    ACCOUNT_DEVELOPER_SECRET,
    ACCOUNT_DEVELOPER_TOKEN,
    ACCOUNT_SECURITY,
    ACCOUNT_SESSIONS,
    ADDRESS,
];

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
    let known = |matched: &str| PAGES.iter().chain(OTHERS).copied().find(|path| *path == matched);
    matched.and_then(known).unwrap_or("unmatched")
}

/// Whether pages of listed origins may call what is there with our cookies: sessions, and what people do about what is their
/// own.
pub(crate) fn is_headless(path: &str) -> bool {
    let below =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
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
        ACK | AUTHORIZE | END_SESSION | INTROSPECT | LEAKS | LEAKS_GITHUB | REVOKE | SESSION_CHECK
        | TOKEN | USERINFO => Place::Later,
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
    fn people_look_at_pages_and_programs_at_the_rest() {
        for page in pages() {
            assert!(is_page(page), "{page}");
        }
        for other in OTHERS.iter().copied().chain(["/loginx", "/session"]) {
            assert!(!is_page(other), "{other}");
        }
    }
}
