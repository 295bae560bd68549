//! Issuing: recorded only while the view that it was decided on holds.

use std::time::Duration;

use futures_util::future::BoxFuture;
use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, ClientState, Event, KeyState, Record, SecretId, Subject, TokenHandle};
use tokenry_store::{ClientUpdate, Issue, IssueOutcome, Leave, RevokeToken, Rewrap, Rotated, UseAssertion};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};
use IssueOutcome::{Recorded, Stale};

/// What a request read before it decided: client `cron`, API `timesheets`, company `acme`.
async fn view(world: &World) -> Issue {
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

async fn world_to_issue_in(engine: Engine) -> World {
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

type Change = for<'w> fn(&'w World) -> BoxFuture<'w, ()>;

/// Every verb that changes something, in an order in which each can: is a view from before it stale after it?
const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("record", Recorded, |w| {
        Box::pin(async { w.store.record(&[record(Event::TokenRefused)]).await.unwrap() })
    }),
    ("touch_secrets", Recorded, |w| {
        Box::pin(async { w.store.touch_secrets(vec![(secret_id("s1"), later(1))]).await.unwrap() })
    }),
    ("assign_token_handle", Recorded, |w| Box::pin(async { drop(w.assign_handle().await) })),
    ("assign_assertion_handle", Recorded, |w| {
        Box::pin(async {
            let (g1, proposed) = (grant_id("g1"), TokenHandle::parse("abcdefghijk").unwrap());
            w.store.assign_assertion_handle(&g1, proposed, Duration::from_secs(60), NOW).await.unwrap();
        })
    }),
    ("put_meta_if_absent", Recorded, |w| {
        Box::pin(async { drop(w.store.put_meta_if_absent("name", vec![1]).await.unwrap()) })
    }),
    ("init_keyring", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
        })
    }),
    ("init_signing_keys", Recorded, |w| {
        Box::pin(async {
            let set = [
                signing_key("kid1", Algorithm::Es256, KeyState::Active { since: NOW }),
                signing_key("kid2", Algorithm::Es256, KeyState::Pending),
            ];
            w.store.init_signing_keys(Algorithm::Es256, &set, NOW, &[]).await.unwrap();
        })
    }),
    // Whether or not the key that left still verifies: it signs no more.
    ("rotate_signing_keys", Stale, |w| {
        Box::pin(async {
            let rotation = rotation("kid1", "kid2", "kid3", Leave::AtOnce);
            assert_eq!(w.store.rotate_signing_keys(&rotation, &[]).await.unwrap(), Rotated::Done);
        })
    }),
    ("revoke_retired_key", Recorded, |w| {
        Box::pin(async { assert!(!w.store.revoke_retired_key("kid1", NOW, &[]).await.unwrap()) })
    }),
    ("remove_signing_key", Recorded, |w| {
        Box::pin(async { assert!(w.store.remove_signing_key("kid1", later(60), NOW, &[]).await.unwrap()) })
    }),
    ("rewrap_keyring", Recorded, |w| {
        Box::pin(async {
            let data_keys = vec![("dk".to_owned(), vec![2], vec![4])];
            let rewrap = Rewrap { check: (vec![1], vec![3]), data_keys };
            assert!(w.store.rewrap_keyring(&rewrap, NOW, &[]).await.unwrap());
        })
    }),
    ("create_corporation", Recorded, |w| {
        Box::pin(async { w.store.create_corporation(&corporation("group"), &[]).await.unwrap() })
    }),
    ("create_company", Recorded, |w| {
        Box::pin(async { w.store.create_company(&company("globex"), &[]).await.unwrap() })
    }),
    ("create_client", Recorded, |w| {
        Box::pin(async { w.store.create_client(&client("other"), None, &[], &[]).await.unwrap() })
    }),
    ("create_resource_server", Recorded, |w| {
        Box::pin(async { w.store.create_resource_server(&api("other"), None, &[]).await.unwrap() })
    }),
    ("create_user", Recorded, |w| {
        Box::pin(async { w.store.create_user(&user("usr_bob"), &[]).await.unwrap() })
    }),
    // No M2M token rests on a membership; those that will check the user's version.
    ("add_membership", Recorded, |w| {
        Box::pin(async { w.store.add_membership(&membership("usr_ann", "acme", &[]), &[]).await.unwrap() })
    }),
    ("remove_membership", Recorded, |w| {
        Box::pin(async {
            let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
            assert!(w.store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap());
        })
    }),
    ("add_client_secret", Stale, |w| {
        Box::pin(async { w.store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap() })
    }),
    ("revoke_client_secret", Stale, |w| {
        Box::pin(async {
            let (cron, s2) = (client_id("cron"), secret_id("s2"));
            w.store.revoke_client_secret(&cron, &s2, NOW, &[]).await.unwrap();
        })
    }),
    ("create_client_grant", Stale, |w| {
        Box::pin(async { w.store.create_client_grant(&grant("g2", "cron", "other"), &[]).await.unwrap() })
    }),
    ("delete_client_grant", Stale, |w| {
        Box::pin(async { assert!(w.store.delete_client_grant(&grant_id("g2"), NOW, &[]).await.unwrap()) })
    }),
    ("add_resource_server_secret", Stale, |w| {
        Box::pin(async {
            w.store.add_resource_server_secret(&api_secret("rs2", "timesheets"), None, &[]).await.unwrap();
        })
    }),
    ("revoke_resource_server_secret", Stale, |w| {
        Box::pin(async {
            let (timesheets, rs2) = (api_id("timesheets"), secret_id("rs2"));
            w.store.revoke_resource_server_secret(&timesheets, &rs2, NOW, &[]).await.unwrap();
        })
    }),
    ("set_resource_server_ttl", Stale, |w| {
        Box::pin(async {
            w.store.set_resource_server_ttl(&api_id("timesheets"), None, NOW, &[]).await.unwrap();
        })
    }),
    ("update_client", Stale, |w| {
        Box::pin(async {
            w.store.update_client(&client_id("cron"), &ClientUpdate::default(), NOW, &[]).await.unwrap();
        })
    }),
    // There and back again: a view from before either is stale.
    ("set_client_state", Stale, |w| {
        Box::pin(async {
            for state in [ClientState::Disabled { at: NOW }, ClientState::Enabled] {
                w.store.set_client_state(&client_id("cron"), state, NOW, &[]).await.unwrap();
            }
        })
    }),
    ("set_company_state", Stale, |w| {
        Box::pin(async {
            for disabled_at in [Some(NOW), None] {
                w.store.set_company_state(&company_id("acme"), disabled_at, NOW, &[]).await.unwrap();
            }
        })
    }),
    ("create_integration", Recorded, |w| {
        Box::pin(async {
            let parts = (client("erp"), secret("s9", "erp"), grant("g9", "erp", "timesheets"));
            let integration = integration("i9", "erp");
            w.store.create_integration(&integration, &parts.0, &parts.1, &parts.2, &[]).await.unwrap();
        })
    }),
    ("delete_integration", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_integration(&integration_id("i9"), NOW, &[]).await.unwrap());
        })
    }),
    // What ends one token says nothing of whether its client may have another.
    ("revoke_token", Recorded, |w| {
        Box::pin(async {
            let first = w.store.revoke_token(revoked_token(JTI, later(60)), &[]).await.unwrap();
            assert_eq!(first, RevokeToken::Revoked);
        })
    }),
    ("delete_expired_revoked_tokens", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_expired_revoked_tokens(later(60), 9).await.unwrap(), 1);
        })
    }),
    ("delete_expired_opaque_tokens", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_expired_opaque_tokens(later(60), 9).await.unwrap(), 0);
        })
    }),
    // That one assertion is spent says nothing of what the next one may get.
    ("use_assertion", Recorded, |w| {
        Box::pin(async {
            let used = w.store.use_assertion(&client_id("cron"), &digest("jti"), later(60)).await.unwrap();
            assert_eq!(used, UseAssertion::First);
        })
    }),
    ("delete_expired_assertions", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_expired_assertions(later(60), 9).await.unwrap(), 1);
        })
    }),
    ("delete_corporation", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_corporation(&corporation_id("group"), NOW, &[]).await.unwrap());
        })
    }),
    ("delete_company", Stale, |w| {
        Box::pin(async {
            assert!(w.store.delete_company(&company_id("acme"), NOW, &[]).await.unwrap());
        })
    }),
    ("delete_client", Stale, |w| {
        Box::pin(async { assert!(w.store.delete_client(&client_id("cron"), NOW, &[]).await.unwrap()) })
    }),
    ("delete_resource_server", Stale, |w| {
        Box::pin(async {
            assert!(w.store.delete_resource_server(&api_id("timesheets"), NOW, &[]).await.unwrap());
        })
    }),
];

