//! What `doctor` says of a certificate: in its file, and as clients meet it.

use rstest::rstest;

use super::site::{Pair, Site};
use crate::doctor::Found;
use crate::process::tokenry;

/// Where this host's authorities are the test's own and no other.
fn examine(site: &Site) -> Found {
    site.put("authority.pem", &site.authority.pem());
    let mut command = tokenry();
    command.env("SSL_CERT_FILE", site.file("authority.pem"));
    command.arg("doctor").arg("--config").arg(&site.folder.config);
    Found::by(command)
}

#[test]
fn r31_a_certificate_that_is_well_is_told_so() {
    let site = Site::new();
    let _server = site.serve();
    let found = examine(&site);
    found.nothing_fails();
    found.is("tls.file", "ok", "matches its key and names the issuer's host");
    found.is("tls.chain", "ok", "leads to an authority");
    found.is("tls.served", "ok", "is trusted");
    found.is("files.tls_key", "ok", "only its owner");
    found.is("issuer", "ok", "");
    found.is("issuer.proxy", "ok", "");
    found.is("config.trusted_proxies", "ok", "");
}

#[rstest]
#[case::soon(20, "warning", "it expires in 1", "warning", "what the issuer presents expires in 1")]
#[case::over(-2, "failure", "it expired 2 days ago", "failure", "clients refuse what the issuer presents")]
fn r31_a_certificate_that_ends_is_told_of_before_and_after(
    #[case] days: i64,
    #[case] status: &str,
    #[case] says: &str,
    #[case] served: &str,
    #[case] says_served: &str,
) {
    let site = Site::new();
    site.install(&site.authority.issue_for("localhost", days));
    let mut server = site.serve();
    let found = examine(&site);
    found.is("tls.file", status, says).fixed_by("renew it");
    found.is("tls.served", served, says_served).fixed_by("renew");
    server.stop();
    site.install(&site.authority.issue_for("localhost", 22));
    let _server = site.serve();
    examine(&site).nothing_fails();
}

#[test]
fn r31_a_certificate_for_another_host_is_told() {
    let site = Site::new();
    site.install(&site.authority.issue("inner.example.com"));
    let _server = site.serve();
    let found = examine(&site);
    found.is("tls.file", "warning", "it is not for localhost").fixed_by("issued for localhost");
    found.is("tls.served", "failure", "clients refuse").fixed_by("issued for the issuer's host");
    found.is("issuer", "failure", "not trusted").fixed_by("certificate");
}

#[test]
fn r31_a_chain_that_leads_nowhere_is_told_and_an_authority_can_be_named() {
    let site = Site::new();
    let _server = site.serve();
    let bare = || {
        let mut command = tokenry();
        command.arg("doctor").arg("--config").arg(&site.folder.config);
        Found::by(command)
    };
    let found = bare();
    found.is("tls.chain", "warning", "lead to no authority").fixed_by("fullchain.pem");
    found.is("tls.served", "failure", "clients refuse").fixed_by("the whole chain in tls.cert");
    site.put("authority.pem", &site.authority.pem());
    site.folder.set("ca_file", "ca_file = \"tls/authority.pem\"");
    let found = bare();
    found.is("tls.chain", "ok", "");
    found.is("tls.served", "ok", "");
    found.nothing_fails();
}

#[rstest]
#[case::another_key(|site: &Site, pair: Pair| site.put("key.pem", &pair.key), "does not belong to the first certificate")]
#[case::no_certificate(|site: &Site, _pair: Pair| site.put("cert.pem", "nothing"), "there is no certificate in it")]
#[case::open(|site: &Site, _pair: Pair| site.open_to_others("key.pem"), "can be read by other users")]
fn r31_a_pair_that_cannot_be_served_is_told(#[case] breaks: fn(&Site, Pair), #[case] says: &str) {
    let site = Site::new();
    breaks(&site, site.authority.issue("localhost"));
    let found = examine(&site);
    found.is("tls.file", "failure", says);
    found.is("config", "ok", "");
    assert_eq!(found.code, 1);
    assert!(!found.text().contains("PRIVATE KEY"), "{}", found.text());
    site.install(&site.authority.issue("localhost"));
    examine(&site).nothing_fails();
}
