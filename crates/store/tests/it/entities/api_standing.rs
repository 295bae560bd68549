//! An API with the secret that it presents, in one look.

use rstest::rstest;
use tokenry_store::ApiStanding;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, same};

async fn found(world: &World, id: &str, secret: &str) -> Option<ApiStanding> {
    world.other.find_api_standing(&api_id(id), &digest(secret)).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn int_02_an_api_comes_with_its_own_secret(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    let (timesheets, payroll) = (api("timesheets"), api("payroll"));
    let (own, others) = (api_secret("rs1", "timesheets"), api_secret("rs2", "payroll"));
    let mut ended = api_secret("ended", "timesheets");
    (ended.expires_at, ended.last_used_at) = (Some(later(1)), Some(later(2)));
    store.create_resource_server(&timesheets, Some(&own), &[]).await.unwrap();
    store.create_resource_server(&payroll, Some(&others), &[]).await.unwrap();
    store.add_resource_server_secret(&ended, None, &[]).await.unwrap();

    let standing = found(&world, "timesheets", "rs1").await.unwrap();
    same(&standing.resource_server, &store.find_resource_server(&timesheets.id).await.unwrap().unwrap());
    same(&standing.secret, &Some(own));
    same(&found(&world, "timesheets", "ended").await.unwrap().secret, &Some(ended));
    for others in ["rs2", "nobody's"] {
        assert!(found(&world, "timesheets", others).await.unwrap().secret.is_none(), "{others}");
    }
    assert!(found(&world, "nobody", "rs1").await.is_none());
}
