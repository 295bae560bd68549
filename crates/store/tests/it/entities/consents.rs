//! What a user agreed to is for one company, or for all of one corporation, and for none that comes after it.

use rstest::rstest;
use tokenry_model::{Consent, Tenant};
use tokenry_protocol::scope::Scope;
use tokenry_store::{CompanyUpdate, Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

fn consent(company: &str, corporation: Option<&str>, scope: &str) -> Consent {
    Consent {
        user_id: user_id("usr_ann"),
        client_id: client_id("web"),
        resource_server_id: None,
        tenant: Some(Tenant { company: company_id(company), corporation: corporation.map(corporation_id) }),
        scope: Scope::parse(scope).unwrap(),
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_client(&client("web"), None, &[], &[]).await.unwrap();
    store.create_corporation(&corporation("group"), &[]).await.unwrap();
    store.create_company(&company_of("acme", "group"), &[]).await.unwrap();
    store.create_company(&company("globex"), &[]).await.unwrap();
    world
}

async fn kept(world: &World) -> Vec<(String, bool, String)> {
    let found = world.other.find_consents(&user_id("usr_ann"), &client_id("web")).await.unwrap();
    let shown = found.into_iter().map(|it| {
        let tenant = it.tenant.unwrap();
        (tenant.company.to_string(), tenant.corporation.is_some(), it.scope.to_string())
    });
    shown.collect()
}

fn row(company: &str, of_all: bool, scope: &str) -> (String, bool, String) {
    (company.to_owned(), of_all, scope.to_owned())
}

#[rstest]
#[tokio::test]
async fn con_05_what_was_agreed_to_adds_up_for_each_company_apart(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    for consent in [
        consent("acme", None, "openid"),
        consent("acme", None, "profile"),
        consent("acme", Some("group"), "openid"),
        consent("globex", None, "email"),
    ] {
        world.store.grant_consents(&[consent], &[]).await.unwrap();
    }
    let expected =
        [row("acme", false, "openid profile"), row("acme", true, "openid"), row("globex", false, "email")];
    assert_eq!(kept(&world).await, expected);
}

#[rstest]
#[tokio::test]
async fn con_05_what_was_agreed_to_for_a_company_or_corporation_goes_with_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let store = &world.store;
    let all = [
        consent("acme", None, "openid"),
        consent("acme", Some("group"), "openid"),
        consent("globex", None, "openid"),
    ];
    store.grant_consents(&all, &[]).await.unwrap();
    let leaves = CompanyUpdate { corporation: Some(None), ..CompanyUpdate::default() };
    drop(store.move_company(&company_id("acme"), &leaves, NOW, &[]).await.unwrap());
    assert!(store.delete_corporation(&corporation_id("group"), NOW, &[]).await.unwrap());
    assert_eq!(kept(&world).await, [row("acme", false, "openid"), row("globex", false, "openid")]);
    assert!(store.delete_company(&company_id("globex"), NOW, &[]).await.unwrap().is_some());
    assert_eq!(kept(&world).await, [row("acme", false, "openid")]);
    let late = store.grant_consents(&[consent("globex", None, "openid")], &[]).await;
    assert!(matches!(late, Err(Error::Missing(Entity::Company))), "{late:?}");
    assert_eq!(kept(&world).await, [row("acme", false, "openid")]);
}
