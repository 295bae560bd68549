//! What an operator's command did holds for the next request of the server that runs beside it, on both engines.

use reqwest::Client;
use rstest::rstest;

use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{json, run, serve};
use crate::serve::token;

#[rstest]
#[tokio::test]
async fn a_command_holds_for_the_next_request(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (_server, url) = serve(&folder.config);
    let (id, first) = seeded.cron.clone();
    assert!(token(&url, &seeded.cron).await.is_some());

    let added = json(&folder.config, &["secrets", "add", &id, "--label", "second"]);
    let second = (id.clone(), text(&added["client_secret"]));
    assert!(token(&url, &second).await.is_some(), "a new secret works at once");

    let listed = json(&folder.config, &["secrets", "list", &id]);
    let old = listed.as_array().unwrap().iter().find(|secret| secret["label"] != "second").unwrap();
    tokenry_revoke(&folder, &id, &text(&old["id"]));
    assert!(token(&url, &(id.clone(), first)).await.is_none(), "a revoked secret is refused at once");
    assert!(token(&url, &second).await.is_some(), "and the other one is not");

    let said = run(&folder.config, &["clients", "delete", &id, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(token(&url, &second).await.is_none(), "a deleted client is refused at once");
    assert!(token(&url, &seeded.readonly).await.is_some(), "and nobody else");

    let snapshot = |api: &(String, String)| {
        Client::new().get(format!("{url}/guard/v1/snapshot")).basic_auth(&api.0, Some(&api.1)).send()
    };
    let added = json(&folder.config, &["apis", "secrets", "add", AUDIENCE]);
    let api = (text(&added["api_id"]), text(&added["client_secret"]));
    assert_eq!(snapshot(&api).await.unwrap().status(), 200, "an API's new secret works at once");
    assert_eq!(snapshot(&seeded.api).await.unwrap().status(), 200, "and its first one");

    let (id, secret) = &seeded.readonly;
    let grants = json(&folder.config, &["grants", "list", "--client", id]);
    let said = run(&folder.config, &["grants", "delete", &text(&grants[0]["id"]), "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    let form = [("grant_type", "client_credentials"), ("audience", AUDIENCE)];
    let ask = Client::new().post(format!("{url}/oauth/token")).basic_auth(id, Some(secret)).form(&form);
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 400, "an API that was taken away is refused at once");
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["error"], "invalid_target");
}

fn tokenry_revoke(folder: &Folder, client: &str, secret: &str) {
    let said = run(&folder.config, &["secrets", "revoke", client, secret, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[rstest]
#[tokio::test]
async fn a_rotation_with_overlap_ends_the_others_later(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (_server, url) = serve(&folder.config);
    let id = &seeded.cron.0;
    let begun = std::time::Instant::now();
    json(&folder.config, &["secrets", "add", id, "--overlap", "10s"]);
    assert!(token(&url, &seeded.cron).await.is_some(), "both work during the overlap");
    while token(&url, &seeded.cron).await.is_some() {
        assert!(begun.elapsed().as_secs() < 60, "the old one ends with it");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(begun.elapsed().as_secs() >= 10, "and not before");
}
