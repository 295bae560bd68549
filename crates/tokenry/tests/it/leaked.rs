//! A credential that leaked, from the report to the API that refuses it and the mail that its owner reads: real servers, the real
//! demo API, the real mailbox.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::dev::Dev;
use crate::folder::{Folder, On, text};
use crate::process::{Running, tokenry};
use crate::serve::{create_when_ready, free_port, timesheets_api, token};

/// How long is waited for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);

async fn report(issuer: &str, token: &str) {
    let body = json!({ "token": token }).to_string();
    let url = format!("{}/leaks", issuer.trim_end_matches('/'));
    let answer = Client::new().post(url).header("content-type", "application/json").body(body);
    let answer = answer.send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap()), (StatusCode::ACCEPTED, String::new()));
}

async fn status(api: &str, token: &str) -> u16 {
    let asked = Client::new().get(format!("{api}/timesheets")).bearer_auth(token);
    asked.send().await.unwrap().status().as_u16()
}

async fn page(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// R21: the acceptance of leaks.
#[tokio::test(flavor = "multi_thread")]
async fn r21_a_leaked_pat_is_dead_at_the_api_and_its_owner_has_mail() {
    let dev = Dev::start(&[]);
    let of = |name: &str| text(&dev.report["users"][name]["pat"]);
    let (issuer, api) = (text(&dev.report["issuer"]), text(&dev.report["api_url"]));
    let mailbox = text(&dev.report["mailbox_url"]);
    let (leaked, bystander) = (of("ann"), of("bob"));
    for pat in [&leaked, &bystander] {
        assert_eq!(status(&api, pat).await, 200);
    }
    assert!(!page(&mailbox).await.contains("Credentials of yours"));
    report(&issuer, &leaked).await;
    until("the API refuses it", async || status(&api, &leaked).await == 401).await;
    assert_eq!(status(&api, &bystander).await, 200);
    until("there is a mail", async || {
        page(&mailbox).await.contains("Credentials of yours can be seen by others")
    })
    .await;
    let listed = page(&mailbox).await;
    assert!(listed.contains("ann@acme.example") && !listed.contains("bob@acme.example"), "{listed}");
    let (_before, rest) = listed.split_once("/dev/mailbox/").unwrap();
    let letter = page(&format!("{mailbox}/{}", rest.split('"').next().unwrap())).await;
    let line = format!(
        "Personal access token that ends with {}: it does not work any more.",
        &leaked[leaked.len() - 4..]
    );
    assert!(letter.contains(&line), "{letter}");
    assert!(!letter.contains(&leaked) && !dev.running.stderr().contains(&leaked));
    assert_eq!(status(&api, &leaked).await, 401);
    dev.stop();
}

/// What the server was told just before it is stopped it has done when it ends; at a replica, or the same after a start, it stays so.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_to_a_server_that_stops_is_dead(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let issuer = format!("http://127.0.0.1:{}", free_port());
    folder.set("issuer", &format!("issuer = \"{issuer}\""));
    folder.set("listen", &format!("listen = \"{}\"", issuer.trim_start_matches("http://")));
    let mut command = tokenry();
    command.args(["serve", "--config"]).arg(&folder.config);
    let (mut server, _address) = Running::listening(command);
    let (mut api, url) = timesheets_api(&issuer, &seeded.api, &folder);
    let (jwt, sibling) =
        (token(&issuer, &seeded.cron).await.unwrap(), token(&issuer, &seeded.cron).await.unwrap());
    assert_eq!(create_when_ready(&url, "acme", &jwt).await, 201);
    report(&issuer, &jwt).await;
    until("the API refuses it", async || status(&url, &jwt).await == 401).await;
    assert_eq!(status(&url, &sibling).await, 200);
    report(&issuer, &seeded.readonly.1).await;
    report(&issuer, &sibling).await;
    server.stop();
    assert_eq!(folder.ask("SELECT COUNT(*) FROM leaks WHERE revoked = 1").trim(), "3", "{}", server.stderr());
    assert_eq!(folder.ask("SELECT COUNT(*) FROM audit WHERE event = 'credential.leaked'").trim(), "3");
    api.stop();
}
