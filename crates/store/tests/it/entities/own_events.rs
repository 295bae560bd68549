//! Every verb that changes what a user may do tells guards to forget what they remember of the user, if the user has a credential
//! that lives.

use futures_util::future::BoxFuture;
use rstest::rstest;
use tokenry_model::{Event, Role, RolePermission, UserState};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::{CompanyUpdate, ResourceServerUpdate, RoleUpdate, ScopesUpdate};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

type Act = for<'w> fn(&'w World) -> BoxFuture<'w, ()>;

/// What is done, in this order, and what the guards of `timesheets` and of `payroll` learn of it beside what ends.
const CAUSES: &[(&str, Act, [&[&str]; 2])] = &[
    (
        "membership added",
        |w| {
            Box::pin(async {
                w.store.add_membership(&membership("usr_ann", "acme", &["clerk"]), &[]).await.unwrap();
            })
        },
        [&["changed usr_ann"]; 2],
    ),
    ("more roles", |w| Box::pin(set_roles(w, &["clerk", "boss"])), [&["changed usr_ann"]; 2]),
    ("fewer roles", |w| Box::pin(set_roles(w, &["clerk"])), [&["changed usr_ann"]; 2]),
    (
        "a role gives more",
        |w| Box::pin(allow(w, "clerk", "read:timesheets create:timesheets")),
        [&["changed"]; 2],
    ),
    ("a role gives less", |w| Box::pin(allow(w, "clerk", "read:timesheets")), [&["changed"]; 2]),
    (
        "a role reaches the corporation",
        |w| {
            Box::pin(async {
                let change = RoleUpdate { corporation_wide: Some(true), ..RoleUpdate::default() };
                w.store.update_role("clerk", &change, NOW, &[]).await.unwrap();
            })
        },
        [&["changed"]; 2],
    ),
    (
        "a role is described",
        |w| {
            Box::pin(async {
                let change = RoleUpdate { description: Some("Clerks".to_owned()), ..RoleUpdate::default() };
                w.store.update_role("clerk", &change, NOW, &[]).await.unwrap();
            })
        },
        [&[]; 2],
    ),
    ("a role that nobody has gives more", |w| Box::pin(allow(w, "boss", "read:timesheets")), [&[]; 2]),
    ("an API defines more", |w| Box::pin(scopes(w, "fly:timesheets", Scopes::Put)), [&["changed"], &[]]),
    ("an API defines less", |w| Box::pin(scopes(w, "fly:timesheets", Scopes::Remove)), [&["changed"], &[]]),
    (
        "a company of theirs moves",
        |w| {
            Box::pin(async {
                let corporation = Some(Some(corporation_id("group")));
                let change = CompanyUpdate { corporation, name: None };
                drop(w.store.move_company(&company_id("acme"), &change, NOW, &[]).await.unwrap());
            })
        },
        [&["changed"]; 2],
    ),
    (
        "a company of theirs is disabled",
        |w| Box::pin(switch_company(w, "acme", Event::CompanyDisabled)),
        [&["changed"]; 2],
    ),
    ("and enabled", |w| Box::pin(switch_company(w, "acme", Event::CompanyEnabled)), [&["changed"]; 2]),
    (
        "another company is disabled",
        |w| Box::pin(switch_company(w, "globex", Event::CompanyDisabled)),
        [&[]; 2],
    ),
    (
        "the user is disabled",
        |w| Box::pin(state(w, UserState::Disabled { at: NOW })),
        [&["changed usr_ann"]; 2],
    ),
    ("and enabled", |w| Box::pin(state(w, UserState::Enabled)), [&["changed usr_ann"]; 2]),
    (
        "the user leaves",
        |w| {
            Box::pin(async {
                assert!(
                    w.store.ask_deletion(of_ann(w).await, later(60), Vec::new()).await.unwrap().is_some()
                );
            })
        },
        [&["changed usr_ann"]; 2],
    ),
    (
        "and stays",
        |w| {
            Box::pin(async {
                assert!(w.store.take_back_deletion(of_ann(w).await).await.unwrap());
            })
        },
        [&["changed usr_ann"]; 2],
    ),
    (
        "somebody else is disabled",
        |w| {
            Box::pin(async {
                let disabled = UserState::Disabled { at: NOW };
                drop(w.store.set_user_state(&user_id("usr_bob"), disabled, NOW, &[], None).await.unwrap());
            })
        },
        [&[]; 2],
    ),
    (
        "a profile is changed",
        |w| {
            Box::pin(async {
                let change = tokenry_store::UserUpdate { name: Some(None), claims: None };
                w.store.update_user(&user_id("usr_ann"), &change, NOW, &[]).await.unwrap();
            })
        },
        [&[]; 2],
    ),
    (
        "membership removed",
        |w| {
            Box::pin(async {
                let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
                assert!(w.store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().is_some());
            })
        },
        [&["changed usr_ann"]; 2],
    ),
    (
        "a company that was theirs is disabled",
        |w| Box::pin(switch_company(w, "acme", Event::CompanyDisabled)),
        [&[]; 2],
    ),
    (
        "the user is removed",
        |w| {
            Box::pin(async {
                assert!(w.store.delete_user(&user_id("usr_ann"), NOW, &[]).await.unwrap().is_some());
            })
        },
        [&["changed usr_ann"]; 2],
    ),
];

#[derive(Clone, Copy)]
enum Scopes {
    Put,
    Remove,
}

