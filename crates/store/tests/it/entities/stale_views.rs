//! Every verb that changes something: does what was decided before it still issue a token after it?

mod account_secrets;
mod addresses;
mod complete;
mod families;
mod leaks;
mod logouts;
mod mail;
mod pats;
mod people;
mod sessions;

use std::time::Duration;

use futures_util::future::BoxFuture;
use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{ClientState, Event, KeyState, QuotaPeriod, TokenHandle};
use tokenry_store::{
    Ack, AuthFailures, ClientUpdate, CompanyUpdate, IssueOutcome, Leave, OpenStream, ResourceServerUpdate,
    RevokeToken, Rewrap, Rotated, SessionKeyLeave, ThemeChange, ThemeOf, UnusedTokens, UseAssertion,
};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::issue::{view, world_to_issue_in};
use super::samples::*;
use IssueOutcome::{Recorded, Stale};

type Change = for<'w> fn(&'w World) -> BoxFuture<'w, ()>;

/// A verb, by its name: what becomes of a view from before it.
type Verb = (&'static str, IssueOutcome, Change);

/// Every verb that changes something, in an order in which each can: is a view from before it stale after it?
const VERBS: &[Verb] = &[
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
    ("remove_meta", Recorded, |w| Box::pin(async { w.store.remove_meta("name").await.unwrap() })),
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
            let rotated = w.store.rotate_signing_keys(&rotation, &[]).await.unwrap();
            assert!(matches!(rotated, Rotated::Done { .. }));
        })
    }),
    ("replace_pending_key", Recorded, |w| {
        Box::pin(async {
            let next = signing_key("kid9", Algorithm::Es256, KeyState::Pending);
            assert!(w.store.replace_pending_key("kid9", next, NOW, &[]).await.unwrap().is_none());
        })
    }),
    ("revoke_retired_key", Recorded, |w| {
        Box::pin(async { assert!(w.store.revoke_retired_key("kid1", NOW, &[]).await.unwrap().is_none()) })
    }),
    ("remove_signing_key", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.remove_signing_key("kid1", later(60), NOW, &[]).await.unwrap().is_some());
        })
    }),
    // What browsers carry says nothing of what applications may have.
    ("init_session_key", Recorded, |w| {
        Box::pin(async { assert!(w.store.init_session_key(session_key("sk1"), &[]).await.unwrap()) })
    }),
    ("rotate_session_key", Recorded, |w| {
        Box::pin(async {
            let leave = SessionKeyLeave::Retired { at: NOW };
            assert!(w.store.rotate_session_key("sk1", leave, session_key("sk2"), &[]).await.unwrap());
        })
    }),
    ("remove_session_key", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.remove_session_key("sk1", NOW, HOUR, NOW, &[]).await.unwrap());
        })
    }),
    ("delete_expired_sessions", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_expired_sessions(NOW, 9).await.unwrap(), 0) })
    }),
    ("note_backup", Recorded, |w| {
        Box::pin(async { w.store.note_backup(NOW, record(Event::DatabaseBackedUp)).await.unwrap() })
    }),
    ("note_restored", Recorded, |w| {
        Box::pin(async { w.store.note_restored(NOW, record(Event::DatabaseRestored)).await.unwrap() })
    }),
    ("end_all_tokens", Stale, |w| Box::pin(async { drop(w.store.end_all_tokens(NOW).await.unwrap()) })),
    ("rewrap_keyring", Recorded, |w| {
        Box::pin(async {
            let data_keys = vec![("dk".to_owned(), vec![2], vec![4])];
            let rewrap = Rewrap { check: (vec![1], vec![3]), data_keys };
            assert!(w.store.rewrap_keyring(&rewrap, NOW, &[]).await.unwrap());
        })
    }),
    ("init_audit_key", Recorded, |w| {
        Box::pin(async {
            let row = audit_key("a1");
            assert!(w.store.init_audit_key(row.clone(), record(Event::AuditKeyCreated)).await.unwrap());
            assert!(!w.store.init_audit_key(row, record(Event::AuditKeyCreated)).await.unwrap());
        })
    }),
    ("add_checkpoint", Recorded, |w| {
        Box::pin(async {
            let first = checkpoint(1, "1-2");
            assert!(w.store.add_checkpoint(&first, &[0; 16]).await.unwrap());
            assert!(!w.other.add_checkpoint(&first, &[0; 16]).await.unwrap());
        })
    }),
    ("remove_sealed_audit", Recorded, |w| {
        Box::pin(async {
            let remove = |expected| {
                let rows = vec![checkpoint(1, "1-2").rows];
                let record = record(Event::AuditRemoved);
                w.store.remove_sealed_audit(expected, audit_removal(1), rows, record)
            };
            assert!(remove(0).await.unwrap());
            assert!(!remove(0).await.unwrap(), "who saw less removed than was is refused");
        })
    }),
    ("add_auth_failures", Recorded, |w| {
        Box::pin(async {
            let failures = vec![AuthFailures { pair: [1; 32], began_at: NOW, failures: 1 }];
            w.store.add_auth_failures(failures, Duration::from_secs(60), NOW).await.unwrap();
        })
    }),
    ("delete_old_auth_failures", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_old_auth_failures(later(1), 10).await.unwrap(), 1) })
    }),
    // Whose quota it was is a client that has not changed.
    ("lease_tokens", Recorded, |w| {
        Box::pin(async {
            let lease = w.store.lease_tokens(&client_id("cron"), QuotaPeriod::Hour, 32, NOW).await.unwrap();
            assert_eq!(lease.unwrap().tokens, 2);
        })
    }),
    ("return_tokens", Recorded, |w| {
        Box::pin(async {
            let (began_at, tokens) = (QuotaPeriod::Hour.beginning(NOW), 1);
            let client_id = client_id("cron");
            let unused = UnusedTokens { client_id, period: QuotaPeriod::Hour, began_at, tokens };
            w.store.return_tokens(vec![unused]).await.unwrap();
        })
    }),
    ("create_corporation", Recorded, |w| {
        Box::pin(async { w.store.create_corporation(&corporation("group"), &[]).await.unwrap() })
    }),
    ("create_company", Recorded, |w| {
        Box::pin(async { drop(w.store.create_company(&company("globex"), &[]).await.unwrap()) })
    }),
    ("create_client", Recorded, |w| {
        Box::pin(async { w.store.create_client(&client("other"), None, &[], &[]).await.unwrap() })
    }),
    ("create_resource_server", Recorded, |w| {
        Box::pin(async { w.store.create_resource_server(&api("other"), None, &[]).await.unwrap() })
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
        Box::pin(async {
            assert!(w.store.delete_client_grant(&grant_id("g2"), NOW, &[]).await.unwrap().is_some());
        })
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
    ("update_resource_server", Stale, |w| {
        Box::pin(async {
            let change = ResourceServerUpdate::default();
            w.store.update_resource_server(&api_id("timesheets"), change, NOW, &[]).await.unwrap();
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
    // Whoever narrows a token to the company decided on where it belonged.
    ("move_company", Stale, |w| {
        Box::pin(async {
            w.store.create_corporation(&corporation("other"), &[]).await.unwrap();
            for corporation in [Some(corporation_id("other")), None] {
                let change = CompanyUpdate { corporation: Some(corporation), ..CompanyUpdate::default() };
                w.store.move_company(&company_id("acme"), &change, NOW, &[]).await.unwrap();
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
            assert!(w.store.delete_integration(&integration_id("i9"), NOW, &[]).await.unwrap().is_some());
        })
    }),
    // What ends one token says nothing of whether its client may have another.
    ("revoke_token", Recorded, |w| {
        Box::pin(async {
            let first = w.store.revoke_token(revoked_token(JTI, later(60)), &[]).await.unwrap();
            assert!(matches!(first, RevokeToken::Revoked { .. }));
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
    // What guards are told and answer decides nothing about issuing.
    ("number_guard_events", Recorded, |w| {
        Box::pin(async { assert!(w.store.number_guard_events(100).await.unwrap() > 0) })
    }),
    ("open_guard_stream", Recorded, |w| {
        Box::pin(async {
            let opened = w.store.open_guard_stream(guard_stream("one", "stream1", 0), NOW).await.unwrap();
            assert_eq!(opened, OpenStream::Opened);
        })
    }),
    ("note_guard", Recorded, |w| {
        Box::pin(async {
            let noted = w.store.note_guard(guard_stream("one", "stream2", 0), NOW).await.unwrap();
            assert_eq!(noted, OpenStream::Opened);
        })
    }),
    ("ack_guard_stream", Recorded, |w| {
        Box::pin(async {
            let acked = w.store.ack_guard_stream(&api_id("timesheets"), "stream1", 1, NOW).await.unwrap();
            assert_eq!(acked, Ack::Acked);
        })
    }),
    ("end_guard_stream", Recorded, |w| {
        Box::pin(async {
            w.store.end_guard_stream(&api_id("timesheets"), "stream1", NOW).await.unwrap();
        })
    }),
    ("delete_gone_guard_streams", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_gone_guard_streams(NOW, 9).await.unwrap(), 1) })
    }),
    ("sign_off_guard_stream", Recorded, |w| {
        Box::pin(async {
            assert!(!w.store.sign_off_guard_stream(&api_id("timesheets"), "stream1").await.unwrap());
        })
    }),
    ("delete_expired_guard_events", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_expired_guard_events(later(86_400), NOW, 900).await.unwrap() > 0);
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
    ("put_theme", Recorded, |w| {
        Box::pin(async {
            let change = ThemeChange::default();
            w.store.put_theme(&ThemeOf::Server, &change, NOW, &[]).await.unwrap();
        })
    }),
    ("delete_theme", Recorded, |w| {
        Box::pin(async { assert!(w.store.delete_theme(&ThemeOf::Server, NOW, &[]).await.unwrap()) })
    }),
    ("delete_corporation", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_corporation(&corporation_id("group"), NOW, &[]).await.unwrap());
        })
    }),
    ("delete_company", Stale, |w| {
        Box::pin(async {
            assert!(w.store.delete_company(&company_id("acme"), NOW, &[]).await.unwrap().is_some());
        })
    }),
    ("delete_client", Stale, |w| {
        Box::pin(async {
            assert!(w.store.delete_client(&client_id("cron"), NOW, &[]).await.unwrap().is_some());
        })
    }),
    ("delete_resource_server", Stale, |w| {
        Box::pin(async {
            assert!(w.store.delete_resource_server(&api_id("timesheets"), NOW, &[]).await.unwrap());
        })
    }),
];

/// The verbs that files of their own list, each list for a world of its own.
const VERBS_ABOUT_PEOPLE: &[&[(&str, IssueOutcome, Change)]] = &[
    addresses::VERBS,
    families::VERBS,
    leaks::VERBS,
    logouts::VERBS,
    mail::VERBS,
    account_secrets::VERBS,
    pats::VERBS,
    people::VERBS,
    sessions::VERBS,
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
        check(&world, name, expected, change).await;
    }
}

#[rstest]
#[tokio::test]
async fn no_view_from_before_a_change_of_people_issues_after_it(#[values(Sqlite, Postgres)] engine: Engine) {
    for verbs in VERBS_ABOUT_PEOPLE {
        let world = world_to_issue_in(engine).await;
        for &(name, expected, change) in *verbs {
            check(&world, name, expected, change).await;
        }
    }
}

async fn check(world: &World, name: &str, expected: IssueOutcome, change: Change) {
    let seen = view(world).await;
    assert_eq!(world.other.record_issue(seen.clone()).await.unwrap(), Recorded, "before {name}");
    change(world).await;
    assert_eq!(world.other.record_issue(seen).await.unwrap(), expected, "after {name}");
}
