//! Sending: whole, once, over TLS that is trusted; what fails is tried again, and keeps nobody waiting.

use std::time::Duration;

use tokenry_testkit::{MailServer, Options, TestApp};

use super::{ANN, context, postman, user};

async fn app(settings: tokenry_server::SmtpSettings) -> TestApp {
    TestApp::with(Options { smtp: Some(settings), ..Options::default() }).await
}

/// Lets the sender look again, as if time had passed.
async fn later(app: &TestApp, by: Duration) {
    app.clock.advance(by);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

#[tokio::test]
async fn log_08_a_reset_arrives_whole_over_tls_and_leads_to_the_issuer() {
    let server = MailServer::smtps();
    let app = app(server.settings()).await;
    user(&app, ANN).await;
    app.engine.request_reset(ANN, &context(&app)).unwrap();
    let mail = server.mail().await;
    assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &"tokenry".into()));
    assert_eq!(mail["envelope"]["to"], serde_json::json!([ANN]));
    assert_eq!(mail["headers"]["from"], "Tokenry <no-reply@id.example.com>");
    assert_eq!(mail["headers"]["to"], ANN);
    assert_eq!(mail["headers"]["subject"], "Choose a new password");
    assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
    assert!(mail["headers"]["message-id"].as_str().unwrap().ends_with("@id.example.com>"));
    assert_eq!((&mail["type"], &mail["defects"]), (&"multipart/alternative".into(), &serde_json::json!([])));
    let (text, html) = (&mail["parts"]["text/plain"], &mail["parts"]["text/html"]);
    let link = format!("{}/reset/password?token=", app.issuer);
    for part in [text.as_str().unwrap(), html.as_str().unwrap()] {
        for says in [link.as_str(), "192.0.2.7", "Firefox on Linux"] {
            assert!(part.contains(says), "{says} in {part}");
        }
    }
    let sent = app.store.list_mail(9).await.unwrap().remove(0);
    for _ in 0..200 {
        if app.store.find_mail(&sent.id).await.unwrap().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what it said is still there");
}

#[tokio::test]
async fn what_is_refused_is_tried_again_and_keeps_nobody_else_waiting() {
    let server = MailServer::smtps();
    let app = app(server.settings()).await;
    for name in ["refused@acme.example", "slow@acme.example", ANN] {
        user(&app, name).await;
        app.engine.request_reset(name, &context(&app)).unwrap();
    }
    let mail = server.mail().await;
    assert_eq!(mail["envelope"]["to"][0], ANN);
    let token = app.token(&app.demo.cron).await;
    assert!(!token.is_empty(), "a mail server that hangs delays no token (WEB-05)");
    let listed = app.store.list_mail(9).await.unwrap();
    let refused = listed.iter().find(|mail| mail.recipient.starts_with("refused")).unwrap();
    assert_eq!(app.store.find_mail(&refused.id).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_trusted_or_with_a_wrong_password() {
    let (server, other) = (MailServer::smtps(), MailServer::of_another_host());
    for settings in [server.settings_without_authority(), server.settings_with("wrong"), other.settings()] {
        let app = app(settings).await;
        user(&app, ANN).await;
        app.engine.request_reset(ANN, &context(&app)).unwrap();
        app.engine.settle_mail().await;
        let id = app.store.list_mail(1).await.unwrap().remove(0).id;
        for _ in 0..200 {
            if app.store.find_mail(&id).await.unwrap().unwrap().attempts > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        later(&app, Duration::from_secs(1)).await;
        let kept = app.store.find_mail(&id).await.unwrap().unwrap();
        assert_eq!(kept.attempts, 1, "not again at once");
    }
    assert!(!server.has_mail() && !other.has_mail());
    let app = app(server.settings()).await;
    let ann = user(&app, ANN).await;
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    assert_eq!(server.mail().await["headers"]["subject"], "Choose your password");
}
