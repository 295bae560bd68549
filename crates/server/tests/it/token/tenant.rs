//! Which company a token acts for (R22 to R25, A4, A6, TOK-29, TEN).

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::manage::NewClient;
use tokenry_model::ClientType;
use tokenry_testkit::{
    AUDIENCE, Answer, DemoClient, Engine, NAMESPACE, Refusal, Refusals, TestApp, claims_of,
};

use super::support::{api, client, new_api, verified};

async fn tenant(app: &TestApp, client: &DemoClient, more: &[(&str, &str)]) -> Value {
    let answer = app.ask(client, more).await;
    verified(app, &answer.token(), AUDIENCE).await[NAMESPACE].clone()
}

#[rstest]
#[tokio::test]
async fn r12_r23_r25_a_token_names_the_clients_company_under_the_namespace(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    assert_eq!(tenant(&app, &demo.cron, &[]).await, json!({ "companyId": demo.acme }));
    assert_eq!(tenant(&app, &demo.globex_client, &[]).await, json!({ "companyId": demo.globex }));
    let whole = json!({ "companyId": demo.acme, "corporationId": demo.acme_group });
    assert_eq!(tenant(&app, &demo.group, &[]).await, whole, "A4: the home company, and the reach");
}

#[rstest]
#[tokio::test]
async fn a6_a_corporations_client_may_narrow_its_token_to_one_company(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    for company in [&demo.acme, &demo.acme_labs] {
        let narrowed = tenant(&app, &demo.group, &[("company_id", company)]).await;
        assert_eq!(narrowed, json!({ "companyId": company }), "no corporationId, not even null");
    }
    let own = tenant(&app, &demo.cron, &[("company_id", &demo.acme)]).await;
    assert_eq!(own, json!({ "companyId": demo.acme }));
}

#[rstest]
#[tokio::test]
async fn tok_29_r24_ten_02_another_company_is_out_of_reach(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let mut refusals = Refusals::of(&app).await;
    let nowhere = "019aa443-c4f8-7000-8000-000000000000";
    let cases = [
        (&demo.cron, vec![&*demo.acme_labs, &demo.globex, &demo.acme_group, nowhere]),
        (&demo.globex_client, vec![&demo.acme, &demo.acme_labs]),
        (&demo.group, vec![&demo.globex, &demo.acme_group, nowhere, "*", "null", "a b"]),
    ];
    let mut bodies = Vec::new();
    for (client, companies) in cases {
        for company in companies {
            let refusal = Refusal::of_client(client, 400, "invalid_target", "company_out_of_reach");
            let request = app.request(client, &[("company_id", company)]);
            bodies.push(refusals.expect(request, refusal).await.body);
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "TEN-01: existing and not look alike: {bodies:?}");
    let refusal = Refusal::of_stranger(400, "invalid_target", "invalid_target");
    let endless = "x".repeat(129);
    refusals.expect(app.request(&demo.cron, &[("company_id", &endless)]), refusal).await;
    refusals.end().await;
}

/// TEN-05: a token cannot be narrowed to a sister company that is disabled, and the answer does not tell that it is.
#[rstest]
#[tokio::test]
async fn ten_05_a_disabled_sister_is_out_of_reach(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let disable = "UPDATE companies SET disabled_at = 1, version = version + 1";
    app.database.execute(&format!("{disable} WHERE id = '{}'", demo.acme_labs));
    let mut refusals = Refusals::of(&app).await;
    let mut bodies = Vec::new();
    for company in [&demo.acme_labs, &demo.globex] {
        let refusal = Refusal::of_client(&demo.group, 400, "invalid_target", "company_out_of_reach");
        bodies
            .push(refusals.expect(app.request(&demo.group, &[("company_id", company)]), refusal).await.body);
    }
    assert_eq!(bodies[0], bodies[1]);
    refusals.end().await;
    let whole = json!({ "companyId": demo.acme, "corporationId": demo.acme_group });
    assert_eq!(tenant(&app, &demo.group, &[]).await, whole, "its home may act");
}

/// Only the stored binding counts: nothing else in the request, wherever it stands, adds to a token.
#[tokio::test]
async fn r22_tok_29_nothing_in_a_request_adds_a_claim() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let demo = &app.demo;
    let claim =
        json!({ NAMESPACE: { "companyId": demo.globex, "corporationId": demo.acme_group } }).to_string();
    let more = [
        ("companyId", &*demo.globex),
        ("corporation_id", &demo.acme_group),
        ("corporationId", &demo.acme_group),
        ("organization", &demo.globex),
        ("tenant", &demo.globex),
        ("claims", &claim),
        ("extra_claims", &claim),
        ("sub", "root"),
        ("aud", "https://payroll.example.com"),
        ("exp", "9999999999"),
        ("expires_in", "9999999999"),
        ("lifetime", "9999999999"),
        ("azp", "root"),
        (NAMESPACE, &claim),
    ];
    let plain = claims_of(&app.token(&demo.cron).await);
    let request = app
        .request(&demo.cron, &more)
        .header("x-company-id", &demo.globex)
        .header("x-corporation-id", &demo.acme_group)
        .header("x-user", "root")
        .header("x-client-id", &demo.globex_client.id)
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("cookie", format!("company_id={}", demo.globex));
    let mut claims = verified(&app, &Answer::to(request).await.token(), AUDIENCE).await;
    claims["jti"] = plain["jti"].clone();
    assert_eq!(claims, plain);

    // The same, said in JSON with values of every type.
    let body = json!({
        "grant_type": "client_credentials", "client_id": demo.cron.id, "client_secret": demo.cron.secret,
        "corporation_id": { "$ne": null }, "companyId": [demo.globex], "extra_claims": { "sub": "root" },
        "organization": null, "scope": null, "company_id": null,
    });
    let mut claims = claims_of(&Answer::to(app.token_request().json(&body)).await.token());
    claims["jti"] = plain["jti"].clone();
    assert_eq!(claims, plain);

    let query = format!("{}?companyId={}", app.url("/oauth/token"), demo.globex);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &demo.cron.id),
        ("client_secret", &demo.cron.secret),
    ];
    let mut claims = claims_of(&Answer::to(app.http.post(query).form(&form)).await.token());
    claims["jti"] = plain["jti"].clone();
    assert_eq!(claims, plain);
}

