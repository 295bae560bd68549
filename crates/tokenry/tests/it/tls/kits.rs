//! Resource servers and clients whose issuer speaks TLS with a certificate of a private authority.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use tokenry_guard::{Clock as _, Guard, Secret, SystemClock, TenantClaim};
use tokenry_testkit::NAMESPACE;
use tokenry_token_source::{Builder, ErrorKind, TokenSource};

use super::site::{Authority, Site};
use crate::folder::{AUDIENCE, Seeded};
use crate::process::{PATIENCE, Running, example, finish};

fn source(site: &Site, seeded: &Seeded) -> Builder {
    let (id, secret) = &seeded.cron;
    let secret = tokenry_token_source::Secret::new(secret.clone());
    TokenSource::builder(site.url(""), id, secret).audience(AUDIENCE)
}

#[tokio::test]
async fn r31_guard_and_token_source_trust_a_private_authority_when_told_to() {
    let site = Site::new();
    let seeded = site.folder.seed();
    let _server = site.serve();
    let tokens = source(&site, &seeded).trust_pem(site.authority.pem()).build().unwrap();
    let token = tokens.token().await.unwrap();
    let guard = Guard::builder()
        .issuer(site.url(""))
        .audience(AUDIENCE)
        .credentials(&seeded.api.0, Secret::new(seeded.api.1.clone()))
        .tenant(TenantClaim::namespace(NAMESPACE))
        .trust_pem(site.authority.pem())
        .build()
        .await
        .unwrap();
    tokio::time::timeout(PATIENCE, guard.ready()).await.expect("keys and snapshot");
    let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).unwrap();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    guard.authenticate(&headers, SystemClock.now()).await.unwrap();
    guard.shutdown().await;
}

#[tokio::test]
async fn r31_an_authority_that_is_not_trusted_gets_no_secret() {
    let site = Site::new();
    let seeded = site.folder.seed();
    let mut server = site.serve();
    for foreign in [None, Some(Authority::new().pem())] {
        let builder = source(&site, &seeded);
        let builder = match foreign {
            Some(pem) => builder.trust_pem(pem),
            None => builder,
        };
        let error = builder.build().unwrap().token().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error:?}");
    }
    server.stop();
    let asked = "SELECT count(*) FROM audit WHERE event IN ('token.issued', 'token.refused')";
    assert_eq!(site.folder.ask(asked), "0");
}

/// The examples, which know of no such setting: the system's own, `SSL_CERT_FILE`, names what to trust.
#[tokio::test]
async fn r60_the_examples_work_with_an_issuer_that_speaks_tls() {
    let site = Site::new();
    let seeded = site.folder.seed();
    let _server = site.serve();
    site.put("ca.pem", &site.authority.pem());
    let (issuer, trusted) = (site.url(""), site.file("ca.pem"));
    let mut command = example("timesheets-api");
    command.current_dir(site.folder.path.path()).env("SSL_CERT_FILE", &trusted).envs([
        ("ISSUER", issuer.as_str()),
        ("AUDIENCE", AUDIENCE),
        ("NAMESPACE", NAMESPACE),
        ("CLIENT_ID", &seeded.api.0),
        ("CLIENT_SECRET", &seeded.api.1),
        ("LISTEN", "127.0.0.1:0"),
    ]);
    let mut api = Running::start(command);
    let api_url = api.wait_for(|out, _err| out.lines().next().map(|line| line.trim().to_owned()));
    api.wait_for(|_out, err| err.contains("keys and companies are loaded").then_some(()));
    let mut command = example("timesheets-cron");
    let week = concat!(env!("CARGO_MANIFEST_DIR"), "/../../week.csv");
    command.args(["--file", week]).env("SSL_CERT_FILE", &trusted).envs([
        ("ISSUER", issuer.as_str()),
        ("AUDIENCE", AUDIENCE),
        ("API_URL", &api_url),
        ("CLIENT_ID", &seeded.cron.0),
        ("CLIENT_SECRET", &seeded.cron.1),
    ]);
    let said = finish(command);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("0 existed, 0 refused"), "{said:?}");
}
