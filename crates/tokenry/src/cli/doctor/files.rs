//! Files: who can read the secrets in them, who could replace them, and whether one user owns them all.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::config::Config;
use crate::folder::folder_of;

/// What others may do with a file or folder.
const READ_OR_MORE: u32 = 0o077;
const REPLACE: u32 = 0o022;
/// In a folder with this bit only the owner of a file may replace it.
const STICKY: u32 = 0o1000;

pub(super) fn judge(file: &Path, config: &Config) -> Vec<Finding> {
    let database = database_file(config);
    let mut findings = Vec::new();
    findings.push(readable(
        "files.config",
        file,
        has_password(file),
        "the database's password in it is theirs",
    ));
    if config.tls.key != Path::new("") {
        let theirs = "who can read it can be this server to its clients";
        findings.push(readable("files.tls_key", &config.tls.key, true, theirs));
    }
    findings.push(readable("files.keyring", &config.keyring_file, true, "it opens the database for them"));
    if let Some(database) = &database {
        findings.push(database_files(database));
        findings.extend(owners(&config.keyring_file, database));
    }
    let folders = [Some(&config.keyring_file), database.as_ref()];
    findings.extend(folders.into_iter().flatten().filter_map(|file| replaceable(file)));
    findings
}

/// The file of a SQLite database.
pub(super) fn database_file(config: &Config) -> Option<PathBuf> {
    config.database.strip_prefix("sqlite:").map(PathBuf::from)
}

fn readable(check: &'static str, file: &Path, secret: bool, theirs: &str) -> Finding {
    let shown = file.display();
    match fs::metadata(file) {
        Err(error) => Finding::failure(
            check,
            format!("{shown} cannot be looked at: {error}"),
            "run this as the user that the server runs as, and check the path in the configuration",
        ),
        Ok(found) if secret && found.mode() & READ_OR_MORE != 0 => Finding::failure(
            check,
            format!("other users of this host can read {shown}: {theirs}"),
            format!("chmod 600 {shown}"),
        ),
        Ok(_) if secret => Finding::ok(check, format!("only its owner can read {shown}")),
        Ok(_) => Finding::ok(check, format!("{shown} holds no secret")),
    }
}

/// Whether the configuration file has a password in the database's address. One in the environment is not the file's.
fn has_password(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let address = table.get("database").and_then(toml::Value::as_str).unwrap_or_default();
    url::Url::parse(address).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _value)| name == "password")
    })
}

/// The database and SQLite's two companions of it.
fn database_files(database: &Path) -> Finding {
    let check = "files.database";
    let companion = |end: &str| PathBuf::from(format!("{}{end}", database.display()));
    let files = [database.to_owned(), companion("-wal"), companion("-shm")];
    let open: Vec<_> = files
        .iter()
        .filter(|file| fs::metadata(file).is_ok_and(|found| found.mode() & READ_OR_MORE != 0))
        .map(|file| file.display().to_string())
        .collect();
    match open.as_slice() {
        [] => Finding::ok(check, format!("only its owner can read {}", database.display())),
        open => Finding::warning(
            check,
            format!("other users of this host can read {}", open.join(" and ")),
            format!("chmod 600 {}", open.join(" ")),
        ),
    }
}

/// Two owners besides root: the server runs as one of them, and the other's file is closed to it.
fn owners(keyring: &Path, database: &Path) -> Option<Finding> {
    let owner = |file: &Path| fs::metadata(file).ok().as_ref().map(Metadata::uid);
    let (of_keyring, of_database) = (owner(keyring)?, owner(database)?);
    (of_keyring != of_database).then(|| {
        Finding::warning(
            "files.owner",
            format!(
                "the keyring belongs to user {of_keyring} and the database to user {of_database}: a server that runs as one \
                 of them cannot open the other's"
            ),
            format!("chown --reference={} {}", database.display(), keyring.display()),
        )
    })
}

/// Whoever may write in a folder may put another file in the place of ours.
fn replaceable(file: &Path) -> Option<Finding> {
    let folder = folder_of(file);
    let mode = fs::metadata(folder).ok()?.mode();
    (mode & REPLACE != 0 && mode & STICKY == 0).then(|| {
        Finding::warning(
            "files.folder",
            format!("other users of this host can replace what is in {}", folder.display()),
            format!("chmod go-w {}", folder.display()),
        )
    })
}
