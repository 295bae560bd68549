//! Bodies: what is broken, what is invalid, and what is too much.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ALL, Api, answer, sheet};

const PATH: &str = "/companies/acme/timesheets";

#[rstest]
#[case::empty("")]
#[case::null("null")]
#[case::array("[]")]
#[case::string("\"sheet\"")]
#[case::unclosed(r#"{"employee":"Ann""#)]
#[case::trailing_garbage(r#"{"employee":"Ann","week":"2026-W47","hours":1} x"#)]
#[case::second_value(r#"{"employee":"Ann","week":"2026-W47","hours":1}{}"#)]
#[case::duplicate_member(r#"{"employee":"Ann","employee":"Bob","week":"2026-W47","hours":1}"#)]
#[case::duplicate_in_disguise(r#"{"employee":"Ann","\u0065mployee":"Bob","week":"2026-W47","hours":1}"#)]
#[case::byte_order_mark("\u{feff}{\"employee\":\"Ann\",\"week\":\"2026-W47\",\"hours\":1}")]
#[case::not_a_number(r#"{"employee":"Ann","week":"2026-W47","hours":NaN}"#)]
#[case::infinity(r#"{"employee":"Ann","week":"2026-W47","hours":-Infinity}"#)]
#[case::lone_surrogate(r#"{"employee":"\ud800","week":"2026-W47","hours":1}"#)]
#[case::nul(r#"{"employee":"Ann\u0000","week":"2026-W47","hours":1}"#)]
#[case::comment(r#"{"employee":"Ann",/**/"week":"2026-W47","hours":1}"#)]
#[tokio::test]
async fn http_14_broken_json_is_400(#[case] body: &'static str) {
    let api = Api::start().await;
    let refused = api.post_raw(PATH, body).await;
    assert_eq!((refused.status, refused.code()), (400, "invalid_json"), "{refused:?}");
    // What broke it for one breaks it for many; an array is right there.
    let import = api.post_raw("/import", format!("[{body}]")).await;
    assert!(import.status == 400 || body.is_empty() || body == "[]", "{import:?}");
    assert!(api.employees("/timesheets", &api.token("acme", ALL)).await.is_empty());
}

#[tokio::test]
async fn http_13_bytes_that_are_no_utf_8_are_400() {
    let api = Api::start().await;
    for name in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80"] {
        let body = [br#"{"employee":""#, name, br#"","week":"2026-W47","hours":1}"#].concat();
        assert_eq!(api.post_raw(PATH, body).await.code(), "invalid_json", "{name:?}");
    }
}

