//! Auth0's own packages, unchanged: npm's `auth0`, `express-oauth2-jwt-bearer`, and `auth0-python`.

use std::process::Command;

use serde_json::{Value, json};

use super::site::Site;
use crate::folder::text;
use crate::process::{finish_with, option};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");

/// What a script says that is told who the demo's cron job is.
fn script(variable: &str, script: &str, authority: &str, site: &Site) -> Value {
    let Some(interpreter) = option(variable) else {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    };
    let cron = &site.report["clients"]["cron"];
    let mut command = Command::new(interpreter);
    command.args([&format!("{TESTS}/{script}"), &site.domain, &text(&site.report["audience"])]);
    command.arg(text(&cron["client_id"])).env(authority, site.trusted());
    finish_with(command, &text(&cron["client_secret"])).json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a2_npms_auth0_gets_a_token_that_express_accepts() {
    let site = Site::start().await;
    let said = script("TOKENRY_TEST_NODE", "node/auth0.mjs", "NODE_EXTRA_CA_CERTS", &site);
    let cron = &site.report["clients"]["cron"];
    assert_eq!(
        (&said["answer"]["token_type"], &said["answer"]["expires_in"]),
        (&json!("Bearer"), &json!(86_400))
    );
    assert_eq!(said["read"]["status"], 200, "{said}");
    let claims = &said["read"]["claims"];
    assert_eq!(claims["iss"], format!("https://{}/", site.domain));
    assert_eq!(claims["sub"], format!("{}@clients", text(&cron["client_id"])));
    assert_eq!(claims["https://auth.example.com/metadata"]["companyId"], cron["company_id"]);
    let refused = ["fly", "tampered", "nothing"].map(|case| said[case]["status"].as_u64().unwrap());
    assert_eq!(refused, [403, 401, 401], "{said}");
    let wrong = json!({"statusCode": 401, "error": "access_denied", "error_description": "Unauthorized"});
    assert_eq!(said["wrong"], wrong);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a2_auth0_python_gets_a_token() {
    let site = Site::start().await;
    let said = script("TOKENRY_TEST_PYTHON", "python/auth0_token.py", "REQUESTS_CA_BUNDLE", &site);
    let answer = &said["answer"];
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(86_400)), "{said}");
    let client_id = text(&site.report["clients"]["cron"]["client_id"]);
    let claims = tokenry_testkit::claims_of(&text(&answer["access_token"]));
    assert_eq!(claims["sub"], format!("{client_id}@clients"));
    let wrong = json!({"status": 401, "error": "access_denied", "description": "Unauthorized"});
    assert_eq!(said["wrong"], wrong);
    let sentence = "Service not enabled within domain: https://timesheets.example.com/";
    assert_eq!(said["unknown"], json!({"status": 403, "error": "access_denied", "description": sentence}));
}
