//! Certificates: which can be served, and how one takes another's place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use rstest::rstest;
use tokenry_server::serve::{Certificate, CertificateError, Limits};
use tokenry_testkit::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::{HOST, Secure, presented};
use crate::wire::{LONG, limits};

const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
const NO_KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

#[test]
fn r31_what_cannot_be_served_is_told_apart() {
    let authority = Authority::new();
    let (pair, other) = (authority.issue(HOST), authority.issue(HOST));
    let parse = |chain: &str, key: &str| Certificate::parse(chain.as_bytes(), key.as_bytes());
    assert!(parse(&pair.chain, &pair.key).is_ok());
    // Certbot's and others' one file for both.
    let both = format!("{}{}", pair.key, pair.chain);
    assert!(parse(&both, &both).is_ok());
    let refused = |chain: &str, key: &str| parse(chain, key).unwrap_err();
    assert!(matches!(refused("", &pair.key), CertificateError::NoCertificate));
    assert!(matches!(refused(&pair.key, &pair.key), CertificateError::NoCertificate));
    assert!(matches!(refused("-----BEGIN CERTIFICATE-----\n!", &pair.key), CertificateError::Chain(_)));
    assert!(matches!(refused(NO_CERTIFICATE, &pair.key), CertificateError::Unusable(_)));
    assert!(matches!(refused(&pair.chain, ""), CertificateError::NoKey));
    assert!(matches!(refused(&pair.chain, ENCRYPTED), CertificateError::NoKey));
    assert!(matches!(refused(&pair.chain, NO_KEY), CertificateError::Key));
    assert!(matches!(refused(&pair.chain, &other.key), CertificateError::Mismatch));
}

#[test]
fn leak_01_a_certificate_is_shown_without_its_key() {
    let pair = Authority::new().issue(HOST);
    let shown = format!("{:?}", pair.parse());
    let key = rustls::pki_types::pem::PemObject::from_pem_slice(pair.key.as_bytes());
    let key: rustls::pki_types::PrivateKeyDer<'_> = key.unwrap();
    // The scalar of a P-256 key stands at the 36th of PKCS #8's bytes.
    let scalar = &key.secret_der()[36..68];
    assert!(!shown.contains(&format!("{:?}", scalar).trim_matches(['[', ']'])[..40]), "{shown}");
}

#[rstest]
#[case("id.example.com", "id.example.com", true)]
#[case("id.example.com", "ID.example.com", true)]
#[case("id.example.com", "id.example.org", false)]
#[case("*.example.com", "id.example.com", true)]
#[case("*.example.com", "a.id.example.com", false)]
#[case("127.0.0.1", "127.0.0.1", true)]
#[case("127.0.0.1", "127.0.0.2", false)]
#[case("id.example.com", "no host", false)]
fn a_certificate_says_whom_it_is_for(#[case] named: &str, #[case] host: &str, #[case] is_for: bool) {
    assert_eq!(Authority::new().certificate(named).is_for(host), is_for);
}

#[tokio::test]
async fn r31_a_certificate_takes_anothers_place_and_open_connections_go_on() {
    let secure = Secure::start(Limits { idle_timeout: LONG * 4, head_timeout: LONG * 4, ..limits() }).await;
    let client = || secure.authority.client(&["http/1.1"]);
    let mut open = secure.shake(client(), HOST).await.unwrap();
    let next = secure.authority.certificate(HOST);
    secure.tls.replace(next.clone());
    assert_eq!(presented(&secure.shake(client(), HOST).await.unwrap()), *next.leaf());
    assert_ne!(presented(&open), *next.leaf());
    open.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    open.read_to_string(&mut heard).await.unwrap();
    assert!(heard.ends_with("0 bytes"), "{heard}");
}

#[tokio::test]
async fn r31_no_request_fails_while_certificates_change() {
    let secure = Arc::new(Secure::start(Limits { head_timeout: LONG, idle_timeout: LONG, ..limits() }).await);
    let (done, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..4)
        .map(|worker| {
            let (secure, done, asked) = (Arc::clone(&secure), Arc::clone(&done), Arc::clone(&asked));
            tokio::spawn(async move {
                let mut builder = secure.authority.http(HOST, secure.listener.address);
                if worker % 2 == 0 {
                    // A handshake for each request.
                    builder = builder.pool_max_idle_per_host(0);
                }
                let client = builder.build().unwrap();
                while !done.load(SeqCst) {
                    let answer = client.get(secure.url("/")).send().await.unwrap();
                    assert_eq!(answer.text().await.unwrap(), "0 bytes");
                    asked.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    for _ in 0..50 {
        secure.tls.replace(secure.authority.certificate(HOST));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    secure.listener.asked(20).await;
    done.store(true, SeqCst);
    for worker in load {
        worker.await.unwrap();
    }
    assert!(asked.load(SeqCst) >= 20);
}
