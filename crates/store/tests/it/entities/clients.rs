//! Clients: whole or not at all, by name and in pages.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::{
    ClientAuthMethod, ClientKeys, ClientState, ClientType, ErrorStyle, Event, MintQuota, TenantBinding,
};
use tokenry_store::{Announced, ClientUpdate, Entity, Error, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, same};

#[rstest]
#[tokio::test]
async fn every_field_reads_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_corporation(&corporation("group"), &[]).await.unwrap();
    world.store.create_company(&company_of("acme", "group"), &[]).await.unwrap();
    let mut stored = client("everything");
    stored.name = "Ärger & \"Söhne\" — 株式会社 😀".to_owned();
    stored.kind = ClientType::ThirdParty;
    stored.auth_method = ClientAuthMethod::PrivateKeyJwt;
    stored.keys = Some(ClientKeys::Uri("https://a.example/jwks.json?a=\"b\"".to_owned()));
    stored.binding =
        TenantBinding::Corporation { home: company_id("acme"), corporation: corporation_id("group") };
    stored.error_style = ErrorStyle::Auth0;
    stored.first_party = false;
    stored.skip_consent = true;
    stored.require_pkce = false;
    stored.redirect_uris = vec!["https://a.example/cb?x=\"1\"".to_owned(), "https://b.example/".to_owned()];
    stored.post_logout_redirect_uris = vec!["https://a.example/bye".to_owned()];
    stored.backchannel_logout_uri = Some("https://a.example/logout".to_owned());
    stored.access_token_ttl = Some(Duration::from_millis(1_500));
    stored.quota = MintQuota { per_hour: Some(0), per_day: Some(u32::MAX) };
    stored.claims.insert("plan".to_owned(), serde_json::json!({ "größe": [1, null, "XL"] }));
    stored.state = ClientState::Disabled { at: later(5) };
    stored.version = 7;
    world.store.create_client(&stored, None, &[], &[]).await.unwrap();
    same(&world.other.find_client(&stored.id).await.unwrap().unwrap(), &stored);
    assert!(world.store.find_client(&client_id("nobody")).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_client_comes_with_its_secret_and_grants_or_not_at_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    let (cron, secret_1) = (client("cron"), secret("s1", "cron"));
    let unknown = [grant("g1", "cron", "timesheets"), grant("g2", "cron", "unknown")];
    let before = store.latest_change().await.unwrap();
    let refused =
        store.create_client(&cron, Some(&secret_1), &unknown, &[record(Event::ClientCreated)]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::ResourceServer))), "{refused:?}");
    assert!(store.find_client(&cron.id).await.unwrap().is_none());
    assert!(store.list_client_secrets(&cron.id).await.unwrap().is_empty());
    assert!(store.list_client_grants(None).await.unwrap().is_empty());
    assert!(store.list_audit(0, 10).await.unwrap().is_empty());
    assert_eq!(store.latest_change().await.unwrap(), before);

    store
        .create_client(&cron, Some(&secret_1), &unknown[..1], &[record(Event::ClientCreated)])
        .await
        .unwrap();
    same(&store.list_client_secrets(&cron.id).await.unwrap(), &vec![secret_1]);
    same(&store.list_client_grants(Some(&cron.id)).await.unwrap(), &unknown[..1].to_vec());
    assert_eq!(store.list_audit(0, 10).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_is_taken_is_refused_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_client(&client("cron"), Some(&secret("s1", "cron")), &[], &[]).await.unwrap();

    let again = store.create_client(&client("cron"), None, &[], &[]).await;
    assert!(matches!(again, Err(Error::Exists(Entity::Client))), "{again:?}");
    let mut same_digest = secret("s2", "other");
    same_digest.verifier = secret("s1", "cron").verifier;
    let twice = store.create_client(&client("other"), Some(&same_digest), &[], &[]).await;
    assert!(matches!(twice, Err(Error::Exists(Entity::ClientSecret))), "{twice:?}");
    assert!(store.find_client(&client_id("other")).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_binding_names_what_exists(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_corporation(&corporation("group"), &[]).await.unwrap();
    store.create_company(&company("alone"), &[]).await.unwrap();

    let refused = store.create_client(&client_of("cron", "nowhere"), None, &[], &[]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Company))), "{refused:?}");
    for (home, corporation, missing) in
        [("alone", "group", Entity::Company), ("alone", "nowhere", Entity::Corporation)]
    {
        let mut cron = client("cron");
        cron.binding =
            TenantBinding::Corporation { home: company_id(home), corporation: corporation_id(corporation) };
        let refused = store.create_client(&cron, None, &[], &[]).await;
        assert!(matches!(refused, Err(Error::Missing(entity)) if entity == missing), "{refused:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_client_goes_with_all_that_is_its(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let handle = world.assign_handle().await;
    let found = store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap();
    assert_eq!(found, Some((handle, HOUR)));

    let records = [record(Event::ClientDeleted)];
    assert!(store.delete_client(&client_id("cron"), later(1), &records).await.unwrap().is_some());
    assert!(store.find_client(&client_id("cron")).await.unwrap().is_none());
    assert!(store.list_client_secrets(&client_id("cron")).await.unwrap().is_empty());
    assert!(store.list_client_grants(None).await.unwrap().is_empty());
    assert!(store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap().is_none());
    assert_eq!(world.events().await, ["client.deleted"]);

    let change = store.latest_change().await.unwrap();
    assert!(store.delete_client(&client_id("cron"), later(2), &records).await.unwrap().is_none());
    assert_eq!(world.events().await, ["client.deleted"], "what did nothing is not recorded");
    assert_eq!(store.latest_change().await.unwrap(), change);
}

#[rstest]
#[tokio::test]
async fn pages_follow_each_other_by_byte_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for id in ["b", "a", "Z", "_", "a.b", "a-b", "~", "0"] {
        world.store.create_client(&client(id), None, &[], &[]).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.list_clients(after.as_ref(), 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        seen.extend(page.into_iter().map(|client| client.id.to_string()));
    }
    assert_eq!(seen, ["0", "Z", "_", "a", "a-b", "a.b", "b", "~"]);
}

#[rstest]
#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let (store, cron) = (&world.store, client_id("cron"));
    let mut expected = client("cron");
    store.create_client(&expected, None, &[], &[]).await.unwrap();
    let hour = Duration::from_secs(3_600);
    expected.claims.insert("plan".to_owned(), "gold".into());
    let updates = [
        ClientUpdate { name: Some("Nightly".to_owned()), ..ClientUpdate::default() },
        ClientUpdate { access_token_ttl: Some(Some(hour)), ..ClientUpdate::default() },
        ClientUpdate { claims: Some(expected.claims.clone()), ..ClientUpdate::default() },
        ClientUpdate { error_style: Some(ErrorStyle::Auth0), ..ClientUpdate::default() },
        ClientUpdate { keys: Some(ClientKeys::Inline(public_keys())), ..ClientUpdate::default() },
        ClientUpdate {
            tokens_per_hour: Some(Some(7)),
            tokens_per_day: Some(Some(0)),
            ..ClientUpdate::default()
        },
        ClientUpdate { tokens_per_day: Some(None), ..ClientUpdate::default() },
        ClientUpdate {
            redirect_uris: Some(vec!["https://a.example/callback".to_owned()]),
            post_logout_redirect_uris: Some(vec!["https://a.example/".to_owned()]),
            ..ClientUpdate::default()
        },
        ClientUpdate { require_pkce: Some(false), skip_consent: Some(true), ..ClientUpdate::default() },
    ];
    for update in &updates {
        store.update_client(&cron, update, later(1), &[record(Event::ClientUpdated)]).await.unwrap();
    }
    expected.name = "Nightly".to_owned();
    expected.access_token_ttl = Some(hour);
    expected.keys = Some(ClientKeys::Inline(public_keys()));
    expected.quota = MintQuota { per_hour: Some(7), per_day: None };
    expected.error_style = ErrorStyle::Auth0;
    expected.redirect_uris = vec!["https://a.example/callback".to_owned()];
    expected.post_logout_redirect_uris = vec!["https://a.example/".to_owned()];
    (expected.require_pkce, expected.skip_consent) = (false, true);
    expected.version = 10;
    same(&world.other.find_client(&cron).await.unwrap().unwrap(), &expected);

    let as_the_api = ClientUpdate { access_token_ttl: Some(None), ..ClientUpdate::default() };
    store.update_client(&cron, &as_the_api, later(2), &[record(Event::ClientUpdated)]).await.unwrap();
    (expected.access_token_ttl, expected.version) = (None, 11);
    same(&world.other.find_client(&cron).await.unwrap().unwrap(), &expected);
    assert_eq!(world.events().await.len(), 10);

    let elsewhere = ClientKeys::Uri("https://a.example/jwks.json".to_owned());
    let moved = ClientUpdate { keys: Some(elsewhere.clone()), ..ClientUpdate::default() };
    store.update_client(&cron, &moved, later(3), &[]).await.unwrap();
    (expected.keys, expected.version) = (Some(elsewhere), 12);
    same(&world.other.find_client(&cron).await.unwrap().unwrap(), &expected);

    let refused = store.update_client(&client_id("nobody"), &as_the_api, NOW, &[]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Client))), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn tok_20_a_disabled_client_loses_its_handles_for_good(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let (store, cron) = (&world.store, client_id("cron"));
    world.seed().await;
    let handle = world.assign_handle().await;
    let disabled = ClientState::Disabled { at: later(1) };
    let records = [record(Event::ClientDisabled)];

    let switched = store.set_client_state(&cron, disabled, later(1), &records).await.unwrap();
    assert!(matches!(switched, Switch::Done { announced } if !announced.is_empty()));
    assert_eq!(
        world.learned("timesheets", 0).await,
        [format!("1 revoked/handle {} until +3661", handle.as_str())]
    );
    assert_eq!(world.other.find_client(&cron).await.unwrap().unwrap().state, disabled);
    assert!(store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap().is_none());
    let again =
        store.set_client_state(&cron, ClientState::Disabled { at: later(2) }, later(2), &records).await;
    assert_eq!(again.unwrap(), Switch::Unchanged);
    assert_eq!(
        world.other.find_client(&cron).await.unwrap().unwrap().state,
        disabled,
        "since the first time"
    );

    let records = [record(Event::ClientEnabled)];
    let switched = store.set_client_state(&cron, ClientState::Enabled, later(3), &records).await.unwrap();
    assert_eq!(switched, Switch::Done { announced: Announced::default() });
    assert!(store.find_token_handle(&secret_id("s1"), &grant_id("g1")).await.unwrap().is_none());
    assert_eq!(world.client_version("cron").await, 3);
    let unknown = store.set_client_state(&client_id("nobody"), disabled, NOW, &records).await.unwrap();
    assert_eq!(unknown, Switch::NotFound);
    assert_eq!(
        world.events().await,
        ["client.disabled", "client.enabled"],
        "what did nothing is not recorded"
    );
}
