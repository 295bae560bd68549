//! Client grants, found with their APIs, and raced for.

use rstest::rstest;
use tokenry_model::{Event, SecretId, SystemRng, TokenHandle};
use tokenry_protocol::scope::Scope;
use tokenry_store::{Entity, Error, GrantReach};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

#[rstest]
#[tokio::test]
async fn a_grant_comes_with_its_api_in_one_query(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_resource_server(&api("alpha"), None, &[]).await.unwrap();
    let mut nothing = grant("g2", "cron", "alpha");
    nothing.scope = Scope::default();
    store.create_client_grant(&nothing, &[]).await.unwrap();

    let cron = client_id("cron");
    let found = store.find_client_grant(&cron, None, "https://alpha.example.com").await.unwrap().unwrap();
    same(&found.grant, &nothing);
    same(&found.resource_server, &api("alpha"));
    let all = store.find_client_grants(&cron, None, 10).await.unwrap();
    let audiences = all.iter().map(|found| found.resource_server.audience.as_str()).collect::<Vec<_>>();
    assert_eq!(audiences, ["https://alpha.example.com", "https://timesheets.example.com"]);
    assert_eq!(store.find_client_grants(&cron, None, 1).await.unwrap().len(), 1);
    assert!(store.find_client_grant(&cron, None, "https://unknown.example.com").await.unwrap().is_none());
    assert!(
        store.find_client_grant(&client_id("x"), None, "https://alpha.example.com").await.unwrap().is_none()
    );
    assert_eq!(store.list_client_grants(None).await.unwrap().len(), 2);
    assert!(store.list_client_grants(Some(&client_id("x"))).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_grant_comes_with_the_handle_of_the_secret_and_of_no_other(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let (cron, s1, g1) = (client_id("cron"), secret_id("s1"), grant_id("g1"));
    let audience = "https://timesheets.example.com";
    let handle = async |secret: Option<&SecretId>| {
        store.find_client_grant(&cron, secret, audience).await.unwrap().unwrap().handle
    };
    assert_eq!(handle(Some(&s1)).await, None);
    let (wide, narrow) = (TokenHandle::generate(&SystemRng), TokenHandle::generate(&SystemRng));
    let narrowed = GrantReach { client_grant_id: g1.clone(), company_id: Some(company_id("acme")) };
    store.assign_token_handle(&s1, narrowed, narrow, HOUR, later(0)).await.unwrap();
    assert_eq!(handle(Some(&s1)).await, None, "a token that is narrowed to a company has another handle");
    store.assign_token_handle(&s1, &g1, wide.clone(), HOUR, later(0)).await.unwrap();
    assert_eq!(handle(Some(&s1)).await, Some((wide, HOUR)));
    assert_eq!(handle(Some(&secret_id("s2"))).await, None);
    assert_eq!(handle(None).await, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_grants_an_api(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_client(&client("cron"), None, &[], &[]).await.unwrap();
    store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    let stranger = store.create_client_grant(&grant("g", "nobody", "timesheets"), &[]).await;
    assert!(matches!(stranger, Err(Error::Missing(Entity::Client))), "{stranger:?}");
    let unknown = store.create_client_grant(&grant("g", "cron", "unknown"), &[]).await;
    assert!(matches!(unknown, Err(Error::Missing(Entity::ResourceServer))), "{unknown:?}");

    let version = world.client_version("cron").await;
    let results = race(&world, 8, |store, n| async move {
        let racer = grant(&format!("g{n}"), "cron", "timesheets");
        store.create_client_grant(&racer, &[record(Event::GrantCreated)]).await
    })
    .await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    let refused = |it: &Result<(), Error>| matches!(it, Err(Error::Exists(Entity::ClientGrant)));
    assert_eq!(results.iter().filter(|it| refused(it)).count(), 7, "{results:?}");
    assert_eq!(world.client_version("cron").await, version + 1);
    assert_eq!(world.events().await, ["grant.created"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_takes_the_api_away(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    world.assign_handle().await;
    let results = race(&world, 8, |store, n| async move {
        store.delete_client_grant(&grant_id("g1"), later(n), &[record(Event::GrantDeleted)]).await.unwrap()
    })
    .await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    assert_eq!(world.events().await, ["grant.deleted"]);
    let handle = world.store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap();
    assert!(handle.is_none(), "the handle went with its grant");
}
