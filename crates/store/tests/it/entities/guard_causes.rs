//! What guards learn of each change: the guards of the APIs that it concerns, and no others.

use futures_util::future::BoxFuture;
use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{ClientState, Event, KeyState};
use tokenry_store::{Announced, CompanyUpdate, Leave, RevokeSecret, RevokeToken, Rotated, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::guard_world::{APIS, assign_narrowed, world_of_guards};
use super::samples::*;

type Act = for<'w> fn(&'w World) -> BoxFuture<'w, Announced>;

/// What is done first, what is done, and what is learned of that at each of [`APIS`].
struct Cause(&'static str, Act, Act, [&'static [&'static str]; 3]);

const NOTHING: Act = |_| Box::pin(async { Announced::default() });
const NARROW: Act = |w| {
    Box::pin(async {
        assign_narrowed(w).await;
        Announced::default()
    })
};
const DISABLE_COMPANY: Act = |w| Box::pin(switch_company(w, "acme", Event::CompanyDisabled));
const RETIRE_KEY: Act =
    |w| Box::pin(rotate(w, Leave::WithItsTokens { signed_until: NOW, at_least: HOUR, at_most: HOUR }));

async fn switch_company(world: &World, id: &str, event: Event) -> Announced {
    let disabled_at = (event == Event::CompanyDisabled).then_some(later(1));
    match world
        .store
        .set_company_state(&company_id(id), disabled_at, later(1), &[record(event)])
        .await
        .unwrap()
    {
        Switch::Done { announced } => announced,
        other => panic!("{other:?}"),
    }
}

async fn switch_client(world: &World, state: ClientState) -> Announced {
    match world.store.set_client_state(&client_id("cron"), state, later(1), &[]).await.unwrap() {
        Switch::Done { announced } => announced,
        other => panic!("{other:?}"),
    }
}

async fn rotate(world: &World, leave: Leave) -> Announced {
    match world.store.rotate_signing_keys(&rotation("a", "p", "n", leave), &[]).await.unwrap() {
        Rotated::Done { announced } => announced,
        Rotated::Overtaken => panic!("nobody else is here"),
    }
}

async fn move_company(world: &World, id: &str, change: CompanyUpdate) -> Announced {
    world
        .store
        .move_company(&company_id(id), &change, later(1), &[record(Event::CompanyUpdated)])
        .await
        .unwrap()
}

const CAUSES: &[Cause] = &[
    Cause(
        "a secret is revoked",
        NOTHING,
        |w| {
            Box::pin(async {
                let (cron, id) = (client_id("cron"), secret_id("cron"));
                match w.store.revoke_client_secret(&cron, &id, later(1), &[]).await.unwrap() {
                    RevokeSecret::Revoked { announced } => announced,
                    other => panic!("{other:?}"),
                }
            })
        },
        [&["revoked/handle crontimeshe until +3661"], &["revoked/handle cronpayroll until +7261"], &[]],
    ),
    Cause(
        "a grant is deleted",
        NOTHING,
        |w| {
            Box::pin(async {
                let id = grant_id("cron-timesheets");
                w.store.delete_client_grant(&id, later(1), &[]).await.unwrap().unwrap()
            })
        },
        [&["revoked/handle crontimeshe until +3661"], &[], &[]],
    ),
    Cause(
        "a client is disabled",
        NOTHING,
        |w| Box::pin(switch_client(w, ClientState::Disabled { at: later(1) })),
        [&["revoked/handle crontimeshe until +3661"], &["revoked/handle cronpayroll until +7261"], &[]],
    ),
    Cause(
        "a client is enabled again",
        |w| Box::pin(switch_client(w, ClientState::Disabled { at: later(1) })),
        |w| Box::pin(switch_client(w, ClientState::Enabled)),
        [&[], &[], &[]],
    ),
    Cause(
        "a client is deleted",
        NOTHING,
        |w| {
            Box::pin(async {
                w.store.delete_client(&client_id("crm"), later(1), &[]).await.unwrap().unwrap()
            })
        },
        [&["revoked/handle crmtimeshee until +3661"], &[], &[]],
    ),
    Cause(
        "an integration is deleted",
        NOTHING,
        |w| {
            Box::pin(async {
                w.store.delete_integration(&integration_id("i1"), later(1), &[]).await.unwrap().unwrap()
            })
        },
        [&[], &["revoked/handle erppayroll0 until +7261"], &[]],
    ),
    Cause(
        "a single token is revoked",
        NOTHING,
        |w| {
            Box::pin(async {
                match w.store.revoke_token(revoked_token(JTI, later(60)), &[]).await.unwrap() {
                    RevokeToken::Revoked { announced } => announced,
                    RevokeToken::AlreadyRevoked => panic!("it was not"),
                }
            })
        },
        [&["revoked/token 0123456789Aabcdefghijklmnopqrstu until +60"], &[], &[]],
    ),
    Cause(
        "a company is disabled",
        NOTHING,
        DISABLE_COMPANY,
        [
            &["revoked/handle crontimeshe until +3661", "disabled acme", "left group acme"],
            &["revoked/handle cronpayroll until +7261", "disabled acme", "left group acme"],
            &["revoked/handle widestatus0 until +3661"],
        ],
    ),
    Cause(
        "a company of no corporation is disabled",
        NOTHING,
        |w| Box::pin(switch_company(w, "globex", Event::CompanyDisabled)),
        [&["disabled globex"], &["disabled globex"], &[]],
    ),
    Cause(
        "a company is enabled again, and what was dead stays dead",
        DISABLE_COMPANY,
        |w| Box::pin(switch_company(w, "acme", Event::CompanyEnabled)),
        [&["enabled acme", "joined group acme"], &["enabled acme", "joined group acme"], &[]],
    ),
    Cause(
        "a company is disabled, and what is narrowed to it ends",
        NARROW,
        |w| Box::pin(switch_company(w, "labs", Event::CompanyDisabled)),
        [
            &["revoked/handle crmtimeshee until +3661", "disabled labs", "left group labs"],
            &["disabled labs", "left group labs"],
            &["revoked/handle widelabs000 until +3661"],
        ],
    ),
    Cause(
        "a company is made in a corporation",
        NOTHING,
        |w| Box::pin(async { w.store.create_company(&company_of("new", "other"), &[]).await.unwrap() }),
        [&["joined other new"], &["joined other new"], &[]],
    ),
    Cause(
        "a company is made in none",
        NOTHING,
        |w| Box::pin(async { w.store.create_company(&company("new"), &[]).await.unwrap() }),
        [&[], &[], &[]],
    ),
    Cause(
        "ten_04 a company is deleted, with what its corporation's clients hold for it alone",
        |w| {
            Box::pin(async {
                assign_narrowed(w).await;
                w.store.delete_client(&client_id("crm"), NOW, &[]).await.unwrap().unwrap()
            })
        },
        |w| {
            Box::pin(async {
                w.store.delete_company(&company_id("labs"), later(1), &[]).await.unwrap().unwrap()
            })
        },
        [&["left group labs"], &["left group labs"], &["revoked/handle widelabs000 until +3661"]],
    ),
    Cause(
        "a disabled company is deleted, and forgotten",
        |w| Box::pin(switch_company(w, "globex", Event::CompanyDisabled)),
        |w| {
            Box::pin(async {
                w.store.delete_company(&company_id("globex"), later(1), &[]).await.unwrap().unwrap()
            })
        },
        [&["enabled globex"], &["enabled globex"], &[]],
    ),
    Cause(
        "ten_06 a company is moved to another corporation, and what is narrowed to it ends",
        NARROW,
        |w| {
            Box::pin(async {
                let corporation = Some(Some(corporation_id("other")));
                move_company(w, "labs", CompanyUpdate { corporation, name: None }).await
            })
        },
        [
            &["left group labs", "joined other labs"],
            &["left group labs", "joined other labs"],
            &["revoked/handle widelabs000 until +3661"],
        ],
    ),
    Cause(
        "ten_06 a disabled company is moved",
        |w| Box::pin(switch_company(w, "labs", Event::CompanyDisabled)),
        |w| Box::pin(move_company(w, "labs", CompanyUpdate { corporation: Some(None), name: None })),
        [&[], &[], &[]],
    ),
    Cause(
        "a company is renamed",
        NOTHING,
        |w| {
            let change = CompanyUpdate { corporation: None, name: Some("Acme".to_owned()) };
            Box::pin(move_company(w, "acme", change))
        },
        [&[], &[], &[]],
    ),
    Cause(
        "there are keys of another algorithm",
        NOTHING,
        |w| {
            Box::pin(async {
                let keys = [signing_key("x", Algorithm::Ps256, KeyState::Active { since: NOW })];
                w.store.init_signing_keys(Algorithm::Ps256, &keys, NOW, &[]).await.unwrap().unwrap()
            })
        },
        [&["keys"], &["keys"], &["keys"]],
    ),
    Cause("keys are rotated", NOTHING, RETIRE_KEY, [&["keys"], &["keys"], &["keys"]]),
    Cause(
        "a key is revoked",
        NOTHING,
        |w| Box::pin(rotate(w, Leave::AtOnce)),
        [&["revoked/key a until +2678460", "keys"]; 3],
    ),
    Cause(
        "a pending key is revoked",
        NOTHING,
        |w| {
            Box::pin(async {
                let next = signing_key("n", Algorithm::Es256, KeyState::Pending);
                w.store.replace_pending_key("p", next, later(60), &[]).await.unwrap().unwrap()
            })
        },
        [&["revoked/key p until +2678460", "keys"]; 3],
    ),
    Cause(
        "a retired key is revoked",
        RETIRE_KEY,
        |w| Box::pin(async { w.store.revoke_retired_key("a", later(60), &[]).await.unwrap().unwrap() }),
        [&["revoked/key a until +2678460", "keys"]; 3],
    ),
    Cause(
        "a key is removed",
        RETIRE_KEY,
        |w| {
            Box::pin(async {
                w.store.remove_signing_key("a", later(9_999), NOW, &[]).await.unwrap().unwrap()
            })
        },
        [&["keys"], &["keys"], &["keys"]],
    ),
];

#[rstest]
#[tokio::test]
async fn each_change_is_told_to_the_apis_that_it_concerns(#[values(Sqlite, Postgres)] engine: Engine) {
    for Cause(name, first, act, expected) in CAUSES {
        let world = world_of_guards(engine).await;
        assert_eq!(world.store.guard_counters().await.unwrap(), [].into(), "{name}: it begins with nothing");
        first(&world).await;
        let mut seen = Vec::new();
        for id in APIS {
            seen.push(world.learned(id, 0).await.len() as i64);
        }
        let announced = act(&world).await;
        assert_eq!(announced.is_empty(), expected.iter().all(|lines| lines.is_empty()), "{name}");
        for ((id, seen), expected) in APIS.iter().zip(seen).zip(expected) {
            let numbered: Vec<_> =
                (seen + 1..).zip(*expected).map(|(seq, line)| format!("{seq} {line}")).collect();
            assert_eq!(world.learned(id, seen).await, numbered, "{name}, at {id}");
        }
    }
}

/// Clients that have no secret have handles too, which end as the others do.
#[rstest]
#[tokio::test]
async fn handles_of_assertions_end_with_what_they_hang_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let assign = |n: u32| {
        world.database.tamper(&format!(
            "INSERT INTO assertion_handles (handle, client_grant_id, longest_ttl, created_at) \
             VALUES ('assertion{n}0', 'crm-timesheets', 5000, 0)"
        ));
    };
    assign(1);
    switch_company(&world, "labs", Event::CompanyDisabled).await;
    switch_company(&world, "labs", Event::CompanyEnabled).await;
    assign(2);
    let disabled = ClientState::Disabled { at: later(1) };
    world.store.set_client_state(&client_id("crm"), disabled, later(1), &[]).await.unwrap();
    assign(3);
    world.store.delete_client_grant(&grant_id("crm-timesheets"), later(1), &[]).await.unwrap();
    let learned = world.learned("timesheets", 0).await;
    let ended: Vec<_> =
        learned.iter().filter_map(|line| line.split_once("assertion")).map(|it| it.1).collect();
    assert_eq!(ended, ["10 until +66", "20 until +66", "30 until +66"], "{learned:?}");
}

/// A change and what is told of it are one: without the one there is not the other.
#[rstest]
#[tokio::test]
async fn what_fails_or_does_nothing_tells_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let store = &world.store;
    world.database.tamper("ALTER TABLE audit RENAME TO hidden");
    let disabled = ClientState::Disabled { at: NOW };
    let cron = client_id("cron");
    let records = [record(Event::ClientDisabled)];
    store.set_client_state(&cron, disabled, NOW, &records).await.unwrap_err();
    store.set_company_state(&company_id("acme"), Some(NOW), NOW, &records).await.unwrap_err();
    store.revoke_token(revoked_token(JTI, later(60)), &records).await.unwrap_err();
    store.rotate_signing_keys(&rotation("a", "p", "n", Leave::AtOnce), &records).await.unwrap_err();
    store.create_company(&company_of("new", "group"), &records).await.unwrap_err();
    world.database.tamper("ALTER TABLE hidden RENAME TO audit");
    store.create_company(&company_of("acme", "group"), &records).await.unwrap_err();
    store.rotate_signing_keys(&rotation("p", "a", "n", Leave::AtOnce), &records).await.unwrap();
    store.delete_client_grant(&grant_id("none"), NOW, &records).await.unwrap();
    store.set_client_state(&cron, ClientState::Enabled, NOW, &records).await.unwrap();
    for id in APIS {
        assert_eq!(world.learned(id, 0).await, [""; 0], "{id}");
    }
    assert!(world.events().await.is_empty());

    let announced = switch_client(&world, disabled).await;
    assert!(!announced.is_empty());
    assert_eq!(world.learned("timesheets", 0).await.len(), 1, "and the next one is told");
}
