//! PKCE from `/authorize` to `/oauth/token`: a code is worth nothing without the verifier of its own request (RFC 7636).

use rstest::rstest;
use tokenry_engine::manage::NewClient;
use tokenry_jose::{base64url, sha256};
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, CALLBACK, DemoClient, VERIFIER, claims_of};

use crate::consent::{Rig, application, code_of};

const OTHER_VERIFIER: &str = "another-request-of-the-same-user-has-this-verifier";

fn challenge(verifier: &str) -> String {
    base64url::encode(&sha256(verifier.as_bytes()))
}

/// A code for a request with that challenge; empty: without one.
async fn code(rig: &Rig, browser: &mut Browser, client: &DemoClient, challenge: &str) -> String {
    let method = if challenge.is_empty() { "" } else { "S256" };
    let pkce = [("code_challenge", challenge), ("code_challenge_method", method)];
    let wanted = [("scope", "openid read:timesheets"), ("nonce", "of both flows")];
    code_of(&browser.open(&rig.request(client, &[&pkce[..], &wanted].concat())).await)
}

async fn redeem(rig: &Rig, client: &DemoClient, code: &str, verifier: Option<&str>) -> Answer {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let verifier: Vec<_> = verifier.map(|verifier| ("code_verifier", verifier)).into_iter().collect();
    rig.grant(client, &[&form[..], &verifier].concat()).await
}

async fn userinfo(rig: &Rig, tokens: &Answer) -> u16 {
    let ask = rig.app.http.get(rig.app.url("/userinfo")).bearer_auth(tokens.token());
    Answer::to(ask).await.status.as_u16()
}

#[rstest]
#[tokio::test]
async fn pk_08_the_verifier_of_another_request_does_not_do(#[values(Sqlite, Postgres)] engine: Engine) {
    let rig = Rig::on(engine).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let one = code(&rig, &mut browser, &rig.web, &challenge(VERIFIER)).await;
    let other = code(&rig, &mut browser, &rig.web, &challenge(OTHER_VERIFIER)).await;
    redeem(&rig, &rig.web, &one, Some(OTHER_VERIFIER)).await.must_be_error(400, "invalid_grant");
    redeem(&rig, &rig.web, &one, Some(VERIFIER)).await.must_be_error(400, "invalid_grant");
    assert_eq!(redeem(&rig, &rig.web, &other, Some(OTHER_VERIFIER)).await.status, 200);
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn pk_10_two_requests_with_one_challenge_and_nonce_stay_two() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let mut codes = Vec::new();
    for _time in 0..2 {
        codes.push(code(&rig, &mut browser, &rig.web, &challenge(VERIFIER)).await);
    }
    assert_ne!(codes[0], codes[1]);
    let one = redeem(&rig, &rig.web, &codes[0], Some(VERIFIER)).await;
    let other = redeem(&rig, &rig.web, &codes[1], Some(VERIFIER)).await;
    for tokens in [&one, &other] {
        let id_token = tokens.json()["id_token"].as_str().unwrap().to_owned();
        assert_eq!(claims_of(&id_token)["nonce"], "of both flows");
    }
    redeem(&rig, &rig.web, &codes[0], Some(VERIFIER)).await.must_be_error(400, "invalid_grant");
    assert_eq!(
        (userinfo(&rig, &one).await, userinfo(&rig, &other).await),
        (401, 200),
        "the replayed one alone"
    );
}

#[tokio::test]
async fn pk_06_five_wrong_verifiers_and_the_right_one_comes_too_late() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let code = code(&rig, &mut browser, &rig.web, &challenge(VERIFIER)).await;
    for wrong in ["A", "B", "C", "D", "E"] {
        let wrong = wrong.repeat(43);
        redeem(&rig, &rig.web, &code, Some(&wrong)).await.must_be_error(400, "invalid_grant");
    }
    redeem(&rig, &rig.web, &code, Some(VERIFIER)).await.must_be_error(400, "invalid_grant");
    rig.must_work(&mut browser).await;
}

#[rstest]
#[case::too_short("a".repeat(42))]
#[case::too_long("a".repeat(129))]
#[case::foreign_characters("a b+c/d=é".repeat(6))]
#[tokio::test]
async fn pk_07_a_verifier_outside_the_grammar_is_refused_although_its_hash_is_right(
    #[case] verifier: String,
) {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let code = code(&rig, &mut browser, &rig.web, &challenge(&verifier)).await;
    redeem(&rig, &rig.web, &code, Some(&verifier)).await.must_be_error(400, "invalid_request");
    let events = rig.app.audit().await;
    assert!(events.iter().all(|record| record.event != "token.issued"), "{events:?}");
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn pk_04_pk_05_a_challenge_and_a_verifier_come_together_or_not_at_all() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let lax = NewClient::new(ClientType::Web, "Without PKCE");
    let lax = NewClient { require_pkce: false, first_party: Some(true), skip_consent: true, ..lax };
    let lax = application(&rig.app, lax, &[]).await;
    for (sent, verifier, status) in [
        (challenge(VERIFIER), Some(VERIFIER), 200),
        (challenge(VERIFIER), None, 400),
        (String::new(), Some(VERIFIER), 400),
        (String::new(), None, 200),
    ] {
        let code = code(&rig, &mut browser, &lax, &sent).await;
        let answer = redeem(&rig, &lax, &code, verifier).await;
        assert_eq!(answer.status, status, "{sent:?} {verifier:?}: {answer:?}");
        if status == 400 {
            answer.must_be_error(400, "invalid_grant");
        }
    }
}
