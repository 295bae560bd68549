//! Users and memberships: roles stand on the membership.

use rstest::rstest;
use tokenry_model::UserState;
use tokenry_store::{Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test]
async fn users_read_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let mut ann = user("usr_ann");
    ann.state = UserState::Disabled { at: later(3) };
    ann.version = 2;
    world.store.create_user(&ann, &[]).await.unwrap();
    assert_eq!(world.other.find_user(&ann.id).await.unwrap().as_ref(), Some(&ann));
    assert!(world.store.find_user(&user_id("usr_bob")).await.unwrap().is_none());
    let mut same_name = user("usr_bob");
    same_name.username = ann.username;
    let taken = world.store.create_user(&same_name, &[]).await;
    assert!(matches!(taken, Err(Error::Exists(Entity::User))), "{taken:?}");
}

#[rstest]
#[tokio::test]
async fn roles_stand_on_the_membership(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    for id in ["acme", "globex", "initech"] {
        store.create_company(&company(id), &[]).await.unwrap();
    }
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    world.make_roles(&["developer", "employee", "manager"]).await;
    let everyone = [
        membership("usr_ann", "acme", &["developer", "manager"]),
        membership("usr_ann", "globex", &[]),
        membership("usr_ann", "initech", &["manager"]),
    ];
    for it in &everyone {
        store.add_membership(it, &[]).await.unwrap();
    }
    store.add_membership(&membership("usr_bob", "acme", &["employee"]), &[]).await.unwrap();
    assert_eq!(store.list_memberships(&user_id("usr_ann")).await.unwrap(), everyone);
    assert_eq!(store.find_user(&user_id("usr_ann")).await.unwrap().unwrap().version, 4);

    let stranger = store.add_membership(&membership("usr_eve", "acme", &[]), &[]).await;
    assert!(matches!(stranger, Err(Error::Missing(Entity::User))), "{stranger:?}");
    let nowhere = store.add_membership(&membership("usr_bob", "nowhere", &[]), &[]).await;
    assert!(matches!(nowhere, Err(Error::Missing(Entity::Company))), "{nowhere:?}");

    let nothing = store.add_membership(&membership("usr_bob", "globex", &["nothing"]), &[]).await;
    assert!(matches!(nothing, Err(Error::Missing(Entity::Role))), "{nothing:?}");

    let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
    let members = store.list_members(&acme, None, 9).await.unwrap();
    let seen: Vec<_> = members.iter().map(|it| (it.username.as_str(), it.membership.roles.len())).collect();
    assert_eq!(seen, [("usr_ann@acme.example", 2), ("usr_bob@acme.example", 1)]);
    assert_eq!(members[0].membership, everyone[0]);
    assert_eq!(store.list_members(&acme, None, 1).await.unwrap(), members[..1], "a page is of members");
    assert_eq!(store.list_members(&acme, Some(&ann), 9).await.unwrap(), members[1..]);
    assert!(store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().is_some());
    assert!(store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().is_none());
    assert_eq!(store.list_memberships(&ann).await.unwrap(), everyone[1..]);
    assert_eq!(store.list_memberships(&user_id("usr_bob")).await.unwrap().len(), 1);
    store.add_membership(&membership("usr_ann", "acme", &["employee"]), &[]).await.unwrap();
    let roles = &store.list_memberships(&ann).await.unwrap()[0].roles;
    assert_eq!(*roles, ["employee"], "the roles of the ended membership are gone");
}

#[rstest]
#[tokio::test]
async fn a_user_is_made_with_a_membership_or_not_at_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_company(&company("acme"), &[]).await.unwrap();
    world.make_roles(&["employee"]).await;
    let ann = user("usr_ann");
    for (company, role, missing) in
        [("nowhere", "employee", Entity::Company), ("acme", "nothing", Entity::Role)]
    {
        let made = store.create_member(&ann, &membership("usr_ann", company, &[role]), &[]).await;
        assert!(matches!(&made, Err(Error::Missing(entity)) if *entity == missing), "{made:?}");
        assert_eq!(store.find_user(&ann.id).await.unwrap(), None, "nothing was made");
    }
    let employee = membership("usr_ann", "acme", &["employee"]);
    store.create_member(&ann, &employee, &[]).await.unwrap();
    assert_eq!(store.find_user(&ann.id).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.list_memberships(&ann.id).await.unwrap(), [employee.clone()]);
    let again = store.create_member(&ann, &employee, &[]).await;
    assert!(matches!(again, Err(Error::Exists(Entity::User))), "{again:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_makes_the_membership(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_company(&company("acme"), &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    for n in 0..8 {
        world.make_roles(&[&format!("role{n}")]).await;
    }
    let results = race(&world, 8, |store, n| async move {
        store.add_membership(&membership("usr_ann", "acme", &[&format!("role{n}")]), &[]).await
    })
    .await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    let refused = |it: &Result<(), Error>| matches!(it, Err(Error::Exists(Entity::Membership)));
    assert_eq!(results.iter().filter(|it| refused(it)).count(), 7, "{results:?}");
    let memberships = world.store.list_memberships(&user_id("usr_ann")).await.unwrap();
    assert_eq!(memberships[0].roles.len(), 1, "the losers' roles were not added");
}
