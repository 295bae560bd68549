//! What ends with a person's right to act: sessions, and what was granted in them, announced to its guards.

use rstest::rstest;
use tokenry_model::{Event, Role, RolePermission, UserState};
use tokenry_protocol::scope::Scope;
use tokenry_store::{Announced, CodeIssue, IssueCode, RoleUpdate, Store, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::family_world::*;
use super::samples::*;

const AT_ACME: &str = "aaaaaaaaaaa";
const AT_GLOBEX: &str = "ggggggggggg";

/// Ann, manager and employee at acme, and of globex, with a family for each of the two companies.
async fn world(engine: Engine) -> World {
    let world = world_of_families(engine).await;
    let store = &world.store;
    store.create_company(&company("globex"), &[]).await.unwrap();
    for name in ["employee", "manager"] {
        let permissions = vec![allowed("read:timesheets create:timesheets")];
        store.create_role(&Role { permissions, ..role(name) }, &[]).await.unwrap();
    }
    let both = membership("usr_ann", "acme", &["employee", "manager"]);
    store.set_membership_roles(&both, NOW, &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "globex", &["employee"]), &[]).await.unwrap();
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    assert!(store.propose_totp_seed(&user_id("usr_ann"), b"seed", "dk", NOW).await.unwrap());
    let ann = store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    let change = own_change("usr_ann", ann.version, Event::UserSecondFactorAdded);
    assert!(store.confirm_totp_seed(change, b"seed", 7, &[]).await.unwrap());
    grant_both(&world).await;
    world
}

async fn grant_both(world: &World) {
    issue(world, AT_ACME).await;
    let CodeIssue { mut family, code, request, view, record } = code_issue(world, AT_GLOBEX).await;
    family.tenant = family.tenant.map(|acme| tokenry_model::Tenant { company: company_id("globex"), ..acme });
    let issue = CodeIssue { family, code, request, view, record };
    assert_eq!(world.store.issue_code(issue).await.unwrap(), IssueCode::Issued);
}

fn allowed(scope: &str) -> RolePermission {
    RolePermission { resource_server_id: api_id("timesheets"), scope: Scope::parse(scope).unwrap() }
}

/// What takes something from ann.
async fn take(store: &Store, verb: &str) -> Announced {
    let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
    let disabled = UserState::Disabled { at: NOW };
    let fewer = membership("usr_ann", "acme", &["employee"]);
    let narrower = RoleUpdate { permissions: vec![allowed("read:timesheets")], ..RoleUpdate::default() };
    match verb {
        "disable" => match store.set_user_state(&ann, disabled, NOW, &[], None).await.unwrap() {
            Switch::Done { announced } => announced,
            other => panic!("{other:?}"),
        },
        "delete" => store.delete_user(&ann, NOW, &[]).await.unwrap().unwrap(),
        "password" => store.set_password(&ann, "hash", NOW, &[], None).await.unwrap(),
        "second factor" => store.reset_second_factor(&ann, NOW, &[], None).await.unwrap().unwrap(),
        "membership" => store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().unwrap(),
        "role" => store.set_membership_roles(&fewer, NOW, &[]).await.unwrap(),
        "narrower role" => store.update_role("manager", &narrower, NOW, &[]).await.unwrap(),
        "everybody's role" => store.update_role("employee", &narrower, NOW, &[]).await.unwrap(),
        other => panic!("{other} is no verb"),
    }
}

#[rstest]
#[tokio::test]
async fn log_05_rt_08_what_was_granted_ends_with_the_right_to_act(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    for (verb, sessions, acme, globex) in [
        ("disable", 0, false, false),
        ("delete", 0, false, false),
        ("password", 0, false, false),
        ("second factor", 0, false, false),
        ("membership", 1, false, true),
        ("role", 1, false, true),
        ("narrower role", 1, false, true),
        ("everybody's role", 1, false, false),
    ] {
        let world = world(engine).await;
        let announced = take(&world.store, verb).await;
        assert!(!announced.is_empty(), "{verb}: guards are told");
        let left = world.other.list_sessions(Some(&user_id("usr_ann")), None, 9).await.unwrap().len();
        assert_eq!(left, sessions, "{verb}");
        let lives = (lives(&world.other, AT_ACME).await, lives(&world.other, AT_GLOBEX).await);
        assert_eq!(lives, (acme, globex), "{verb}");
    }
}

/// Who may do more, or is told of under another name, signs in nowhere anew.
#[rstest]
#[tokio::test]
async fn what_takes_nothing_ends_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let store = &world.store;
    let more = membership("usr_ann", "globex", &["employee", "manager"]);
    let wider = RoleUpdate {
        description: Some("Decides".to_owned()),
        corporation_wide: Some(true),
        permissions: vec![allowed("read:timesheets create:timesheets approve:timesheets")],
    };
    let same = membership("usr_ann", "acme", &["manager", "employee"]);
    for announced in [
        store.set_membership_roles(&more, NOW, &[]).await.unwrap(),
        store.set_membership_roles(&same, NOW, &[]).await.unwrap(),
        store.update_role("manager", &wider, NOW, &[]).await.unwrap(),
    ] {
        assert!(announced.is_empty(), "nothing was announced");
    }
    store.update_user(&user_id("usr_ann"), &tokenry_store::UserUpdate::default(), NOW, &[]).await.unwrap();
    assert!(lives(store, AT_ACME).await && lives(store, AT_GLOBEX).await);

    let own_again = RoleUpdate { corporation_wide: Some(false), ..RoleUpdate::default() };
    assert!(!store.update_role("manager", &own_again, NOW, &[]).await.unwrap().is_empty());
    assert!(!lives(store, AT_ACME).await, "what reached the corporation has ended");
}

/// Who is enabled again begins anew, and what had ended stays so.
#[rstest]
#[tokio::test]
async fn log_05_enabled_again_nothing_revives(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let ann = user_id("usr_ann");
    take(&world.store, "disable").await;
    let stale = code_issue(&world, "bbbbbbbbbbb").await;
    world.store.set_user_state(&ann, UserState::Enabled, NOW, &[], None).await.unwrap();
    assert!(!lives(&world.other, AT_ACME).await);
    let issued = world.store.issue_code(stale).await.unwrap();
    assert_eq!(issued, IssueCode::Stale, "what was decided before is decided anew");
    insert_session(&world, "sid1");
    issue(&world, "ccccccccccc").await;
    assert!(lives(&world.other, "ccccccccccc").await);
}
