//! Users: found by name, listed, changed, barred and removed.

use rstest::rstest;
use serde_json::json;
use tokenry_model::{Event, UserState};
use tokenry_store::{Announced, Entity, Error, ProfileChange, Switch, UserUpdate};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test]
async fn users_are_found_listed_and_changed(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    for id in ["usr_a", "usr_b", "usr_c"] {
        store.create_user(&user(id), &[]).await.unwrap();
    }
    let found = store.find_user_by_username("usr_b@acme.example").await.unwrap();
    assert_eq!(found, Some(user("usr_b")));
    assert!(store.find_user_by_username("USR_B@acme.example").await.unwrap().is_none());
    assert_eq!(store.list_users(None, 2).await.unwrap(), [user("usr_a"), user("usr_b")]);
    assert_eq!(store.list_users(Some(&user_id("usr_b")), 2).await.unwrap(), [user("usr_c")]);

    let claims = json!({"locale": "de-AT"}).as_object().unwrap().clone();
    let change = UserUpdate { name: Some(Some("Bea".to_owned())), claims: Some(claims.clone()) };
    store.update_user(&user_id("usr_b"), &change, NOW, &[record(Event::UserUpdated)]).await.unwrap();
    let bea = world.other.find_user(&user_id("usr_b")).await.unwrap().unwrap();
    assert_eq!((bea.name.as_deref(), &bea.claims, bea.version), (Some("Bea"), &claims, 2));
    let unnamed = UserUpdate { name: Some(None), claims: None };
    store.update_user(&user_id("usr_b"), &unnamed, NOW, &[]).await.unwrap();
    let bea = store.find_user(&user_id("usr_b")).await.unwrap().unwrap();
    assert_eq!((bea.name, bea.claims), (None, claims));
    let nobody = store.update_user(&user_id("usr_x"), &unnamed, NOW, &[]).await;
    assert!(matches!(nobody, Err(Error::Missing(Entity::User))), "{nobody:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r75_of_eight_who_fill_in_one_form_one_has_saved_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    let change = |n: usize| ProfileChange {
        user_id: user_id("usr_ann"),
        seen: 1,
        name: Some(format!("Ann {n}")),
        claims: json!({"nickname": n.to_string()}).as_object().unwrap().clone(),
        now: NOW,
        record: record(Event::UserUpdated),
    };
    let saved = race(&world, 8, |store, n| async move {
        let n = usize::try_from(n).unwrap();
        store.change_profile(change(n)).await.unwrap()
    })
    .await;
    let winners: Vec<_> = (0..8).filter(|n| saved[*n]).collect();
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let ann = world.other.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    assert_eq!((ann.name, ann.version), (Some(format!("Ann {winner}")), 2));
    assert_eq!(ann.claims["nickname"], winner.to_string());
    let disabled = UserState::Disabled { at: NOW };
    world.store.set_user_state(&user_id("usr_ann"), disabled, NOW, &[], None).await.unwrap();
    let barred = ProfileChange { seen: 3, ..change(9) };
    assert!(!world.store.change_profile(barred).await.unwrap(), "who is barred says nothing");
    assert_eq!(world.events().await, ["user.updated"]);
}

#[rstest]
#[tokio::test]
async fn log_05_a_user_is_barred_once_and_goes_with_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_company(&company("acme"), &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.set_password(&user_id("usr_ann"), "hash", NOW, &[], None).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &[]), &[]).await.unwrap();
    let ann = user_id("usr_ann");
    let switch = async |state| store.set_user_state(&ann, state, later(1), &[], None).await.unwrap();
    let done = Switch::Done { announced: Announced::default() };
    let disabled = UserState::Disabled { at: later(1) };
    assert_eq!(switch(UserState::Enabled).await, Switch::Unchanged);
    assert_eq!(switch(disabled).await, done);
    assert_eq!(switch(disabled).await, Switch::Unchanged);
    assert_eq!(store.find_user(&ann).await.unwrap().unwrap().state, disabled);
    assert_eq!(switch(UserState::Enabled).await, done);
    let nobody = store.set_user_state(&user_id("usr_x"), disabled, NOW, &[], None).await.unwrap();
    assert_eq!(nobody, Switch::NotFound);

    assert!(store.delete_user(&ann, NOW, &[record(Event::UserDeleted)]).await.unwrap().is_some());
    assert!(store.delete_user(&ann, NOW, &[record(Event::UserDeleted)]).await.unwrap().is_none());
    assert_eq!(world.events().await, ["user.deleted"]);
    assert!(store.find_password(&ann).await.unwrap().is_none());
    assert_eq!(store.list_memberships(&ann).await.unwrap(), []);
    assert!(store.delete_company(&company_id("acme"), NOW, &[]).await.unwrap().is_some());
}
