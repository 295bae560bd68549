//! What goes back to the client: all that is wrong once it is known where to.

use rstest::rstest;
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::Sqlite;

use super::{CALLBACK, CHALLENGE, Rig, goes_on, told};

type Changes = &'static [(&'static str, Option<&'static str>)];

const REFUSED: &[(&str, Changes, &str)] = &[
    ("az_14", &[("response_type", None)], "invalid_request"),
    ("az_14", &[("response_type", Some("token"))], "unsupported_response_type"),
    ("az_14", &[("response_type", Some("id_token token"))], "unsupported_response_type"),
    ("az_14", &[("response_type", Some("code token"))], "unsupported_response_type"),
    ("az_16", &[("response_mode", Some("fragment"))], "invalid_request"),
    ("az_16", &[("response_mode", Some("web_message"))], "invalid_request"),
    ("az_21", &[("prompt", Some("none login"))], "invalid_request"),
    ("az_23", &[("max_age", Some("-1"))], "invalid_request"),
    ("az_23", &[("max_age", Some("9223372036854775808"))], "invalid_request"),
    ("az_23", &[("max_age", Some("1.5"))], "invalid_request"),
    ("pk_01", &[("code_challenge", None), ("code_challenge_method", None)], "invalid_request"),
    ("pk_02", &[("code_challenge_method", None)], "invalid_request"),
    ("pk_02", &[("code_challenge_method", Some("plain"))], "invalid_request"),
    ("pk_03", &[("code_challenge", Some("short"))], "invalid_request"),
    ("az_20", &[("scope", Some("unknown:scope"))], "invalid_scope"),
    ("r74", &[("scope", Some("approve:timesheets"))], "invalid_scope"),
    ("scope", &[("scope", Some("a  b"))], "invalid_scope"),
    ("peer_11", &[("resource", Some("https://other.example"))], "invalid_target"),
    ("peer_11", &[("audience", Some("https://other.example"))], "invalid_target"),
    ("request", &[("request", Some("e30.e30."))], "request_not_supported"),
    ("request", &[("request_uri", Some("https://evil.example/r"))], "request_uri_not_supported"),
    ("claims", &[("claims", Some("[1]"))], "invalid_request"),
];

#[tokio::test]
async fn az_14_to_az_23_and_pk_01_to_pk_03_mistakes_are_told_before_anybody_signs_in() {
    let rig = Rig::on(Sqlite).await;
    for (case, changes, code) in REFUSED {
        let told = told(&rig.ask(changes).await, CALLBACK);
        let value =
            |name: &str| told.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("error"), Some(*code), "{case} {changes:?}: {told:?}");
        assert_eq!((value("state"), value("iss")), (Some("s-1"), Some(rig.app.issuer.as_str())), "{case}");
        assert_eq!(value("code"), None, "{case}");
    }
    rig.must_work().await;
}

#[tokio::test]
async fn az_17_az_18_http_06_state_comes_back_as_it_was_and_nothing_else_does() {
    let rig = Rig::on(Sqlite).await;
    for state in ["<script>alert(1)</script>", "\"'&=#?%0d%0a", " spaces ", &"s".repeat(2_048)] {
        let changes = [
            ("state", Some(state)),
            ("response_type", Some("token")),
            ("error", Some("evil")),
            ("error_description", Some("evil")),
            ("iss", Some("https://evil.example")),
            ("code", Some("evil")),
        ];
        let told = told(&rig.ask(&changes).await, CALLBACK);
        let names: Vec<_> = told.iter().map(|(name, _value)| name.as_str()).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"], "{told:?}");
        assert_eq!(told[2].1, state);
        assert!(!told.iter().any(|(_name, value)| value.contains("evil")), "{told:?}");
    }
    for state in ["a\r\nSet-Cookie: b=c", "é", &"s".repeat(2_049)] {
        let told = told(&rig.ask(&[("state", Some(state))]).await, CALLBACK);
        let names: Vec<_> = told.iter().map(|(name, _value)| name.as_str()).collect();
        assert_eq!(names, ["error", "error_description", "iss"], "{state:?}: {told:?}");
    }
}

#[tokio::test]
async fn az_16_a_page_that_posts_escapes_what_it_posts() {
    let rig = Rig::on(Sqlite).await;
    let state = "\"><script>alert(1)</script>";
    let changes =
        [("response_mode", Some("form_post")), ("state", Some(state)), ("scope", Some("none:such"))];
    let answer = rig.ask(&changes).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.body.contains(&format!("action=\"{CALLBACK}\"")), "{answer:?}");
    assert!(answer.body.contains("name=\"error\" value=\"invalid_scope\""), "{answer:?}");
    assert!(!answer.body.contains("<script>"), "{answer:?}");
    assert!(answer.body.contains("<button type=\"submit\">"), "{answer:?}");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("form-action https://app.example.com;") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    let script = tokenry_testkit::Answer::to(rig.app.http.get(rig.app.url("/assets/form-post.js"))).await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.body.contains("submit()"));
}

#[rstest]
#[case(&[("scope", None)])]
#[case(&[("scope", Some("read:timesheets create:timesheets openid unknown:scope"))])]
#[case(&[("audience", Some(AUDIENCE))])]
#[case(&[("resource", Some(AUDIENCE)), ("audience", Some(AUDIENCE))])]
#[case(&[("prompt", Some("login consent")), ("max_age", Some("0"))])]
#[case(&[("nonce", Some("n")), ("ui_locales", Some("de")), ("acr_values", Some("x")), ("display", Some("page"))])]
#[case(&[("id_token_hint", Some("a.b.c"))])]
#[case(&[("response_mode", Some("query"))])]
#[tokio::test]
async fn r66_az_20_an_honest_request_goes_on_to_our_page(#[case] changes: Changes) {
    let rig = Rig::on(Sqlite).await;
    goes_on(&rig.ask(changes).await);
    goes_on(&rig.post("/authorize", rig.query(changes)).await);
}

#[tokio::test]
async fn pk_01_an_operator_may_let_a_confidential_client_do_without() {
    let rig = Rig::on(Sqlite).await;
    let without =
        [("client_id", Some(rig.lax.as_str())), ("code_challenge", None), ("code_challenge_method", None)];
    goes_on(&rig.ask(&without).await);
    let plain = [("client_id", Some(rig.lax.as_str())), ("code_challenge_method", Some("plain"))];
    assert_eq!(told(&rig.ask(&plain).await, CALLBACK)[0].1, "invalid_request");
    assert_eq!(CHALLENGE.len(), 43);
}

#[tokio::test]
async fn a_request_too_long_to_be_carried_is_refused() {
    let rig = Rig::on(Sqlite).await;
    let (state, claims) = ("s".repeat(2_000), format!("{{\"userinfo\":{{\"{}\":null}}}}", "c".repeat(1_500)));
    let told = told(&rig.ask(&[("state", Some(&state)), ("claims", Some(&claims))]).await, CALLBACK);
    assert_eq!(told[0].1, "invalid_request");
}
