//! What a token and the answer around it say, exactly (R4, R11, R12, R14, R37 to R41, R58, TOK-18, TOK-19).

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::{NewApi, NewClient};
use tokenry_jose::Algorithm;
use tokenry_model::ClientType;
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::{AUDIENCE, Answer, Engine, NAMESPACE, SCOPES, TestApp, claims_of, header_of};

use super::support::{acme, api, basic, client, new_api, published, verified, verify};

#[tokio::test]
async fn r11_r14_an_m2m_token_says_exactly_this() {
    let app = TestApp::start().await;
    let cron = &app.demo.cron;
    let token = app.token(cron).await;
    let header = header_of(&token);
    let kid = header["kid"].as_str().unwrap().to_owned();
    assert_eq!(header, json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }));
    let claims = verified(&app, &token, AUDIENCE).await;
    let issued_at = app.clock.now().as_secs();
    let jti = claims["jti"].as_str().unwrap().to_owned();
    assert_eq!(
        claims,
        json!({
            "iss": app.issuer,
            "sub": cron.id,
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + 86_400,
            "jti": jti,
            "client_id": cron.id,
            "azp": cron.id,
            "gty": "client-credentials",
            "scope": SCOPES.join(" "),
            NAMESPACE: { "companyId": app.demo.acme },
        })
    );
    assert_eq!(jti.len(), 11 + 21);
    assert!(jti.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{jti}");
    assert_eq!(published(&app).await.iter().filter(|key| key["kid"] == kid).count(), 1);
}

/// The names of the claims on the wire stand once each: a reader that takes the last of two sees what we signed.
#[tokio::test]
async fn r11_no_claim_stands_twice() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let token = app.token(&app.demo.group).await;
    let payload = tokenry_jose::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    assert!(tokenry_jose::json::from_slice(&payload).is_ok(), "refuses duplicates");
}

#[rstest]
#[tokio::test]
async fn r37_the_json_request_of_the_documentation_gets_its_answer(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::on(engine).await;
    let body = r#"{
  "audience": "<API_IDENTIFIER>",
  "grant_type": "client_credentials",
  "client_id": "<YOUR_CLIENT_ID>",
  "client_secret": "<YOUR_CLIENT_SECRET>"
}"#;
    let body = body
        .replace("<API_IDENTIFIER>", AUDIENCE)
        .replace("<YOUR_CLIENT_ID>", &app.demo.cron.id)
        .replace("<YOUR_CLIENT_SECRET>", &app.demo.cron.secret);
    let request = app.token_request().header("content-type", "application/json").body(body);
    let answer = Answer::to(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.must_be_token_like();
    let json = answer.json();
    assert!(json["access_token"].as_str().unwrap().starts_with("eyJ"));
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 86_400);
    assert_eq!(json["scope"], SCOPES.join(" "));
}

#[tokio::test]
async fn r04_r32_r39_tok_18_the_answer_holds_this_and_no_more() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let more = [("scope", "read:timesheets"), ("access_type", "offline"), ("response_type", "code id_token")];
    for more in [&more[..], &[]] {
        let answer = app.ask(cron, more).await;
        assert_eq!(answer.status, 200);
        answer.must_be_token_like();
        let names: BTreeSet<_> = answer.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["access_token", "expires_in", "scope", "token_type"].map(str::to_owned).into());
    }
}

#[tokio::test]
async fn r38_json_form_and_basic_get_the_same() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let form = [("grant_type", "client_credentials"), ("audience", AUDIENCE)];
    let json = json!({
        "grant_type": "client_credentials", "audience": AUDIENCE,
        "client_id": cron.id, "client_secret": cron.secret,
    });
    let header = basic(&cron.id, &cron.secret);
    let requests = [
        app.request(cron, &form[1..]),
        app.token_request().json(&json),
        app.token_request().header("authorization", &header).form(&form),
        app.token_request().header("authorization", header.replace("Basic", "bASIC")).form(&form),
        app.token_request().header("authorization", &header).json(&json!({
            "grant_type": "client_credentials", "audience": AUDIENCE
        })),
    ];
    let mut seen = BTreeSet::new();
    for request in requests {
        let answer = Answer::to(request).await;
        let mut claims = claims_of(&answer.token());
        claims["jti"] = claims["jti"].as_str().unwrap()[..11].into();
        seen.insert(claims.to_string());
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test]
async fn r40_the_client_decides_how_long_then_the_api_then_the_server() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let hour = Some(Duration::from_secs(3_600));
    let hourly = "https://hourly.example.com";
    api(&app, NewApi { access_token_ttl: hour, ..new_api(hourly, &["read:x"]) }).await;
    let brief = NewClient { access_token_ttl: Some(Duration::from_secs(60)), ..acme(&app, "Brief") };
    let brief = client(&app, brief, &[hourly]).await;
    let job = client(&app, acme(&app, "Job"), &[hourly, AUDIENCE]).await;
    for (client, audience, seconds) in [(&job, AUDIENCE, 86_400), (&job, hourly, 3_600), (&brief, hourly, 60)]
    {
        let answer = app.ask(client, &[("audience", audience)]).await;
        let claims = verified(&app, &answer.token(), audience).await;
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), seconds);
        assert_eq!(answer.json()["expires_in"], seconds);
    }
}

