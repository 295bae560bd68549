//! Foreign libraries, pinned: those that must accept our tokens, PyJWT, npm's jose, go-oidc and Nimbus, and those of the example in React.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::{command, root, run, scratch};

/// A virtual environment with `tests/interop/python/requirements.txt`; its interpreter.
pub(crate) fn python() -> Result<PathBuf> {
    let environment = scratch("python");
    let interpreter = environment.join("bin").join("python");
    let requirements = root().join("tests/interop/python/requirements.txt");
    once(&environment.join(".installed"), &requirements, || {
        run(command("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--requirement"];
        run(command(&interpreter.to_string_lossy()).args(pip).arg(&requirements))
    })?;
    Ok(interpreter)
}

/// `tests/interop/node/node_modules`, as its lock file has it.
pub(crate) fn node() -> Result<()> {
    npm(&root().join("tests/interop/node"))
}

/// A folder's `node_modules`, as its lock file has it.
pub(crate) fn npm(folder: &Path) -> Result<()> {
    once(&folder.join("node_modules/.installed"), &folder.join("package-lock.json"), || {
        run(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))
    })
}

/// `examples/headless-react`, with what it is made of; its types are checked, and it builds.
pub(crate) fn page() -> Result<()> {
    let folder = root().join("examples/headless-react");
    npm(&folder)?;
    run(command("npm").args(["run", "--silent", "build"]).current_dir(&folder))
}

/// The modules of `tests/interop/go`, fetched and compiled once, into Go's own caches.
pub(crate) fn go() -> Result<()> {
    let folder = root().join("tests/interop/go");
    let stamp = scratch("go").join(".installed");
    once(&stamp, &folder.join("go.sum"), || {
        run(command("go").args(["build", "github.com/coreos/go-oidc/v3/oidc"]).current_dir(&folder))
    })
}

/// A folder with what `tests/interop/java/pom.xml` names.
pub(crate) fn nimbus() -> Result<PathBuf> {
    let classes = scratch("nimbus");
    let project = root().join("tests/interop/java/pom.xml");
    once(&classes.join(".installed"), &project, || {
        let output = format!("-DoutputDirectory={}", classes.display());
        let copy = ["--batch-mode", "--quiet", "dependency:copy-dependencies", "-DincludeScope=runtime"];
        run(command("mvn").args(copy).arg(output).arg("--file").arg(&project))
    })?;
    Ok(classes)
}

/// Installs unless the stamp says that exactly this list is installed already.
fn once(stamp: &Path, list: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(list).with_context(|| format!("reading {}", list.display()))?;
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        println!("installed already");
        return Ok(());
    }
    install()?;
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}
