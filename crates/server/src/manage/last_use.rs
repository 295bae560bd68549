//! When a credential of a user's own was last used, as their programs see it.

use serde::Serialize;
use tokenry_model::PatUse;

/// To the minute, and what the API said of it; nothing where it was never used.
#[derive(Default, Serialize)]
pub(super) struct LastUse {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_client: Option<String>,
}

impl From<PatUse> for LastUse {
    fn from(PatUse { at, address, client }: PatUse) -> Self {
        Self { last_used_at: Some(at.to_string()), last_used_address: address, last_used_client: client }
    }
}
