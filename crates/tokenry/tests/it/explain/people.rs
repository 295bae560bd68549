//! Tokens that users let applications have, to the command and to a real guard.

use rstest::rstest;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoClient, Member};

use super::agreement::{ALLOWED, INVALID, case};
use super::world::World;

const SCOPE: &str = "openid read:timesheets create:timesheets";

async fn token(world: &World, person: &Member, client: &DemoClient) -> String {
    world.app.redeem(client, &world.app.code(person, client, SCOPE).await, &[]).await.token()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r57_r27_what_a_user_let_an_application_have(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (mut ann, bob) = (world.app.member("ann").await, world.app.member("bob").await);
    let web = world.app.application(ClientType::Web, "Web", &[]).await;
    let [signed_out, disabled, other] =
        [token(&world, &ann, &web).await, token(&world, &bob, &web).await, token(&world, &ann, &web).await];
    case("a user's", &signed_out, ALLOWED, &[]).check(&world, &world.api).await;

    world.app.manager.revoke_session(ann.session.as_str()).await.unwrap();
    case("signed out", &signed_out, INVALID, &["handle"]).check(&world, &world.api).await;
    case("of the same session", &other, INVALID, &["handle"]).check(&world, &world.api).await;
    case("another user's", &disabled, ALLOWED, &[]).check(&world, &world.api).await;

    world.app.manager.disable_user(bob.id.as_str()).await.unwrap();
    case("user disabled", &disabled, INVALID, &["user", "handle"]).check(&world, &world.api).await;
    ann.session = world.app.sign_in(&ann.id, "sid-of-later");
    case("again", &token(&world, &ann, &web).await, ALLOWED, &[]).check(&world, &world.api).await;
}