#[rstest]
#[tokio::test]
async fn no_view_from_before_a_change_issues_after_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_to_issue_in(engine).await;
    for &(name, expected, change) in VERBS {
        if name == "delete_client" {
            world.store.create_company(&company("acme"), &[]).await.unwrap();
        }
        if name == "delete_resource_server" {
            world.store.create_client(&client("cron"), None, &[], &[]).await.unwrap();
        }
        let seen = view(&world).await;
        assert_eq!(world.other.record_issue(seen.clone()).await.unwrap(), Recorded, "before {name}");
        change(&world).await;
        assert_eq!(world.other.record_issue(seen).await.unwrap(), expected, "after {name}");
    }
}

/// So that whoever adds a verb decides here whether it makes views stale.
#[test]
fn the_table_knows_every_verb_that_changes_something() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut verbs = Vec::new();
    for entry in std::fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rs") || path.ends_with("migrate.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let names =
            text.split("    pub async fn ").skip(1).map(|rest| rest.split('(').next().unwrap().to_owned());
        verbs.extend(names);
    }
    let reads = |it: &str| {
        ["find_", "list_", "latest_", "changes_", "company_directory"]
            .iter()
            .any(|start| it.starts_with(start))
    };
    verbs.retain(|it| !reads(it) && !["record_issue", "record_opaque_issue"].contains(&it.as_str()));
    verbs.sort();
    let mut known = VERBS.iter().map(|(name, ..)| (*name).to_owned()).collect::<Vec<_>>();
    known.sort();
    assert_eq!(verbs, known);
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
    assert_eq!(world.store.assign_token_handle(&s1, &g1, handle.clone(), NOW).await.unwrap(), handle);
}
