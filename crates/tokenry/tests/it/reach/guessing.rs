//! Somebody guesses at an API: its guard and the server together limit that address, and nobody else is refused (R104).

use std::net::IpAddr;

use reqwest::{Client, RequestBuilder};
use tokenry_engine::GuessLimits;
use tokenry_jose::{Algorithm, sha256};
use tokenry_protocol::secret::{Brand, SecretKind, issue};
use tokenry_testkit::{Answer, Options, TestApp, new_pat};

use super::api::{Api, Registered, SERVED};

/// How many the server answers; fewer than the guard counts by itself, as if there were several.
const LIMIT: u32 = 30;

/// A browser or program with another address of this host, as Linux gives them all to loopback.
fn at(address: [u8; 4]) -> Client {
    Client::builder().local_address(IpAddr::from(address)).build().unwrap()
}

fn made_up(n: u32) -> String {
    let secret = issue(&Brand::default(), SecretKind::PersonalAccessToken, &sha256(&n.to_be_bytes()));
    secret.expose().to_owned()
}

async fn told(request: RequestBuilder) -> (u16, String) {
    let answer = Answer::to(request).await;
    let code = match answer.status.as_u16() {
        200 => String::new(),
        _ => answer.json()["code"].as_str().unwrap().to_owned(),
    };
    (answer.status.as_u16(), code)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r104_who_guesses_at_an_api_is_limited_and_nobody_else() {
    let guesses = GuessLimits { refused_per_address: LIMIT, ..GuessLimits::default() };
    let options = Options { guesses, signing_alg: Algorithm::EdDsa, ..Options::default() };
    let app = TestApp::with(options).await;
    let api = Api::start(Registered::of(&app), app.clock.clone()).await;
    let ann = app.member("ann").await;
    let served = format!("{}{SERVED}", api.url);
    let (guesser, other) = (at([127, 0, 0, 2]), at([127, 0, 0, 3]));
    let by_pat = |http: &Client, token: &str| told(http.get(&served).bearer_auth(token));
    let by_cookie = |http: &Client, value: &str| {
        told(http.get(&served).header("cookie", format!("__Host-tokenry_api={value}")))
    };
    for n in 0..LIMIT / 2 {
        assert_eq!(by_pat(&guesser, &made_up(n)).await, refused(401, "invalid_token"));
        assert_eq!(by_cookie(&guesser, &format!("v1.{n}")).await, refused(401, "invalid_token"));
    }
    for n in 100..110 {
        assert_eq!(by_pat(&guesser, &made_up(n)).await, refused(429, "rate_limited"));
        assert_eq!(by_cookie(&guesser, &format!("v1.{n}")).await, refused(429, "rate_limited"));
    }
    for n in 200..200 + LIMIT / 2 {
        assert_eq!(by_pat(&other, &made_up(n)).await, refused(401, "invalid_token"), "it is only dead");
        assert_eq!(by_cookie(&other, &format!("v1.{n}")).await, refused(401, "invalid_token"));
    }
    let pat = app.pat(&ann, new_pat("any")).await;
    assert_eq!(
        by_pat(&guesser, pat.token.expose()).await,
        refused(200, ""),
        "one that lives is never refused"
    );
    assert!(!api.heard.said("cannot be asked"), "and nothing of it is an outage");
}
