//! The Debian package: what is in it, with which rights, and that it works where it is unpacked or installed.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Said, finish};

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

/// A package of the binary that is tested, in a folder of its own.
struct Package {
    folder: TempDir,
    file: PathBuf,
}

impl Package {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(deploy("debian/build"));
        command.arg(env!("CARGO_BIN_EXE_tokenry")).arg(folder.path()).env("COMPRESSION", "none");
        let said = done(command);
        Self { file: PathBuf::from(said.stdout.trim()), folder }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Runs a command that has to succeed.
fn done(command: Command) -> Said {
    let said = finish(command);
    assert_eq!(said.code, 0, "{said:?}");
    said
}

fn dpkg_deb(option: &str, package: &Package, into: &[&Path]) -> Said {
    let mut command = Command::new("dpkg-deb");
    command.arg(option).arg(&package.file).args(into);
    done(command)
}

#[test]
fn the_package_holds_what_a_server_needs_and_works_where_it_is_unpacked() {
    let package = Package::build();
    let listed = dpkg_deb("--contents", &package, &[]).stdout;
    let mut files = Vec::new();
    for line in listed.lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (rights, owner, path) = (fields[0], fields[1], fields[5]);
        assert_eq!(owner, "root/root", "{line}");
        match (rights.starts_with('d'), path) {
            (true, _) => assert_eq!(rights, "drwxr-xr-x", "{line}"),
            (false, "./usr/bin/tokenry") => assert_eq!(rights, "-rwxr-xr-x", "{line}"),
            (false, "./etc/tokenry/tokenry.toml") => assert_eq!(rights, "-rw-------", "{line}"),
            (false, _) => assert_eq!(rights, "-rw-r--r--", "{line}"),
        }
        files.extend((!rights.starts_with('d')).then_some(path));
    }
    let pages = files.iter().filter(|path| path.starts_with("./usr/share/man/man1/tokenry")).count();
    assert!(pages > 40, "a manual page for each command: {pages}");
    files.retain(|path| !path.starts_with("./usr/share/man/"));
    files.sort_unstable();
    assert_eq!(
        files,
        [
            "./etc/tokenry/tokenry.toml",
            "./usr/bin/tokenry",
            "./usr/lib/systemd/system/tokenry.service",
            "./usr/lib/systemd/system/tokenry.socket",
            "./usr/lib/sysusers.d/tokenry.conf",
            "./usr/lib/tmpfiles.d/tokenry.conf",
            "./usr/share/bash-completion/completions/tokenry",
            "./usr/share/doc/tokenry/README.Debian",
            "./usr/share/doc/tokenry/changelog.gz",
            "./usr/share/doc/tokenry/copyright",
            "./usr/share/doc/tokenry/examples/Caddyfile",
            "./usr/share/doc/tokenry/examples/nginx.conf",
            "./usr/share/fish/vendor_completions.d/tokenry.fish",
            "./usr/share/zsh/vendor-completions/_tokenry",
        ]
    );
    let control = dpkg_deb("--field", &package, &[]).stdout;
    assert!(control.contains(&format!("Version: {}\n", env!("CARGO_PKG_VERSION"))), "{control}");
    assert!(control.contains("libc6 (>= 2."), "{control}");
    assert_eq!(control.matches('@').count(), 1, "one address and no placeholder: {control}");

    let unpacked = package.place("unpacked");
    dpkg_deb("--extract", &package, &[&unpacked]);
    for unit in ["tokenry.service", "tokenry.socket"] {
        let packed = fs::read_to_string(unpacked.join("usr/lib/systemd/system").join(unit)).unwrap();
        assert_eq!(packed, fs::read_to_string(deploy(unit)).unwrap());
    }
    let binary = unpacked.join("usr/bin/tokenry");
    let mut check = Command::new(&binary);
    check.args(["config", "check", "--config"]).arg(unpacked.join("etc/tokenry/tokenry.toml")).env_clear();
    assert_eq!(done(check).stderr, "The configuration is good.\n");
    let config = fs::read_to_string(unpacked.join("etc/tokenry/tokenry.toml")).unwrap();
    assert!(config.contains("\ndatabase = \"sqlite:/var/lib/tokenry/tokenry.db\"\n"), "{config}");
    let mut completions = Command::new("bash");
    completions.arg("-n").arg(unpacked.join("usr/share/bash-completion/completions/tokenry"));
    done(completions);
}

#[test]
fn the_packages_scripts_make_user_and_folders_and_leave_the_data() {
    let package = Package::build();
    for script in ["build", "postinst", "prerm", "postrm"] {
        let mut command = Command::new("sh");
        command.arg("-n").arg(deploy("debian").join(script));
        done(command);
    }
    // Who is not root can give no file to another user, and so install nothing.
    if fs::metadata(package.folder.path()).unwrap().uid() != 0 {
        return;
    }
    let root = package.place("root");
    fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    fs::create_dir(root.join("etc")).unwrap();
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let dpkg = |arguments: &[&str]| {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", root.display()));
        // Nothing else is installed there, and the scripts run outside of it.
        command.args(["--force-script-chrootless", "--force-depends"]).args(arguments);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        done(command)
    };
    dpkg(&["--install", &package.file.display().to_string()]);
    let users = fs::read_to_string(root.join("etc/passwd")).unwrap();
    let user: Vec<_> = users.lines().find(|line| line.starts_with("tokenry:")).unwrap().split(':').collect();
    assert_eq!((user[5], user[6]), ("/var/lib/tokenry", "/usr/sbin/nologin"), "{users}");
    let uid: u32 = user[2].parse().unwrap();
    for (name, mode) in [
        ("etc/tokenry/keyring", 0o700),
        ("etc/tokenry/tls", 0o700),
        ("etc/tokenry/tokenry.toml", 0o600),
        ("var/lib/tokenry", 0o700),
    ] {
        let found = fs::metadata(root.join(name)).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o7777), (uid, mode), "{name}");
    }

    let database = root.join("var/lib/tokenry/tokenry.db");
    for command in ["init", "doctor"] {
        let mut own = Command::new(root.join("usr/bin/tokenry"));
        own.args([command, "--config"]).arg(root.join("etc/tokenry/tokenry.toml")).env_clear();
        own.env("TOKENRY_DATABASE", format!("sqlite:{}", database.display()));
        done(own);
    }
    dpkg(&["--remove", "tokenry"]);
    assert!(!root.join("usr/bin/tokenry").exists() && root.join("etc/tokenry/tokenry.toml").exists());
    dpkg(&["--purge", "tokenry"]);
    assert!(!root.join("etc/tokenry/tokenry.toml").exists());
    assert!(database.exists() && root.join("etc/tokenry/keyring/master.keys").exists());
}
