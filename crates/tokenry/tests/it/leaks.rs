//! A whole run at its most talkative, and then a search for every secret in everything that it wrote.

use std::collections::BTreeSet;

use reqwest::Client;
use serde_json::Value;
use tokenry_jose::base64url;

use crate::dev::assert_no_file_holds;
use crate::folder::{AUDIENCE, Folder, On};
use crate::process::serve_with;
use crate::serve::token;

#[tokio::test]
async fn leak_01_no_secret_in_logs_files_errors_or_metrics() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let metrics = format!("127.0.0.1:{port}");
    let env = [("TOKENRY_LOG", "trace"), ("TOKENRY_METRICS_LISTEN", metrics.as_str())];
    let (mut server, url) = serve_with(&folder.config, &env);
    let mut written = String::new();
    let jwt = token(&url, &seeded.cron).await.unwrap();
    let (id, secret) = &seeded.cron;
    let client = Client::new();
    let endpoint = format!("{url}/oauth/token");
    for request in [
        client.post(&endpoint).basic_auth(id, Some(secret)).form(&[("grant_type", "password")]),
        client
            .post(&endpoint)
            .basic_auth(id, Some(format!("{secret}x")))
            .form(&[("grant_type", "client_credentials")]),
        client.post(&endpoint).form(&[("grant_type", "x"), ("client_id", secret), ("client_secret", secret)]),
        client
            .post(format!("{endpoint}?client_secret={secret}"))
            .form(&[("grant_type", "client_credentials")]),
        client
            .post(&endpoint)
            .header("content-type", "application/json")
            .body(format!("{{\"client_secret\":\"{secret}")),
        client.post(&endpoint).bearer_auth(&jwt).form(&[("grant_type", "client_credentials")]),
        client.get(format!("{url}/guard/v1/snapshot")).basic_auth(&seeded.api.0, Some(&seeded.api.1)),
        client.get(format!("{url}/guard/v1/snapshot")).basic_auth(id, Some(secret)),
        client.get(format!("{url}/{secret}?token={jwt}")),
    ] {
        let answer = request.send().await.unwrap();
        written.push_str(&format!("{:?}", answer.headers()));
        written.push_str(&answer.text().await.unwrap());
    }
    written.push_str(&reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap());
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    written.push_str(&server.stderr());
    let signature = jwt.rsplit('.').next().unwrap().to_owned();
    let secrets = BTreeSet::from([seeded.cron.1, seeded.readonly.1, seeded.api.1]);
    for secret in secrets.iter().chain([&signature]) {
        for shown in [secret.clone(), base64url::encode(secret.as_bytes()), hex(secret)] {
            assert!(!written.contains(&shown), "{shown} was written: {}", around(&written, &shown));
        }
    }
    assert_no_file_holds(folder.path.path(), &secrets);
    assert!(written.contains("tokenry_token_requests") || written.contains("token"), "the metrics were read");
}

#[tokio::test]
async fn logs_are_json_with_the_request_id_on_every_line_of_a_request() {
    let folder = Folder::init(On::Sqlite);
    let (mut server, url) = serve_with(&folder.config, &[("TOKENRY_LOG", "debug,hyper=off")]);
    let nasty = "a\r\n{\"level\":\"ERROR\"}\u{1b}[31m";
    let form =
        [("grant_type", "client_credentials"), ("client_id", nasty), ("client_secret", "wrong-secret")];
    let request = Client::new().post(format!("{url}/oauth/token")).header("user-agent", "x\"}y").form(&form);
    let answer = request.send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let log = server.stderr();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_request = lines.iter().filter(|line| line.to_string().contains(&id)).count();
    assert!(of_request > 0, "no line names request {id}: {log}");
    assert!(!log.contains('\u{1b}'), "leak_03: an escape reached the log: {log}");
    assert!(!log.contains(AUDIENCE));
}

fn hex(secret: &str) -> String {
    secret.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn around(text: &str, found: &str) -> String {
    let at = text.find(found).unwrap_or(0);
    text.chars().skip(at.saturating_sub(200)).take(400).collect()
}
