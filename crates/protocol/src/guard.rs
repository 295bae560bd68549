//! The wire types of `/guard/v1`, between the authorization server and the guards of an API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The path of the snapshot.
pub const SNAPSHOT_PATH: &str = "/guard/v1/snapshot";

/// The answer of `GET /guard/v1/snapshot`: all that a guard must know before it can follow the events.
///
/// Unknown members are ignored, so that an older guard understands a newer server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Snapshot {
    /// The API that this is for; a guard of another one must refuse it.
    pub audience: String,
    /// When the database was read, in milliseconds since the Unix epoch.
    pub issued_at: i64,
    /// The companies of each corporation. Only companies that are in one are listed.
    pub corporations: BTreeMap<String, Vec<String>>,
}
