//! Tokens in Auth0's dialect to the command and to a real guard that was told of it: both say the same.

use rstest::rstest;
use serde_json::{Map, Value, json};
use tokenry_engine::manage::{NewApi, NewSecret};
use tokenry_model::{KeyState, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoClient, SCOPES, claims_of};

use super::agreement::{ALLOWED, Case, INVALID, case};
use super::world::{World, sign};

const MIGRATED: &str = "https://migrated.example.com";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a2_jwt_14_an_api_of_the_dialect(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(TokenFormat::Jwt, TokenFormat::Opaque)] token_format: TokenFormat,
) {
    let world = World::new(engine).await;
    let (app, demo) = (&world.app, &world.app.demo);
    let new = NewApi {
        id: None,
        name: "Migrated".to_owned(),
        audience: MIGRATED.to_owned(),
        scopes: SCOPES.map(|scope| (scope.to_owned(), String::new())).into(),
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Auth0,
        token_format,
        tenanted: true,
    };
    let id = app.manager.create_api(new).await.unwrap().id.to_string();
    let (_stored, secret) = app.manager.add_api_secret(&id, NewSecret::default()).await.unwrap();
    let credential = DemoClient { id, secret: secret.expose().to_owned() };
    let api = world.another_in(MIGRATED, &credential, Dialect::Auth0).await;
    app.manager.create_grant(&demo.cron.id, MIGRATED, &[]).await.unwrap();
    let genuine = app.ask(&demo.cron, &[("audience", MIGRATED)]).await.token();
    case("genuine", &genuine, ALLOWED, &[]).check(&world, &api).await;
    if token_format == TokenFormat::Opaque {
        return;
    }

    let key = world.key(|state| matches!(state, KeyState::Active { .. })).await;
    let forged = |typ: &str, change: &dyn Fn(&mut Map<String, Value>)| {
        let Value::Object(mut claims) = claims_of(&genuine) else { panic!("claims are an object") };
        change(&mut claims);
        sign(&key, typ, &Value::Object(claims).to_string())
    };
    let set = |name: &'static str, value: Value| {
        move |claims: &mut Map<String, Value>| drop(claims.insert(name.to_owned(), value.clone()))
    };
    let without = |name: &'static str| move |claims: &mut Map<String, Value>| drop(claims.remove(name));
    let rfc = |claims: &mut Map<String, Value>| {
        let client = claims["azp"].clone();
        claims.extend([("client_id".to_owned(), client.clone()), ("sub".to_owned(), client)]);
    };
    let cases: Vec<Case<'_>> = vec![
        case("the other dialect, of before the change", &forged("at+jwt", &rfc), ALLOWED, &[]),
        case("its claims under the other typ", &forged("at+jwt", &|_| {}), INVALID, &["claims"]),
        case("a logout token's typ", &forged("logout+jwt", &|_| {}), INVALID, &["type"]),
        case("an ID token", &forged("JWT", &without("gty")), INVALID, &["claims"]),
        case("another grant", &forged("JWT", &set("gty", json!("password"))), INVALID, &["claims"]),
        case("a user", &forged("JWT", &set("sub", json!("usr_ann"))), INVALID, &["claims", "user"]),
        case(
            "the other dialect's sub",
            &forged("JWT", &set("sub", json!(demo.cron.id))),
            INVALID,
            &["claims"],
        ),
        case("two clients", &forged("JWT", &set("client_id", json!("x"))), INVALID, &["claims"]),
        case("no jti", &forged("JWT", &without("jti")), INVALID, &["claims"]),
    ];
    for case in cases {
        case.check(&world, &api).await;
    }
    case("where the dialect is another", &genuine, INVALID, &["type", "audience", "claims"])
        .check(&world, &world.api)
        .await;
}
