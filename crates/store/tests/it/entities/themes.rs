//! Themes: what is not said stays, nobody has a client's theme whose client is gone, and a picture is found by its name.

use rstest::rstest;
use tokenry_model::{Accent, Color, Event, Theme};
use tokenry_store::{Entity, Error, ThemeChange, ThemeOf};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

const BLUE: Accent = Accent { light: Color::new(0x0b, 0x5b, 0xb5), dark: Color::new(0x7a, 0xb7, 0xff) };

fn named(name: &str) -> ThemeChange {
    ThemeChange { name: Some(name.to_owned()), ..ThemeChange::default() }
}

fn pictured(name: &str) -> ThemeChange {
    let logo = Some((format!("{name}.png"), name.as_bytes().to_vec()));
    ThemeChange { accent: Some(BLUE), logo, ..ThemeChange::default() }
}

async fn put(world: &World, of: &ThemeOf, change: &ThemeChange) {
    world.store.put_theme(of, change, NOW, &[record(Event::ThemeUpdated)]).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_is_not_said_of_a_theme_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_client(&client("c1"), None, &[], &[]).await.unwrap();
    let theirs = ThemeOf::Client(client_id("c1"));
    put(&world, &ThemeOf::Server, &named("Acme")).await;
    put(&world, &theirs, &pictured("one")).await;
    put(&world, &theirs, &named("Acme Timesheets")).await;
    put(&world, &theirs, &pictured("two")).await;
    let acme = Theme { name: Some("Acme".to_owned()), ..Theme::default() };
    let timesheets = Theme {
        name: Some("Acme Timesheets".to_owned()),
        accent: Some(BLUE),
        logo: Some("two.png".to_owned()),
    };
    let listed = world.other.list_themes().await.unwrap();
    assert_eq!(listed, [(ThemeOf::Server, acme), (theirs, timesheets)]);
    assert_eq!(world.other.find_logo("two.png").await.unwrap().as_deref(), Some(b"two".as_slice()));
    assert_eq!(world.other.find_logo("one.png").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_theme_goes_with_its_client_and_not_with_another(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    for id in ["c1", "c2"] {
        world.store.create_client(&client(id), None, &[], &[]).await.unwrap();
        put(&world, &ThemeOf::Client(client_id(id)), &named(id)).await;
    }
    put(&world, &ThemeOf::Server, &named("Acme")).await;
    let before = world.other.latest_change().await.unwrap();
    world.store.delete_client(&client_id("c1"), NOW, &[]).await.unwrap();
    let left: Vec<_> = world.other.list_themes().await.unwrap().into_iter().map(|(of, _)| of).collect();
    assert_eq!(left, [ThemeOf::Server, ThemeOf::Client(client_id("c2"))]);
    let changed = world.other.changes_after(before, 9).await.unwrap();
    assert!(changed.iter().any(|it| it.entity == Entity::Theme && it.entity_id == "c1"), "{changed:?}");

    let gone = ThemeOf::Client(client_id("c1"));
    let refused = world.store.put_theme(&gone, &named("x"), NOW, &[record(Event::ThemeUpdated)]).await;
    assert!(matches!(refused, Err(Error::Missing(Entity::Client))), "{refused:?}");
    assert!(!world.store.delete_theme(&gone, NOW, &[record(Event::ThemeRemoved)]).await.unwrap());
    assert!(world.store.delete_theme(&ThemeOf::Server, NOW, &[record(Event::ThemeRemoved)]).await.unwrap());
    assert_eq!(world.other.list_themes().await.unwrap().len(), 1);
}
