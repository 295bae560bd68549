//! Pages of other origins that may call the API from a browser, with its cookie (Fetch §3.2): those that are listed, and not
//! where a route takes account secrets, which no page may know (R105).

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, NestedPath};
use http::Method;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::origins::Origins;
use crate::request_id::X_REQUEST_ID;
use crate::table::PolicyTable;

/// How long browsers keep the answer to a preflight.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// Answers preflights, which carry no credential and need no policy, and names the origin to browsers.
pub(crate) fn layer(origins: &Arc<Origins>, table: &PolicyTable) -> CorsLayer {
    let (origins, closed) = (Arc::clone(origins), Closed::of(table));
    let allows = AllowOrigin::predicate(move |origin, request| {
        origin.to_str().is_ok_and(|origin| origins.lists(origin)) && !closed.holds(request)
    });
    CorsLayer::new()
        .allow_credentials(true)
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([Method::DELETE, Method::GET, Method::HEAD, Method::PATCH, Method::POST, Method::PUT])
        .allow_origin(allows)
        .expose_headers([LOCATION, RETRY_AFTER, WWW_AUTHENTICATE, X_REQUEST_ID])
        .max_age(PREFLIGHT_AGE)
}

/// The routes that take account secrets: paths with methods.
struct Closed(HashSet<(String, String)>);

impl Closed {
    fn of(table: &PolicyTable) -> Self {
        let rows = table.rows().filter(|row| row.rule().takes_secret());
        Self(rows.map(|row| (row.path().to_owned(), row.method().to_owned())).collect())
    }

    fn holds(&self, request: &Parts) -> bool {
        // No route: an answer that says so.
        let Some(path) = request.extensions.get::<MatchedPath>() else {
            return false;
        };
        let nested_at = request.extensions.get::<NestedPath>().map(|at| at.as_str().trim_end_matches('/'));
        let path = path.as_str();
        let path = nested_at.and_then(|at| path.strip_prefix(at)).unwrap_or(path);
        let method = match request.headers.get(ACCESS_CONTROL_REQUEST_METHOD) {
            Some(method) if request.method == Method::OPTIONS => method.to_str().unwrap_or_default(),
            _ => request.method.as_str(),
        };
        // The table has GET for HEAD too.
        let method = if method == "HEAD" { "GET" } else { method };
        ["ANY", method].into_iter().any(|method| self.0.contains(&(path.to_owned(), method.to_owned())))
    }
}
