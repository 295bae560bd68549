//! APIs and their own secrets.

use std::time::Duration;

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{Event, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_store::{Announced, Entity, Error, MAX_WORKING_SECRETS, ResourceServerUpdate, RevokeSecret};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

#[rstest]
#[tokio::test]
async fn every_field_reads_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let mut stored = api("everything");
    stored.name = "Zeiterfassung 🕐".to_owned();
    stored.audience = "urn:example:timesheets?x='1'".to_owned();
    stored.access_token_ttl = Some(Duration::from_secs(600));
    stored.signing_alg = Some(Algorithm::Es256);
    stored.dialect = Dialect::Auth0;
    stored.token_format = TokenFormat::Opaque;
    stored.tenanted = false;
    stored.version = 3;
    let mut credential = api_secret("rs1", "everything");
    credential.expires_at = Some(later(9));
    credential.revoked_at = Some(later(8));
    credential.last_used_at = Some(later(7));
    world.store.create_resource_server(&stored, Some(&credential), &[]).await.unwrap();

    same(&world.other.find_resource_server(&stored.id).await.unwrap().unwrap(), &stored);
    let by_audience = world.other.find_resource_server_by_audience(&stored.audience).await.unwrap();
    same(&by_audience.unwrap(), &stored);
    same(&world.store.list_resource_server_secrets(&stored.id).await.unwrap(), &vec![credential]);
    assert!(world.store.find_resource_server_by_audience("everything").await.unwrap().is_none());
    assert!(world.store.find_resource_server(&api_id("nothing")).await.unwrap().is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_gets_the_audience(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let results = race(&world, 8, |store, n| async move {
        let mut racer = api(&format!("api{n}"));
        racer.audience = "https://timesheets.example.com".to_owned();
        let credential = api_secret(&format!("rs{n}"), &format!("api{n}"));
        store.create_resource_server(&racer, Some(&credential), &[record(Event::ApiCreated)]).await
    })
    .await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    let refused = |it: &Result<(), Error>| matches!(it, Err(Error::Exists(Entity::ResourceServer)));
    assert_eq!(results.iter().filter(|it| refused(it)).count(), 7, "{results:?}");
    assert_eq!(world.store.list_resource_servers(None, 10).await.unwrap().len(), 1);
    assert_eq!(world.events().await, ["api.created"]);
}

#[rstest]
#[tokio::test]
async fn an_api_stays_while_clients_have_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let timesheets = api_id("timesheets");
    let records = [record(Event::ApiDeleted)];
    let refused = store.delete_resource_server(&timesheets, later(1), &records).await;
    assert!(matches!(refused, Err(Error::InUse { entity: Entity::ClientGrant, count: 1 })), "{refused:?}");
    assert!(world.events().await.is_empty());
    assert!(store.delete_client_grant(&grant_id("g1"), later(1), &[]).await.unwrap().is_some());
    assert!(store.delete_resource_server(&timesheets, later(1), &records).await.unwrap());
    assert!(store.list_resource_server_secrets(&timesheets).await.unwrap().is_empty());
    assert!(!store.delete_resource_server(&timesheets, later(1), &records).await.unwrap());
    assert_eq!(world.events().await, ["api.deleted"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_api_is_removed_or_granted_never_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_client(&client("cron"), None, &[], &[]).await.unwrap();
    for round in 0..10 {
        let id = format!("api{round}");
        world.store.create_resource_server(&api(&id), None, &[]).await.unwrap();
        let granting = world.store.clone();
        let granted = tokio::spawn(async move {
            let grant = grant(&format!("g{round}"), "cron", &format!("api{round}"));
            granting.create_client_grant(&grant, &[]).await
        });
        let removed = world.other.delete_resource_server(&api_id(&id), NOW, &[]).await;
        match (removed, granted.await.unwrap()) {
            (Ok(true), Err(Error::Missing(Entity::ResourceServer)))
            | (Err(Error::InUse { entity: Entity::ClientGrant, count: 1 }), Ok(())) => {}
            both => panic!("{both:?}"),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_apis_secrets_overlap_and_are_capped(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let timesheets = api_id("timesheets");
    let stranger = store.add_resource_server_secret(&api_secret("x", "unknown"), None, &[]).await;
    assert!(matches!(stranger, Err(Error::Missing(Entity::ResourceServer))), "{stranger:?}");
    let again = store.add_resource_server_secret(&api_secret("rs1", "timesheets"), None, &[]).await;
    assert!(matches!(again, Err(Error::Exists(Entity::ResourceServerSecret))), "{again:?}");

    for n in 2..MAX_WORKING_SECRETS {
        let added = api_secret(&format!("rs{n}"), "timesheets");
        store.add_resource_server_secret(&added, None, &[]).await.unwrap();
    }
    let results = race(&world, 8, |store, n| async move {
        let added = api_secret(&format!("racer{n}"), "timesheets");
        store.add_resource_server_secret(&added, None, &[record(Event::ApiSecretAdded)]).await
    })
    .await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    assert_eq!(world.events().await, ["api.secret_added"]);

    let added = api_secret("new", "timesheets");
    let too_many = store.add_resource_server_secret(&added, Some(later(60)), &[]).await;
    assert!(matches!(too_many, Err(Error::TooManySecrets { limit: 50 })), "{too_many:?}");
    store.add_resource_server_secret(&added, Some(NOW), &[]).await.unwrap();
    let secrets = store.list_resource_server_secrets(&timesheets).await.unwrap();
    assert_eq!(secrets.iter().filter(|it| it.works_at(NOW)).count(), 1);
}

#[rstest]
#[tokio::test]
async fn an_apis_secret_is_revoked_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_resource_server(&api("other"), None, &[]).await.unwrap();
    let (timesheets, rs1, records) =
        (api_id("timesheets"), secret_id("rs1"), [record(Event::ApiSecretRevoked)]);
    let revoke = async |api: &str, at| {
        store.revoke_resource_server_secret(&api_id(api), &rs1, at, &records).await.unwrap()
    };
    assert_eq!(revoke("other", later(1)).await, RevokeSecret::NotFound, "another API's");
    assert_eq!(
        revoke("timesheets", later(1)).await,
        RevokeSecret::Revoked { announced: Announced::default() }
    );
    assert_eq!(revoke("timesheets", later(2)).await, RevokeSecret::AlreadyRevoked);
    let secrets = world.other.list_resource_server_secrets(&timesheets).await.unwrap();
    assert_eq!(secrets[0].revoked_at, Some(later(1)));
    assert_eq!(world.events().await, ["api.secret_revoked"]);
}

#[rstest]
#[tokio::test]
async fn an_update_of_an_api_changes_what_it_names_and_nothing_else(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let minute = Some(Duration::from_secs(60));
    let ttl = |ttl| ResourceServerUpdate { access_token_ttl: Some(ttl), ..ResourceServerUpdate::default() };
    let dialect =
        |dialect| ResourceServerUpdate { dialect: Some(dialect), ..ResourceServerUpdate::default() };
    for (change, expected) in [
        (ttl(minute), (minute, Dialect::Rfc)),
        (dialect(Dialect::Auth0), (minute, Dialect::Auth0)),
        (ttl(None), (None, Dialect::Auth0)),
        (ResourceServerUpdate::default(), (None, Dialect::Auth0)),
        (dialect(Dialect::Rfc), (None, Dialect::Rfc)),
    ] {
        let records = [record(Event::ApiUpdated)];
        store.update_resource_server(&api_id("timesheets"), change, later(1), &records).await.unwrap();
        let stored = world.other.find_resource_server(&api_id("timesheets")).await.unwrap().unwrap();
        assert_eq!((stored.access_token_ttl, stored.dialect), expected);
    }
    let refused = store.update_resource_server(&api_id("none"), dialect(Dialect::Auth0), NOW, &[]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::ResourceServer))), "{refused:?}");
}
