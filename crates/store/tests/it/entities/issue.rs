//! Issuing: recorded only while the view that it was decided on holds.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, Event, KeyState, Record, SecretId, Subject, TokenHandle};
use tokenry_store::{Issue, IssueOutcome};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};
use IssueOutcome::{Recorded, Stale};

/// What a request read before it decided: client `cron`, API `timesheets`, company `acme`.
pub(crate) async fn view(world: &World) -> Issue {
    let client = world.other.find_client(&client_id("cron")).await.unwrap().unwrap();
    let api = world.other.find_resource_server(&api_id("timesheets")).await.unwrap().unwrap();
    let company = world.other.find_company(&company_id("acme")).await.unwrap().unwrap();
    let keys = world.other.list_signing_keys().await.unwrap();
    let active = keys.into_iter().find(|key| matches!(key.state, KeyState::Active { .. }));
    let token = Some(Subject::Token("0123456789Aabcdefghijklmnopqrstu".to_owned()));
    let mut record = Record::new(NOW, Event::TokenIssued, Actor::Client(client.id.clone()), token)
        .with("scope", "read:timesheets");
    record.company = Some(company.id.clone());
    record.address = Some("203.0.113.7".to_owned());
    record.request_id = Some("req-1".to_owned());
    Issue {
        client_id: client.id,
        client_version: client.version,
        resource_server_id: api.id,
        resource_server_version: api.version,
        company: Some((company.id, company.version)),
        kid: active.map(|key| key.kid),
        record,
    }
}

pub(crate) async fn world_to_issue_in(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.seed().await;
    world.store.create_company(&company("acme"), &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world
}

#[rstest]
#[tokio::test]
async fn an_issue_is_recorded_once_and_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    let issue = view(&world).await;
    let without_company = Issue { company: None, ..issue.clone() };
    assert_eq!(world.store.record_issue(issue.clone()).await.unwrap(), Recorded);
    assert_eq!(world.other.record_issue(without_company).await.unwrap(), Recorded);
    let stored = world.store.list_audit(0, 10).await.unwrap();
    assert_eq!(stored.len(), 2);
    let first = &stored[0];
    assert_eq!((first.event.as_str(), first.outcome.as_str(), first.count), ("token.issued", "success", 1));
    assert_eq!((first.actor_kind.as_str(), first.actor_id.as_deref()), ("client", Some("cron")));
    assert_eq!(first.subject_kind.as_deref(), Some("token"));
    assert_eq!(first.subject_id.as_deref(), Some("0123456789Aabcdefghijklmnopqrstu"));
    assert_eq!(first.company_id.as_deref(), Some("acme"));
    assert_eq!(first.address.as_deref(), Some("203.0.113.7"));
    assert_eq!(first.request_id.as_deref(), Some("req-1"));
    assert_eq!(first.detail, r#"{"scope":"read:timesheets"}"#);
    assert_eq!(first.content_hash, issue.record.content_hash());
    assert!(first.is_intact());
}

#[rstest]
#[tokio::test]
async fn each_part_of_the_view_is_checked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    let fresh = view(&world).await;
    let acme = company_id("acme");
    let stale = [
        Issue { client_id: client_id("nobody"), ..fresh.clone() },
        Issue { client_version: fresh.client_version - 1, ..fresh.clone() },
        Issue { client_version: fresh.client_version + 1, ..fresh.clone() },
        Issue { resource_server_id: api_id("unknown"), ..fresh.clone() },
        Issue { resource_server_version: fresh.resource_server_version - 1, ..fresh.clone() },
        Issue { resource_server_version: fresh.resource_server_version + 1, ..fresh.clone() },
        Issue { company: Some((company_id("unknown"), 1)), ..fresh.clone() },
        Issue { company: Some((acme.clone(), 0)), ..fresh.clone() },
        Issue { company: Some((acme, 2)), ..fresh.clone() },
    ];
    for (n, issue) in stale.into_iter().enumerate() {
        assert_eq!(world.store.record_issue(issue).await.unwrap(), Stale, "{n}");
    }
    for sql in ["UPDATE clients SET disabled_at = 1", "UPDATE companies SET disabled_at = 1"] {
        assert_eq!(world.store.record_issue(fresh.clone()).await.unwrap(), Recorded);
        world.database.tamper(sql);
        assert_eq!(world.store.record_issue(fresh.clone()).await.unwrap(), Stale, "{sql}");
        world.database.tamper("UPDATE clients SET disabled_at = NULL");
    }
    assert_eq!(world.events().await.len(), 2, "what was stale left no record");
}

/// A process that has not heard of a rotation yet signs in vain.
#[rstest]
#[tokio::test]
async fn key_02_only_the_key_that_signs_issues(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    let (store, es256) = (&world.store, Algorithm::Es256);
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let set = [
        signing_key("a", es256, KeyState::Active { since: NOW }),
        signing_key("p", es256, KeyState::Pending),
        signing_key("r", es256, KeyState::Retired { since: NOW, verifies_until: later(9) }),
    ];
    store.init_signing_keys(es256, &set, NOW, &[]).await.unwrap();
    let signed_by = async |kid: Option<&str>| Issue { kid: kid.map(str::to_owned), ..view(&world).await };
    for (kid, expected) in
        [(Some("a"), Recorded), (Some("p"), Stale), (Some("r"), Stale), (Some("x"), Stale), (None, Recorded)]
    {
        let issue = signed_by(kid).await;
        let for_nobody = Issue { company: None, ..issue.clone() };
        assert_eq!(store.record_issue(issue).await.unwrap(), expected, "{kid:?}");
        assert_eq!(store.record_issue(for_nobody).await.unwrap(), expected, "{kid:?}");
    }
}

/// Whoever disables first wins: no token is recorded after the change is, whoever holds which view.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn issuing_stops_the_moment_a_secret_is_revoked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    let seen = view(&world).await;
    let outcomes = race(&world, 9, |store, n| {
        let seen = seen.clone();
        async move {
            if n == 4 {
                let (cron, s1): (_, SecretId) = (client_id("cron"), secret_id("s1"));
                store.revoke_client_secret(&cron, &s1, NOW, &[record(Event::SecretRevoked)]).await.unwrap();
                return 0;
            }
            let mut recorded = 0;
            for _ in 0..20 {
                match store.record_issue(seen.clone()).await.unwrap() {
                    Recorded => recorded += 1,
                    Stale => break,
                }
            }
            recorded
        }
    })
    .await;
    let events = world.events().await;
    assert_eq!(outcomes.iter().sum::<usize>(), events.len() - 1, "{outcomes:?}");
    assert_eq!(world.store.record_issue(seen).await.unwrap(), Stale);
    if matches!(engine, Sqlite) {
        assert_eq!(events.last().unwrap(), "secret.revoked", "nothing was issued after the revocation");
    }
}

#[rstest]
#[tokio::test]
async fn handles_and_instants_are_stored_to_the_millisecond(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    let mut issue = view(&world).await;
    issue.record.at = Timestamp::from_millis(i64::MAX);
    assert_eq!(world.store.record_issue(issue).await.unwrap(), Recorded);
    assert_eq!(world.store.list_audit(0, 1).await.unwrap()[0].at, Timestamp::from_millis(i64::MAX));
    let handle = TokenHandle::parse("zzzzzzzzzzz").unwrap();
    let (s1, g1) = (secret_id("s1"), grant_id("g1"));
    assert_eq!(world.store.assign_token_handle(&s1, &g1, handle.clone(), HOUR, NOW).await.unwrap(), handle);
}
