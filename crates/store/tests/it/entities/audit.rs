//! The audit trail: what is written reads back, and what was changed shows.

use rstest::rstest;
use serde_json::json;
use tokenry_model::{Actor, Event, Outcome, Record, Subject};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

fn records() -> Vec<Record> {
    let mut refused = record(Event::TokenRefused);
    refused.actor = Actor::Anonymous;
    refused.address = Some("203.0.113.0/24".to_owned());
    refused.outcome = Outcome::Refused("wrong_secret");
    refused.count = 41;
    let mut odd = record(Event::SecretAdded)
        .with("label", "a\u{1}\"\\ 😀 <b>")
        .with("n", 1.5)
        .with("nested", json!({"z": [null, true, -7], "a": {}}));
    odd.actor = Actor::User(user_id("usr_ann"));
    odd.subject = Some(Subject::Secret(secret_id("s1")));
    odd.company = Some(company_id("acme"));
    odd.request_id = Some("req-9".to_owned());
    vec![record(Event::KeyCreated), refused, odd]
}

#[rstest]
#[tokio::test]
async fn records_read_back_intact_and_in_pages(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.record(&[]).await.unwrap();
    store.record(&records()[..1]).await.unwrap();
    store.record(&records()[1..]).await.unwrap();
    let all = world.other.list_audit(0, 10).await.unwrap();
    assert_eq!(
        all.iter().map(|it| it.event.as_str()).collect::<Vec<_>>(),
        ["key.created", "token.refused", "secret.added"]
    );
    assert!(all.is_sorted_by(|a, b| a.seq < b.seq));
    for (stored, written) in all.iter().zip(records()) {
        assert_eq!(stored.content_hash, written.content_hash());
        assert!(stored.is_intact(), "{stored:?}");
    }
    assert_eq!((all[1].outcome.as_str(), all[1].count), ("wrong_secret", 41));
    assert_eq!((all[0].actor_id.as_deref(), all[0].subject_kind.as_deref()), (None, None));
    assert_eq!(store.list_audit(all[0].seq, 1).await.unwrap(), all[1..2]);
    assert_eq!(store.list_audit(all[2].seq, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn a_change_to_any_column_shows(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.record(&records()[2..]).await.unwrap();
    let seq = world.store.list_audit(0, 1).await.unwrap()[0].seq;
    let before = world.store.list_audit(0, 1).await.unwrap();
    for (column, forged, original) in [
        ("at", "at + 1", "at - 1"),
        ("event", "'secret.revoked'", "'secret.added'"),
        ("event", "'from a newer release'", "'secret.added'"),
        ("actor_kind", "'client'", "'user'"),
        ("actor_id", "NULL", "'usr_ann'"),
        ("subject_kind", "'token'", "'secret'"),
        ("subject_id", "'s2'", "'s1'"),
        ("company_id", "'globex'", "'acme'"),
        ("address", "'203.0.113.7'", "NULL"),
        ("request_id", "'req-8'", "'req-9'"),
        ("outcome", "'wrong_secret'", "'success'"),
        ("count", "2", "1"),
    ] {
        world.database.tamper(&format!("UPDATE audit SET {column} = {forged} WHERE seq = {seq}"));
        assert!(!world.store.list_audit(0, 1).await.unwrap()[0].is_intact(), "{column} = {forged}");
        world.database.tamper(&format!("UPDATE audit SET {column} = {original} WHERE seq = {seq}"));
        assert_eq!(world.store.list_audit(0, 1).await.unwrap(), before, "{column}");
    }
    world.database.tamper("UPDATE audit SET detail = '{}'");
    assert!(!world.store.list_audit(0, 1).await.unwrap()[0].is_intact());
    world.database.tamper("UPDATE audit SET detail = 'no JSON'");
    assert!(!world.store.list_audit(0, 1).await.unwrap()[0].is_intact());
}

#[rstest]
#[tokio::test]
async fn a_request_is_found_by_its_own_id_and_among_those_counted_together(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let store = &world.store;
    let of = |request: &str, event| Record { request_id: Some(request.to_owned()), ..record(event) };
    let counted = Record { count: 3, ..of("ccc", Event::TokenRefused) };
    let counted = counted.with("request_ids", json!(["aaa", "bbb", "ccc"]));
    let single = of("ddd", Event::TokenRefused).with("scope", json!(["aaa"]));
    store.record(&[of("aaa", Event::TokenIssued), counted, single]).await.unwrap();

    let found = async |request: &str| {
        let records = world.other.find_audit_of_request(request, 10).await.unwrap();
        records.into_iter().map(|record| record.event).collect::<Vec<_>>()
    };
    assert_eq!(
        found("aaa").await,
        ["token.refused", "token.issued"],
        "the newest first, no scope among them"
    );
    assert_eq!(found("bbb").await, ["token.refused"]);
    assert_eq!(found("ccc").await, ["token.refused"]);
    for none in ["", "AAA", "aa", "eee", "%", "_aa", "request_ids\":[", "' OR 1=1--"] {
        assert!(found(none).await.is_empty(), "{none:?}");
    }
    let latest = store.latest_audit(2).await.unwrap();
    let latest = latest.iter().map(|record| record.request_id.as_deref()).collect::<Vec<_>>();
    assert_eq!(latest, [Some("ddd"), Some("ccc")]);
}
