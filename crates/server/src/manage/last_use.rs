//! When a credential of a user's own was last used, as their programs see it.

use serde::Serialize;

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

impl From<tokenry_model::LastUse> for LastUse {
    fn from(used: tokenry_model::LastUse) -> Self {
        let tokenry_model::LastUse { at, address, client } = used;
        Self { last_used_at: Some(at.to_string()), last_used_address: address, last_used_client: client }
    }
}
