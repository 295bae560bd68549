//! The keyring: that it is there, opens this database, and lies where no copy of the database takes it along.

use std::path::{Path, PathBuf};

use super::files::database_file;
use super::finding::Finding;
use super::patient::{Patient, Unlocking};
use crate::config::Config;
use crate::folder::folder_of;

const BRING: &str = "bring the keyring that the database was made with to where keyring_file says, and point keyring_file at it";

pub(super) fn judge(config: &Config, patient: &Patient) -> Vec<Finding> {
    vec![place(config), opens(patient)]
}

fn place(config: &Config) -> Finding {
    let check = "keyring.place";
    let keyring = &config.keyring_file;
    let shown = keyring.display();
    let own = real(folder_of(keyring));
    let of_database = database_file(config).map(|file| real(folder_of(&file)));
    if let Some(of_database) = &of_database
        && (own.starts_with(of_database) || of_database.starts_with(&own))
    {
        let text = format!(
            "{shown} lies where a copy of the database's folder {} takes it along: such a copy opens itself",
            of_database.display()
        );
        return Finding::warning(check, text, "move it to a folder of its own, and set keyring_file");
    }
    if let Some(tree) = own.ancestors().find(|ancestor| ancestor.join(".git").exists()) {
        return Finding::warning(
            check,
            format!("{shown} lies in the git working tree {}: one `git add` publishes it", tree.display()),
            "move it out of there, set keyring_file, and if it was ever committed, change the key: `tokenry keyring rewrap`",
        );
    }
    Finding::ok(check, format!("{shown} lies apart from the database"))
}

/// The folder as it is, whatever way leads there.
fn real(folder: &Path) -> PathBuf {
    let absolute = || std::path::absolute(folder).unwrap_or_else(|_none| folder.to_owned());
    folder.canonicalize().unwrap_or_else(|_missing| absolute())
}

fn opens(patient: &Patient) -> Finding {
    let check = "keyring";
    match &patient.unlocking {
        Unlocking::Done => Finding::ok(check, "it opens this database"),
        Unlocking::Failed(failure) => Finding::failed(check, failure, BRING),
        Unlocking::NothingToOpen => Finding::skipped(check, "there is nothing here yet that it would open"),
    }
}
