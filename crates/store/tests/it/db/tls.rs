//! TLS to PostgreSQL: what `sslmode` promises is kept. Certificates come from the `openssl` program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokenry_store::db::{Db, Error};
use tokenry_store::statements;
use tokenry_testpg::{Server, execute};

use super::support::*;

statements! {
    ENCRYPTED = "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()";
}

/// An authority and a server's certificate for 127.0.0.1, for no other name.
struct Certificates {
    authority: PathBuf,
    server: PathBuf,
    key: PathBuf,
    _folder: TempDir,
}

impl Certificates {
    fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        openssl(
            folder.path(),
            &[&["req", "-x509", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem"], &ec[..]]
                .concat(),
        );
        openssl(
            folder.path(),
            &[
                &["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=Server"][..],
                &["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"],
                &["-keyout", "server.key", "-out", "server.pem"],
                &ec,
            ]
            .concat(),
        );
        Self { authority: at("ca.pem"), server: at("server.pem"), key: at("server.key"), _folder: folder }
    }

    /// Has `server` use them.
    fn install(&self, server: &Server) {
        let data = PathBuf::from(execute(server.url(), "SHOW data_directory").unwrap());
        let owner = fs::metadata(&data).unwrap();
        for (from, to) in [(&self.server, "server.crt"), (&self.key, "server.key")] {
            let to = data.join(to);
            fs::copy(from, &to).unwrap();
            fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let (uid, gid) =
                (std::os::unix::fs::MetadataExt::uid(&owner), std::os::unix::fs::MetadataExt::gid(&owner));
            std::os::unix::fs::chown(&to, Some(uid), Some(gid)).unwrap();
        }
        execute(server.url(), "ALTER SYSTEM SET ssl = on").unwrap();
        execute(server.url(), "SELECT pg_reload_conf()").unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while execute(server.url(), "SHOW ssl").unwrap() != "on" {
            assert!(Instant::now() < end, "the server does not take to TLS");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output =
        Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether a connection with this URL is encrypted, if there is one.
async fn encrypted(url: &str) -> Result<bool, Error> {
    let db = Db::open(&url.parse().unwrap(), options()).await?;
    db.ping().await?;
    Ok(count(&db, ENCRYPTED, &[]).await == 1)
}

#[tokio::test]
async fn sslmode_keeps_its_promises() {
    let server = Server::start().unwrap();
    let address = server.url().split('?').next().unwrap();
    let url = |query: &str| format!("{address}?{query}");
    // A server without TLS.
    assert!(!encrypted(&url("sslmode=disable")).await.unwrap());
    assert!(!encrypted(&url("sslmode=prefer")).await.unwrap());
    assert!(matches!(encrypted(&url("sslmode=require")).await, Err(Error::Unavailable(_))));

    let certificates = Certificates::make();
    certificates.install(&server);
    let trusting =
        |mode: &str| url(&format!("sslmode={mode}&sslrootcert={}", certificates.authority.display()));
    assert!(!encrypted(&url("sslmode=disable")).await.unwrap());
    for mode in ["prefer", "require", "verify-full"] {
        assert!(encrypted(&trusting(mode)).await.unwrap(), "{mode}");
        // The public authorities do not know this one.
        let stranger = encrypted(&url(&format!("sslmode={mode}"))).await;
        assert!(matches!(stranger, Err(Error::Unavailable(_))), "{mode}: {stranger:?}");
        // The right authority, another name.
        let other = trusting(mode).replace("127.0.0.1", "localhost");
        assert!(matches!(encrypted(&other).await, Err(Error::Unavailable(_))), "{mode}");
    }
    let missing = url("sslmode=require&sslrootcert=/no/such/file.pem");
    assert!(encrypted(&missing).await.unwrap_err().to_string().contains("/no/such/file.pem"));
}
