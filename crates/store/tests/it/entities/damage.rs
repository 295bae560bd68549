//! Damaged rows: an error that names table and column, never a panic.

use std::time::Duration;

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, TenantBinding, TokenHandle};
use tokenry_store::Error;

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

/// Table, column, and an SQL expression for a value that it must not hold.
const DAMAGE: &[(&str, &str, &str)] = &[
    ("assertion_handles", "handle", "'short'"),
    ("assertion_handles", "longest_ttl", "-1"),
    ("change_log", "entity", "'tenant'"),
    ("client_grants", "id", "'a b'"),
    ("client_grants", "scope", "'double  space'"),
    ("client_grants", "scope", "'quote\"'"),
    ("client_secrets", "id", "''"),
    ("client_secrets", "digest", "{one byte}"),
    ("client_secrets", "digest", "NULL"),
    ("clients", "access_token_ttl", "-1"),
    ("clients", "auth_method", "'client_secret_jwt'"),
    ("clients", "claims", "'[]'"),
    ("clients", "claims", "'{\"a\":'"),
    ("clients", "error_style", "''"),
    ("clients", "first_party", "2"),
    ("clients", "jwks", "'{\"keys\":{}}'"),
    ("clients", "jwks", "'{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}'"),
    ("clients", "kind", "'M2M'"),
    ("clients", "post_logout_redirect_uris", "'{}'"),
    ("clients", "redirect_uris", "'[1]'"),
    ("clients", "redirect_uris", "'[\"https://a.example\"'"),
    ("clients", "tokens_per_day", "4294967296"),
    ("clients", "tokens_per_hour", "-1"),
    ("companies", "corporation_id", "'usr group'"),
    ("corporations", "id", "'gr/oup'"),
    ("guard_counters", "resource_server_id", "'a b'"),
    ("integrations", "client_id", "'usr_ann'"),
    ("opaque_tokens", "corporation_id", "'group'"),
    ("opaque_tokens", "jti", "'short'"),
    ("opaque_tokens", "scope", "'double  space'"),
    ("resource_server_secrets", "digest", "{one byte}"),
    ("resource_servers", "dialect", "'Rfc'"),
    ("resource_servers", "scopes", "'[{\"token\":\"read timesheets\",\"description\":\"\"}]'"),
    ("resource_servers", "scopes", "'[{\"token\":\"read\"}]'"),
    ("resource_servers", "signing_alg", "'HS256'"),
    ("resource_servers", "signing_alg", "'none'"),
    ("resource_servers", "tenanted", "-1"),
    ("resource_servers", "token_format", "'paseto'"),
    ("signing_keys", "algorithm", "'RS512'"),
    ("signing_keys", "state", "'revoked'"),
    ("signing_keys", "verifies_until", "1"),
    ("token_handles", "handle", "'short'"),
    ("token_handles", "longest_ttl", "-1"),
];

/// Reads everything, until the first thing that cannot be read.
async fn read_everything(world: &World) -> Result<(), Error> {
    let store = &world.other;
    let cron = client_id("cron");
    store.list_corporations(None, 10).await?;
    store.list_companies(None, 10).await?;
    store.find_user(&user_id("usr_ann")).await?;
    store.list_memberships(&user_id("usr_ann")).await?;
    store.list_clients(None, 10).await?;
    store.list_client_secrets(&cron).await?;
    store.find_client_standing(&cron, Some(&digest("s1"))).await?;
    store.list_resource_servers(None, 10).await?;
    store.list_resource_server_secrets(&api_id("timesheets")).await?;
    store.find_client_grants(&cron, None, 10).await?;
    store.list_client_grants(None).await?;
    store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await?;
    store.find_assertion_handle(&grant_id("g1")).await?;
    store.list_integrations(None, 10).await?;
    store.find_opaque_token(&digest("opaque")).await?;
    store.list_signing_keys().await?;
    store.changes_after(0, 100).await?;
    store.company_directory().await?;
    store.disabled_companies().await?;
    store.guard_counters().await?;
    Ok(())
}

async fn world_with_everything(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    world.assign_handle().await;
    let handle = TokenHandle::parse("abcdefghijk").unwrap();
    store.assign_assertion_handle(&grant_id("g1"), handle, Duration::from_secs(60), NOW).await.unwrap();
    store.record_opaque_issue(world.view().await, opaque_token("opaque")).await.unwrap();
    store.create_corporation(&corporation("group"), &[]).await.unwrap();
    store.create_company(&company_of("acme", "group"), &[]).await.unwrap();
    let mut wide = client("wide");
    wide.binding =
        TenantBinding::Corporation { home: company_id("acme"), corporation: corporation_id("group") };
    store.create_client(&wide, None, &[], &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_role(&role("manager"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &["manager"]), &[]).await.unwrap();
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let key = signing_key("kid", Algorithm::Es256, KeyState::Active { since: NOW });
    store.init_signing_keys(Algorithm::Es256, &[key], NOW, &[]).await.unwrap();
    store.number_guard_events(100).await.unwrap();
    world
}

#[rstest]
#[tokio::test]
async fn db_11_what_cannot_be_read_is_an_error_that_names_its_column(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_with_everything(engine).await;
    // By itself: a client of its own would bring a second secret, and no two may be damaged alike.
    world
        .database
        .tamper("INSERT INTO integrations (id, name, client_id, created_at) VALUES ('i1', 'ERP', 'cron', 1)");
    world.database.drop_checks();
    read_everything(&world).await.unwrap();
    for &(table, column, value) in DAMAGE {
        let one_byte = match engine {
            Postgres => r"'\x00'",
            Sqlite => "x'00'",
        };
        let value = value.replace("{one byte}", one_byte);
        let keep = format!("CREATE TABLE kept AS SELECT * FROM {table}");
        world.database.tamper(&format!("{keep}; UPDATE {table} SET {column} = {value}"));
        match read_everything(&world).await {
            Err(Error::Corrupt { table: in_table, column: in_column, reason }) => {
                let column = if value == "NULL" { "argon2id" } else { column };
                assert_eq!((in_table, in_column), (table, column), "{value}: {reason}");
            }
            other => panic!("{table}.{column} = {value}: {other:?}"),
        }
        let restore = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept");
        world.database.tamper(&format!("{restore}; DROP TABLE kept"));
        read_everything(&world).await.unwrap_or_else(|error| panic!("{table} is whole again: {error}"));
    }
}
