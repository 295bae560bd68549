//! Listeners that serve a certificate of an authority of the test's own.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use tokenry_server::serve::{Limits, Tls};
use tokenry_testkit::Authority;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::wire::Listener;

pub(super) const HOST: &str = "id.example.com";

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
        let client = self.authority.http(HOST, self.listener.address).build().unwrap();
        assert_eq!(client.get(self.url("/")).send().await.unwrap().text().await.unwrap(), "0 bytes");
    }
}

/// The certificate that a server presented.
pub(super) fn presented(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}