#[rstest]
#[tokio::test]
async fn r23_no_company_no_token(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let unbound = client(&app, NewClient::new(ClientType::M2m, "Unbound"), &[]).await;
    let refused = app.manager.create_grant(&unbound.id, AUDIENCE, &[]).await;
    assert!(refused.is_err(), "it is not even granted");
    // A binding that was lost behind our back, or by a verb still to come.
    let cron = &app.demo.cron;
    app.token(cron).await;
    app.database.execute(&format!(
        "UPDATE clients SET company_id = NULL, version = version + 1 WHERE id = '{}'",
        cron.id
    ));
    let mut refusals = Refusals::of(&app).await;
    let refusal = Refusal::of_client(cron, 400, "invalid_target", "client_without_company");
    refusals.expect(app.request(cron, &[("audience", AUDIENCE)]), refusal).await;
    let refusal = Refusal::of_client(cron, 400, "invalid_target", "company_out_of_reach");
    refusals.expect(app.request(cron, &[("company_id", &app.demo.acme)]), refusal).await;
    refusals.end().await;
}

/// An API whose resources belong to no company serves a client of no company, whose token then names none.
#[tokio::test]
async fn r23_an_api_without_companies_needs_none() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let audience = "https://weather.example.com";
    api(&app, new_api(audience, &["read:weather"])).await;
    let unbound = client(&app, NewClient::new(ClientType::M2m, "Unbound"), &[audience]).await;
    let claims = verified(&app, &app.ask(&unbound, &[]).await.token(), audience).await;
    assert!(claims.get(NAMESPACE).is_none(), "{claims}");
    let answer = app.ask(&unbound, &[("company_id", &app.demo.acme)]).await;
    answer.must_be_error(400, "invalid_target");
}

