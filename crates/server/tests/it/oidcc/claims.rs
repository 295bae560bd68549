//! The Basic plan: which claims a scope and the `claims` parameter yield.

use rstest::rstest;
use serde_json::{Map, Value, json};
use tokenry_clock::Clock as _;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::provider::{Provider, held};

const PROFILE: [&str; 14] = [
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// Asserts that userinfo tells exactly these claims for that scope, with the values that the user holds.
async fn tells(engine: Engine, scope: &str, names: &[&str]) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[("scope", scope)]).await;
    let told = provider.userinfo(&tokens.access_token).await;
    let mut known = held();
    known.insert("name".to_owned(), "Ann Lee Example".into());
    known.insert("preferred_username".to_owned(), "ann@acme.example".into());
    known.insert("email".to_owned(), "ann@acme.example".into());
    known.insert("email_verified".to_owned(), true.into());
    known.insert("updated_at".to_owned(), provider.app.clock.now().as_secs().into());
    known.insert("sub".to_owned(), provider.sub.clone().into());
    let expected: Map<String, Value> =
        known.into_iter().filter(|(name, _)| name == "sub" || names.contains(&name.as_str())).collect();
    assert_eq!(told, Value::Object(expected));
    let supported = provider.metadata["claims_supported"].as_array().unwrap();
    assert!(told.as_object().unwrap().keys().all(|name| supported.iter().any(|it| it == name)));
}

#[rstest]
#[tokio::test]
async fn oidcc_scope_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    tells(engine, "openid profile", &PROFILE).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_scope_email(#[values(Sqlite, Postgres)] engine: Engine) {
    tells(engine, "openid email", &["email", "email_verified"]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_scope_address(#[values(Sqlite, Postgres)] engine: Engine) {
    tells(engine, "openid address", &["address"]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_scope_phone(#[values(Sqlite, Postgres)] engine: Engine) {
    tells(engine, "openid phone", &["phone_number", "phone_number_verified"]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_scope_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let more = ["email", "email_verified", "address", "phone_number", "phone_number_verified"];
    tells(engine, "openid address email phone profile", &[&PROFILE[..], &more].concat()).await;
}

/// An essential claim that the scope covers is told; one that it does not cover keeps nobody from signing in.
#[rstest]
#[tokio::test]
async fn oidcc_claims_essential(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let asked = json!({"userinfo": {"name": {"essential": true}}}).to_string();
    let mut browser = provider.app.browser();
    let wide = [("scope", "openid profile"), ("claims", asked.as_str())];
    let tokens = provider.flow(&mut browser, &wide).await;
    assert_eq!(provider.userinfo(&tokens.access_token).await["name"], "Ann Lee Example");
    let tokens = provider.flow(&mut browser, &[("claims", &asked)]).await;
    assert_eq!(provider.userinfo(&tokens.access_token).await.get("name"), None, "nobody consented to it");
}

#[rstest]
#[tokio::test]
async fn oidcc_claims_locales(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.flow(&mut provider.app.browser(), &[("claims_locales", "se")]).await;
}
