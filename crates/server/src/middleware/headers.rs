//! The header fields of every response (HTTP-20). There is no `Server`: hyper sends none and nothing here adds it.

use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, PRAGMA, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::request_id::RequestId;
use crate::app::Scheme;
use crate::problem::Face;
use crate::ui::page::POLICY;
use crate::words::language::Language;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// For what is no page: nothing may be loaded, nobody may frame it.
const NO_CONTENT: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
/// What pages of ours ask of a browser: nothing but passkeys, and those for themselves alone.
const FEATURES: HeaderValue = HeaderValue::from_static(
    "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), \
     publickey-credentials-get=(self), usb=()",
);
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// A year, for this host alone: what else the domain serves is not ours to judge.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// Adds them. What a handler set itself stands: `Cache-Control` of public documents, the policy of a page.
pub(super) fn finish(
    headers: &mut HeaderMap,
    (face, language): (Face, Language),
    scheme: Scheme,
    id: RequestId,
) {
    headers.reserve(8);
    headers.insert(REQUEST_ID, id.header_value());
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(OPENER_POLICY, SAME_ORIGIN);
    if face == Face::Page {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
        headers.insert(PERMISSIONS_POLICY, FEATURES);
        headers.entry(CONTENT_LANGUAGE).or_insert(HeaderValue::from_static(language.tag()));
        // For what does not know `frame-ancestors` (CON-04).
        headers.insert(X_FRAME_OPTIONS, DENY);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NO_CONTENT);
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    if scheme == Scheme::Https {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    if face == Face::OAuth {
        // RFC 6749 §5.1 asks for it, for caches of HTTP/1.0.
        headers.insert(PRAGMA, NO_CACHE);
    }
}