#[tokio::test]
async fn r41_a_new_token_leaves_the_old_one_as_it_was() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let first = app.token(&app.demo.cron).await;
    app.clock.advance(Duration::from_secs(80_000));
    let second = app.token(&app.demo.cron).await;
    assert_ne!(claims_of(&first)["jti"], claims_of(&second)["jti"]);
    for _use in 0..3 {
        for token in [&first, &second] {
            verified(&app, token, AUDIENCE).await;
        }
    }
}

#[rstest]
#[tokio::test]
async fn r58_the_job_represents_itself(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let cron = &app.demo.cron;
    let answer = app.ask(cron, &[]).await;
    let claims = claims_of(&answer.token());
    assert_eq!(claims["sub"], *cron.id);
    let person =
        ["email", "name", "auth_time", "sid", "nonce", "amr", "acr", "phone_number", "preferred_username"];
    assert!(person.iter().all(|claim| claims.get(*claim).is_none()), "{claims}");
    let records = app.audit().await;
    let record = records.last().unwrap();
    let id = answer.header("x-request-id");
    assert_eq!((record.event.as_str(), record.outcome.as_str()), ("token.issued", "success"));
    assert_eq!((record.actor_kind.as_str(), record.actor_id.as_deref()), ("client", Some(&*cron.id)));
    assert_eq!(
        (record.subject_kind.as_deref(), record.subject_id.as_deref()),
        (Some("token"), claims["jti"].as_str())
    );
    assert_eq!(
        (record.company_id.as_deref(), record.request_id.as_deref()),
        (Some(&*app.demo.acme), Some(id))
    );
    assert_eq!(record.address.as_deref(), Some("127.0.0.1"));
    assert!(record.is_intact() && !record.detail.contains(&answer.token()), "{record:?}");
}

#[tokio::test]
async fn tok_19_no_client_can_be_named_like_a_user() {
    let app = TestApp::quick(Engine::Sqlite).await;
    for id in ["usr_0123456789012345678901", "usr_", "usr_root"] {
        let new = NewClient { client_id: Some(id.to_owned()), ..NewClient::new(ClientType::M2m, "User") };
        assert!(app.manager.create_client(new).await.is_err(), "{id}");
    }
}

/// Every algorithm, verified by another implementation from what is published; a changed token is not.
#[rstest]
#[case(Algorithm::EdDsa)]
#[case(Algorithm::Es256)]
#[case(Algorithm::Ps256)]
#[case(Algorithm::Rs256)]
#[tokio::test]
async fn r15_anybody_can_verify_a_token_with_the_published_keys(#[case] algorithm: Algorithm) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let audience = "https://signed.example.com";
    api(&app, NewApi { signing_alg: Some(algorithm), ..new_api(audience, &["read:x"]) }).await;
    let job = client(&app, acme(&app, "Job"), &[audience]).await;
    let token = app.ask(&job, &[]).await.token();
    assert_eq!(header_of(&token)["alg"], algorithm.as_str());
    assert_eq!(verified(&app, &token, audience).await["aud"], audience);
    assert!(verify(&app, &token, AUDIENCE).await.is_err(), "another API's");
    let parts: Vec<_> = token.split('.').collect();
    let other = app.ask(&job, &[]).await.token();
    let swapped = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
    assert!(verify(&app, &swapped, audience).await.is_err(), "another token's signature");
}

/// The shape of Auth0's tokens, for an API that asks for it: `typ: JWT` and `@clients` (A2, A3).
#[tokio::test]
async fn a2_a3_the_auth0_dialect_belongs_to_the_api() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let audience = "https://migrated.example.com";
    api(&app, NewApi { dialect: Dialect::Auth0, ..new_api(audience, &["read:x"]) }).await;
    let job = client(&app, acme(&app, "Job"), &[audience]).await;
    let token = app.ask(&job, &[]).await.token();
    let claims = verified(&app, &token, audience).await;
    assert_eq!(header_of(&token)["typ"], "JWT");
    assert_eq!((&claims["sub"], &claims["azp"]), (&format!("{}@clients", job.id).into(), &job.id.into()));
}
