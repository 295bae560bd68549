//! What stands in the log, at its most talkative.

use tokenry_testkit::Log;

use crate::app::{Server, basic};

#[tokio::test]
async fn leak_01_no_secret_is_logged() {
    let (log, _guard) = Log::start();
    let server = Server::start().await;
    let guessed = "tokenry_cs_guessed0guessed0guessed0guessed0guessed0gues000000";
    let (right, wrong) = (server.basic(), basic(&server.demo.cron.id, guessed));
    let issued = server.form("grant_type=client_credentials", &[("Authorization", &right)]).await;
    let posted = server.form(server.good_form(), &[]).await;
    server.form("grant_type=client_credentials", &[("Authorization", &wrong)]).await;
    let line = format!("POST /oauth/token?client_secret={guessed}");
    server.ask(&line, &[("Content-Type", "application/x-www-form-urlencoded")], server.good_form()).await;
    server.ask(&format!("GET /{guessed}"), &[("Cookie", guessed)], "").await;
    let api = basic(&server.demo.api.id, &server.demo.api.secret);
    server.ask("GET /guard/v1/snapshot", &[("Authorization", &api)], "").await;

    let text = log.text();
    assert!(text.matches("\"answered\"").count() >= 6, "the log was not captured: {text}");
    let token = |answer: &crate::app::Answer| answer.json()["access_token"].as_str().unwrap().to_owned();
    let encoded = [right, wrong, api].map(|value| value.trim_start_matches("Basic ").to_owned());
    let secrets =
        [&server.demo.cron.secret, &server.demo.api.secret, guessed, &token(&issued), &token(&posted)];
    for secret in secrets.into_iter().chain(encoded.iter().map(String::as_str)) {
        assert!(!text.contains(secret), "{secret} was logged");
    }
}

#[tokio::test]
async fn leak_03_each_line_names_its_request_and_nothing_that_strangers_wrote() {
    let (log, _guard) = Log::start();
    let server = Server::start().await;
    let fields = [("User-Agent", "stranger"), ("X-Request-Id", "stranger")];
    let refused = server.form("grant_type=stranger&client_id=stranger", &fields).await;
    server.ask("GET /stranger", &fields, "").await;
    let text = log.text();
    let id = refused.field("x-request-id");
    for line in text.lines().filter(|line| line.contains("tokenry_server::")) {
        assert!(!line.contains("stranger"), "{line}");
    }
    for message in ["token request refused", "answered"] {
        let line = text.lines().find(|line| line.contains(message) && line.contains(id));
        assert!(line.is_some_and(|line| line.contains("\"request_id\"")), "{message}: {text}");
    }
}
