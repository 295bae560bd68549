//! A client with what its right to act hangs on, in one look.

use rstest::rstest;
use tokenry_model::{ClientId, TenantBinding};
use tokenry_store::ClientStanding;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, same};

async fn found(world: &World, id: &ClientId, secret: Option<&str>) -> Option<ClientStanding> {
    let digest = secret.map(digest);
    world.other.find_client_standing(id, digest.as_ref()).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn tok_03_a_client_comes_with_its_own_secret_and_its_home(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    let acme = company("acme");
    store.create_company(&acme, &[]).await.unwrap();
    let mut bound = client("bound");
    bound.binding = TenantBinding::Company(acme.id.clone());
    let mut ended = secret("ended", "bound");
    (ended.expires_at, ended.last_used_at) = (Some(later(1)), Some(later(2)));
    store.create_client(&bound, Some(&secret("s1", "bound")), &[], &[]).await.unwrap();
    store.add_client_secret(&ended, None, &[]).await.unwrap();
    store.create_client(&client("free"), Some(&secret("s2", "free")), &[], &[]).await.unwrap();

    let standing = found(&world, &bound.id, Some("s1")).await.unwrap();
    same(&standing.client, &store.find_client(&bound.id).await.unwrap().unwrap());
    same(&standing.secret, &Some(secret("s1", "bound")));
    same(&standing.home, &Some(acme));
    let standing = found(&world, &bound.id, Some("ended")).await.unwrap();
    same(&standing.secret, &Some(ended));
    for others in [None, Some("s2"), Some("nobody's")] {
        let standing = found(&world, &bound.id, others).await.unwrap();
        assert!(standing.secret.is_none() && standing.home.is_some(), "{others:?}");
    }
    let standing = found(&world, &client_id("free"), Some("s2")).await.unwrap();
    assert!(standing.secret.is_some() && standing.home.is_none());
    assert!(found(&world, &client_id("nobody"), Some("s1")).await.is_none());
}
