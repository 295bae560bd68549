//! When a credential of a user's own was last used: a personal access token or an account secret.

use tokenry_clock::Timestamp;

/// The last use of a user's own credential, to the minute, as the API says where it was shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// From which address, where the API says.
    pub address: Option<String>,
    /// With which program, where the API says.
    pub client: Option<String>,
}
