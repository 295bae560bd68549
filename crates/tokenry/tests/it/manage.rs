//! Clients, companies, integrations and the audit trail by the command line, beside a running server.

use std::fs;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_model::ClientId;
use tokenry_store::ClientUpdate;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::claims_of;

use crate::support::{Serving, Site};

const API: &str = "https://timesheets.example.com";
const NAMESPACE: &str = "https://auth.example.com/metadata";

/// A company, an API and an integration of the company with it.
fn seed(site: &Site, name: &str) -> Value {
    site.run(&["companies", "create", "--name", "Acme", "--id", "acme"]).ok();
    site.run(&[
        "apis",
        "create",
        "--name",
        "T",
        "--audience",
        API,
        "--scope",
        "read:t",
        "--scope",
        "create:t",
    ])
    .ok();
    let integration =
        site.run(&["integrations", "create", name, "--company", "acme", "--api", API, "--scopes", "read:t"]);
    integration.json()
}

/// Status, request id and claims of the answer to the client's next request.
async fn ask(serving: &Serving, client: &Value) -> (u16, String, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
    ];
    let answer = reqwest::Client::new().post(serving.url("/oauth/token")).form(&form).send().await.unwrap();
    let status = answer.status().as_u16();
    let request = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    (status, request, body["access_token"].as_str().map_or(Value::Null, claims_of))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_did_holds_for_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let erp = seed(&site, "ERP");
    let client = erp["client_id"].as_str().unwrap();
    let serving = site.serve().await;
    assert_eq!(ask(&serving, &erp).await.0, 200);
    for (noun, id) in [("clients", client), ("companies", "acme")] {
        assert_eq!(site.run(&[noun, "disable", id]).json()["state"], "disabled");
        assert_eq!(ask(&serving, &erp).await.0, 401);
        assert_eq!(site.run(&[noun, "enable", id]).json()["state"], "enabled");
        assert_eq!(ask(&serving, &erp).await.0, 200);
        assert_eq!(site.run(&[noun, "disable", "nobody"]).code(), Some(4));
    }

    let claims = site.file("claims.json", r#"{"plan":"gold"}"#);
    let updated = site.run(&["clients", "update", client, "--claims", &claims, "--access-token-ttl", "1h"]);
    assert_eq!(updated.json()["claims"], json!({"plan": "gold"}));
    let (_status, _request, said) = ask(&serving, &erp).await;
    assert_eq!(said[NAMESPACE], json!({"companyId": "acme", "plan": "gold"}));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 3_600);
    site.run(&["clients", "update", client, "--inherit-access-token-ttl"]).ok();
    site.run(&["apis", "update", API, "--access-token-ttl", "2h"]).ok();
    let (_status, _request, said) = ask(&serving, &erp).await;
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 7_200);
    for bad in [r#"{"Sub":"x"}"#, r#"{"a":1,"a":2}"#, "[]", "{"] {
        let file = site.file("claims.json", bad);
        assert_eq!(site.run(&["clients", "update", client, "--claims", &file]).code(), Some(2), "{bad}");
    }
    assert_eq!(site.run(&["clients", "update", client]).code(), Some(2), "nothing to change");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r06_integrations_live_and_die_by_themselves(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let erp = seed(&site, "ERP");
    let crm = site.run(&["integrations", "create", "CRM", "--company", "acme", "--api", API]).json();
    let serving = site.serve().await;
    assert_eq!((&erp["scope"], &crm["scope"]), (&"read:t".into(), &"create:t read:t".into()));
    assert_eq!(ask(&serving, &erp).await.2["scope"], "read:t");

    let rotated = site.run(&["integrations", "rotate", "ERP", "--overlap", "1h"]).json();
    assert_ne!(rotated["client_secret"], erp["client_secret"]);
    assert_eq!((ask(&serving, &erp).await.0, ask(&serving, &rotated).await.0), (200, 200));
    let taken = site.run(&["integrations", "create", "ERP", "--company", "acme", "--api", API]);
    assert_eq!(taken.code(), Some(5), "{}", taken.said());
    assert_eq!(site.run(&["integrations", "delete", "ERP"]).code(), Some(2), "nobody is there to be asked");
    site.run(&["integrations", "delete", "ERP", "--yes"]).ok();
    assert_eq!((ask(&serving, &rotated).await.0, ask(&serving, &crm).await.0), (401, 200));
    assert_eq!(site.run(&["integrations", "show", "ERP"]).code(), Some(4));
    let shown = site.run(&["integrations", "show", "CRM"]).json();
    assert_eq!((&shown["client_id"], shown.get("client_secret")), (&crm["client_id"], None));
    assert_eq!(site.run(&["integrations", "list"]).json().as_array().unwrap().len(), 1);
}

