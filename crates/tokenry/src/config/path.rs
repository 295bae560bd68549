//! Names of files: what a file holds is not its name.

use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::shown::{looks_secret, quoted};

/// No system takes a longer name.
const MAX_LEN: usize = 4_096;

/// Reads the name of a file; empty where there is none. What looks like PEM is refused and not repeated: it may be a
/// private key.
pub(super) fn of_a_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.contains("-----BEGIN") {
        return Err(D::Error::custom(
            "this is what the file holds, and its name is due; a variable that ends in _FILE names a file with the \
             name in it, so leave _FILE away",
        ));
    }
    if looks_secret(&text) {
        return Err(D::Error::custom("this looks like a secret, and the name of a file is due"));
    }
    if text.len() > MAX_LEN || text.contains('\0') {
        return Err(D::Error::custom(format!("{} can be the name of no file", quoted(&text))));
    }
    Ok(PathBuf::from(text))
}

/// Reads the name of a file that there has to be.
pub(super) fn of_one_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = of_a_file(deserializer)?;
    if path.as_os_str().is_empty() {
        return Err(D::Error::custom("\"\" names no file; leave the key away, or write where the file is"));
    }
    Ok(path)
}
