//! TLS under HTTP: 1.2 at least, HTTP/2 by ALPN, and a certificate that can be replaced while connections go on.

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Transport;

/// A certificate with what vouches for it, and its private key, which is never shown.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<CertifiedKey>);

/// A certificate that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The chain is malformed.
    #[error("the certificates are malformed: {0}")]
    Chain(pem::Error),
    /// The key is malformed.
    #[error("the private key is malformed")]
    Key,
    /// The key is another certificate's.
    #[error("the private key does not belong to the first certificate")]
    Mismatch,
    /// There is none.
    #[error("there is no certificate in it, in PEM")]
    NoCertificate,
    /// There is none that can be read without a password.
    #[error("there is no private key in it, in PEM and not encrypted")]
    NoKey,
    /// Something about it is not supported.
    #[error("it cannot be used: {0}")]
    Unusable(rustls::Error),
}

impl CertificateError {
    /// Whether it is the key's fault, rather than the chain's.
    #[must_use]
    pub const fn is_of_the_key(&self) -> bool {
        match self {
            Self::Key | Self::Mismatch | Self::NoKey => true,
            Self::Chain(_) | Self::NoCertificate | Self::Unusable(_) => false,
        }
    }
}

impl Certificate {
    /// Reads a chain, the server's own certificate first, and its key: both in PEM, the key unencrypted.
    ///
    /// # Errors
    /// When one of them is missing or malformed, or they do not belong together. What the key holds is not in them.
    pub fn parse(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(CertificateError::Chain)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            pem::Error::NoItemsFound => CertificateError::NoKey,
            _ => CertificateError::Key,
        })?;
        let provider = aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(key).map_err(|_| CertificateError::Key)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) => Ok(Self(Arc::new(certified))),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(CertificateError::Mismatch)
            }
            Err(error) => Err(CertificateError::Unusable(error)),
        }
    }

    /// The server's own certificate, DER.
    #[must_use]
    pub fn leaf(&self) -> &CertificateDer<'_> {
        self.0.end_entity_cert().expect("there is one: `parse` refuses an empty chain")
    }

    /// The server's own certificate, then those that vouch for it, as they were given.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.0.cert
    }

    /// Whether a client that asks for `host`, a name or an address, would find it in the certificate.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        is_for(self.leaf(), host)
    }
}

/// Whether a certificate names `host`, a name or an address.
pub fn is_for(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(certificate), Ok(name)) = (ParsedCertificate::try_from(certificate), ServerName::try_from(host))
    else {
        return false;
    };
    verify_server_name(&certificate, &name).is_ok()
}

/// HTTP over TLS. Clones share their certificate.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

impl Tls {
    /// TLS 1.2 and 1.3 with the provider's suites, all of which are AEADs with forward secrecy (RFC 9325); there is no
    /// early data, because it can be replayed. Whoever names no host, or another, gets the one certificate.
    #[must_use]
    pub fn new(certificate: Certificate) -> Self {
        let current = Arc::new(Current(ArcSwap::new(certificate.0)));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), current }
    }

    /// Presents this certificate from the next handshake on. Connections that are open stay as they are.
    pub fn replace(&self, certificate: Certificate) {
        self.current.0.store(certificate.0);
    }
}

/// What the server and its own health check speak TLS with, whatever else the process has installed.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Transport for Tls {
    type Stream = TlsStream<TcpStream>;

    async fn open(&self, tcp: TcpStream) -> io::Result<Self::Stream> {
        self.acceptor.accept(tcp).await
    }
}

/// The certificate of the moment.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}
