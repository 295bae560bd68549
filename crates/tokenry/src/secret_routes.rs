//! What `[secrets]` says of the routes of APIs that take account secrets: checked, because developers copy them.

use tokenry_engine::manage::check_outbound_uri;

use crate::config::{Secrets, quoted};
use crate::failure::{Code, Failure, Result};

/// Each as `METHOD URL`.
pub(crate) fn secret_routes(secrets: &Secrets) -> Result<Vec<String>> {
    for route in &secrets.taken_at {
        check(route).map_err(|problem| {
            let text = format!("secrets.taken_at: {}: {problem}", quoted(route));
            Failure::new(Code::Usage, text)
                .hint("write a method and a URL: POST https://api.example.com/import")
        })?;
    }
    Ok(secrets.taken_at.clone())
}

fn check(route: &str) -> std::result::Result<(), String> {
    let (method, url) = route.split_once(' ').unwrap_or_default();
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err("it does not begin with a method and a space".to_owned());
    }
    check_outbound_uri(url)
}
