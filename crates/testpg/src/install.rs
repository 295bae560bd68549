//! Finds the installed PostgreSQL, and whom it may run as.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{Error, Result};

/// Where distributions put the server's programs, below a folder for each version.
const VERSIONS: &[&str] = &["/usr/lib/postgresql", "/usr/local/lib/postgresql"];

/// Where they are without such a folder.
const FOLDERS: &[&str] = &[
    "/usr/local/pgsql/bin",
    "/usr/pgsql/bin",
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/bin",
    "/usr/bin",
];

/// The folder of the newest installed server's programs.
pub(crate) fn programs() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = VERSIONS
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| entry.ok())
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let versions = versions.into_iter().rev().map(|(_, path)| path);
    versions.chain(FOLDERS.iter().map(PathBuf::from)).find(|it| it.join("initdb").is_file()).ok_or_else(|| {
        Error::new(format_args!(
            "PostgreSQL is not installed: install it (Debian: apt-get install postgresql) or set {} to the URL of a \
             server's superuser",
            crate::VARIABLE
        ))
    })
}

/// The user that the server runs as. It refuses to run as root.
pub(crate) enum User {
    Ourselves,
    Postgres { uid: u32, gid: u32 },
}

impl User {
    pub(crate) fn find() -> Result<Self> {
        if id(&["-u"])? != 0 {
            return Ok(Self::Ourselves);
        }
        Ok(Self::Postgres { uid: id(&["-u", "postgres"])?, gid: id(&["-g", "postgres"])? })
    }

    /// Lets the user have `folder`.
    pub(crate) fn own(&self, folder: &Path) -> Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Postgres { uid, gid } => {
                std::os::unix::fs::chown(folder, Some(*uid), Some(*gid)).map_err(Error::new)
            }
        }
    }

    /// The words to put before a command, so that it runs as the user and under the same process id.
    pub(crate) fn prefix(&self) -> Vec<String> {
        match self {
            Self::Ourselves => Vec::new(),
            Self::Postgres { uid, gid } => {
                vec![
                    "setpriv".into(),
                    format!("--reuid={uid}"),
                    format!("--regid={gid}"),
                    "--clear-groups".into(),
                ]
            }
        }
    }
}

fn id(arguments: &[&str]) -> Result<u32> {
    let output = run("id", arguments)?;
    String::from_utf8_lossy(&output.stdout).trim().parse().map_err(Error::new)
}

/// Runs a command to its end. Its failure is an error that holds what it wrote.
pub(crate) fn run(program: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> Result<Output> {
    let program = program.as_ref();
    // A current folder that the server's user may enter.
    let output = Command::new(program).args(arguments).current_dir("/").stdin(Stdio::null()).output();
    let output = output.map_err(|error| Error::new(format_args!("{}: {error}", program.display())))?;
    if output.status.success() {
        Ok(output)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::new(format_args!("{}: {}", program.display(), said.trim())))
    }
}
