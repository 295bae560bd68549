//! A configured server with a certificate for localhost, issued by an authority of the test's own.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use reqwest::{Certificate, Client, ClientBuilder};
use tokenry_clock::{Clock as _, SystemClock};

use crate::folder::{Folder, On};
use crate::process::{Running, Said, finish, tokenry};
use crate::serve::free_port;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM; and the certificate as clients see it.
pub(crate) struct Pair {
    pub(crate) chain: String,
    pub(crate) key: String,
    pub(crate) der: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        // OpenSSL takes what it issued for self-signed if both have the one name that rcgen gives.
        parameters.distinguished_name.push(DnType::CommonName, "an authority of tests");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn issue(&self, host: &str) -> Pair {
        self.issue_by(CertificateParams::new([host.to_owned()]).unwrap())
    }

    /// One that ends so many days from now.
    pub(super) fn issue_for(&self, host: &str, days: i64) -> Pair {
        let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
        let now = u64::try_from(SystemClock.now().as_secs()).unwrap();
        let end = now.saturating_add_signed(days * 86_400);
        parameters.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(end);
        self.issue_by(parameters)
    }

    fn issue_by(&self, parameters: CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        Pair { chain: certificate.pem(), key: key.serialize_pem(), der: certificate.der().to_vec() }
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }
}

pub(super) struct Site {
    pub(super) authority: Authority,
    pub(super) folder: Folder,
    port: u16,
}

impl Site {
    pub(super) fn new() -> Self {
        let site = Self { authority: Authority::new(), folder: Folder::init(On::Sqlite), port: free_port() };
        site.folder.set("issuer", &format!("issuer = \"{}\"", site.url("")));
        // Where strangers come in, and no proxy is trusted.
        site.folder.set("listen", &format!("listen = \"0.0.0.0:{}\"", site.port));
        site.folder.set("cert", "cert = \"tls/cert.pem\"");
        site.folder.set("key", "key = \"tls/key.pem\"");
        site.folder.set("signing_alg", "signing_alg = \"EdDSA\"");
        fs::create_dir(site.folder.path.path().join("tls")).unwrap();
        site.install(&site.authority.issue("localhost"));
        site
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path.path().join("tls").join(name)
    }

    /// Puts a pair where the configuration looks for it, as certbot does: one after the other, each moved to its place.
    pub(super) fn install(&self, pair: &Pair) {
        self.put("key.pem", &pair.key);
        self.put("cert.pem", &pair.chain);
    }

    pub(super) fn put(&self, name: &str, text: &str) {
        let new = self.file("new");
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
        opened.unwrap().write_all(text.as_bytes()).unwrap();
        fs::rename(new, self.file(name)).unwrap();
    }

    pub(super) fn open_to_others(&self, name: &str) {
        fs::set_permissions(self.file(name), Permissions::from_mode(0o644)).unwrap();
    }

    pub(super) fn serve(&self) -> Running {
        let mut command = tokenry();
        command.args(["serve", "--config"]).arg(&self.folder.config);
        Running::listening(command).0
    }

    /// Runs a command on the configuration, with variables in the environment.
    pub(super) fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        let mut command = tokenry();
        command.args(arguments).arg("--config").arg(&self.folder.config).envs(env.iter().copied());
        finish(command)
    }

    /// A client that trusts the authority alone, and tells which certificate it saw.
    pub(super) fn client(&self) -> ClientBuilder {
        let root = Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        Client::builder().tls_certs_only([root]).tls_info(true).no_proxy()
    }
}