/// TEN-04: an id that is used again inherits nothing.
#[rstest]
#[tokio::test]
async fn ten_04_a_new_client_of_an_old_id_inherits_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let new = |company: &str| NewClient {
        client_id: Some("payroll-cron".to_owned()),
        company: Some(company.to_owned()),
        ..NewClient::new(ClientType::M2m, "Payroll")
    };
    let old = client(&app, new(&app.demo.acme), &[AUDIENCE]).await;
    let before = claims_of(&app.token(&old).await);
    app.manager.delete_client(&old.id).await.unwrap();
    let young = client(&app, new(&app.demo.globex), &[]).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&old);
    let refusal = Refusal::of_claimed(&old, 401, "invalid_client", "wrong_secret");
    refusals.expect(app.request(&old, &[]), refusal).await;
    let refusal = Refusal::of_client(&young, 400, "invalid_target", "api_not_granted");
    refusals.expect(app.request(&young, &[]), refusal).await;
    refusals.end().await;
    app.manager.create_grant(&young.id, AUDIENCE, &[]).await.unwrap();
    let after = claims_of(&app.token(&young).await);
    assert_eq!(after[NAMESPACE]["companyId"], app.demo.globex);
    let handle = |claims: &Value| claims["jti"].as_str().unwrap()[..11].to_owned();
    assert_ne!(handle(&before), handle(&after));
}

/// TEN-05: a disabled company is refused as client, as target of a narrowed token, and in the directory.
#[rstest]
#[tokio::test]
async fn ten_05_a_disabled_company_is_closed_from_every_side(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let disable =
        |id: &str| format!("UPDATE companies SET disabled_at = 1, version = version + 1 WHERE id = '{id}'");
    app.database.execute(&disable(&app.demo.acme_labs));
    let narrowed = app.ask(&app.demo.group, &[("company_id", &app.demo.acme_labs)]).await;
    narrowed.must_be_error(400, "invalid_target");
    let directory = app.store.company_directory().await.unwrap();
    let companies: Vec<_> = directory.into_values().flatten().map(|id| id.to_string()).collect();
    assert_eq!(
        companies,
        std::slice::from_ref(&app.demo.acme),
        "guards are not told of it as the corporation's"
    );
    app.database.execute(&disable(&app.demo.acme));
    let (id, secret) = (&app.demo.api.id, &app.demo.api.secret);
    let snapshot =
        app.http.get(app.url("/guard/v1/snapshot")).basic_auth(id, Some(secret)).send().await.unwrap();
    let snapshot: serde_json::Value = snapshot.json().await.unwrap();
    assert_eq!(
        snapshot["corporations"],
        serde_json::json!({ &app.demo.acme_group: [] }),
        "known, and it reaches nothing"
    );
    for client in [&app.demo.cron, &app.demo.group] {
        app.ask(client, &[]).await.must_be_error(401, "invalid_client");
    }
    let wrong = DemoClient { secret: format!("{}x", app.demo.cron.secret), ..app.demo.cron.clone() };
    let basic = |client: &DemoClient| {
        app.token_request()
            .basic_auth(&client.id, Some(&client.secret))
            .form(&[("grant_type", "client_credentials")])
    };
    let (right, wrong) = (Answer::to(basic(&app.demo.cron)).await, Answer::to(basic(&wrong)).await);
    for name in ["www-authenticate", "content-type"] {
        assert_eq!(
            right.headers.get(name),
            wrong.headers.get(name),
            "a right secret is not told from a wrong one"
        );
    }
    assert_eq!((right.status, right.body), (wrong.status, wrong.body));
    app.token(&app.demo.globex_client).await;
}

/// RFC 6749 §3.3 has no empty scope: a token without any says nothing of it.
#[tokio::test]
async fn an_api_without_scopes_yields_tokens_without_the_claim() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let audience = "https://plain.example.com";
    api(&app, new_api(audience, &[])).await;
    let plain = client(&app, NewClient::new(ClientType::M2m, "Plain"), &[audience]).await;
    let answer = app.ask(&plain, &[]).await;
    assert!(answer.json().get("scope").is_none(), "{answer:?}");
    assert!(claims_of(&answer.token()).get("scope").is_none());
}
