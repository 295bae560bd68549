//! System packages: looked for first, installed with apt only when missing.

use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::command::{command, output, run, succeeds};

/// A tool that a chore needs, and the Debian packages that bring it.
pub(crate) struct Need {
    name: &'static str,
    packages: &'static [&'static str],
    present: fn() -> bool,
}

/// What `cargo xtask test` needs.
pub(crate) const FOR_TESTS: [Need; 11] = [
    Need {
        name: "OpenSSL's headers (josekit, a test oracle)",
        packages: &["libssl-dev", "pkg-config"],
        present: || succeeds("pkg-config", &["--exists", "openssl"]),
    },
    Need {
        name: "curl, openssl and script(1), as readers of the README and the guides have them",
        packages: &["curl", "openssl", "bsdutils"],
        present: || {
            succeeds("curl", &["--version"])
                && succeeds("openssl", &["version"])
                && succeeds("script", &["--version"])
        },
    },
    Need { name: "a PostgreSQL server", packages: &["postgresql"], present: has_postgresql },
    Need {
        name: "pg_dump and pg_restore, for backups",
        packages: &["postgresql-client"],
        present: || succeeds("pg_dump", &["--version"]) && succeeds("pg_restore", &["--version"]),
    },
    Need {
        name: "Python with venv (PyJWT, a test oracle)",
        packages: &["python3", "python3-venv"],
        present: || succeeds("python3", &["-c", "import ensurepip, venv"]),
    },
    Need {
        name: "Node.js with npm (jose, a test oracle)",
        packages: &["nodejs", "npm"],
        present: || succeeds("node", &["--version"]) && succeeds("npm", &["--version"]),
    },
    Need {
        name: "Go (go-oidc, a test oracle)",
        packages: &["golang-go"],
        present: || succeeds("go", &["version"]),
    },
    Need {
        name: "a JDK with Maven (Nimbus, a test oracle)",
        packages: &["default-jdk-headless", "maven"],
        present: || succeeds("javac", &["-version"]) && succeeds("mvn", &["--version"]),
    },
    CHROMIUM,
    Need { name: "nginx, for the example in deploy/", packages: &["nginx"], present: has_nginx },
    Need {
        name: "systemd-analyze, for the units in deploy/",
        packages: &["systemd"],
        present: || succeeds("systemd-analyze", &["--version"]),
    },
];

/// What `cargo xtask screenshots` needs.
pub(crate) const FOR_PAGES: [Need; 3] = [
    CHROMIUM,
    Need {
        name: "pngquant, for small pictures",
        packages: &["pngquant"],
        present: || succeeds("pngquant", &["--version"]),
    },
    Need {
        name: "Node.js with npm",
        packages: &["nodejs", "npm"],
        present: || succeeds("node", &["--version"]) && succeeds("npm", &["--version"]),
    },
];

const CHROMIUM: Need = Need {
    name: "Chromium, for the pages",
    packages: &["chromium"],
    present: || succeeds(super::CHROMIUM, &["--version"]),
};

/// What `cargo xtask bench` needs.
pub(crate) const FOR_BENCHES: [Need; 4] = [
    Need { name: "a PostgreSQL server", packages: &["postgresql"], present: has_postgresql },
    Need {
        name: "Node.js with npm (oidc-provider, a rival)",
        packages: &["nodejs", "npm"],
        present: || succeeds("node", &["--version"]) && succeeds("npm", &["--version"]),
    },
    Need { name: "taskset", packages: &["util-linux"], present: || succeeds("taskset", &["--version"]) },
    // wrk has no way to ask that ends well: its --version ends with 1.
    Need {
        name: "wrk",
        packages: &["wrk"],
        present: || command("wrk").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok(),
    },
];

/// Installs what is missing, as root or by sudo; else says what to install.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        println!("nothing is missing");
        return Ok(());
    }
    let names = missing.iter().map(|need| need.name).collect::<Vec<_>>().join(", ");
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    println!("missing: {names}");
    let Some(mut update) = apt_get() else {
        bail!("missing {names}; install them as root, on Debian: apt-get install {}", packages.join(" "));
    };
    run(update.args(["--quiet", "update"]))?;
    let Some(mut install) = apt_get() else { bail!("apt-get has gone") };
    run(install.args(["--quiet", "--yes", "--no-install-recommends", "install"]).args(&packages))?;
    match missing.iter().find(|need| !(need.present)()) {
        Some(still) => bail!("{} is still missing after apt-get install {}", still.name, packages.join(" ")),
        None => Ok(()),
    }
}

/// apt-get with root's rights, if they can be had without a question that nobody would answer.
fn apt_get() -> Option<Command> {
    if !succeeds("apt-get", &["--version"]) {
        return None;
    }
    if output(command("id").arg("--user")).is_ok_and(|id| id.trim() == "0") {
        let mut command = command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return Some(command);
    }
    let mut sudo = command("sudo");
    if std::io::stdin().is_terminal() {
        sudo.stdin(Stdio::inherit());
    } else if !succeeds("sudo", &["--non-interactive", "true"]) {
        return None;
    }
    sudo.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Some(sudo)
}

/// Debian keeps it where only root's PATH leads.
fn has_nginx() -> bool {
    succeeds("nginx", &["-v"]) || Path::new("/usr/sbin/nginx").exists()
}

/// Debian keeps the server's programs out of PATH, in a folder for each major version.
fn has_postgresql() -> bool {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    succeeds("initdb", &["--version"])
        || versions.map(|version| version.path().join("bin/initdb")).any(|initdb| initdb.exists())
}
