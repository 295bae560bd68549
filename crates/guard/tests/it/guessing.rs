//! Guessing at personal access tokens, opaque tokens and cookies: it is limited by address, and costs nobody else anything, also
//! not who has the same address (R104, INT-07).

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;
use tokenry_jose::sha256;
use tokenry_protocol::secret::{Brand, SecretKind, base62, issue};

use crate::asked::{active, ready, session};
use crate::remote::{Remote, refused};
use crate::server::Fault;
use crate::support::{Answer, from, with};

const GUESSER: &str = "192.0.2.7";
const ELSEWHERE: &str = "192.0.2.8";

/// A header field.
type Field = (&'static str, String);

fn pat(n: u32) -> Field {
    let pat = issue(&Brand::default(), SecretKind::PersonalAccessToken, &sha256(&n.to_be_bytes()));
    ("authorization", format!("Bearer {}", pat.expose()))
}

fn opaque(n: u32) -> Field {
    ("authorization", format!("Bearer {}", base62(&sha256(&n.to_be_bytes()), 43)))
}

fn cookie(n: u32) -> Field {
    ("cookie", format!("__Host-tokenry_api=v1.{n}"))
}

async fn whoami(remote: &Remote, (name, value): Field, address: &str) -> Answer {
    remote.api.send(from(with(Method::GET, "/whoami", &[(name, &value)]), address)).await
}

async fn refusal(remote: &Remote, field: Field, address: &str) -> (u16, String) {
    whoami(remote, field, address).await.refusal()
}

/// One that answers at once, and knows nothing from now on.
async fn strict() -> Remote {
    let remote = ready().await;
    *remote.server.shared.introspection_takes.lock() = Duration::ZERO;
    forget(&remote);
    remote
}

fn forget(remote: &Remote) {
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    *remote.server.shared.session.lock() = json!({ "active": false });
}

fn know(remote: &Remote) {
    *remote.server.shared.introspection.lock() = active(remote, "personal_access_token");
    *remote.server.shared.session.lock() = session(remote);
}

fn asked(remote: &Remote) -> usize {
    remote.server.introspections() + remote.server.session_checks()
}

#[tokio::test]
async fn r104_int_07_above_600_refused_in_a_minute_what_is_refused_is_429_and_what_lives_is_served() {
    let remote = strict().await;
    know(&remote);
    assert_eq!(whoami(&remote, pat(9_000), GUESSER).await.status, 200);
    assert_eq!(whoami(&remote, cookie(9_000), GUESSER).await.status, 200);
    forget(&remote);
    for n in 0..200 {
        for guess in [pat(n), opaque(n), cookie(n)] {
            assert_eq!(refusal(&remote, guess, GUESSER).await, refused(401, "invalid_token"), "{n}");
        }
    }
    for guess in [pat(9_001), opaque(9_001), cookie(9_001)] {
        let limited = whoami(&remote, guess, GUESSER).await;
        assert_eq!(limited.refusal(), refused(429, "rate_limited"));
        assert_eq!((limited.header("retry-after"), limited.header("www-authenticate")), (Some("60"), None));
    }
    let before = asked(&remote);
    for known in [pat(9_000), cookie(9_000)] {
        assert_eq!(whoami(&remote, known, GUESSER).await.status, 200, "what is remembered is never refused");
    }
    assert_eq!(asked(&remote), before);
    know(&remote);
    for living in [pat(9_003), cookie(9_003)] {
        assert_eq!(whoami(&remote, living, GUESSER).await.status, 200, "nor what lives");
    }
    let jwt = ("authorization", format!("Bearer {}", remote.token().mint()));
    assert_eq!(whoami(&remote, jwt, GUESSER).await.status, 200, "a JWT costs nobody a question");
    assert_eq!(whoami(&remote, pat(9_002), ELSEWHERE).await.status, 200);
    remote.api.issuer.clock().advance(Duration::from_secs(60));
    forget(&remote);
    assert_eq!(refusal(&remote, pat(9_004), GUESSER).await, refused(401, "invalid_token"), "a minute later");
}

#[tokio::test]
async fn r104_wrong_checksums_are_guesses_and_jwts_are_none() {
    let remote = strict().await;
    let jwt = || ("authorization", "Bearer e30.e30.e30".to_owned());
    let misspelt = |n: u32| ("authorization", format!("Bearer tokenry_pat_{n}"));
    for n in 0..620 {
        assert_eq!(refusal(&remote, jwt(), GUESSER).await.0, 401);
        assert_eq!(refusal(&remote, misspelt(n), ELSEWHERE).await.0, if n < 600 { 401 } else { 429 });
    }
    assert_eq!(asked(&remote), 0);
    assert_eq!(refusal(&remote, pat(1), ELSEWHERE).await, refused(429, "rate_limited"));
    know(&remote);
    assert_eq!(whoami(&remote, pat(2), GUESSER).await.status, 200);
    assert_eq!(whoami(&remote, pat(2), ELSEWHERE).await.status, 200);
    assert_eq!(whoami(&remote, jwt(), ELSEWHERE).await.status, 401, "heard as ever");
}

/// Where several guards ask for one address, the server comes to its limit first.
#[tokio::test]
async fn r104_the_servers_429_about_a_credential_is_429_and_no_outage() {
    let (log, _guard) = crate::log::record(tracing::Level::INFO);
    let remote = strict().await;
    let fault = |fault: Option<Fault>| *remote.server.shared.introspection_fault.lock() = fault;
    fault(Some(Fault::Limited(7)));
    for n in 0..300 {
        for guess in [pat(n), cookie(n)] {
            let limited = whoami(&remote, guess, GUESSER).await;
            assert_eq!(limited.refusal(), refused(429, "rate_limited"), "{n}");
            assert_eq!(limited.header("retry-after"), Some("7"));
        }
    }
    assert!(!log.text().contains("cannot be asked"), "{}", log.text());
    fault(None);
    assert_eq!(refusal(&remote, pat(1_000), GUESSER).await, refused(429, "rate_limited"), "they count");

    fault(Some(Fault::Answer(StatusCode::BAD_GATEWAY, String::new())));
    assert_eq!(refusal(&remote, pat(1_001), ELSEWHERE).await, refused(503, "introspection_unavailable"));
    fault(Some(Fault::Limited(7)));
    assert_eq!(refusal(&remote, pat(1_002), ELSEWHERE).await, refused(429, "rate_limited"));
    assert!(!log.text().contains("answers about credentials again"), "{}", log.text());
    fault(None);
    know(&remote);
    assert_eq!(whoami(&remote, pat(1_003), ELSEWHERE).await.status, 200);
    assert!(log.text().contains("answers about credentials again"));
}
