//! What a server with a certificate answers, and to whom.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use reqwest::Version;

use super::site::{Authority, Site};
use crate::process::PATIENCE;

#[tokio::test]
async fn r31_tokens_are_issued_over_tls_and_every_answer_says_to_stay_with_it() {
    let site = Site::new();
    let (id, secret) = site.folder.client_of("Cron");
    let mut server = site.serve();
    let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    for (client, version) in
        [(site.client(), Version::HTTP_2), (site.client().http1_only(), Version::HTTP_11)]
    {
        let client = client.build().unwrap();
        let answer = client.post(site.url("/oauth/token")).form(&form).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
        for path in ["/.well-known/openid-configuration", "/readyz", "/oauth/token", "/nowhere"] {
            let answer = client.get(site.url(path)).send().await.unwrap();
            assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000", "{path}");
        }
    }
    server.stop();
}

#[tokio::test]
async fn r31_nobody_who_does_not_speak_tls_is_answered() {
    let site = Site::new();
    let _server = site.serve();
    let mut plain = TcpStream::connect(site.address()).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut heard = Vec::new();
    // An alert and the end, or a reset.
    _ = plain.read_to_end(&mut heard);
    assert!(!String::from_utf8_lossy(&heard).contains("HTTP"), "{heard:?}");
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(
        stranger.get(site.url("/healthz")).send().await.is_err(),
        "who does not know the authority refuses"
    );
    let client = site.client().build().unwrap();
    assert_eq!(client.get(site.url("/healthz")).send().await.unwrap().status(), 200);
}

#[test]
fn r31_the_health_check_trusts_its_own_server_only() {
    let site = Site::new();
    let mut server = site.serve();
    let said = site.run(&["healthcheck"], &[]);
    assert_eq!((said.code, said.stderr.as_str()), (0, "ready\n"), "{said:?}");
    // Another file, for the same host: the server may not have read it yet, or keeps the old one.
    site.put("cert.pem", &Authority::new().issue("localhost").chain);
    assert_eq!(site.run(&["healthcheck"], &[]).code, 0);
    site.put("cert.pem", &site.authority.issue("other.example.com").chain);
    let said = site.run(&["healthcheck"], &[("TOKENRY_ISSUER", "https://other.example.com")]);
    assert_eq!(said.code, 1, "{said:?}");
    let url = format!("https://{}", site.address());
    assert_eq!(site.run(&["healthcheck", "--url", &url], &[]).code, 1, "an address is asked as by anybody");
    server.stop();
    assert_eq!(site.run(&["healthcheck"], &[]).code, 1);
}
