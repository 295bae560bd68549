//! `POST /oauth/token`: what only HTTP can get wrong. What is decided behind it, and its neighbours, are in the folder.

mod assertion;
mod authentication;
mod chance;
mod claims;
mod discovery;
mod equality;
mod handle;
mod impostors;
mod keys;
mod lifecycle;
mod race;
mod request;
mod scope;
mod snapshot;
mod storage;
pub(crate) mod support;
mod target;
mod tenant;

use rstest::rstest;

use tokenry_testkit::{AUDIENCE, SCOPES};

use crate::app::{Server, basic};

const FORM: &str = "application/x-www-form-urlencoded";

#[rstest]
#[case(FORM)]
#[case("application/x-www-form-urlencoded; charset=utf-8")]
#[case("Application/X-WWW-Form-URLEncoded;charset=\"UTF-8\"")]
#[tokio::test]
async fn a_form_gets_a_token(#[case] content_type: &str) {
    let server = Server::start().await;
    let answer = server.ask("POST /oauth/token", &[("Content-Type", content_type)], server.good_form()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.is_token_like();
    let json = answer.json();
    assert_eq!(json["access_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!((&json["token_type"], &json["expires_in"]), (&"Bearer".into(), &86_400.into()));
    assert_eq!(json["scope"], SCOPES.join(" "));
    assert_eq!(json.as_object().unwrap().len(), 4);
}

#[rstest]
#[case("application/json")]
#[case("application/json; charset=utf-8")]
#[tokio::test]
async fn json_gets_a_token(#[case] content_type: &str) {
    let server = Server::start().await;
    let body = serde_json::json!({
        "grant_type": "client_credentials", "client_id": server.demo.cron.id, "client_secret": server.demo.cron.secret,
        "audience": AUDIENCE, "organization": null, "scope": "read:timesheets",
    });
    let answer = server.ask("POST /oauth/token", &[("Content-Type", content_type)], body.to_string()).await;
    assert_eq!((answer.status, &answer.json()["scope"]), (200, &"read:timesheets".into()), "{answer:?}");
}

#[tokio::test]
async fn basic_gets_a_token_whatever_is_accepted() {
    let server = Server::start().await;
    let fields = [("Authorization", &*server.basic()), ("Accept", "text/html")];
    let answer = server.form("grant_type=client_credentials", &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.is_token_like();
}

#[tokio::test]
async fn tok_01_the_challenge_goes_to_who_used_the_header() {
    let server = Server::start().await;
    let answer = server.form("grant_type=client_credentials", &[]).await;
    answer.is_error(401, "invalid_client");
    assert_eq!(answer.field("www-authenticate"), "");
    let wrong = basic(&server.demo.cron.id, "wrong");
    let answer = server.form("grant_type=client_credentials", &[("Authorization", &wrong)]).await;
    answer.is_error(401, "invalid_client");
    assert_eq!(answer.field("www-authenticate"), "Basic realm=\"127.0.0.1\"");
    server.serves().await;
}

#[tokio::test]
async fn tok_03_an_unknown_client_looks_like_a_wrong_secret() {
    let server = Server::start().await;
    let mut secret = server.demo.cron.secret.clone();
    secret.replace_range(12..13, if &secret[12..13] == "a" { "b" } else { "a" });
    let ask = |id: &str, secret: &str| {
        let authorization = basic(id, secret);
        let server = &server;
        async move { server.form("grant_type=client_credentials", &[("Authorization", &authorization)]).await }
    };
    let wrong = ask(&server.demo.cron.id, &secret).await;
    for other in [ask("nobody", &server.demo.cron.secret).await, ask("nobody", &secret).await] {
        assert_eq!((wrong.status, &wrong.body), (other.status, &other.body));
        assert_eq!(wrong.field("www-authenticate"), other.field("www-authenticate"));
    }
}

#[rstest]
#[case("client_id=cron")]
#[case("client_secret=x")]
#[case("client_secret=")]
#[case("grant_type=client_credentials")]
#[case("scope=read:timesheets")]
#[case("code=a")]
#[case("refresh%5Ftoken=a")]
#[case("a=b&code_verifier=a")]
#[tokio::test]
async fn tok_10_nothing_belongs_in_the_query(#[case] query: &str) {
    let server = Server::start().await;
    let line = format!("POST /oauth/token?{query}");
    server.ask(&line, &[("Content-Type", FORM)], server.good_form()).await.is_error(400, "invalid_request");
    server.serves().await;
}

#[tokio::test]
async fn tok_15_an_unknown_parameter_in_the_query_is_ignored() {
    let server = Server::start().await;
    let answer = server.ask("POST /oauth/token?utm=1", &[("Content-Type", FORM)], server.good_form()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[rstest]
#[case::missing(&[])]
#[case::text(&["text/plain"])]
#[case::multipart(&["multipart/form-data; boundary=a"])]
#[case::two_in_one(&["application/json, application/x-www-form-urlencoded"])]
#[case::two(&[FORM, FORM])]
#[case::two_different(&["application/json", FORM])]
#[case::latin(&["application/x-www-form-urlencoded; charset=iso-8859-1"])]
#[case::two_charsets(&["application/x-www-form-urlencoded; charset=utf-8; charset=utf-7"])]
#[case::suffix(&["application/jsonx"])]
#[case::problem(&["application/problem+json"])]
#[case::empty(&[""])]
#[tokio::test]
async fn tok_12_peer_30_other_content_types_are_refused(#[case] types: &[&str]) {
    let server = Server::start().await;
    let fields: Vec<_> = types.iter().map(|content_type| ("Content-Type", *content_type)).collect();
    server.ask("POST /oauth/token", &fields, server.good_form()).await.is_error(400, "invalid_request");
    server.serves().await;
}

#[rstest]
#[case("grant_type=client_credentials")]
#[case("client_id=a")]
#[case("client_secret=a")]
#[case("code=a&code=a")]
#[case("redirect_uri=a&redirect_uri=b")]
#[case("code_verifier=a&code_verifier=a")]
#[case("refresh_token=a&refresh_token=a")]
#[case("unknown=a&unknown=a")]
#[tokio::test]
async fn tok_13_no_parameter_comes_twice(#[case] more: &str) {
    let server = Server::start().await;
    server.form(format!("{}&{more}", server.good_form()), &[]).await.is_error(400, "invalid_request");
}

#[tokio::test]
async fn tok_13_nor_once_in_the_query_and_once_in_the_body() {
    let server = Server::start().await;
    let body = format!("{}&unknown=a", server.good_form());
    let answer = server.ask("POST /oauth/token?unknown=a", &[("Content-Type", FORM)], body).await;
    answer.is_error(400, "invalid_request");
}

#[rstest]
#[case("Bearer abc")]
#[case("Secret tokenry_as_x")]
#[case("Basic")]
#[case("Basic  YTpi")]
#[case("Basic %%%")]
#[tokio::test]
async fn tok_28_only_basic_authenticates_a_client(#[case] authorization: &str) {
    let server = Server::start().await;
    let answer = server.form("grant_type=client_credentials", &[("Authorization", authorization)]).await;
    answer.is_error(401, "invalid_client");
    assert!(answer.field("www-authenticate").starts_with("Basic realm="), "{answer:?}");
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let server = Server::start().await;
    let fields = [("Authorization", &*server.basic()), ("Authorization", &*server.basic())];
    server.form("grant_type=client_credentials", &fields).await.is_error(400, "invalid_request");
}

#[tokio::test]
async fn http_08_a_secret_from_a_browser_is_refused() {
    let server = Server::start().await;
    for origin in ["https://app.example.com", "null", &server.issuer] {
        let origin = ("Origin", origin);
        server.form(server.good_form(), &[origin]).await.is_error(400, "invalid_request");
        let fields = [("Authorization", &*server.basic()), origin];
        server.form("grant_type=client_credentials", &fields).await.is_error(400, "invalid_request");
    }
    // Node's fetch sends this one, and is no browser.
    assert_eq!(server.form(server.good_form(), &[("Sec-Fetch-Mode", "cors")]).await.status, 200);
}

#[rstest]
#[case("gzip")]
#[case("br")]
#[case("identity")]
#[tokio::test]
async fn http_15_encoded_bodies_are_refused(#[case] encoding: &str) {
    let server = Server::start().await;
    server.form(server.good_form(), &[("Content-Encoding", encoding)]).await.is_error(400, "invalid_request");
}

#[tokio::test]
async fn http_01_tok_27_a_body_beyond_64_kib_is_413() {
    let server = Server::start().await;
    let longest = 64 * 1024;
    let padded = |length: usize| {
        let form = server.good_form() + "&";
        form.clone() + &"&".repeat(length - form.len())
    };
    assert_eq!(server.form(padded(longest), &[]).await.status, 200);
    server.form(padded(longest + 1), &[]).await.is_error(413, "invalid_request");
    server.form(padded(5 * longest), &[]).await.is_error(413, "invalid_request");
    let chunks = format!("1000\r\n{}\r\n", "&".repeat(0x1000)).repeat(20);
    let head = "POST /oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n";
    let chunked = format!("{head}Content-Type: {FORM}\r\n\r\n{chunks}0\r\n\r\n");
    server.say(chunked.as_bytes()).await.is_error(413, "invalid_request");
    server.serves().await;
}

#[tokio::test]
async fn http_01_who_asks_before_sending_gets_413_at_once() {
    let server = Server::start().await;
    let head = "POST /oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n";
    let asked = format!("{head}Content-Type: {FORM}\r\nContent-Length: 1000000\r\n\r\n");
    server.say(asked.as_bytes()).await.is_error(413, "invalid_request");
}

#[rstest]
#[case::bytes(b"grant_type=client_credentials&client_id=\xff")]
#[case::escaped(b"grant_type=client_credentials&client_id=%ff")]
#[case::overlong(b"grant_type=client_credentials&client_id=%c0%ae")]
#[case::surrogate(b"grant_type=client_credentials&client_id=%ed%a0%80")]
#[case::nul(b"grant_type=client_credentials&client_id=%00")]
#[case::broken_escape(b"grant_type=client_credentials&client_id=%zz")]
#[tokio::test]
async fn http_13_bad_text_is_400(#[case] body: &[u8]) {
    let server = Server::start().await;
    server.form(body, &[]).await.is_error(400, "invalid_request");
}

#[rstest]
#[case(r#"{"grant_type":"client_credentials","grant_type":"client_credentials"}"#)]
#[case(r#"{"grant_type":1}"#)]
#[case(r#"{"client_id":["a"]}"#)]
#[case(r#"{"a":1e400,"#)]
#[case("{} {}")]
#[case("\u{feff}{}")]
#[case("[]")]
#[case("null")]
#[case(r#"{"client_id":"\ud800"}"#)]
#[case(r#"{"client_id":"\u0000"}"#)]
#[tokio::test]
async fn http_14_bad_json_is_400(#[case] body: &str) {
    let server = Server::start().await;
    let answer = server.ask("POST /oauth/token", &[("Content-Type", "application/json")], body).await;
    answer.is_error(400, "invalid_request");
}

#[tokio::test]
async fn http_14_depth_is_bounded() {
    let server = Server::start().await;
    let body = format!(r#"{{"a":{}"#, "[".repeat(60_000));
    let answer = server.ask("POST /oauth/token", &[("Content-Type", "application/json")], body).await;
    answer.is_error(400, "invalid_request");
}

#[tokio::test]
async fn http_16_a_token_is_never_conditional_or_partial() {
    let server = Server::start().await;
    let fields = [
        ("If-None-Match", "*"),
        ("Range", "bytes=0-3"),
        ("If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT"),
    ];
    let answer = server.form(server.good_form(), &fields).await;
    assert_eq!(answer.status, 200);
    answer.is_token_like();
    assert!(answer.json()["access_token"].is_string());
}

#[tokio::test]
async fn tok_11_other_methods_are_405() {
    let server = Server::start().await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.ask(&format!("{method} /oauth/token"), &[], "").await;
        answer.is_error(405, "invalid_request");
        assert_eq!(answer.field("allow"), "POST,OPTIONS");
    }
    let answer = server.ask("HEAD /oauth/token", &[], "").await;
    assert_eq!((answer.status, answer.field("allow"), &*answer.body), (405, "POST,OPTIONS", ""));
}