#[tokio::test]
async fn http_14_deep_nesting_is_400_or_413_and_never_a_crash() {
    let api = Api::start().await;
    for depth in [100, 10_000, 60_000] {
        assert_eq!(api.post_raw(PATH, "[".repeat(depth)).await.status, 400, "{depth}");
    }
    let nested =
        format!(r#"{{"employee":{}1{},"week":"2026-W47","hours":1}}"#, "[".repeat(9_000), "]".repeat(9_000));
    assert_eq!(api.post_raw(PATH, nested).await.status, 400);
    assert_eq!(api.post_raw("/import", "[".repeat(1_000_000)).await.status, 400);
    assert_eq!(api.post_raw(PATH, "[".repeat(1_000_000)).await.status, 413);
}

#[rstest]
#[case::week_54(json!({ "week": "2026-W54" }), "week")]
#[case::week_53_of_a_short_year(json!({ "week": "2025-W53" }), "week")]
#[case::week_0(json!({ "week": "2026-W00" }), "week")]
#[case::lower_case_week(json!({ "week": "2026-w47" }), "week")]
#[case::date(json!({ "week": "2026-11-21" }), "week")]
#[case::number_for_week(json!({ "week": 47 }), "week")]
#[case::negative_hours(json!({ "hours": -1 }), "hours")]
#[case::too_many_hours(json!({ "hours": 168.5 }), "hours")]
#[case::hours_as_text(json!({ "hours": "38.5" }), "hours")]
#[case::no_hours(json!({ "hours": null }), "hours")]
#[case::empty_employee(json!({ "employee": "" }), "employee")]
#[case::blank_employee(json!({ "employee": " \u{a0}" }), "employee")]
#[case::long_employee(json!({ "employee": "e".repeat(201) }), "employee")]
#[case::control_character(json!({ "employee": "Ann\u{1b}[2J" }), "employee")]
#[case::list_for_employee(json!({ "employee": ["Ann"] }), "employee")]
#[case::unknown_member(json!({ "approved_at": "2026-11-21T00:00:00Z" }), "approved_at")]
#[case::id(json!({ "id": "mine" }), "id")]
#[tokio::test]
async fn bad_values_are_422_and_named(#[case] change: Value, #[case] member: &str) {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    let mut body = sheet("Ann");
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let refused = api.send("POST", PATH, &token, body.clone()).await;
    assert_eq!((refused.status, refused.code()), (422, "invalid_timesheet"), "{refused:?}");
    assert_eq!(refused.body["errors"][0]["member"], member);

    let import = api.send("POST", "/import", &token, json!([sheet("Bob"), body])).await;
    assert_eq!((import.status, import.code()), (422, "invalid_timesheet"), "{import:?}");
    assert_eq!(
        (&import.body["errors"][0]["index"], &import.body["errors"][0]["member"]),
        (&json!(1), &json!(member))
    );
    assert!(api.employees("/timesheets", &token).await.is_empty(), "not even the good one was imported");
}

#[rstest]
#[case("1e400", 422)]
#[case("-1e400", 422)]
#[case("123456789012345678901234567890", 422)]
#[case("168.0000000001", 422)]
#[case("-0", 201)]
#[case("0", 201)]
#[case("168", 201)]
#[case("3.85E1", 201)]
#[tokio::test]
async fn http_14_numbers_out_of_range_are_422_and_minus_zero_is_zero(
    #[case] hours: &str,
    #[case] status: u16,
) {
    let api = Api::start().await;
    let body = format!(r#"{{"employee":"Ann","week":"2026-W53","hours":{hours}}}"#);
    let answer = api.post_raw(PATH, body).await;
    assert_eq!(answer.status, status, "{answer:?}");
    if hours == "-0" {
        let listed = api.request("GET", PATH).bearer_auth(api.token("acme", ALL)).send().await.unwrap();
        assert!(listed.text().await.unwrap().contains(r#""hours":0.0"#));
    }
}

#[tokio::test]
async fn http_15_types_other_than_json_and_compressed_bodies_are_415() {
    let api = Api::start().await;
    let body = sheet("Ann").to_string();
    let post = || api.request("POST", PATH).bearer_auth(api.token("acme", ALL)).body(body.clone());
    assert_eq!(answer(post()).await.code(), "unsupported_media_type", "none at all");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json", ""] {
        let refused = answer(post().header(CONTENT_TYPE, kind)).await;
        assert_eq!((refused.status, refused.code()), (415, "unsupported_media_type"), "{kind:?}");
    }
    for coding in ["gzip", "br", "deflate", "identity, gzip"] {
        let request = post().header(CONTENT_TYPE, "application/json").header(CONTENT_ENCODING, coding);
        assert_eq!(answer(request).await.status, 415, "{coding}");
    }
    assert_eq!(answer(post().header(CONTENT_TYPE, "Application/JSON; charset=utf-8")).await.status, 201);
}

#[tokio::test]
async fn http_01_bodies_have_a_size_which_is_larger_for_imports() {
    let api = Api::start().await;
    let padded = |size: usize, body: String| format!("{}{body}", " ".repeat(size - body.len()));
    let (one, many) = (sheet("Ann").to_string(), json!([sheet("Bob")]).to_string());
    for (path, limit, body) in [(PATH, 64 * 1024, one), ("/import", 1024 * 1024, many)] {
        let refused = api.post_raw(path, padded(limit + 1, body.clone())).await;
        assert_eq!((refused.status, refused.code()), (413, "body_too_large"), "{path}");
        assert!(api.post_raw(path, padded(limit, body)).await.status < 300, "{path}");
    }
}

#[tokio::test]
async fn a_refused_caller_is_refused_before_the_body_is_looked_at() {
    let api = Api::start().await;
    let request = api.request("POST", PATH).bearer_auth(api.token("acme", "read:timesheets")).body("{");
    assert_eq!(answer(request).await.code(), "insufficient_scope");
}
