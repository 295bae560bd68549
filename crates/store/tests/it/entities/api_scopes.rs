//! The scopes of an API: none is lost, and none goes while it is granted.

use rstest::rstest;
use tokenry_model::{ClientGrant, Consent, Role, RolePermission};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::{Error, ResourceServerUpdate, ScopesUpdate};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

fn scopes(put: &[(&str, Option<&str>)], remove: &[&str]) -> ResourceServerUpdate {
    let token = |text: &&str| ScopeToken::parse(text).unwrap();
    let put = put.iter().map(|(text, words)| (token(text), words.map(str::to_owned))).collect();
    let remove = remove.iter().map(token).collect();
    ResourceServerUpdate { scopes: ScopesUpdate { put, remove }, ..ResourceServerUpdate::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_scopes_that_eight_add_at_once_none_is_lost(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let added = race(&world, 8, |store, n| async move {
        let change = scopes(&[(&format!("scope:{n}"), Some("In words"))], &[]);
        store.update_resource_server(&api_id("timesheets"), change, NOW, &[]).await
    })
    .await;
    assert!(added.iter().all(Result::is_ok), "{added:?}");
    let stored = world.other.find_resource_server(&api_id("timesheets")).await.unwrap().unwrap();
    let words = stored.scopes.iter().filter(|scope| scope.description == "In words").count();
    assert_eq!((stored.scopes.len(), words), (11, 8), "{:?}", stored.scopes);
}

#[rstest]
#[tokio::test]
async fn a_scope_that_goes_is_forgotten_by_consents(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let timesheets = api_id("timesheets");
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    let agreed = |scope: &str| Consent {
        resource_server_id: Some(timesheets.clone()),
        scope: Scope::parse(scope).unwrap(),
        user_id: user_id("usr_ann"),
        client_id: client_id("cron"),
        tenant: None,
        created_at: NOW,
        updated_at: NOW,
    };
    store.grant_consents(&[agreed("create:timesheets read:timesheets")], &[]).await.unwrap();
    let refused =
        store.update_resource_server(&timesheets, scopes(&[], &["read:timesheets"]), NOW, &[]).await;
    assert!(matches!(refused, Err(Error::ScopeInUse { .. })), "{refused:?}");
    assert_eq!(store.list_consents(&user_id("usr_ann")).await.unwrap()[0].scope.iter().count(), 2);
    store.delete_client_grant(&grant_id("g1"), NOW, &[]).await.unwrap();
    for (gone, left) in [("read:timesheets", &["create:timesheets"][..]), ("create:timesheets", &[])] {
        store.update_resource_server(&timesheets, scopes(&[], &[gone]), NOW, &[]).await.unwrap();
        let kept = world.other.list_consents(&user_id("usr_ann")).await.unwrap();
        assert_eq!(kept.iter().map(|consent| consent.scope.to_string()).collect::<Vec<_>>(), left);
    }
}

/// Whoever defines a scope anew must not find it granted already.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_goes_while_it_is_granted_is_not_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let timesheets = api_id("timesheets");
    world.store.delete_client_grant(&grant_id("g1"), NOW, &[]).await.unwrap();
    for round in 0..8 {
        let scope = format!("late:{round}");
        let add = scopes(&[(&scope, None)], &[]);
        world.store.update_resource_server(&timesheets, add, NOW, &[]).await.unwrap();
        let (name, scope) = (format!("role-{round}"), &scope);
        let done = race(&world, 2, |store, n| {
            let (api, name) = (timesheets.clone(), name.clone());
            let (gone, granted) = (scopes(&[], &[scope]), Scope::parse(scope).unwrap());
            async move {
                if n == 0 {
                    return store.update_resource_server(&api, gone, NOW, &[]).await.map(drop);
                }
                let permissions = vec![RolePermission { resource_server_id: api, scope: granted }];
                store.create_role(&Role { permissions, ..role(&name) }, &[]).await
            }
        })
        .await;
        match &done[..] {
            [Ok(()), Err(Error::ScopeUndefined { .. })] | [Err(Error::ScopeInUse { .. }), Ok(())] => {}
            other => panic!("round {round}: {other:?}"),
        }
    }
    let undefined =
        ClientGrant { scope: Scope::parse("late:x").unwrap(), ..grant("g2", "cron", "timesheets") };
    let refused = world.store.create_client_grant(&undefined, &[]).await;
    assert!(matches!(refused, Err(Error::ScopeUndefined { .. })), "{refused:?}");
    world.store.create_client_grant(&grant("g2", "cron", "timesheets"), &[]).await.unwrap();
}
