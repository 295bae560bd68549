//! Names of files, as `[tls]` has them: what a file holds is not its name.

use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads the name of a file. What looks like PEM is refused and not repeated: it may be a private key.
pub(super) fn of_a_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.contains("-----BEGIN") {
        return Err(D::Error::custom(
            "this is what the file holds, and its name is due; a variable that ends in _FILE names a file with the \
             name in it, so leave _FILE away",
        ));
    }
    Ok(PathBuf::from(text))
}
