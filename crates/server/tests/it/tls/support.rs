//! An authority, certificates of its, listeners that serve them and clients that trust it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokenry_server::serve::{Certificate, Limits, Tls, provider};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::wire::Listener;

pub(super) const HOST: &str = "id.example.com";

pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(super) struct Pair {
    pub(super) chain: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn issue(&self, host: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Pair { chain: certificate.pem(), key: key.serialize_pem() }
    }

    pub(super) fn certificate(&self, host: &str) -> Certificate {
        self.issue(host).parse()
    }

    /// A client that trusts this authority alone and offers these protocols.
    pub(super) fn client(&self, alpn: &[&str]) -> ClientConfig {
        self.client_of(rustls::ALL_VERSIONS, alpn)
    }

    /// The same, of these versions of TLS.
    pub(super) fn client_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        alpn: &[&str],
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder =
            ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }

    pub(super) fn http(&self, address: std::net::SocketAddr) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_der(self.0.der()).unwrap();
        reqwest::Client::builder().tls_certs_only([root]).resolve(HOST, address).no_proxy()
    }
}

impl Pair {
    pub(super) fn parse(&self) -> Certificate {
        Certificate::parse(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}

/// A listener that serves a certificate for [`HOST`].
pub(super) struct Secure {
    pub(super) authority: Authority,
    pub(super) listener: Listener,
    pub(super) tls: Tls,
}

impl Secure {
    pub(super) async fn start(limits: Limits) -> Self {
        let authority = Authority::new();
        let tls = Tls::new(authority.certificate(HOST));
        let listener = Listener::start_over(tls.clone(), limits).await;
        Self { authority, listener, tls }
    }

    /// Shakes hands, asking for `host`.
    pub(super) async fn shake(
        &self,
        config: ClientConfig,
        host: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.listener.address).await.unwrap();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.listener.address.port())
    }

    /// Asserts that an honest client is served.
    pub(super) async fn serves(&self) {
        let client = self.authority.http(self.listener.address).build().unwrap();
        assert_eq!(client.get(self.url("/")).send().await.unwrap().text().await.unwrap(), "0 bytes");
    }
}

/// The certificate that a server presented.
pub(super) fn presented(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}
