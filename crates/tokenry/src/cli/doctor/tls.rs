//! TLS: the certificate in the configuration, and the one that the issuer really presents.

use std::path::Path;
use std::time::Duration;

use rustls::CertificateError;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use tokenry_clock::Timestamp;
use tokenry_server::serve::{Certificate, provider};
use x509_cert::der::Decode as _;

use super::finding::Finding;
use super::heard::{Heard, Trouble};
use crate::config::Config;
use crate::output::spoken;
use crate::tls::{certificate, foreign_host, issuer_host};

const FILE: &str = "tls.file";
const SERVED: &str = "tls.served";
/// From so long before its end a certificate is told of: who renews at 30 days has had time.
const SOON: Duration = Duration::from_secs(21 * 86_400);
const RENEW: &str = "renew it: with certbot `certbot renew`, and see why its timer did not";

pub(super) fn judge(config: &Config, heard: &Heard, now: Timestamp) -> Vec<Finding> {
    let mut findings = match certificate(config) {
        Ok(None) => {
            vec![Finding::skipped(FILE, "the server speaks plain HTTP; a proxy ends TLS, or there is none")]
        }
        Ok(Some(certificate)) => file(config, &certificate, now),
        Err(failure) => vec![Finding::failed(
            FILE,
            &failure,
            "put the chain where tls.cert says and its key where tls.key says",
        )],
    };
    findings.push(served(config, heard, now));
    findings
}

/// The configured certificate. That it matches its key is known: otherwise there would be none.
fn file(config: &Config, certificate: &Certificate, now: Timestamp) -> Vec<Finding> {
    let ends = certificate.chain().iter().enumerate();
    let mut findings: Vec<_> =
        ends.filter_map(|(place, link)| ending(FILE, &whose(place), link, now)).collect();
    if let Some(host) = foreign_host(config, certificate) {
        findings.push(Finding::warning(
            FILE,
            format!("it is not for {host}, the issuer's host: who asks for it there refuses it"),
            format!("have one issued for {host}, unless a proxy in front presents another"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            FILE,
            format!("it matches its key and names the issuer's host; {}", left(certificate.leaf(), now)),
        ));
    }
    findings.push(chain(config, certificate, now));
    findings
}

fn whose(place: usize) -> String {
    if place == 0 { "it".to_owned() } else { format!("certificate {} of the chain", place + 1) }
}

/// Whether a client with this host's authorities gets from the certificate to one of them.
fn chain(config: &Config, certificate: &Certificate, now: Timestamp) -> Finding {
    let check = "tls.chain";
    let extra = CertificateDer::pem_file_iter(&config.outbound.ca_file).into_iter().flatten().flatten();
    let verifier = Verifier::new_with_extra_roots(extra, provider());
    let host = issuer_host(config).and_then(|host| ServerName::try_from(host).ok());
    let (Ok(verifier), Some(host)) = (verifier, host) else {
        return Finding::skipped(check, "this host has no authorities to check it against");
    };
    let [leaf, rest @ ..] = certificate.chain() else {
        return Finding::skipped(check, "there is none");
    };
    let now = UnixTime::since_unix_epoch(now.since(Timestamp::EPOCH));
    match verifier.verify_server_cert(leaf, rest, &host, &[], now) {
        Ok(_) => Finding::ok(check, "it leads to an authority that this host trusts"),
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            let text = format!(
                "{} in the file lead to no authority that this host trusts",
                certificates(certificate.chain().len())
            );
            let fix = "put the whole chain in tls.cert (certbot's fullchain.pem); of a private authority, give the certificate to \
                       clients, and to this command by outbound.ca_file or SSL_CERT_FILE";
            Finding::warning(check, text, fix)
        }
        // What else is wrong with it has been said of the file.
        Err(_) => Finding::skipped(check, "the certificate itself has to be put right first"),
    }
}

fn certificates(count: usize) -> String {
    if count == 1 { "the one certificate".to_owned() } else { format!("the {count} certificates") }
}

/// What the issuer presents to its clients.
fn served(config: &Config, heard: &Heard, now: Timestamp) -> Finding {
    if config.issuer.starts_with("http:") {
        return Finding::skipped(SERVED, "the issuer is plain HTTP, on this host alone");
    }
    match &heard.issuer {
        Err(Trouble::Tls(error)) => refused(config, error),
        Err(Trouble::Unreachable(_)) => Finding::skipped(SERVED, "the issuer cannot be reached"),
        Ok(answer) => match &answer.certificate {
            None => Finding::skipped(SERVED, "the issuer's certificate was not to be seen"),
            Some(der) => {
                let der = CertificateDer::from(der.as_slice());
                ending(SERVED, "what the issuer presents", &der, now).unwrap_or_else(|| {
                    Finding::ok(SERVED, format!("what the issuer presents is trusted; {}", left(&der, now)))
                })
            }
        },
    }
}

fn refused(config: &Config, error: &rustls::Error) -> Finding {
    let own = config.tls.cert != Path::new("");
    let holder = if own { "in tls.cert" } else { "at the proxy" };
    let fix = match error {
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => {
            format!("renew the certificate {holder}; {RENEW}")
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!("have a certificate issued for the issuer's host, and put it {holder}"),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => format!(
            "put the whole chain {holder}; of a private authority, give its certificate to clients, and to this command by \
             outbound.ca_file or SSL_CERT_FILE"
        ),
        _ => format!("look at the certificate {holder}, and whether TLS 1.2 or 1.3 is spoken there"),
    };
    Finding::failure(SERVED, format!("clients refuse what the issuer presents: {error}"), fix)
}

/// What has to be said about when a certificate ends or begins.
fn ending(
    check: &'static str,
    whose: &str,
    certificate: &CertificateDer<'_>,
    now: Timestamp,
) -> Option<Finding> {
    let (begins, ends) = validity(certificate)?;
    if ends <= now {
        let text = format!("{whose} expired {} ago", spoken(now.since(ends)));
        return Some(Finding::failure(check, text, RENEW));
    }
    if begins > now {
        let text = format!("{whose} holds from {begins} only");
        return Some(Finding::failure(
            check,
            text,
            "see whether this host's clock is right, and wait or have another issued",
        ));
    }
    (ends.since(now) < SOON)
        .then(|| Finding::warning(check, format!("{whose} expires in {}", spoken(ends.since(now))), RENEW))
}

fn left(certificate: &CertificateDer<'_>, now: Timestamp) -> String {
    match validity(certificate) {
        Some((_begins, ends)) => format!("it expires in {}", spoken(ends.since(now))),
        None => "its dates cannot be read".to_owned(),
    }
}

fn validity(certificate: &CertificateDer<'_>) -> Option<(Timestamp, Timestamp)> {
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    let validity = parsed.tbs_certificate.validity;
    let at = |time: x509_cert::time::Time| Timestamp::EPOCH.plus(time.to_unix_duration());
    Some((at(validity.not_before), at(validity.not_after)))
}
