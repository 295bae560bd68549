//! Whole folders: a database with its journal, whatever a server has written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Leak, in_bytes};

/// Every leak in every `wanted` file below `folder`, with the file. A file that goes away meanwhile is passed over.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn in_folder(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> io::Result<Vec<(PathBuf, Leak)>> {
    let mut leaks = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Not followed: a link shows a file that is somewhere else.
        let Ok(kind) = fs::symlink_metadata(&path) else { continue };
        if kind.is_dir() {
            leaks.extend(in_folder(&path, wanted).unwrap_or_default());
        } else if kind.is_file() && wanted(&path) {
            let bytes = fs::read(&path).unwrap_or_default();
            leaks.extend(in_bytes(&bytes).into_iter().map(|leak| (path.clone(), leak)));
        }
    }
    Ok(leaks)
}
