//! Bodies that cannot be taken: what is wrong is named, and nothing is made.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_testkit::Engine::Sqlite;

use super::*;
use crate::session::problem;

#[rstest]
#[case::none("name", json!(null))]
#[case::empty("name", json!(" "))]
#[case::number("name", json!(7))]
#[case::long("name", json!("n".repeat(81)))]
#[case::two_lines("name", json!("a\nb"))]
#[case::note("note", json!("n".repeat(301)))]
#[case::no_end("expires_in", json!(null))]
#[case::never("expires_in", json!("none"))]
#[case::zero("expires_in", json!(0))]
#[case::negative("expires_in", json!(-1))]
#[case::half("expires_in", json!(90.5))]
#[case::text("expires_in", json!("3600"))]
#[case::nearly_never("expires_in", json!(86_400_000_000_000_u64))]
#[case::more_than_there_is("expires_in", json!(1e30))]
#[case::no_list("apis", json!("https://timesheets.example.com"))]
#[case::empty_list("apis", json!([]))]
#[case::no_such_api("apis", json!(["https://nowhere.example.com"]))]
#[case::this_server("apis", json!(["http://127.0.0.1/manage/v1"]))]
#[case::no_texts("apis", json!([7]))]
#[case::no_scopes("scopes", json!([]))]
#[case::no_such_scope("scopes", json!(["fly:timesheets"]))]
#[case::no_scope_list("scopes", json!({"read": true}))]
#[case::no_address("allowed_addresses", json!(["office"]))]
#[case::everybody("allowed_addresses", json!(["0.0.0.0/0"]))]
#[case::not_hers("company_id", json!("somebody-elses"))]
#[case::no_company("company_id", json!(7))]
#[case::somebody_else("user_id", json!("usr_bob"))]
#[case::unknown("scope", json!("read:timesheets"))]
#[tokio::test]
async fn pat_05_pat_08_a_member_that_cannot_be_taken_is_named(#[case] member: &str, #[case] value: Value) {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let (before, mut wanted) = (pats(&app), wish("CI"));
    wanted[member] = value;
    let answer = Answer::to(ui.proven(&app, Method::POST, TOKENS).json(&wanted)).await;
    assert_eq!(problem(&answer), (422, "invalid_member".to_owned()), "{}", answer.body);
    assert_eq!(answer.json()["errors"][0]["member"], member);
    assert!(!answer.json()["errors"][0]["problem"].as_str().unwrap().is_empty());
    assert_eq!(pats(&app), before);
    create(&app, &ui, &wish("CI")).await;
}

#[tokio::test]
async fn tok_27_a_body_that_is_no_object_is_400_and_a_form_none() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let before = pats(&app);
    let twice = r#"{"name":"a","name":"b","expires_in":60}"#;
    for body in ["", "{", "[]", "\"x\"", "null", r#"{"name":"a","expires_in":60} x"#, twice] {
        let request = ui.proven(&app, Method::POST, TOKENS).header("content-type", "application/json");
        let answer = Answer::to(request.body(body)).await;
        assert_eq!(problem(&answer), (400, "invalid_request".to_owned()), "{body}");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let mut request = ui.proven(&app, Method::POST, TOKENS).body(wish("CI").to_string());
        if !media.is_empty() {
            request = request.header("content-type", media);
        }
        assert_eq!(problem(&Answer::to(request).await).0, 400, "{media}");
    }
    let long = json!({"name": "n".repeat(70_000), "expires_in": 60});
    let answer = Answer::to(ui.proven(&app, Method::POST, TOKENS).json(&long)).await;
    assert_eq!(problem(&answer), (413, "body_too_large".to_owned()));
    assert_eq!(pats(&app), before);
    create(&app, &ui, &wish("CI")).await;
}
