//! `keyring rewrap`: the master key changes, and nothing else.

use std::fs;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use crate::support::Site;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_05_the_master_key_is_changed_under_a_running_server(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    drop(site.serve().await);
    let store = site.database.store().await;
    let keys = async || format!("{:?}", store.list_signing_keys().await.unwrap());
    let wrapped = async || store.list_data_keys().await.unwrap().remove(0).wrapped;
    let (keys_before, wrapped_before) = (keys().await, wrapped().await);
    let old = site.master_key();
    assert_eq!(site.run(&["keyring", "rewrap"]).json()["rewrapped"], 0, "there is but one key");

    // Another site's key is as random as any.
    let new = Site::new(Sqlite).await.master_key();
    fs::write(site.keyring(), format!("{new}\n{old}\n")).unwrap();
    let serving = site.serve().await;
    let kids = serving.kids().await;
    assert_eq!(site.run(&["keyring", "rewrap"]).json()["rewrapped"], 1);
    assert_ne!(wrapped().await, wrapped_before);
    let wrapped_after = wrapped().await;
    assert_eq!(site.run(&["keyring", "rewrap"]).json()["rewrapped"], 0, "again changes nothing");
    assert_eq!(wrapped().await, wrapped_after);
    assert_eq!(keys().await, keys_before, "what the data key wraps is untouched");
    assert_eq!(serving.kids().await, kids);

    fs::write(site.keyring(), format!("{old}\n")).unwrap();
    let foreign = site.run(&["keys", "list"]);
    assert_eq!(foreign.code(), Some(1), "the old key alone opens nothing");
    assert!(foreign.said().contains("this keyring is not the one"), "{}", foreign.said());
    fs::write(site.keyring(), format!("{new}\n")).unwrap();
    site.run(&["keys", "rotate"]).ok();
    drop(serving);
    assert_eq!(site.serve().await.kids().await.len(), 3);

    let records = store.list_audit(0, 1_000).await.unwrap();
    let rewraps: Vec<_> = records.iter().filter(|record| record.event == "keyring.rewrapped").collect();
    assert_eq!(rewraps.len(), 1);
    assert_eq!(rewraps[0].actor_kind, "operator");
}