/// What was typed is looked up once: what the operator is asked about is what goes.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r06_an_integration_named_like_anothers_id_is_not_taken_for_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let site = Site::new(engine).await;
    let alpha = seed(&site, "alpha");
    let id = alpha["id"].as_str().unwrap();
    let create = |name: &str| site.run(&["integrations", "create", name, "--company", "acme", "--api", API]);
    let refused = create(id);
    assert_eq!(refused.code(), Some(2), "{}", refused.said());
    // As one may be named that was made before.
    let beta = create("beta").json();
    site.database.execute(&format!("UPDATE integrations SET name = '{id}' WHERE name = 'beta'"));
    let rotated = site.run(&["integrations", "rotate", "alpha"]).json();
    assert_eq!(rotated["client_id"], alpha["client_id"]);
    let serving = site.serve().await;
    let deleted = site.run(&["integrations", "delete", "alpha", "--yes"]).json();
    let told = json!([deleted["id"], deleted["name"], deleted["client_id"]]);
    assert_eq!(told, json!([id, "alpha", alpha["client_id"]]));
    assert_eq!((ask(&serving, &alpha).await.0, ask(&serving, &beta).await.0), (401, 200));
    let left = site.run(&["integrations", "list"]).json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &beta["id"]));
}

/// Every API would be locked out, and scanners would look for what is nowhere.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r21_the_brand_is_fixed_once_and_for_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let erp = seed(&site, "ERP");
    site.configure("brand = \"tokenry\"", "brand = \"other\"");
    for command in [&["clients", "list"][..], &["serve"], &["init"], &["secrets", "add", "any"]] {
        let refused = site.run(command);
        assert_eq!(refused.code(), Some(2), "{command:?}: {}", refused.said());
        assert!(refused.said().contains("secrets.brand: \"other\""), "{}", refused.said());
        assert!(refused.said().contains("brand = \"tokenry\""), "{}", refused.said());
    }
    site.configure("brand = \"other\"", "brand = \"tokenry\"");
    let serving = site.serve().await;
    assert_eq!(ask(&serving, &erp).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apis_secrets_are_listed_and_revoked() {
    let site = Site::new(Sqlite).await;
    seed(&site, "ERP");
    let added = site.run(&["apis", "secrets", "add", API, "--label", "one"]).json();
    let value = added["client_secret"].as_str().unwrap();
    site.run(&["apis", "secrets", "revoke", API, added["id"].as_str().unwrap(), "--yes"]).ok();
    let listed = site.run(&["apis", "secrets", "list", API]);
    assert!(!listed.ok().contains(&value[..20]), "a secret is shown once");
    assert_eq!(listed.json()[0]["status"], "revoked");
    assert_eq!(site.run(&["apis", "secrets", "revoke", API, "none", "--yes"]).code(), Some(4));
}

/// A claim that came into the database in another way fails issuance, and the operator learns why.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_10_a_reserved_claim_in_storage_fails_issuance(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let erp = seed(&site, "ERP");
    let store = site.database.store().await;
    let id = ClientId::parse(erp["client_id"].as_str().unwrap()).unwrap();
    let now = store.find_client(&id).await.unwrap().unwrap().created_at;
    let serving = site.serve().await;
    for (name, value) in
        [("companyID", json!("globex")), ("sub", json!("usr_ann")), ("long", json!("x".repeat(1_024)))]
    {
        let claims = Some([(name.to_owned(), value)].into_iter().collect());
        store
            .update_client(&id, &ClientUpdate { claims, ..ClientUpdate::default() }, now, &[])
            .await
            .unwrap();
        let (status, request, said) = ask(&serving, &erp).await;
        assert_eq!((status, said), (500, Value::Null), "{name}");
        let records = site.run(&["audit", "show", &request]).json();
        assert_eq!(records[0]["outcome"], "client_claims_refused");
        assert!(records[0]["meaning"].as_str().unwrap().contains("clients update --claims"));
        assert_eq!(records[0]["actor"], format!("client {id}"));
    }
    let file = site.file("claims.json", "{}");
    site.run(&["clients", "update", id.as_str(), "--claims", &file]).ok();
    assert_eq!(ask(&serving, &erp).await.0, 200);
    let unknown = site.run(&["audit", "show", "nothing"]);
    assert_eq!(unknown.code(), Some(4));
    assert!(unknown.said().contains("hint:"), "{}", unknown.said());
    let last = site.run(&["audit", "list", "--limit", "2"]).json();
    assert_eq!((&last[0]["event"], &last[1]["event"]), (&"token.issued".into(), &"client.updated".into()));
}

/// No file in the folder, least of all the database, holds a secret in the clear.
#[tokio::test(flavor = "multi_thread")]
async fn an_integrations_secret_is_kept_by_its_digest_only() {
    let site = Site::new(Sqlite).await;
    let erp = seed(&site, "ERP");
    let secret = erp["client_secret"].as_str().unwrap().as_bytes().to_owned();
    let folder = site.database.folder().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let held = fs::read(entry.unwrap().path()).unwrap();
        assert!(!held.windows(secret.len()).any(|window| window == secret));
    }
}
