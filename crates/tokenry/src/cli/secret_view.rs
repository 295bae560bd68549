//! How a stored secret is shown, a client's or an API's: all that is known of it but its value.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientSecret, ResourceServerSecret};

use crate::output::Thing;

/// The columns of a list of secrets.
pub(crate) const COLUMNS: [&str; 7] =
    ["id", "label", "last4", "status", "created_at", "expires_at", "last_used_at"];

/// A client's secret, as it stands at `now`.
pub(crate) fn of_client(secret: &ClientSecret, now: Timestamp) -> Thing {
    let thing = Thing::new()
        .with("id", secret.id.as_str())
        .with("client_id", secret.client_id.as_str())
        .with("label", secret.label.as_str())
        .with("last4", secret.last4.as_str())
        .with("status", status(secret.revoked_at, secret.works_at(now)));
    dated(thing, secret.created_at, secret.expires_at, secret.last_used_at)
}

/// An API's own secret, as it stands at `now`.
pub(crate) fn of_api(secret: &ResourceServerSecret, now: Timestamp) -> Thing {
    let thing = Thing::new()
        .with("id", secret.id.as_str())
        .with("api_id", secret.resource_server_id.as_str())
        .with("label", secret.label.as_str())
        .with("last4", secret.last4.as_str())
        .with("status", status(secret.revoked_at, secret.works_at(now)));
    dated(thing, secret.created_at, secret.expires_at, secret.last_used_at)
}

fn status(revoked_at: Option<Timestamp>, works: bool) -> &'static str {
    match (revoked_at, works) {
        (Some(_), _) => "revoked",
        (None, true) => "works",
        (None, false) => "expired",
    }
}

fn dated(
    thing: Thing,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
) -> Thing {
    thing
        .with("created_at", created_at.to_string())
        .maybe("expires_at", expires_at.map(|at| at.to_string()))
        .maybe("last_used_at", last_used_at.map(|at| at.to_string()))
}
