//! What an operator's command did holds for the next request of the server that runs beside it, on both engines.

use rstest::rstest;

use crate::folder::{Folder, On, text};
use crate::process::{json, serve};
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

    let said = crate::process::run(&folder.config, &["clients", "delete", &id, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(token(&url, &second).await.is_none(), "a deleted client is refused at once");
    assert!(token(&url, &seeded.readonly).await.is_some(), "and nobody else");
}

fn tokenry_revoke(folder: &Folder, client: &str, secret: &str) {
    let said = crate::process::run(&folder.config, &["secrets", "revoke", client, secret, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[rstest]
#[tokio::test]
async fn a_rotation_with_overlap_ends_the_others_later(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (_server, url) = serve(&folder.config);
    let id = &seeded.cron.0;
    json(&folder.config, &["secrets", "add", id, "--overlap", "1s"]);
    assert!(token(&url, &seeded.cron).await.is_some(), "both work during the overlap");
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert!(token(&url, &seeded.cron).await.is_none(), "the old one ends with it");
}
