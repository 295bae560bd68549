//! An authority of a test's own, certificates of its, and clients that trust it alone.

use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::ClientBuilder;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokenry_server::serve::{Certificate, provider};

/// An authority that nobody else trusts.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
#[derive(Debug)]
pub struct Pair {
    /// The certificate, in PEM.
    pub chain: String,
    /// Its private key, in PEM.
    pub key: String,
}

impl Authority {
    /// Makes one.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for a host.
    #[must_use]
    pub fn issue(&self, host: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Pair { chain: certificate.pem(), key: key.serialize_pem() }
    }

    /// The same, as a listener presents it.
    #[must_use]
    pub fn certificate(&self, host: &str) -> Certificate {
        self.issue(host).parse()
    }

    /// A client that trusts this authority alone and offers these protocols.
    #[must_use]
    pub fn client(&self, alpn: &[&str]) -> ClientConfig {
        self.client_of(rustls::ALL_VERSIONS, alpn)
    }

    /// The same, of these versions of TLS.
    #[must_use]
    pub fn client_of(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&str]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder =
            ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }

    /// A client of HTTP that trusts this authority alone and finds `host` at `address`.
    pub fn http(&self, host: &str, address: SocketAddr) -> ClientBuilder {
        let root = reqwest::Certificate::from_der(self.0.der()).unwrap();
        reqwest::Client::builder().tls_certs_only([root]).resolve(host, address).no_proxy()
    }
}

impl Pair {
    /// As a listener presents it.
    #[must_use]
    pub fn parse(&self) -> Certificate {
        Certificate::parse(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}
