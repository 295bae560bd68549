//! What is told when there is no token, and what never is.

use std::fmt::Write;
use std::time::Duration;

use rstest::rstest;
use tokenry_token_source::{Error, ErrorKind, Secret, TokenSource};

use crate::endpoint::{Endpoint, Reply, SECRET};

/// Everything that a program could print of it.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(text, " {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    text
}

async fn error_of(reply: Reply) -> Error {
    let endpoint = Endpoint::start().await;
    endpoint.reply([reply]);
    let source = endpoint.source();
    let error = source.token().await.unwrap_err();
    assert!(!printed(&error).contains(SECRET), "{}", printed(&error));
    error
}

#[rstest]
#[case::html(200, "<html>welcome</html>")]
#[case::no_expiry(200, r#"{"access_token":"t","token_type":"Bearer"}"#)]
#[case::not_bearer(200, r#"{"access_token":"t","token_type":"DPoP","expires_in":60}"#)]
#[case::empty_token(200, r#"{"access_token":"","token_type":"Bearer","expires_in":60}"#)]
#[case::header_injection(200, r#"{"access_token":"t\r\nx: y","token_type":"Bearer","expires_in":60}"#)]
#[case::negative_expiry(200, r#"{"access_token":"t","token_type":"Bearer","expires_in":-1}"#)]
#[case::two_tokens(200, r#"{"access_token":"t","access_token":"u","token_type":"Bearer","expires_in":60}"#)]
#[tokio::test]
async fn an_answer_that_is_no_token_response_is_malformed(#[case] status: u16, #[case] body: &str) {
    let error = error_of(Reply::Raw(status, Vec::new(), body.into())).await;
    assert!(matches!(error.kind(), ErrorKind::Malformed(_)), "{error:?}");
    assert!(!error.is_temporary());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let error = error_of(Reply::Raw(200, Vec::new(), " ".repeat(100_000))).await;
    assert!(error.to_string().contains("64 KiB"), "{error}");
}

#[tokio::test]
async fn a_token_without_a_lifetime_is_given_out_but_not_kept() {
    let endpoint = Endpoint::start().await;
    endpoint.reply([Reply::Token(0)]);
    let source = endpoint.source();
    assert_eq!(source.token().await.unwrap().expose(), "t1");
    assert_eq!(source.token().await.unwrap().expose(), "t2");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_secret() {
    let elsewhere = Endpoint::start().await;
    let location = format!("{}/oauth/token", elsewhere.url);
    let error = error_of(Reply::Raw(307, vec![("location", location)], String::new())).await;
    assert!(matches!(error.kind(), ErrorKind::Unexpected { status: 307 }), "{error:?}");
    assert_eq!(elsewhere.mints(), 0);
}

#[tokio::test]
async fn r17_an_answer_that_echoes_the_secret_is_not_repeated() {
    let body = format!(r#"{{"error":"invalid_client","error_description":"unknown secret {SECRET}"}}"#);
    let error = error_of(Reply::Raw(401, Vec::new(), body)).await;
    assert_eq!(error.to_string(), "the authorization server refused: invalid_client");
    let error = error_of(Reply::Raw(401, Vec::new(), format!(r#"{{"error":"{SECRET}"}}"#))).await;
    assert!(matches!(error.kind(), ErrorKind::Unexpected { status: 401 }), "{error:?}");
}

#[tokio::test]
async fn control_characters_of_an_answer_do_not_reach_a_terminal() {
    let body = r#"{"error":"invalid_client","error_description":"\u001b[31mred\nline"}"#;
    let error = error_of(Reply::Raw(400, Vec::new(), body.into())).await;
    assert_eq!(error.to_string(), "the authorization server refused: invalid_client");
}

#[tokio::test]
async fn r17_neither_secret_nor_token_is_in_debug_output() {
    let endpoint = Endpoint::start().await;
    let builder = endpoint.builder();
    assert!(!format!("{builder:?}").contains(SECRET));
    let source = builder.build().unwrap();
    let token = source.token().await.unwrap();
    assert_eq!(token.expose(), "t1");
    for text in [format!("{source:?}"), format!("{token:?}"), format!("{:?}", token.header())] {
        assert!(!text.contains(SECRET) && !text.contains("t1"), "{text}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_transport_error_that_keeps_its_cause() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let source = TokenSource::builder(issuer, "cron", Secret::new(SECRET.into())).build().unwrap();
    let error = source.token().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error:?}");
    assert!(std::error::Error::source(&error).is_some() && error.is_temporary());
    assert!(!printed(&error).contains(SECRET));
}

#[tokio::test]
async fn a_server_that_does_not_answer_costs_the_timeout() {
    let endpoint = Endpoint::start().await;
    endpoint.delay(Duration::from_secs(60));
    let source = endpoint.builder().timeout(Duration::from_millis(100)).build().unwrap();
    let begun = std::time::Instant::now();
    let error = source.token().await.unwrap_err();
    assert!(error.is_temporary() && begun.elapsed() < Duration::from_secs(5), "{error:?}");
}
