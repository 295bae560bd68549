//! `kill -9` in the middle of writes: every token that somebody holds has its audit row, the audit trail verifies after
//! each, and the server starts again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use rstest::rstest;
use serde_json::Value;
use tokenry_store::Store;
use tokenry_store::db::{Db, Options};
use tokenry_testkit::claims_of;
use tokio::sync::Notify;

use crate::folder::{Folder, On, text};
use crate::process::{PATIENCE, Running, json, option, run, serve, tokenry};
use crate::serve::token;

/// How often the server is killed: what the issue asks for, fewer in the daily loop.
fn kills() -> usize {
    if option("TOKENRY_TEST_QUICK").is_some() { 5 } else { 100 }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_01_an_acknowledged_token_has_its_audit_row(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let mut acknowledged = BTreeSet::new();
    for round in 0..kills() {
        let (mut server, url) = serve(&folder.config);
        let first = Arc::new(Notify::new());
        let ask = |_| tokio::spawn(ask_until_gone(url.clone(), seeded.cron.clone(), Arc::clone(&first)));
        let asking: Vec<_> = (0..4).map(ask).collect();
        tokio::time::timeout(PATIENCE, first.notified()).await.unwrap();
        let pause = u64::try_from(round * 37 % 90).unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        server.kill();
        for asked in asking {
            acknowledged.extend(asked.await.unwrap());
        }
        let verified = json(&folder.config, &["audit", "verify"]);
        assert_eq!(verified["intact"], true, "{verified}");
    }
    let (_server, _url) = serve(&folder.config);
    assert!(acknowledged.len() > kills(), "{} tokens are too few to show anything", acknowledged.len());
    let recorded = recorded(&folder).await;
    let lost: Vec<_> = acknowledged.difference(&recorded).collect();
    assert!(lost.is_empty(), "{} of {} tokens have no audit row", lost.len(), acknowledged.len());
}

async fn ask_until_gone(url: String, cron: (String, String), first: Arc<Notify>) -> Vec<String> {
    let client = Client::new();
    let mut held = Vec::new();
    loop {
        let form = [("grant_type", "client_credentials"), ("client_id", &cron.0), ("client_secret", &cron.1)];
        let Ok(answer) = client.post(format!("{url}/oauth/token")).form(&form).send().await else {
            return held;
        };
        if answer.status() == StatusCode::UNAUTHORIZED {
            // What goes on being refused counts as guessing, also for the secret that comes next.
            return held;
        }
        let Ok(body) = answer.json::<Value>().await else { return held };
        if let Some(token) = body["access_token"].as_str() {
            held.push(claims_of(token)["jti"].as_str().unwrap().to_owned());
            first.notify_one();
        }
    }
}

async fn recorded(folder: &Folder) -> BTreeSet<String> {
    let db = Db::open(&folder.database.parse().unwrap(), Options::default()).await.unwrap();
    let store = Store::new(db);
    let (mut jtis, mut after) = (BTreeSet::new(), 0);
    loop {
        let page = store.list_audit(after, 1_000).await.unwrap();
        let Some(last) = page.last() else { return jtis };
        after = last.seq;
        assert!(page.iter().all(|record| record.is_intact()), "a record was torn");
        let issued = page.into_iter().filter(|record| record.event == "token.issued");
        jtis.extend(issued.filter_map(|record| record.subject_id));
    }
}

/// A client whose secret is replaced again and again: whatever dies in between, what was revoked stays revoked.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_01_an_acknowledged_revocation_outlives_the_server(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let (id, mut secret) = folder.client_of("rotating");
    for _round in 0..kills().div_ceil(5) {
        let (mut server, url) = serve(&folder.config);
        let old = (id.clone(), secret);
        assert!(token(&url, &old).await.is_some());
        let asking = tokio::spawn(ask_until_gone(url, old.clone(), Arc::new(Notify::new())));
        let listed = json(&folder.config, &["secrets", "list", &id]);
        let works = listed.as_array().unwrap().iter().find(|secret| secret["status"] == "works").unwrap();
        let revoked = text(&works["id"]);
        secret = text(&json(&folder.config, &["secrets", "add", &id])["client_secret"]);
        assert_eq!(run(&folder.config, &["secrets", "revoke", &id, &revoked, "--yes"]).code, 0);
        server.kill();
        asking.await.unwrap();
        let (_server, url) = serve(&folder.config);
        assert!(token(&url, &old).await.is_none(), "a revocation that was acknowledged is lost");
        assert!(token(&url, &(id.clone(), secret.clone())).await.is_some());
    }
}

#[rstest]
fn db_01_an_operators_command_is_done_as_a_whole_or_not_at_all(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let (_server, _url) = serve(&folder.config);
    let mut acknowledged = 0;
    for round in 0..kills() {
        let mut command = tokenry();
        let id = format!("killed-{round}");
        command.args(["clients", "create", "--type", "m2m", "--name", "Killed", "--client-id", &id]);
        command.args(["--output", "json", "--config"]).arg(&folder.config);
        let mut creating = Running::start(command);
        std::thread::sleep(Duration::from_millis(u64::try_from(round * 7 % 60).unwrap()));
        creating.kill();
        // Killed in the middle of printing, it has acknowledged nothing.
        if serde_json::from_str::<Value>(&creating.stdout()).is_ok() {
            acknowledged += 1;
            assert_eq!(folder.ask(&format!("SELECT count(*) FROM clients WHERE id = '{id}'")), "1");
        }
    }
    let count = |sql: &str| folder.ask(sql).parse::<usize>().unwrap();
    let made = count("SELECT count(*) FROM clients");
    assert!(made >= acknowledged, "{made} of {acknowledged} are there");
    let audited =
        "SELECT count(DISTINCT subject_id) FROM audit WHERE event = 'client.created' AND subject_id IN";
    for (what, sql) in [
        ("secrets", "SELECT count(DISTINCT client_id) FROM client_secrets".to_owned()),
        ("audit rows", format!("{audited} (SELECT id FROM clients)")),
        ("all audit rows", "SELECT count(*) FROM audit WHERE event = 'client.created'".to_owned()),
        ("changes", "SELECT count(DISTINCT entity_id) FROM change_log WHERE entity = 'client'".to_owned()),
    ] {
        assert_eq!(count(&sql), made, "{what}");
    }
    let verified = json(&folder.config, &["audit", "verify"]);
    assert_eq!(verified["intact"], true, "{verified}");
}
