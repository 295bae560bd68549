//! A search for every secret that the tests made, in what their PostgreSQL server wrote: tables, indexes, the rest of the
//! journal, and its log. SQLite's files, logs of processes and answers are searched by each test itself.

use std::path::Path;

use anyhow::{Result, ensure};
use tokenry_leakscan::in_folder;
use tokenry_testpg::{Server, execute};

/// Files of smaller numbers are PostgreSQL's own catalogues, in each of some hundred databases.
const FIRST_OF_OURS: u32 = 16_384;

pub(crate) fn search(server: &Server) -> Result<()> {
    execute(server.url(), "CHECKPOINT")?;
    let leaks = in_folder(server.folder(), &is_ours)?;
    for (file, leak) in &leaks {
        println!("{}: {leak}", file.display());
    }
    ensure!(leaks.is_empty(), "{} secrets are in files of the database", leaks.len());
    println!("no issued secret and no signed token");
    Ok(())
}

/// Whether something of the tests may be in a file.
fn is_ours(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let number = name.split(['.', '_']).next().and_then(|number| number.parse::<u32>().ok());
    number.is_none_or(|number| number >= FIRST_OF_OURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_journal_and_log_are_searched_and_catalogues_are_not() {
        for ours in ["base/20001/16390", "base/20001/24001.1", "pg_wal/000000010000000000000007", "log"] {
            assert!(is_ours(Path::new(ours)), "{ours}");
        }
        for theirs in ["base/20001/1259", "base/20001/2619_fsm"] {
            assert!(!is_ours(Path::new(theirs)), "{theirs}");
        }
    }
}
