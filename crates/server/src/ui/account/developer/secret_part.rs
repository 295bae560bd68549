//! The part of a page that shows developers the secret of their account, masked, and says how it is sent and what takes it (R99).

use tokenry_engine::{OwnAccountSecret, OwnSecretValue};
use tokenry_protocol::secret::Secret;

use super::section::Use;
use crate::app::State;
use crate::paths;
use crate::words::Words;

/// What the part is made of.
pub(crate) struct SecretPart {
    /// What a value begins with.
    pub(crate) prefix: String,
    /// The one that counts; `None`: it was revoked.
    pub(crate) current: Option<SecretRow>,
    /// The one before, while it works.
    pub(crate) former: Option<SecretRow>,
    /// What takes it here.
    pub(crate) endpoint: String,
    /// What takes it at APIs, as far as the operator has said.
    pub(crate) routes: Vec<String>,
    /// How it is tried, from the environment.
    pub(crate) curl: String,
    /// The value, where somebody has just asked for it.
    pub(crate) shown: Option<Secret>,
}

/// One value, masked.
pub(crate) struct SecretRow {
    pub(crate) last4: String,
    pub(crate) made: String,
    pub(crate) used: Option<Use>,
    /// When it was last shown.
    pub(crate) seen: Option<String>,
    /// Until when it works; `None`: until it is rotated or revoked.
    pub(crate) until: Option<String>,
    /// Whether it can be shown again.
    pub(crate) revealable: bool,
}

impl SecretPart {
    pub(super) fn of(secret: OwnAccountSecret, state: &State, words: &Words) -> Self {
        let endpoint = format!("{}{}", state.engine.issuer().trim_end_matches('/'), paths::INTROSPECT);
        let row = |value| SecretRow::of(value, words);
        Self {
            prefix: secret.prefix,
            current: secret.current.map(row),
            former: secret.former.map(row),
            curl: curl(&endpoint),
            endpoint,
            routes: state.secret_routes.clone(),
            shown: None,
        }
    }
}

impl SecretRow {
    pub(super) fn of(value: OwnSecretValue, words: &Words) -> Self {
        Self {
            last4: value.last4,
            made: words.at(value.created_at),
            used: value.last_use.map(|last| Use::of(last, words)),
            seen: value.revealed_at.map(|at| words.at(at)),
            until: value.works_until.map(|until| words.at(until)),
            revealable: value.revealable,
        }
    }
}

/// Asks about a token that there is not: whoever has the right secret is told so. Neither the history nor the list of processes
/// has the secret.
fn curl(endpoint: &str) -> String {
    format!(
        "printf 'header = \"Authorization: Secret %s\"\\n' \"$TOKENRY_SECRET\" | curl -sS --config - -d token=x '{endpoint}'"
    )
}
