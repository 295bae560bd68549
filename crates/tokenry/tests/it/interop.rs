//! Other people's libraries verify our tokens from the discovery document alone.

use std::process::Command;

use rstest::rstest;
use serde_json::Value;
use tokenry_jose::base64url;
use tokenry_testkit::claims_of;

use crate::dev::Dev;
use crate::process::{Said, finish_with, option};
use crate::serve::token;

fn verify(language: &str, issuer: &str, audience: &str, token: &str) -> Said {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");
    let (variable, script) = match language {
        "node" => ("TOKENRY_TEST_NODE", format!("{tests}/node/verify.mjs")),
        _ => ("TOKENRY_TEST_PYTHON", format!("{tests}/python/verify.py")),
    };
    let Some(interpreter) = option(variable) else {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    };
    let mut command = Command::new(interpreter);
    command.args([&script, issuer, audience]);
    finish_with(command, token)
}

#[rstest]
#[tokio::test]
async fn r15_verifies_from_the_discovery_document(#[values("node", "python")] language: &str) {
    let dev = Dev::start(&[]);
    let value = |value: &Value| value.as_str().unwrap().to_owned();
    let (issuer, audience) = (value(&dev.report["issuer"]), value(&dev.report["audience"]));
    let cron = &dev.report["clients"]["cron"];
    let jwt = token(&issuer, &(value(&cron["client_id"]), value(&cron["client_secret"]))).await.unwrap();
    let claims = verify(language, &issuer, &audience, &jwt).json();
    assert_eq!(claims["sub"], cron["client_id"]);
    assert_eq!(claims["https://auth.example.com/metadata"]["companyId"], cron["company_id"]);

    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let tampered = format!("{signed}.{flipped}{}", &signature[1..]);
    assert_eq!(verify(language, &issuer, &audience, &tampered).code, 1, "a changed signature");
    let (header, claims) = signed.split_once('.').unwrap();
    let mut other: Value = claims_of(&jwt);
    other["scope"] = "everything".into();
    let other = base64url::encode(other.to_string().as_bytes());
    let tampered = format!("{header}.{other}.{signature}");
    assert_eq!(verify(language, &issuer, &audience, &tampered).code, 1, "changed claims");
    let none = base64url::encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    assert_eq!(verify(language, &issuer, &audience, &format!("{none}.{claims}.")).code, 1, "no signature");
    assert_eq!(verify(language, &issuer, "https://other.example", &jwt).code, 1, "another audience");
}
