//! `cargo xtask package`: a Debian package of the release build, in target/package.

use anyhow::{Result, ensure};

use crate::command::{cargo, command, root, run, succeeds};

/// Builds the binary, then the package.
pub(crate) fn run_all() -> Result<()> {
    ensure!(succeeds("dpkg-deb", &["--version"]), "dpkg-deb is missing: packages are built on Debian");
    run(cargo().args(["build", "--locked", "--release", "--package", "tokenry"]))?;
    let (binary, into) = (root().join("target/release/tokenry"), root().join("target/package"));
    run(command("deploy/debian/build").arg(binary).arg(into))
}
