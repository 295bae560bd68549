//! What an assertion must say, at every endpoint that takes one (TOK-21 to TOK-23, TOK-26).

use serde_json::{Map, Value, json};
use tokenry_clock::Clock;
use tokenry_jose::Algorithm::{EdDsa, Es256};
use tokenry_testkit::{DemoClient, Engine, Refusal, Refusals, TestApp};

use super::support::{ENDPOINTS, Signer, ask, at, sign, sign_with_header, signer, taken};

/// Refuses each assertion at every endpoint for its reason, and then serves an honest one of the same client.
async fn refuse(app: &TestApp, signer: &Signer, assertions: &[(String, &'static str)]) {
    let mut refusals = Refusals::of(app).await;
    for (assertion, reason) in assertions {
        refusals.hide(&DemoClient { id: signer.client.id.clone(), secret: assertion.clone() });
        for path in ENDPOINTS {
            let answer = refusals.expect(at(app, path, assertion, &[]), signer.refusal(reason)).await;
            assert_eq!(answer.header("www-authenticate"), "", "no header was used");
        }
    }
    refusals.end().await;
    assert_eq!(signer.issued(app).await, 0);
    signer.token(app).await;
}

#[tokio::test]
async fn tok_21_an_assertion_without_one_of_its_claims() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let without = |name: &str| {
        let mut claims = signer.claims(&app);
        claims.remove(name);
        signer.sign(&claims)
    };
    let mut refusals = Refusals::of(&app).await;
    let nobody = Refusal::of_stranger(401, "invalid_client", "assertion_claim_missing");
    refusals.expect(ask(&app, &without("sub"), &[]), nobody.clone()).await;
    let named = ask(&app, &without("sub"), &[("client_id", &signer.client.id)]);
    refusals.expect(named, nobody).await;
    refusals.end().await;
    let missing = "assertion_claim_missing";
    let mut assertions: Vec<_> =
        ["iss", "aud", "exp", "jti"].iter().map(|name| (without(name), missing)).collect();
    for (name, value) in
        [("iss", Value::Null), ("jti", json!("")), ("jti", json!(7)), ("jti", json!("j".repeat(257)))]
    {
        assertions.push((signer.saying(&app, name, value), missing));
    }
    refuse(&app, &signer, &assertions).await;
}

#[tokio::test]
async fn tok_22_an_assertion_out_of_its_time() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let now = app.clock.now().as_secs();
    let (late, early, long) = ("assertion_expired", "assertion_not_yet_valid", "assertion_lives_too_long");
    let cases = [
        ("exp", json!(now - 300), late),
        ("exp", json!(now - 60), late),
        ("exp", json!(0), late),
        ("exp", json!(now + 661), long),
        ("exp", json!(now + 3 * 86_400), long),
        ("nbf", json!(now + 61), early),
        ("iat", json!(now + 61), early),
        ("exp", json!((now + 60).to_string()), "assertion_claim_missing"),
        ("exp", json!(1e300), "assertion_claim_missing"),
        ("nbf", json!("now"), "assertion_claim_missing"),
    ];
    let assertions = cases.map(|(name, value, reason)| (signer.saying(&app, name, value), reason));
    refuse(&app, &signer, &assertions).await;
    for (name, value) in [("nbf", now + 8), ("iat", now + 8), ("exp", now - 8), ("exp", now + 600)] {
        taken(&app, &signer.saying(&app, name, json!(value))).await;
    }
}

#[tokio::test]
async fn tok_23_an_assertion_for_anybody_else() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let others = [
        json!("https://id.example.com"),
        json!(app.url("/oauth/token")),
        json!(app.url("/oauth/introspect")),
        json!(app.url("/")),
        json!(app.issuer.to_uppercase()),
        json!([app.issuer]),
        json!([app.issuer, "https://id.example.com"]),
        json!([]),
        json!({}),
        Value::Null,
        json!(""),
    ];
    let assertions = others.map(|aud| (signer.saying(&app, "aud", aud), "assertion_audience_wrong"));
    refuse(&app, &signer, &assertions).await;
}

#[tokio::test]
async fn tok_26_an_assertion_of_another_or_of_another_kind() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (signer, other) = (signer(&app, EdDsa).await, signer(&app, Es256).await);
    let mut refusals = Refusals::of(&app).await;
    let beside = |id: &str| ask(&app, &signer.assertion(&app), &[("client_id", id)]);
    for id in [&other.client.id, &app.demo.cron.id, "nobody"] {
        refusals.expect(beside(id), signer.refusal("assertion_of_another_client")).await;
    }
    // Ours, which say that they are the client's and are signed by us.
    let token = other.token(&app).await;
    refusals.expect(ask(&app, &token, &[]), other.refusal("assertion_key_unknown")).await;
    refusals.end().await;

    let typed = |typ: &str| sign(&signer.key, typ, &signer.claims(&app));
    let kind = "assertion_kind_wrong";
    let request_object = |claims: Map<String, Value>| {
        let mut claims = claims;
        claims.extend([
            ("response_type".to_owned(), json!("code")),
            ("client_id".to_owned(), json!(signer.client.id)),
        ]);
        claims
    };
    let kid = signer.key.kid();
    let untyped = json!({"alg": "EdDSA", "kid": kid});
    let assertions = [
        (typed("at+jwt"), kind),
        (typed("application/at+jwt"), kind),
        (typed("logout+jwt"), kind),
        (typed("oauth-authz-req+jwt"), kind),
        (typed("secevent+jwt"), kind),
        (typed("dpop+jwt"), kind),
        (typed("JWT2"), kind),
        (sign(&signer.key, "JWT", &request_object(signer.claims(&app))), kind),
        (sign_with_header(&signer.key, &untyped, &request_object(signer.claims(&app))), kind),
        // An ID token's issuer is not its subject, nor is either a client.
        (signer.saying(&app, "iss", json!(app.issuer)), "assertion_subject_wrong"),
        (signer.saying(&app, "iss", json!(other.client.id)), "assertion_subject_wrong"),
    ];
    refuse(&app, &signer, &assertions).await;
    other.token(&app).await;
}
