//! What operators change, as the next request finds it.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Map, Value, json};
use tokenry_engine::manage::{
    Error, NewApi, NewClient, NewIntegration, NewSecret, UpdateApi, UpdateClient, meaning,
};
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, DemoClient, NAMESPACE, claims_of};

use crate::app::{Answer, Server, basic};

const HOUR: Duration = Duration::from_secs(3_600);

async fn ask(server: &Server, client: &DemoClient, more: &str) -> Answer {
    let form =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret);
    server.form(form + more, &[]).await
}

/// The claims of the client's next token.
async fn claims(server: &Server, client: &DemoClient) -> Value {
    let answer = ask(server, client, "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    claims_of(answer.json()["access_token"].as_str().unwrap())
}

/// What the client's next token is revoked with.
async fn handle(server: &Server, client: &DemoClient) -> String {
    claims(server, client).await["jti"].as_str().unwrap()[..11].to_owned()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn tok_20_a_disabled_client_is_refused_at_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let before = handle(&server, cron).await;
    assert_eq!(handle(&server, cron).await, before);
    server.manager.disable_client(&cron.id).await.unwrap();
    let refused = ask(&server, cron, "").await;
    refused.is_error(401, "invalid_client");
    let wrong = DemoClient { secret: server.demo.group.secret.clone(), ..cron.clone() };
    assert_eq!(ask(&server, &wrong, "").await.body, refused.body, "nothing tells that the secret was right");
    server.manager.disable_client(&cron.id).await.unwrap();
    handle(&server, &server.demo.readonly).await;

    server.manager.enable_client(&cron.id).await.unwrap();
    assert_ne!(handle(&server, cron).await, before, "what was dead stays dead");
    let unknown = server.manager.disable_client("nobody").await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ten_05_nobody_acts_for_a_disabled_company(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let demo = &server.demo;
    let before = [handle(&server, &demo.cron).await, handle(&server, &demo.group).await];
    let elsewhere = handle(&server, &demo.globex_client).await;

    server.manager.disable_company(&demo.acme_labs).await.unwrap();
    let narrowed = format!("&company_id={}", demo.acme_labs);
    // It is as if that company were out of reach; the client itself may act.
    ask(&server, &demo.group, &narrowed).await.is_error(400, "invalid_target");
    assert_eq!(handle(&server, &demo.group).await, before[1], "it may still act at home");
    server.manager.enable_company(&demo.acme_labs).await.unwrap();
    assert_eq!(ask(&server, &demo.group, &narrowed).await.status, 200);
    assert_eq!(handle(&server, &demo.group).await, before[1], "what it has for all companies lives on");
    assert_eq!(handle(&server, &demo.cron).await, before[0], "it never could");

    server.manager.disable_company(&demo.acme).await.unwrap();
    for client in [&demo.cron, &demo.readonly, &demo.group] {
        ask(&server, client, "").await.is_error(401, "invalid_client");
    }
    server.manager.enable_company(&demo.acme).await.unwrap();
    assert_ne!(handle(&server, &demo.cron).await, before[0]);
    assert_eq!(handle(&server, &demo.globex_client).await, elsewhere);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_lifetime_of_tokens_is_the_clients_then_the_apis(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let lives = async || {
        let claims = claims(&server, cron).await;
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
    };
    let of_client = async |ttl| {
        let update = UpdateClient { access_token_ttl: Some(ttl), ..UpdateClient::default() };
        server.manager.update_client(&cron.id, update).await
    };
    let of_api = async |ttl| {
        let update = UpdateApi { access_token_ttl: Some(ttl), ..UpdateApi::default() };
        server.manager.update_api(AUDIENCE, update).await
    };
    assert_eq!(lives().await, 86_400);
    assert_eq!(of_api(Some(HOUR)).await.unwrap().access_token_ttl, Some(HOUR));
    assert_eq!(lives().await, 3_600);
    assert_eq!(of_client(Some(2 * HOUR)).await.unwrap().0.access_token_ttl, Some(2 * HOUR));
    assert_eq!(lives().await, 7_200);
    of_client(None).await.unwrap();
    assert_eq!(lives().await, 3_600);
    of_api(None).await.unwrap();
    assert_eq!(lives().await, 86_400);
    let refused = of_client(Some(Duration::from_millis(999))).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "access-token-ttl", .. })), "{refused:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_claims_stand_beside_the_company(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let own = json!({"plan": "gold", "größe": {"n": [1, null, "\u{1f600}"]}, "seats": 12});
    let update = UpdateClient { claims: Some(object(own)), ..UpdateClient::default() };
    server.manager.update_client(&server.demo.group.id, update).await.unwrap();
    let claims = claims(&server, &server.demo.group).await;
    let expected = json!({
        "companyId": server.demo.acme, "corporationId": server.demo.acme_group,
        "plan": "gold", "größe": {"n": [1, null, "\u{1f600}"]}, "seats": 12,
    });
    assert_eq!(claims[NAMESPACE], expected);
    assert!(claims["plan"].is_null(), "nowhere else");

    let none = UpdateClient { claims: Some(Map::new()), ..UpdateClient::default() };
    server.manager.update_client(&server.demo.group.id, none).await.unwrap();
    let claims = self::claims(&server, &server.demo.group).await;
    assert_eq!(claims[NAMESPACE].as_object().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_a_client_without_a_company_may_have_claims_of_its_own() {
    let server = Server::start().await;
    let api = NewApi {
        id: None,
        name: "Weather".to_owned(),
        audience: "https://weather.example.com".to_owned(),
        scopes: vec![("read:weather".to_owned(), String::new())],
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted: false,
    };
    let api = server.manager.create_api(api).await.unwrap();
    for (name, own, expected) in
        [("With", json!({"plan": "gold"}), json!({"plan": "gold"})), ("Without", json!({}), Value::Null)]
    {
        let new = NewClient { claims: object(own), ..NewClient::new(ClientType::M2m, name) };
        let created = server.manager.create_client(new).await.unwrap();
        let id = created.client.id.to_string();
        server.manager.create_grant(&id, &api.audience, &[]).await.unwrap();
        let client = DemoClient { id, secret: created.secret.unwrap().expose().to_owned() };
        assert_eq!(claims(&server, &client).await[NAMESPACE], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn peer_10_reserved_claims_are_refused_when_configured() {
    let server = Server::start().await;
    let reserved = "iss sub aud exp nbf iat jti azp scope client_id cnf act sid acr auth_time nonce gty \
                    companyId corporationId";
    let mut refused = reserved.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    refused.extend(["ISS", "Sub", "COMPANYID", "companyid", "CorporationID", ""].map(str::to_owned));
    let mut cases = refused.iter().map(|name| json!({ "fine": 1, name.as_str(): "x" })).collect::<Vec<_>>();
    cases.push(json!({"long": "x".repeat(1_014)}));
    for claims in cases {
        let update = UpdateClient { claims: Some(object(claims.clone())), ..UpdateClient::default() };
        let updated = server.manager.update_client(&server.demo.cron.id, update).await;
        assert!(matches!(updated, Err(Error::Invalid { field: "claims", .. })), "{claims}: {updated:?}");
        let new = NewClient { claims: object(claims.clone()), ..NewClient::new(ClientType::M2m, "New") };
        let created = server.manager.create_client(new).await;
        assert!(matches!(created, Err(Error::Invalid { field: "claims", .. })), "{claims}: {created:?}");
    }
    assert_eq!(claims(&server, &server.demo.cron).await[NAMESPACE], json!({"companyId": server.demo.acme}));

    let longest = object(json!({"long": format!("{}x", "ü".repeat(506))}));
    let update = UpdateClient { claims: Some(longest), ..UpdateClient::default() };
    server.manager.update_client(&server.demo.cron.id, update).await.unwrap();
}

async fn integrate(server: &Server, name: &str) -> DemoClient {
    let (company, api) = (server.demo.acme.clone(), AUDIENCE.to_owned());
    let new =
        NewIntegration { name: name.to_owned(), company, api, scopes: vec!["read:timesheets".to_owned()] };
    let created = server.manager.create_integration(new).await.unwrap();
    DemoClient { id: created.client.id.to_string(), secret: created.secret.expose().to_owned() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r06_rotating_or_deleting_one_integration_touches_no_other(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let (erp, crm) = (integrate(&server, "ERP").await, integrate(&server, "CRM").await);
    assert_ne!(erp.id, crm.id);
    let claims = claims(&server, &crm).await;
    assert_eq!(claims["scope"], "read:timesheets");
    assert_eq!(claims[NAMESPACE], json!({"companyId": server.demo.acme}));
    let untouched = (handle(&server, &crm).await, server.manager.client(&crm.id).await.unwrap().version);

    let integration = server.manager.integration("ERP").await.unwrap();
    let (_stored, secret) = server.manager.rotate_integration(&integration, HOUR).await.unwrap();
    let rotated = DemoClient { secret: secret.expose().to_owned(), ..erp.clone() };
    assert_ne!(handle(&server, &rotated).await, handle(&server, &erp).await, "both work for an hour");
    server.clock.advance(HOUR);
    ask(&server, &erp, "").await.is_error(401, "invalid_client");
    handle(&server, &rotated).await;

    server.manager.delete_integration(&integration).await.unwrap();
    ask(&server, &rotated, "").await.is_error(401, "invalid_client");
    assert!(matches!(server.manager.integration("ERP").await, Err(Error::NotFound(_))));
    let now = (handle(&server, &crm).await, server.manager.client(&crm.id).await.unwrap().version);
    assert_eq!(now, untouched);
    let left = server.manager.integrations(None, 10).await.unwrap();
    assert_eq!(left.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["CRM"]);

    let (company, api) = (server.demo.acme.clone(), AUDIENCE.to_owned());
    let again = NewIntegration { name: "CRM".to_owned(), company, api, scopes: Vec::new() };
    let refused = server.manager.create_integration(again).await;
    assert!(matches!(refused, Err(Error::Exists(_))), "{refused:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_api_secret_opens_nothing_at_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let api = &server.demo.api;
    let snapshot = async || {
        let authorization = basic(&api.id, &api.secret);
        server.ask("GET /guard/v1/snapshot", &[("Authorization", &authorization)], "").await.status
    };
    assert_eq!(snapshot().await, 200);
    let secrets = server.manager.api_secrets(&api.id).await.unwrap();
    server.manager.revoke_api_secret(AUDIENCE, secrets[0].id.as_str()).await.unwrap();
    assert_eq!(snapshot().await, 401);
    server.manager.revoke_api_secret(AUDIENCE, secrets[0].id.as_str()).await.unwrap();
    let unknown = server.manager.revoke_api_secret(AUDIENCE, "none").await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

/// The reason that is recorded of a refused request; those before authentication are written once a second.
async fn reason(server: &Server, refused: &Answer) -> String {
    assert!(refused.status >= 400, "{refused:?}");
    let request = refused.field("x-request-id");
    for _ in 0..100 {
        if let Ok(records) = server.manager.audit_of_request(request).await {
            assert_eq!(records.len(), 1, "{records:?}");
            assert!(records[0].is_intact());
            return records[0].outcome.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing is recorded of {refused:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_found_by_its_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let demo = &server.demo;
    let wrong = DemoClient { secret: demo.group.secret.clone(), ..demo.cron.clone() };
    let nobody = DemoClient { id: "nobody".to_owned(), ..demo.cron.clone() };
    let cut = DemoClient { secret: demo.cron.secret[..40].to_owned(), ..demo.cron.clone() };
    let mut refused = Vec::new();
    for (client, more, expected) in [
        (&wrong, "", "wrong_secret"),
        (&wrong, "", "wrong_secret"),
        (&nobody, "", "unknown_client"),
        (&wrong, "", "wrong_secret"),
        (&cut, "", "malformed_secret"),
        (&demo.cron, "&scope=read%3Anothing", "scope_undefined"),
        (&demo.readonly, "&scope=create%3Atimesheets", "scope_not_granted"),
        (&demo.cron, "&audience=https%3A%2F%2Fother.example.com", "api_not_granted"),
        (&demo.cron, &format!("&company_id={}", demo.globex), "company_out_of_reach"),
        (&demo.cron, "&scope=a&scope=b", "invalid_request"),
    ] {
        refused.push((ask(&server, client, more).await, expected));
    }
    for (answer, expected) in &refused {
        assert_eq!(reason(&server, answer).await, *expected, "{answer:?}");
        assert!(meaning(expected).is_some(), "{expected}");
    }
    for none in ["", "nothing", "wrong_secret", &demo.cron.id] {
        assert!(matches!(server.manager.audit_of_request(none).await, Err(Error::NotFound(_))), "{none}");
    }
}

/// Whoever asks what was done for a company finds all of it by the record's own column.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn g2_what_is_done_for_a_company_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let (manager, before) = (&server.manager, server.audit().await.last().unwrap().seq);
    manager.create_corporation("Umbrella", Some("umbrella")).await.unwrap();
    manager.create_company("Initech", Some("initech"), Some("umbrella")).await.unwrap();
    let company = Some("initech".to_owned());
    let corporation = Some("umbrella".to_owned());
    let new =
        NewClient { company: company.clone(), corporation, ..NewClient::new(ClientType::M2m, "Payroll") };
    let id = manager.create_client(new).await.unwrap().client.id;
    let (secret, _shown) = manager.add_client_secret(id.as_str(), NewSecret::default()).await.unwrap();
    manager.revoke_client_secret(id.as_str(), secret.id.as_str()).await.unwrap();
    manager.disable_client(id.as_str()).await.unwrap();
    manager.delete_client(id.as_str()).await.unwrap();
    let scopes = Vec::new();
    let new = NewIntegration { name: "Sync".into(), company: "initech".into(), api: AUDIENCE.into(), scopes };
    let made = manager.create_integration(new).await.unwrap();
    manager.delete_integration(&made.integration).await.unwrap();
    manager.delete_company("initech").await.unwrap();
    let records = server.audit_after(before).await;
    let (of_it, others): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.company_id == company);
    let others: Vec<_> = others.iter().map(|record| record.event.as_str()).collect();
    assert_eq!(others, ["corporation.created"], "{records:?}");
    let detail = |event: &str| -> Value {
        serde_json::from_str(&of_it.iter().find(|record| record.event == event).unwrap().detail).unwrap()
    };
    assert_eq!(detail("company.created"), json!({"name": "Initech", "corporation": "umbrella"}));
    assert_eq!(
        detail("client.created"),
        json!({"name": "Payroll", "type": "m2m", "corporation": "umbrella"})
    );
}
