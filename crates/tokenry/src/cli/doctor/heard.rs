//! What is heard over the network: from the server on this host, and from the issuer as its clients hear it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::tls::TlsInfo;
use reqwest::{Certificate, Client, ClientBuilder, StatusCode, redirect};
use tokenry_clock::{Clock as _, SystemClock, Timestamp};
use tokenry_protocol::discovery::{JWKS_PATH, Metadata, OPENID_PATH};
use tokenry_server::{root_cause, tls_error};

use crate::cli::healthcheck;
use crate::config::Config;

const CONNECT: Duration = Duration::from_secs(2);
const DEADLINE: Duration = Duration::from_secs(3);
const SIGN_IN_PATH: &str = "/login";
/// Longer documents are none of ours.
const MAX_LEN: usize = 256 * 1024;

/// What was heard.
pub(super) struct Heard {
    pub(super) own: Own,
    /// The issuer's discovery document.
    pub(super) issuer: Result<Answer, Trouble>,
    /// The keys that the discovery document leads to, if it could be read.
    pub(super) keys: Option<Result<Answer, Trouble>>,
    /// The issuer's sign-in page, as a browser gets it; `None` where the issuer does not answer.
    pub(super) sign_in: Option<Result<Answer, Trouble>>,
}

/// What answers where the configuration has the server listen.
pub(super) enum Own {
    /// Nothing, and why.
    Absent(String),
    /// A server: how ready it is, and its documents as they leave it.
    Server { ready: StatusCode, discovery: Option<Box<Answer>>, keys: Option<Box<Answer>> },
}

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The certificate that it came under, DER.
    pub(super) certificate: Option<Vec<u8>>,
    /// When it came, by this host's clock.
    pub(super) at: Timestamp,
}

/// Why there is no answer.
pub(super) enum Trouble {
    /// Nobody could be reached, or who was reached said nothing that is HTTP.
    Unreachable(String),
    /// The certificate is not to be trusted.
    Tls(rustls::Error),
}

impl Heard {
    pub(super) async fn ask(config: &Config) -> Self {
        let (own, issuer) = tokio::join!(own(config), issuer(config));
        let (issuer, keys, sign_in) = issuer;
        Self { own, issuer, keys, sign_in }
    }

    /// Whether a server that can do its work is known to run.
    pub(super) fn server_runs(&self) -> bool {
        matches!(&self.own, Own::Server { ready, .. } if ready.is_success())
    }
}

impl Answer {
    /// The document, if it is one.
    pub(super) fn metadata(&self) -> Option<Metadata> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn client(builder: ClientBuilder) -> reqwest::Result<Client> {
    let never = redirect::Policy::none();
    builder.no_proxy().redirect(never).connect_timeout(CONNECT).timeout(DEADLINE).tls_info(true).build()
}

async fn own(config: &Config) -> Own {
    let (base, builder) = healthcheck::own_server(config);
    if config.listen.port() == 0 {
        return Own::Absent("listen has port 0, so nobody knows where a server is".to_owned());
    }
    let client = match client(builder) {
        Ok(client) => client,
        Err(error) => return Own::Absent(root_cause(&error)),
    };
    match get(&client, &format!("{base}/readyz")).await {
        Err(Trouble::Unreachable(why)) => Own::Absent(why),
        Err(Trouble::Tls(error)) => Own::Absent(error.to_string()),
        Ok(ready) => {
            let [discovery, keys] = [OPENID_PATH, JWKS_PATH].map(|path| format!("{base}{path}"));
            let (discovery, keys) = tokio::join!(get(&client, &discovery), get(&client, &keys));
            let [discovery, keys] = [discovery, keys].map(|answer| answer.ok().map(Box::new));
            Own::Server { ready: ready.status, discovery, keys }
        }
    }
}

/// The discovery document, the keys that it names, and the sign-in page.
async fn issuer(
    config: &Config,
) -> (Result<Answer, Trouble>, Option<Result<Answer, Trouble>>, Option<Result<Answer, Trouble>>) {
    let ca = &config.outbound.ca_file;
    let extra = if ca == Path::new("") { Vec::new() } else { fs::read(ca).unwrap_or_default() };
    let roots = Certificate::from_pem_bundle(&extra).unwrap_or_default();
    let client = match client(Client::builder().tls_certs_merge(roots)) {
        Ok(client) => client,
        Err(error) => return (Err(Trouble::Unreachable(root_cause(&error))), None, None),
    };
    let base = config.issuer.trim_end_matches('/');
    let discovery = get(&client, &format!("{base}{OPENID_PATH}")).await;
    let uri = discovery.as_ref().ok().and_then(Answer::metadata).and_then(|found| found.jwks_uri);
    let keys = match uri {
        Some(uri) => Some(get(&client, &uri).await),
        None => None,
    };
    let sign_in = match &discovery {
        Ok(_answers) => Some(get(&client, &format!("{base}{SIGN_IN_PATH}")).await),
        Err(_trouble) => None,
    };
    (discovery, keys, sign_in)
}

async fn get(client: &Client, url: &str) -> Result<Answer, Trouble> {
    let mut response = client.get(url).send().await.map_err(trouble)?;
    let at = SystemClock.now();
    let certificate =
        response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(trouble)? {
        if body.len() + chunk.len() > MAX_LEN {
            return Err(Trouble::Unreachable("the answer does not end within 256 KiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body, certificate, at })
}

fn trouble(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    if let Some(tls) = tls_error(&error) {
        return Trouble::Tls(tls.clone());
    }
    Trouble::Unreachable(match error.is_timeout() {
        true => "no answer came within three seconds".to_owned(),
        false => root_cause(&error),
    })
}
