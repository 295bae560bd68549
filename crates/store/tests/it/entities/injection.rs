//! Hostile text: stored, found and shown as it is.

use rstest::rstest;
use tokenry_store::Error;

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

const HOSTILE: &[&str] = &[
    "' OR 1=1--",
    "'; DROP TABLE clients; --",
    "\"; DELETE FROM audit; --",
    "%",
    "_",
    "a%' ESCAPE '!",
    "\\",
    "\\'",
    "$1",
    "?1",
    ":id",
    "{}",
    "${jndi:ldap://x}",
    "NULL",
    "\u{202e}reversed",
    "line\r\nbreak\ttab\u{1}",
    "😀\u{301}é",
    " leading and trailing ",
    "",
];

#[rstest]
#[tokio::test]
async fn db_14_hostile_text_is_stored_and_found_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    for (n, text) in HOSTILE.iter().enumerate() {
        let mut hostile = client(&format!("c{n}"));
        hostile.name = (*text).to_owned();
        hostile.redirect_uris = vec![(*text).to_owned()];
        hostile.backchannel_logout_uri = Some((*text).to_owned());
        store.create_client(&hostile, None, &[], &[]).await.unwrap();
        let found = store.find_client(&hostile.id).await.unwrap().unwrap();
        assert_eq!((&found.name, &found.redirect_uris), (&hostile.name, &hostile.redirect_uris));
        assert_eq!(found.backchannel_logout_uri.as_deref(), Some(*text));

        assert!(store.find_resource_server_by_audience(text).await.unwrap().is_none(), "{text:?}");
        assert!(store.find_client_grant(&client_id("cron"), None, text).await.unwrap().is_none(), "{text:?}");
        let mut hostile = api(&format!("a{n}"));
        hostile.audience = (*text).to_owned();
        hostile.scopes[0].description = (*text).to_owned();
        store.create_resource_server(&hostile, None, &[]).await.unwrap();
        let found = store.find_resource_server_by_audience(text).await.unwrap().unwrap();
        assert_eq!((found.id, found.scopes), (hostile.id, hostile.scopes));

        let mut person = user(&format!("usr_{n}"));
        person.username = (*text).to_owned();
        store.create_user(&person, &[]).await.unwrap();
        assert_eq!(store.find_user(&person.id).await.unwrap(), Some(person));

        assert!(store.find_meta(text).await.unwrap().is_none(), "{text:?}");
        store.put_meta_if_absent(text, text.as_bytes().to_vec()).await.unwrap();
        assert_eq!(store.find_meta(text).await.unwrap().as_deref(), Some(text.as_bytes()));

        let mut labelled = secret(&format!("s-{n}"), "cron");
        labelled.label = (*text).to_owned();
        store.add_client_secret(&labelled, None, &[]).await.unwrap();
    }
    let labels = store.list_client_secrets(&client_id("cron")).await.unwrap();
    for text in HOSTILE {
        assert!(labels.iter().any(|secret| secret.label == *text), "{text:?}");
    }
    assert!(store.find_client(&client_id("cron")).await.unwrap().is_some(), "nothing was dropped");
}

#[rstest]
#[tokio::test]
async fn db_14_a_nul_is_refused_alike(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let mut hostile = company("acme");
    hostile.name = "Acme\0Ltd".to_owned();
    let refused = world.store.create_company(&hostile, &[]).await;
    assert!(matches!(refused, Err(Error::Db(_))), "{refused:?}");
    assert!(world.store.find_company(&hostile.id).await.unwrap().is_none());
    let sought = world.store.find_resource_server_by_audience("\0").await;
    assert!(matches!(sought, Err(Error::Db(_))), "{sought:?}");
}