async fn set_roles(world: &World, roles: &[&str]) {
    let membership = membership("usr_ann", "acme", roles);
    drop(world.store.set_membership_roles(&membership, NOW, &[]).await.unwrap());
}

async fn allow(world: &World, role: &str, scope: &str) {
    let permission =
        RolePermission { resource_server_id: api_id("timesheets"), scope: Scope::parse(scope).unwrap() };
    let change = RoleUpdate { permissions: vec![permission], ..RoleUpdate::default() };
    drop(world.store.update_role(role, &change, NOW, &[]).await.unwrap());
}

async fn scopes(world: &World, token: &str, act: Scopes) {
    let token = ScopeToken::parse(token).unwrap();
    let scopes = match act {
        Scopes::Put => ScopesUpdate { put: vec![(token, None)], remove: Vec::new() },
        Scopes::Remove => ScopesUpdate { put: Vec::new(), remove: vec![token] },
    };
    let change = ResourceServerUpdate { scopes, ..ResourceServerUpdate::default() };
    world.store.update_resource_server(&api_id("timesheets"), change, NOW, &[]).await.unwrap();
}

async fn switch_company(world: &World, id: &str, event: Event) {
    let disabled_at = (event == Event::CompanyDisabled).then_some(NOW);
    drop(world.store.set_company_state(&company_id(id), disabled_at, NOW, &[]).await.unwrap());
}

async fn state(world: &World, state: UserState) {
    drop(world.store.set_user_state(&user_id("usr_ann"), state, NOW, &[], None).await.unwrap());
}

async fn of_ann(world: &World) -> tokenry_store::OwnChange {
    let ann = world.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    own_change("usr_ann", ann.version, Event::UserUpdated)
}

/// Ann, in no company yet, and bob; two APIs that define the same, roles that nobody has, and nothing told.
async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_corporation(&corporation("group"), &[]).await.unwrap();
    for id in ["acme", "globex"] {
        drop(store.create_company(&company(id), &[]).await.unwrap());
    }
    for id in ["timesheets", "payroll"] {
        store.create_resource_server(&api(id), None, &[]).await.unwrap();
    }
    for name in ["clerk", "boss"] {
        let scope = Scope::parse("read:timesheets").unwrap();
        let permissions = vec![RolePermission { resource_server_id: api_id("timesheets"), scope }];
        store.create_role(&Role { permissions, ..role(name) }, &[]).await.unwrap();
    }
    for id in ["usr_ann", "usr_bob"] {
        store.create_user(&user(id), &[]).await.unwrap();
    }
    world
}

/// What is learned of it that is about subjects.
async fn changed(world: &World, api: &str, seen: usize) -> (usize, Vec<String>) {
    let learned = world.learned(api, i64::try_from(seen).unwrap()).await;
    let changed = learned.iter().filter_map(|line| line.split_once(' '));
    let changed: Vec<_> = changed.map(|it| it.1.to_owned()).filter(|it| it.starts_with("changed")).collect();
    (seen + learned.len(), changed)
}

#[rstest]
#[tokio::test]
async fn pat_03_whatever_changes_what_a_user_may_do_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let (pat, value) = (pat("p1", "usr_ann"), pat_value("v1", "p1", NOW));
    world.store.create_pat(&pat, &value, 9, credential_change(Event::PatCreated, NOW)).await.unwrap();
    let mut seen = [0, 0];
    for (name, act, expected) in CAUSES {
        act(&world).await;
        for (n, api) in ["timesheets", "payroll"].into_iter().enumerate() {
            let (now_seen, learned) = changed(&world, api, seen[n]).await;
            assert_eq!(learned, expected[n], "{name}, at {api}");
            seen[n] = now_seen;
        }
    }
}

#[rstest]
#[case::none(None)]
#[case::expired(Some(pat_value("v1", "p1", NOW.minus(HOUR))))]
#[tokio::test]
async fn of_who_has_no_credential_nobody_is_told(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] value: Option<tokenry_model::PatValue>,
) {
    let world = world(engine).await;
    if let Some(value) = value {
        let change = credential_change(Event::PatCreated, NOW);
        world.store.create_pat(&pat("p1", "usr_ann"), &value, 9, change).await.unwrap();
    }
    for (name, act, _expected) in CAUSES {
        act(&world).await;
        for api in ["timesheets", "payroll"] {
            assert_eq!(changed(&world, api, 0).await.1, [""; 0], "{name}, at {api}");
        }
    }
}

/// Whoever adds a verb that changes what a user may do adds it above.
#[test]
fn the_causes_are_those_of_the_store() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut callers = Vec::new();
    for entry in std::fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let calls = text.matches("announce_subjects(tx").count();
        if calls > 0 {
            callers.push((path.file_name().unwrap().to_string_lossy().into_owned(), calls));
        }
    }
    callers.sort();
    let expected = [
        // The nearer end of what is rotated or rolled: tests of their own are in `account_secrets.rs` and `pats/replaced.rs`.
        ("account_secrets.rs", 1),
        // A deletion that was asked for is taken back with the address.
        ("address_undo.rs", 1),
        ("api_scopes.rs", 1),
        ("companies.rs", 2),
        ("departures.rs", 2),
        ("memberships.rs", 3),
        ("pat_values.rs", 1),
        ("restore.rs", 1),
        ("roles.rs", 1),
        // Whose cookie says another thing: see `session_handles.rs`.
        ("session_keys.rs", 1),
        ("sessions.rs", 2),
        ("users.rs", 2),
    ];
    assert_eq!(callers, expected.map(|(file, calls)| (file.to_owned(), calls)));
}
