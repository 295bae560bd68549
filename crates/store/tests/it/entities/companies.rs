//! Companies and corporations: what names them keeps them.

use rstest::rstest;
use tokenry_model::{Event, TenantBinding};
use tokenry_store::{Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

#[rstest]
#[tokio::test]
async fn companies_and_corporations_read_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    let group = corporation("group");
    store.create_corporation(&group, &[record(Event::CorporationCreated)]).await.unwrap();
    let mut acme = company_of("acme", "group");
    acme.disabled_at = Some(later(1));
    acme.version = 4;
    store.create_company(&acme, &[record(Event::CompanyCreated)]).await.unwrap();

    assert_eq!(world.other.find_company(&acme.id).await.unwrap().as_ref(), Some(&acme));
    assert_eq!(world.other.find_corporation(&group.id).await.unwrap().as_ref(), Some(&group));
    assert_eq!(store.list_companies(None, 10).await.unwrap(), [acme.clone()]);
    assert_eq!(store.list_companies(Some(&acme.id), 10).await.unwrap(), []);
    assert_eq!(store.list_corporations(None, 10).await.unwrap(), std::slice::from_ref(&group));
    assert_eq!(store.list_corporations(Some(&group.id), 10).await.unwrap(), []);
    assert!(store.find_company(&company_id("none")).await.unwrap().is_none());
    assert!(store.find_corporation(&corporation_id("none")).await.unwrap().is_none());
    assert_eq!(world.events().await, ["corporation.created", "company.created"]);

    let taken = store.create_company(&company("acme"), &[]).await;
    assert!(matches!(taken, Err(Error::Exists(Entity::Company))), "{taken:?}");
    let taken = store.create_corporation(&corporation("group"), &[]).await;
    assert!(matches!(taken, Err(Error::Exists(Entity::Corporation))), "{taken:?}");
    let orphan = store.create_company(&company_of("labs", "none"), &[]).await;
    assert!(matches!(orphan, Err(Error::Missing(Entity::Corporation))), "{orphan:?}");
}

#[rstest]
#[tokio::test]
async fn the_directory_lists_what_each_corporation_reaches(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    for id in ["one", "two", "empty"] {
        store.create_corporation(&corporation(id), &[]).await.unwrap();
    }
    for (id, of) in [("b", "one"), ("a", "one"), ("c", "two")] {
        store.create_company(&company_of(id, of), &[]).await.unwrap();
    }
    store.create_company(&company("alone"), &[]).await.unwrap();
    let directory = store.company_directory().await.unwrap();
    let expected = [
        (corporation_id("one"), vec![company_id("a"), company_id("b")]),
        (corporation_id("two"), vec![company_id("c")]),
    ];
    assert_eq!(directory, expected.into());
}

#[rstest]
#[tokio::test]
async fn what_is_named_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_corporation(&corporation("group"), &[]).await.unwrap();
    store.create_company(&company_of("acme", "group"), &[]).await.unwrap();
    let mut wide = client("wide");
    wide.binding =
        TenantBinding::Corporation { home: company_id("acme"), corporation: corporation_id("group") };
    store.create_client(&wide, None, &[], &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &["manager"]), &[]).await.unwrap();

    let delete_company = async || store.delete_company(&company_id("acme"), NOW, &[]).await;
    let delete_corporation = async || store.delete_corporation(&corporation_id("group"), NOW, &[]).await;
    let refused = delete_company().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Client, count: 1 })), "{refused:?}");
    let refused = delete_corporation().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Company, count: 1 })), "{refused:?}");

    assert!(store.delete_client(&wide.id, NOW, &[]).await.unwrap());
    let refused = delete_company().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Membership, count: 1 })), "{refused:?}");
    let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
    assert!(store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap());
    assert!(delete_company().await.unwrap());
    assert!(!delete_company().await.unwrap());
    assert!(delete_corporation().await.unwrap());
    assert!(!delete_corporation().await.unwrap());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_removed_or_bound_never_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for round in 0..10 {
        let id = format!("company{round}");
        world.store.create_company(&company(&id), &[]).await.unwrap();
        let binding = world.store.clone();
        let bound = tokio::spawn(async move {
            let (client, company) = (format!("client{round}"), format!("company{round}"));
            binding.create_client(&client_of(&client, &company), None, &[], &[]).await
        });
        let removed = world.other.delete_company(&company_id(&id), NOW, &[]).await;
        match (removed, bound.await.unwrap()) {
            (Ok(true), Err(Error::Missing(Entity::Company)))
            | (Err(Error::InUse { entity: Entity::Client, count: 1 }), Ok(())) => {}
            both => panic!("{both:?}"),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_corporation_is_removed_or_joined_never_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for round in 0..10 {
        let id = format!("group{round}");
        world.store.create_corporation(&corporation(&id), &[]).await.unwrap();
        let joining = world.store.clone();
        let joined = tokio::spawn(async move {
            let (company, group) = (format!("company{round}"), format!("group{round}"));
            joining.create_company(&company_of(&company, &group), &[]).await
        });
        let removed = world.other.delete_corporation(&corporation_id(&id), NOW, &[]).await;
        match (removed, joined.await.unwrap()) {
            (Ok(true), Err(Error::Missing(Entity::Corporation)))
            | (Err(Error::InUse { entity: Entity::Company, count: 1 }), Ok(())) => {}
            both => panic!("{both:?}"),
        }
    }
}
