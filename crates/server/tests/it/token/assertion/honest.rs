//! What an assertion is good for: tokens, introspection and revocation, under a handle of the client's grant.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::manage::UpdateClient;
use tokenry_jose::Algorithm::{self, EdDsa, Es256, Ps256, Rs256};
use tokenry_testkit::{AUDIENCE, Answer, Engine, TestApp, claims_of};

use super::support::{ask, at, sign, sign_with_header, signer, taken};
use crate::token::support::{api, new_api, only_grant};

#[rstest]
#[tokio::test]
async fn r18_every_algorithm_gets_a_token(#[values(EdDsa, Es256, Ps256, Rs256)] algorithm: Algorithm) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, algorithm).await;
    let answer = Answer::to(signer.request(&app)).await;
    answer.must_be_token_like();
    let claims = claims_of(&answer.token());
    assert_eq!((&claims["sub"], &claims["gty"]), (&json!(signer.client.id), &json!("client-credentials")));
    assert_eq!(claims["https://auth.example.com/metadata"]["companyId"], json!(app.demo.acme));
}

/// RFC 7523 leaves room; an honest client may use it.
#[tokio::test]
async fn tok_23_what_honest_clients_send_is_taken() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let claims = || signer.claims(&app);
    let without = |name: &str| {
        let mut claims = claims();
        claims.remove(name);
        claims
    };
    let kid = signer.key.kid();
    let assertions = [
        sign(&signer.key, "jwt", &claims()),
        sign(&signer.key, "application/JWT", &claims()),
        sign(&signer.key, "client-authentication+jwt", &claims()),
        sign_with_header(&signer.key, &json!({"alg": "EdDSA", "kid": kid}), &claims()),
        sign_with_header(&signer.key, &json!({"alg": "EdDSA"}), &claims()),
        signer.sign(&without("iat")),
        signer.saying(&app, "client_name", json!("ours to ignore")),
        signer.saying(&app, "jti", json!("j".repeat(256))),
    ];
    for assertion in &assertions {
        taken(&app, assertion).await;
    }
    let named = ask(&app, &signer.assertion(&app), &[("client_id", &signer.client.id)]);
    drop(Answer::to(named).await.token());
    let body = json!({
        "grant_type": "client_credentials", "client_assertion": signer.assertion(&app),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    drop(Answer::to(app.token_request().json(&body)).await.token());
}

#[rstest]
#[tokio::test]
async fn int_15_it_introspects_and_revokes_its_own_tokens(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (signer, other) = (signer(&app, EdDsa).await, signer(&app, Es256).await);
    let token = signer.token(&app).await;
    let state = async |who: &super::support::Signer| {
        let asked = at(&app, "/oauth/introspect", &who.assertion(&app), &[]);
        let (name, form) = ("token", asked);
        let answer = Answer::to(with(form, name, &token)).await;
        answer.must_be_token_like();
        answer.json()["active"].clone()
    };
    assert_eq!((state(&signer).await, state(&other).await), (json!(true), json!(false)));
    let revoke = at(&app, "/oauth/revoke", &signer.assertion(&app), &[]);
    assert_eq!(Answer::to(with(revoke, "token", &token)).await.status, 200);
    assert_eq!(state(&signer).await, json!(false));
}

/// The request with another value of a form parameter.
fn with(request: reqwest::RequestBuilder, name: &str, value: &str) -> reqwest::RequestBuilder {
    let (client, built) = request.build_split();
    let mut built = built.unwrap();
    let body = String::from_utf8(built.body().unwrap().as_bytes().unwrap().to_vec()).unwrap();
    let body = body.replace(&format!("{name}=unknown"), &format!("{name}={value}"));
    built.headers_mut().remove("content-length");
    *built.body_mut() = Some(body.into());
    reqwest::RequestBuilder::from_parts(client, built)
}

#[rstest]
#[tokio::test]
async fn a_handle_stands_for_the_grant_and_remembers_the_longest_lifetime(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let signer = signer(&app, EdDsa).await;
    let payroll = "https://payroll.example.com";
    api(&app, new_api(payroll, &["read:payroll"])).await;
    let grant = only_grant(&app, &signer.client).await;
    app.manager.create_grant(&signer.client.id, payroll, &[]).await.unwrap();
    let handle = async |audience: &str| {
        let request = ask(&app, &signer.assertion(&app), &[("audience", audience)]);
        claims_of(&Answer::to(request).await.token())["jti"].as_str().unwrap()[..11].to_owned()
    };
    let first = handle(AUDIENCE).await;
    assert_eq!(first, handle(AUDIENCE).await, "it stays");
    assert_ne!(first, handle(payroll).await, "each grant has its own");

    let grant = tokenry_model::ClientGrantId::parse(&grant).unwrap();
    let longest = async || app.store.find_assertion_handle(&grant).await.unwrap().unwrap();
    assert_eq!(longest().await.1.as_secs(), 86_400);
    for (ttl, expected) in [(60, 86_400), (172_800, 172_800), (3_600, 172_800)] {
        let ttl = Some(Some(std::time::Duration::from_secs(ttl)));
        let update = UpdateClient { access_token_ttl: ttl, ..UpdateClient::default() };
        app.manager.update_client(&signer.client.id, update).await.unwrap();
        assert_eq!(handle(AUDIENCE).await, first);
        assert_eq!((longest().await.0.as_str(), longest().await.1.as_secs()), (&*first, expected));
    }
    app.manager.disable_client(&signer.client.id).await.unwrap();
    app.manager.enable_client(&signer.client.id).await.unwrap();
    assert_ne!(handle(AUDIENCE).await, first, "what was dead stays dead");
}

#[rstest]
#[tokio::test]
async fn an_opaque_token_is_as_good(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let signer = signer(&app, EdDsa).await;
    let audience = "https://opaque.example.com";
    let format = tokenry_model::TokenFormat::Opaque;
    api(&app, tokenry_engine::manage::NewApi { token_format: format, ..new_api(audience, &["read"]) }).await;
    app.manager.create_grant(&signer.client.id, audience, &[]).await.unwrap();
    let token = Answer::to(ask(&app, &signer.assertion(&app), &[("audience", audience)])).await.token();
    let asked = with(at(&app, "/oauth/introspect", &signer.assertion(&app), &[]), "token", &token);
    let said: Value = Answer::to(asked).await.json();
    assert_eq!((&said["active"], &said["client_id"]), (&json!(true), &json!(signer.client.id)));
}

/// Used assertions are remembered until nobody takes them any more, and not for ever.
#[tokio::test]
async fn tok_24_used_assertions_are_swept() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let assertion = signer.assertion(&app);
    taken(&app, &assertion).await;
    let remembered = || app.database.contents()["used_assertions"].lines().count();
    app.clock.advance(std::time::Duration::from_secs(119));
    app.engine.sweep().await.unwrap();
    assert_eq!(remembered(), 1);
    Answer::to(ask(&app, &assertion, &[])).await.must_be_error(401, "invalid_client");
    app.clock.advance(std::time::Duration::from_secs(86_400 + 60));
    app.engine.sweep().await.unwrap();
    assert_eq!(remembered(), 0);
    Answer::to(ask(&app, &assertion, &[])).await.must_be_error(401, "invalid_client");
    assert_eq!(signer.issued(&app).await, 1);
}
