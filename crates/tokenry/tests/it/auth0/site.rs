//! `dev --profile auth0` behind TLS, as Auth0's packages insist: they speak to https://DOMAIN and to nothing else.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::process::{Running, tokenry};
use crate::serve::free_port;
use crate::tls::site::{Authority, Pair};

/// A demo that calls itself https://localhost, and who ends TLS for it.
pub(super) struct Site {
    pub(super) domain: String,
    pub(super) report: Value,
    folder: TempDir,
    _running: Running,
}

impl Site {
    pub(super) async fn start() -> Self {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
        let trusted = folder.path().join("ca.pem");
        fs::write(&trusted, authority.pem()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let domain = format!("localhost:{}", listener.local_addr().unwrap().port());
        let behind = format!("127.0.0.1:{}", free_port());
        tokio::spawn(end_tls(listener, acceptor(&authority.issue("localhost")), behind.clone()));
        let mut command = tokenry();
        command.args(["dev", "--json", "--profile", "auth0", "--api-listen", "127.0.0.1:0"]);
        command.args(["--listen", &behind, "--issuer", &format!("https://{domain}/")]);
        // The demo's own guard asks the issuer too, by its name.
        command.env("SSL_CERT_FILE", &trusted);
        let mut running = Running::start(command);
        let line = running.wait_for(|out, _err| out.contains('\n').then(|| out.to_owned()));
        Self { domain, report: serde_json::from_str(&line).unwrap(), folder, _running: running }
    }

    /// The authority that vouches for it, in PEM.
    pub(super) fn trusted(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

fn acceptor(pair: &Pair) -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(pair.der.clone())], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Hands on what comes, in the clear, to who listens behind. Connections that fail are the client's to mind.
async fn end_tls(listener: TcpListener, acceptor: TlsAcceptor, behind: String) {
    while let Ok((socket, _peer)) = listener.accept().await {
        let (acceptor, behind) = (acceptor.clone(), behind.clone());
        tokio::spawn(async move {
            let Ok(mut outside) = acceptor.accept(socket).await else { return };
            let Ok(mut inside) = TcpStream::connect(behind).await else { return };
            let _ended = copy_bidirectional(&mut outside, &mut inside).await;
        });
    }
}
