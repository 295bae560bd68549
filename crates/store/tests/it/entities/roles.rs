//! Roles, and what they let a user do in a company.

use rstest::rstest;
use tokenry_model::{Role, RolePermission};
use tokenry_protocol::scope::Scope;
use tokenry_store::{Entity, Error, RoleUpdate};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

fn permission(api: &str, scope: &str) -> RolePermission {
    RolePermission { resource_server_id: api_id(api), scope: Scope::parse(scope).unwrap() }
}

fn allowing(name: &str, permissions: &[(&str, &str)]) -> Role {
    let permissions = permissions.iter().map(|(api, scope)| permission(api, scope)).collect();
    Role { permissions, ..role(name) }
}

async fn world_with_apis(engine: Engine) -> World {
    let world = World::open(engine).await;
    for id in ["payroll", "timesheets"] {
        world.store.create_resource_server(&api(id), None, &[]).await.unwrap();
    }
    world
}

#[rstest]
#[tokio::test]
async fn roles_read_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_apis(engine).await;
    let store = &world.store;
    let manager = allowing(
        "manager",
        &[("payroll", "read:timesheets"), ("timesheets", "read:timesheets create:timesheets")],
    );
    let auditor =
        Role { corporation_wide: true, ..allowing("auditor", &[("timesheets", "read:timesheets")]) };
    for role in [&manager, &auditor, &role("zero")] {
        store.create_role(role, &[]).await.unwrap();
    }
    assert_eq!(world.other.find_role("manager").await.unwrap().as_ref(), Some(&manager));
    assert!(store.find_role("nobody").await.unwrap().is_none());
    let all = [auditor, manager, role("zero")];
    assert_eq!(store.list_roles(None, 9).await.unwrap(), all);
    assert_eq!(store.list_roles(None, 2).await.unwrap(), all[..2], "a page is of roles, not of rows");
    assert_eq!(store.list_roles(Some("auditor"), 9).await.unwrap(), all[1..]);

    let again = store.create_role(&role("manager"), &[]).await;
    assert!(matches!(again, Err(Error::Exists(Entity::Role))), "{again:?}");
    let nowhere = store.create_role(&allowing("other", &[("nowhere", "read:timesheets")]), &[]).await;
    assert!(matches!(nowhere, Err(Error::Missing(Entity::ResourceServer))), "{nowhere:?}");
    assert!(store.find_role("other").await.unwrap().is_none());
}

/// For what is asked on every request: as many companies as tell whether there is more than one, however many there are.
#[rstest]
#[tokio::test]
async fn r81_two_companies_tell_that_there_are_several(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    for id in ["acme", "globex", "labs", "others"] {
        store.create_company(&company(id), &[]).await.unwrap();
    }
    let theirs = async |named: Option<&str>| {
        let named = named.map(company_id);
        let found = world.other.find_companies_of_user(&user_id("usr_ann"), named.as_ref()).await.unwrap();
        found.into_iter().map(|company| company.id.to_string()).collect::<Vec<_>>()
    };
    assert!(theirs(None).await.is_empty());
    for (id, expected) in
        [("labs", &["labs"][..]), ("globex", &["globex", "labs"]), ("acme", &["acme", "globex"])]
    {
        store.add_membership(&membership("usr_ann", id, &[]), &[]).await.unwrap();
        assert_eq!(theirs(None).await, expected);
    }
    assert_eq!(theirs(Some("labs")).await, ["labs"]);
    assert!(theirs(Some("others")).await.is_empty());
    assert!(theirs(Some("nowhere")).await.is_empty());
    store.set_company_state(&company_id("acme"), Some(NOW), NOW, &[]).await.unwrap();
    assert_eq!(theirs(Some("acme")).await, ["acme"]);
    assert_eq!(theirs(None).await, ["acme", "globex"], "one that is disabled is one of them");
}

#[rstest]
#[tokio::test]
async fn r52_permissions_are_those_of_all_roles_there(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_apis(engine).await;
    let store = &world.store;
    store
        .create_role(&allowing("employee", &[("timesheets", "read:timesheets create:timesheets")]), &[])
        .await
        .unwrap();
    let auditor =
        Role { corporation_wide: true, ..allowing("auditor", &[("timesheets", "read:timesheets")]) };
    store.create_role(&auditor, &[]).await.unwrap();
    for id in ["acme", "globex"] {
        store.create_company(&company(id), &[]).await.unwrap();
    }
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &["auditor", "employee"]), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "globex", &[]), &[]).await.unwrap();
    let may = async |company: &str| {
        let (ann, company, api) = (user_id("usr_ann"), company_id(company), api_id("timesheets"));
        let found = store.find_held_scopes(&ann, &company, &api).await.unwrap().into_iter();
        found.map(|it| (it.scope.to_string(), it.corporation_wide)).collect::<Vec<_>>()
    };
    // In the order of the roles' names.
    let read_create = Scope::parse("read:timesheets create:timesheets").unwrap().to_string();
    let both = [("read:timesheets".to_owned(), true), (read_create, false)];
    assert_eq!(may("acme").await, both);
    assert_eq!(may("globex").await, []);
    assert_eq!(may("nowhere").await, []);

    let version = async || store.find_user(&user_id("usr_ann")).await.unwrap().unwrap().version;
    let before = version().await;
    let nothing = RolePermission { resource_server_id: api_id("timesheets"), scope: Scope::empty() };
    let change = RoleUpdate { permissions: vec![nothing], ..RoleUpdate::default() };
    store.update_role("auditor", &change, NOW, &[]).await.unwrap();
    assert_eq!(version().await, before + 1, "what was decided on the role as it was is stale");
    assert_eq!(may("acme").await, both[1..]);

    let in_use = store.delete_role("employee", NOW, &[]).await;
    assert!(matches!(in_use, Err(Error::InUse { entity: Entity::Membership, count: 1 })), "{in_use:?}");
    let none = membership("usr_ann", "acme", &[]);
    store.set_membership_roles(&none, NOW, &[]).await.unwrap();
    assert_eq!(may("acme").await, []);
    assert!(store.delete_role("employee", NOW, &[]).await.unwrap());
    assert!(!store.delete_role("employee", NOW, &[]).await.unwrap());
    let unknown = store.update_role("employee", &RoleUpdate::default(), NOW, &[]).await;
    assert!(matches!(unknown, Err(Error::Missing(Entity::Role))), "{unknown:?}");
    let stranger = membership("usr_ann", "nowhere", &[]);
    let refused = store.set_membership_roles(&stranger, NOW, &[]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Membership))), "{refused:?}");
}
