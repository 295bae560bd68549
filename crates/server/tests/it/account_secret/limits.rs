//! Guessing secrets: refused ones count by the address alone.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::GuessLimits;
use tokenry_jose::{Algorithm, sha256};
use tokenry_protocol::secret::{Brand, SecretKind, issue};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Options, TestApp, new_pat};

const LIMITS: GuessLimits =
    GuessLimits { failures_per_client: 5, names_per_address: 4, refused_per_address: 600 };

/// A well-formed secret that is nobody's.
fn guess(n: u32) -> String {
    issue(&Brand::default(), SecretKind::AccountSecret, &sha256(&n.to_be_bytes())).expose().to_owned()
}

async fn ask(app: &TestApp, http: &reqwest::Client, secret: &str, token: &str) -> Answer {
    let request = http.post(app.url("/oauth/introspect")).form(&[("token", token)]);
    Answer::to(request.header("authorization", format!("Secret {secret}"))).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_10_who_guesses_is_refused_as_a_whole_and_others_are_not(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let signing_alg = Algorithm::EdDsa;
    let app =
        TestApp::with(Options { database: engine, guesses: LIMITS, signing_alg, ..Options::default() }).await;
    let ann = app.member("ann").await;
    let secret = app.account_secret(&ann.id).await;
    let pat = app.pat(&ann, new_pat("CI")).await;
    let token = pat.token.expose();
    for n in 0..300 {
        assert_eq!(ask(&app, &app.http, &guess(n), token).await.status, 401, "{n}");
        assert_eq!(ask(&app, &app.http, "tokenry_as_x", token).await.status, 401, "{n}: also what is none");
    }
    for n in 300..310 {
        let limited = ask(&app, &app.http, &guess(n), token).await;
        assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "60"), "{limited:?}");
        assert_eq!(limited.json()["error"], "temporarily_unavailable");
        assert_eq!(limited.header("www-authenticate"), "", "another secret would not help");
    }
    let elsewhere =
        reqwest::Client::builder().local_address(std::net::IpAddr::from([127, 0, 0, 2])).build().unwrap();
    assert_eq!(ask(&app, &elsewhere, &guess(0), token).await.status, 401, "another address has its own");
    assert_eq!(ask(&app, &elsewhere, &secret, token).await.json()["active"], true);
    // INT-07: what is right is answered as ever, and nobody named is limited by what names nobody.
    assert_eq!(ask(&app, &app.http, &secret, token).await.json()["active"], true);
    app.token(&app.demo.cron).await;
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(ask(&app, &app.http, &guess(0), token).await.status, 401);
}
