//! Integrations: whole or not at all, and each for itself.

use rstest::rstest;
use tokenry_model::{Event, Integration};
use tokenry_store::{Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, same};

/// Makes the integration `id` of the company `acme`; client, secret and grant are called as it is.
async fn create(world: &World, id: &str, api: &str) -> Result<Integration, Error> {
    let integration = integration(id, id);
    let parts = (client_of(id, "acme"), secret(id, id), grant(id, id, api));
    let records = [record(Event::IntegrationCreated)];
    world.store.create_integration(&integration, &parts.0, &parts.1, &parts.2, &records).await?;
    Ok(integration)
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.create_company(&company("acme"), &[]).await.unwrap();
    world.store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    world
}

#[rstest]
#[tokio::test]
async fn an_integration_is_made_whole_or_not_at_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let store = &world.store;
    let refused = create(&world, "erp", "unknown").await;
    assert!(matches!(refused, Err(Error::Missing(Entity::ResourceServer))), "{refused:?}");
    assert!(store.find_client(&client_id("erp")).await.unwrap().is_none());
    assert!(store.find_integration("erp").await.unwrap().is_none());
    assert!(world.events().await.is_empty());

    let erp = create(&world, "erp", "timesheets").await.unwrap();
    for name_or_id in ["The erp", "erp"] {
        assert_eq!(world.other.find_integration(name_or_id).await.unwrap(), Some(erp.clone()));
    }
    assert!(store.find_client(&client_id("erp")).await.unwrap().is_some());
    same(&store.list_client_secrets(&client_id("erp")).await.unwrap(), &vec![secret("erp", "erp")]);
    same(&store.list_client_grants(None).await.unwrap(), &vec![grant("erp", "erp", "timesheets")]);
}

#[rstest]
#[tokio::test]
async fn a_name_is_taken_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    create(&world, "erp", "timesheets").await.unwrap();
    let mut namesake = integration("crm", "crm");
    namesake.name = "The erp".to_owned();
    let parts = (client("crm"), secret("crm", "crm"), grant("crm", "crm", "timesheets"));
    let refused = world.store.create_integration(&namesake, &parts.0, &parts.1, &parts.2, &[]).await;
    assert!(matches!(refused, Err(Error::Exists(Entity::Integration))), "{refused:?}");
    assert!(world.store.find_client(&client_id("crm")).await.unwrap().is_none(), "nor is its client made");
}

#[rstest]
#[tokio::test]
async fn r06_one_goes_and_the_others_stay(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let store = &world.store;
    let kept = create(&world, "crm", "timesheets").await.unwrap();
    let gone = create(&world, "erp", "timesheets").await.unwrap();
    assert_eq!(store.list_integrations(None, 10).await.unwrap(), [kept.clone(), gone.clone()]);
    assert_eq!(store.list_integrations(Some(&kept.name), 10).await.unwrap(), std::slice::from_ref(&gone));

    let records = [record(Event::IntegrationDeleted)];
    assert!(store.delete_integration(&gone.id, later(1), &records).await.unwrap().is_some());
    assert!(store.delete_integration(&gone.id, later(2), &records).await.unwrap().is_none());
    assert!(store.find_client(&gone.client_id).await.unwrap().is_none());
    assert_eq!(store.list_integrations(None, 10).await.unwrap(), std::slice::from_ref(&kept));
    same(&store.find_client(&kept.client_id).await.unwrap(), &Some(client_of("crm", "acme")));
    same(&store.list_client_secrets(&kept.client_id).await.unwrap(), &vec![secret("crm", "crm")]);
    assert_eq!(store.list_client_grants(None).await.unwrap().len(), 1);
    assert_eq!(world.events().await.len(), 3, "what did nothing is not recorded");

    // Whoever removes the client removes the integration: it is that client.
    assert!(store.delete_client(&kept.client_id, later(3), &[]).await.unwrap().is_some());
    assert!(store.find_integration("crm").await.unwrap().is_none());
}
