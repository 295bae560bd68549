//! A real mail server on loopback, with a certificate, that asks for a password and reads what it is sent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokenry_protocol::secret::Secret;
use tokenry_server::SmtpSettings;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/python/smtp_server.py");
const PASSWORD: &str = "sesame p@ss/word";

/// The server; it stops when dropped.
#[derive(Debug)]
pub struct MailServer {
    child: Child,
    mails: Receiver<Value>,
    scheme: &'static str,
    host: &'static str,
    port: u64,
    authority: String,
    _folder: TempDir,
}

impl MailServer {
    /// Its password, as URLs have it.
    pub const PASSWORD: &str = "sesame%20p%40ss%2Fword";

    /// One that speaks TLS from the first byte.
    #[must_use]
    pub fn smtps() -> Self {
        Self::start("smtps", "127.0.0.1")
    }

    fn start(mode: &'static str, certified: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([certified.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let files = [("certificate.pem", certificate.pem()), ("key.pem", key.serialize_pem())];
        let files = files.map(|(name, text)| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file
        });
        let mut child = Command::new(python())
            .arg(PROGRAM)
            .arg(mode)
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let (say, mails) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if say.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let port = first["port"].as_u64().unwrap();
        let authority = authority.pem();
        Self { child, mails, scheme: mode, host: "127.0.0.1", port, authority, _folder: folder }
    }

    /// One whose certificate is another host's.
    #[must_use]
    pub fn of_another_host() -> Self {
        Self::start("smtps", "mail.example.com")
    }

    /// How it is spoken to.
    #[must_use]
    pub fn settings(&self) -> SmtpSettings {
        self.settings_with(Self::PASSWORD)
    }

    /// Where it is, for somebody with that password.
    #[must_use]
    pub fn url(&self, password: &str) -> String {
        let Self { scheme, host, port, .. } = self;
        format!("{scheme}://tokenry:{password}@{host}:{port}")
    }

    /// Who vouches for its certificate, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The same with another password.
    #[must_use]
    pub fn settings_with(&self, password: &str) -> SmtpSettings {
        SmtpSettings {
            url: Secret::new(self.url(password)),
            from: "Tokenry <no-reply@id.example.com>".to_owned(),
            extra_roots: Some(self.authority.clone().into_bytes()),
        }
    }

    /// The same, whoever vouches for it unknown.
    #[must_use]
    pub fn settings_without_authority(&self) -> SmtpSettings {
        SmtpSettings { extra_roots: None, ..self.settings() }
    }

    /// The next mail that it takes, in good time.
    pub async fn mail(&self) -> Value {
        for _ in 0..600 {
            if let Ok(mail) = self.mails.try_recv() {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no mail came within half a minute");
    }

    /// Whether it has taken one that nobody has asked for yet.
    #[must_use]
    pub fn has_mail(&self) -> bool {
        self.mails.try_recv().is_ok()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "`cargo xtask test` says by the environment where things are")]
fn python() -> String {
    std::env::var("TOKENRY_TEST_PYTHON")
        .expect("TOKENRY_TEST_PYTHON is not set: `cargo xtask test` installs what this needs and runs it")
}
