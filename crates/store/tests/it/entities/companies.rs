//! Companies and corporations: what names them keeps them.

use rstest::rstest;
use tokenry_model::{Event, Session, SystemRng, TenantBinding, TokenHandle};
use tokenry_store::{CompanyUpdate, Entity, Error, GrantReach, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::guard_world::world_of_guards;
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
        (corporation_id("empty"), vec![]),
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
    world.make_roles(&["manager"]).await;
    store.add_membership(&membership("usr_ann", "acme", &["manager"]), &[]).await.unwrap();

    let delete_company = async || store.delete_company(&company_id("acme"), NOW, &[]).await;
    let delete_corporation = async || store.delete_corporation(&corporation_id("group"), NOW, &[]).await;
    let refused = delete_company().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Client, count: 1 })), "{refused:?}");
    let refused = delete_corporation().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Company, count: 1 })), "{refused:?}");

    assert!(store.delete_client(&wide.id, NOW, &[]).await.unwrap().is_some());
    let refused = delete_company().await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Membership, count: 1 })), "{refused:?}");
    let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
    assert!(store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().is_some());
    let acting = Session { company_id: Some(acme), ..session("se1", "usr_ann") };
    let version = store.find_user(&ann).await.unwrap().unwrap().version;
    assert!(store.begin_session(&beginning(acting.clone(), version), &[]).await.unwrap());
    assert!(delete_company().await.unwrap().is_some());
    assert!(delete_company().await.unwrap().is_none());
    let sessions = store.list_sessions(Some(&ann), None, 10).await.unwrap();
    let left: Vec<_> = sessions.iter().map(|session| (&session.id, &session.company_id)).collect();
    assert_eq!(left, [(&acting.id, &None)], "who acted for it is still signed in");
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
            (Ok(Some(_)), Err(Error::Missing(Entity::Company)))
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
            | (Err(Error::InUse { entity: Entity::Company, count: 1 }), Ok(_)) => {}
            both => panic!("{both:?}"),
        }
    }
}

/// A client with a secret, a grant and their handle, all called after it.
async fn client_with_handle(world: &World, id: &str, binding: TenantBinding) -> TokenHandle {
    let mut client = client(id);
    client.binding = binding;
    let grant = grant(id, id, "timesheets");
    world.store.create_client(&client, Some(&secret(id, id)), &[grant], &[]).await.unwrap();
    let proposed = TokenHandle::generate(&SystemRng);
    world.store.assign_token_handle(&secret_id(id), &grant_id(id), proposed, HOUR, NOW).await.unwrap()
}

/// Enabling a company again revives nothing: not for who is at home there, not for who narrowed a token to it. Tokens
/// for its whole corporation lose it and have it again.
#[rstest]
#[tokio::test]
async fn ten_05_what_is_for_a_company_ends_with_it_and_stays_dead_when_it_is_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    for group in ["group", "other"] {
        store.create_corporation(&corporation(group), &[]).await.unwrap();
    }
    for company in [company_of("acme", "group"), company_of("labs", "group"), company("globex")] {
        store.create_company(&company, &[]).await.unwrap();
    }
    let reaching = |home: &str| TenantBinding::Corporation {
        home: company_id(home),
        corporation: corporation_id("group"),
    };
    let of_labs = client_with_handle(&world, "of-labs", TenantBinding::Company(company_id("labs"))).await;
    client_with_handle(&world, "wide", reaching("acme")).await;
    let reach = GrantReach { client_grant_id: grant_id("wide"), company_id: Some(company_id("labs")) };
    let proposed = TokenHandle::generate(&SystemRng);
    let narrowed = store.assign_token_handle(&secret_id("wide"), reach.clone(), proposed, HOUR, NOW).await;
    for (id, binding) in [
        ("of-acme", TenantBinding::Company(company_id("acme"))),
        ("of-globex", TenantBinding::Company(company_id("globex"))),
        ("unbound", TenantBinding::Unbound),
    ] {
        client_with_handle(&world, id, binding).await;
    }

    let labs = company_id("labs");
    let records = [record(Event::CompanyDisabled)];
    let switched = store.set_company_state(&labs, Some(later(1)), later(1), &records).await.unwrap();
    assert!(matches!(switched, Switch::Done { announced } if !announced.is_empty()));
    let stored = world.other.find_company(&labs).await.unwrap().unwrap();
    assert_eq!((stored.disabled_at, stored.version), (Some(later(1)), 2));
    let again = store.set_company_state(&labs, Some(later(2)), later(2), &records).await.unwrap();
    assert_eq!(again, Switch::Unchanged);

    let switched = store.set_company_state(&labs, None, later(3), &[record(Event::CompanyEnabled)]).await;
    assert!(matches!(switched.unwrap(), Switch::Done { announced } if !announced.is_empty()));
    let learned = world.learned("timesheets", 0).await;
    let ended = learned.iter().filter_map(|it| it.split_once("revoked/handle "));
    let mut ended: Vec<_> = ended.map(|(_, it)| it[..11].to_owned()).collect();
    ended.sort_unstable();
    let mut hit: Vec<_> = [of_labs, narrowed.unwrap()].map(|it| it.as_str().to_owned()).into();
    hit.sort_unstable();
    assert_eq!(ended, hit);
    for (id, alive, version) in [
        ("of-labs", false, 3),
        ("wide", true, 1),
        ("of-acme", true, 1),
        ("of-globex", true, 1),
        ("unbound", true, 1),
    ] {
        let handle = store.find_token_handle(&secret_id(id), &grant_id(id)).await.unwrap();
        assert_eq!((handle.is_some(), world.client_version(id).await), (alive, version), "{id}");
    }
    assert_eq!(store.find_token_handle(&secret_id("wide"), reach).await.unwrap(), None);
    assert_eq!(store.set_company_state(&company_id("none"), None, NOW, &[]).await.unwrap(), Switch::NotFound);
    assert_eq!(world.events().await, ["company.disabled", "company.enabled"]);
}

#[rstest]
#[tokio::test]
async fn ten_06_a_company_stays_where_clients_are_at_home(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    let to = |id: &str| CompanyUpdate { corporation: Some(Some(corporation_id(id))), name: None };
    let move_company = async |id: &str, change: &CompanyUpdate| {
        world.store.move_company(&company_id(id), change, NOW, &[record(Event::CompanyUpdated)]).await
    };
    let refused = move_company("acme", &to("other")).await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::Client, count: 1 })), "{refused:?}");
    let refused = move_company("labs", &to("none")).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Corporation))), "{refused:?}");
    let refused = move_company("none", &to("other")).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Company))), "{refused:?}");
    assert!(world.events().await.is_empty());

    let change = CompanyUpdate { name: Some("Laboratories".to_owned()), ..to("other") };
    assert!(!move_company("labs", &change).await.unwrap().is_empty());
    let labs = world.other.find_company(&company_id("labs")).await.unwrap().unwrap();
    assert_eq!(
        (labs.name.as_str(), labs.corporation_id, labs.version),
        ("Laboratories", Some(corporation_id("other")), 2)
    );
    assert_eq!(world.events().await, ["company.updated"]);
    assert!(move_company("acme", &to("group")).await.unwrap().is_empty(), "where it is, it may stay");
}
