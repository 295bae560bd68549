//! `keys list`, `keys rotate` and `keys revoke` beside a running server.

use std::time::Duration;

use jiff::Timestamp;
use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use crate::support::Site;

/// A client with a grant.
fn client(site: &Site) -> Value {
    let audience = "https://timesheets.example.com";
    site.run(&[
        "apis",
        "create",
        "--name",
        "Timesheets",
        "--audience",
        audience,
        "--scope",
        "read:timesheets",
        "--no-tenant",
    ])
    .ok();
    let client = site.run(&["clients", "create", "--type", "m2m", "--name", "Cron"]).json();
    let id = client["client_id"].as_str().unwrap();
    site.run(&["grants", "create", "--client", id, "--api", audience]).ok();
    client
}

fn kid_in(status: &str, listed: &Value) -> String {
    let key = listed.as_array().unwrap().iter().find(|key| key["status"] == status);
    key.unwrap_or_else(|| panic!("no {status} key: {listed}"))["kid"].as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_a_rotation_holds_for_the_next_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let serving = site.serve().await;
    let client = client(&site);
    let before = site.run(&["keys", "list"]).json();
    let (first, next) = (kid_in("active", &before), kid_in("pending", &before));
    assert_eq!(serving.signs(&client).await, first);

    let rotated = site.run(&["keys", "rotate"]);
    let told = rotated.json();
    assert!(
        rotated.said().contains("warning: the key that signs now was published only"),
        "{}",
        rotated.said()
    );
    assert_eq!((&told["active"], &told["outgoing"]), (&next.as_str().into(), &first.as_str().into()));
    assert_eq!((&told["outgoing_status"], &told["overtaken"]), (&"retired".into(), &false.into()));
    assert_eq!(serving.signs(&client).await, next);
    let kids = serving.kids().await;
    assert!(kids.contains(&first) && kids.contains(&next) && kids.len() == 3, "{kids:?}");

    let revoked = site.run(&["keys", "rotate", "--revoke"]);
    assert_eq!(revoked.code(), Some(2), "nobody was asked");
    assert!(revoked.said().contains("--yes"), "{}", revoked.said());
    let revoked = site.run(&["keys", "rotate", "--revoke", "--yes"]).json();
    assert_eq!(
        (&revoked["outgoing"], &revoked["outgoing_status"]),
        (&next.as_str().into(), &"revoked".into())
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let kids = serving.kids().await;
    assert!(kids.contains(&first) && !kids.contains(&next), "{kids:?}");
    assert_eq!(serving.signs(&client).await, revoked["active"].as_str().unwrap());
    let after = site.run(&["keys", "list"]).json();
    assert_eq!((kid_in("retired", &after), kid_in("revoked", &after)), (first, next));
}

/// What leaked is often not what signs: a database and its keyring hold all keys, and a schedule may have been faster.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_any_key_is_revoked_by_its_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let serving = site.serve().await;
    let client = client(&site);
    let first = serving.signs(&client).await;
    let retired = site.run(&["keys", "rotate"]).json();
    assert_eq!(retired["outgoing"], first);
    for status in ["retired", "active", "pending"] {
        let before = site.run(&["keys", "list"]).json();
        let kid = kid_in(status, &before);
        assert_eq!(site.run(&["keys", "revoke", &kid]).code(), Some(2), "nobody was asked");
        let ended = site.run(&["keys", "revoke", &kid, "--yes"]);
        let told = ended.json();
        assert_eq!((&told["kid"], &told["status"]), (&kid.as_str().into(), &"revoked".into()), "{status}");
        let kids = serving.kids_become(|kids| !kids.contains(&kid)).await;
        assert_eq!(kids.len(), 2, "one signs and one is next: {kids:?}");
        for other in &kids {
            assert!(ended.said().contains(&format!("\n  {other} EdDSA")), "{}", ended.said());
        }
        assert!(!ended.said().contains(&kid), "{}", ended.said());
        let signs = serving.signs(&client).await;
        assert!(signs != kid && kids.contains(&signs));
        // Once more changes nothing.
        assert_eq!(site.run(&["keys", "revoke", &kid, "--yes"]).json(), told);
        assert_eq!(serving.kids().await, kids);
    }
    let after = site.run(&["keys", "list"]).json();
    assert_eq!(after.as_array().unwrap().iter().filter(|key| key["status"] == "revoked").count(), 3);
    for unknown in ["nothing", "-Y0WrKaMkkbeJWFAlhPrcsTSB7iGy6DEbAYwSC8eyhE", "-q8"] {
        let refused = site.run(&["keys", "revoke", unknown, "--yes"]);
        assert_eq!(refused.code(), Some(4), "{unknown}: {}", refused.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_keys_that_there_are_can_be_rotated() {
    let site = Site::new(Sqlite).await;
    drop(site.serve().await);
    let none = site.run(&["keys", "rotate", "--alg", "ES256"]);
    assert_eq!(none.code(), Some(4), "{}", none.said());
    let unknown = site.run(&["keys", "rotate", "--alg", "HS256"]);
    assert_eq!(unknown.code(), Some(2), "{}", unknown.said());
    site.run(&["keys", "rotate", "--alg", "EdDSA"]).ok();
}

/// The lifetime that a token got counts, not the one that is set when the key goes, or where the command runs.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_a_retired_key_outlives_what_it_signed(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let client = client(&site);
    let serving = site.serve().await;
    let api = "https://timesheets.example.com";
    site.run(&["apis", "update", api, "--access-token-ttl", "20d"]).ok();
    let kid = serving.signs(&client).await;
    site.run(&["apis", "update", api, "--access-token-ttl", "1h"]).ok();
    let rotated = site.run(&["keys", "rotate"]).json();
    assert_eq!(rotated["outgoing"], kid);
    let until: Timestamp = rotated["outgoing_verifies_until"].as_str().unwrap().parse().unwrap();
    let days = until.duration_since(Timestamp::now()).as_secs_f64() / 86_400.0;
    assert!((19.9..20.1).contains(&days), "{days} days");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifetime_that_no_key_outlives_is_refused() {
    let site = Site::new(Sqlite).await;
    site.configure("access_token_ttl = \"24h\"", "access_token_ttl = \"31d\"");
    for command in [["keys", "rotate"].as_slice(), &["serve"], &["config", "check"]] {
        let refused = site.run(command);
        assert_eq!(refused.code(), Some(2), "{command:?}");
        assert!(refused.said().contains("tokens.access_token_ttl: 31d is too long"), "{}", refused.said());
        assert!(refused.said().contains("30d at most"), "{}", refused.said());
    }
    site.configure("access_token_ttl = \"31d\"", "access_token_ttl = \"30d\"");
    site.run(&["config", "check"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_kept_is_refused() {
    let site = Site::new(Sqlite).await;
    site.configure("publish_before = \"24h\"", "publish_before = \"90d\"");
    for command in [["keys", "rotate"].as_slice(), &["serve"]] {
        let refused = site.run(command);
        assert_eq!(refused.code(), Some(2), "{command:?}");
        assert!(refused.said().contains("keys.publish_before: it must be shorter"), "{}", refused.said());
    }
}
