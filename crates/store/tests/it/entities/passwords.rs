//! Passwords, and what a sign-in is decided by.

use rstest::rstest;
use tokenry_model::{Event, UserState};
use tokenry_store::{Entity, Error};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test]
async fn a_sign_in_knows_user_hash_and_second_factor(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    let ann = user("usr_ann");
    store.create_user(&ann, &[]).await.unwrap();
    let found = store.find_sign_in(&ann.username).await.unwrap().unwrap();
    assert_eq!((&found.user, found.hash.as_deref(), found.second_factor), (&ann, None, false));
    assert!(store.find_sign_in("nobody@acme.example").await.unwrap().is_none());
    assert!(store.find_sign_in("").await.unwrap().is_none());

    store.set_password(&ann.id, "secret hash", NOW, &[record(Event::UserPasswordSet)]).await.unwrap();
    let found = world.other.find_sign_in(&ann.username).await.unwrap().unwrap();
    assert_eq!((found.hash.as_deref(), found.user.version), (Some("secret hash"), 2));
    assert!(!format!("{found:?}").contains("secret hash"));

    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.propose_totp_seed(&ann.id, b"seed", "dk", NOW).await.unwrap();
    assert!(!store.find_sign_in(&ann.username).await.unwrap().unwrap().second_factor, "not confirmed");
    store.confirm_totp_seed(&ann.id, b"seed", 7, &[], NOW, &[]).await.unwrap();
    assert!(store.find_sign_in(&ann.username).await.unwrap().unwrap().second_factor);

    store.set_user_state(&ann.id, UserState::Disabled { at: later(1) }, later(1), &[]).await.unwrap();
    let found = store.find_sign_in(&ann.username).await.unwrap().unwrap();
    assert_eq!(
        found.user.state,
        UserState::Disabled { at: later(1) },
        "who is disabled is found, to be refused"
    );
}

#[rstest]
#[tokio::test]
async fn nobodys_password_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let before = world.store.latest_change().await.unwrap();
    let records = [record(Event::UserPasswordSet)];
    let nobody = world.store.set_password(&user_id("usr_nobody"), "hash", NOW, &records).await;
    assert!(matches!(nobody, Err(Error::Missing(Entity::User))), "{nobody:?}");
    assert!(world.store.find_password(&user_id("usr_nobody")).await.unwrap().is_none());
    assert!(world.store.list_audit(0, 9).await.unwrap().is_empty());
    assert_eq!(world.store.latest_change().await.unwrap(), before);
}

/// A password that is changed while its old hash is made anew stays the new one.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_09_a_new_hash_never_brings_an_old_password_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let ann = user("usr_ann");
    world.store.create_user(&ann, &[]).await.unwrap();
    world.store.set_password(&ann.id, "old", NOW, &[]).await.unwrap();
    race(&world, 8, |store, n| async move {
        let ann = user_id("usr_ann");
        if n == 3 {
            store.set_password(&ann, "new", NOW, &[]).await.unwrap();
        } else {
            store.rehash_password(&ann, "old", "old, hashed anew").await.unwrap();
        }
    })
    .await;
    assert_eq!(world.store.find_password(&ann.id).await.unwrap().as_deref(), Some("new"));
    assert!(!world.store.rehash_password(&ann.id, "old", "old, hashed anew").await.unwrap());
}
