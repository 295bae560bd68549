//! Passwords, and what a sign-in is decided by.

use rstest::rstest;
use tokenry_model::{Event, UserState};
use tokenry_store::{ChangePassword, Entity, Error, OwnChange};

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

    store.set_password(&ann.id, "secret hash", NOW, &[record(Event::UserPasswordSet)], None).await.unwrap();
    let found = world.other.find_sign_in(&ann.username).await.unwrap().unwrap();
    assert_eq!((found.hash.as_deref(), found.user.version), (Some("secret hash"), 2));
    assert!(!format!("{found:?}").contains("secret hash"));

    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.propose_totp_seed(&ann.id, b"seed", "dk", NOW).await.unwrap();
    assert!(!store.find_sign_in(&ann.username).await.unwrap().unwrap().second_factor, "not confirmed");
    let change = own_change("usr_ann", 2, Event::UserSecondFactorAdded);
    assert!(store.confirm_totp_seed(change, b"seed", 7, &[]).await.unwrap());
    assert!(store.find_sign_in(&ann.username).await.unwrap().unwrap().second_factor);

    store.set_user_state(&ann.id, UserState::Disabled { at: later(1) }, later(1), &[], None).await.unwrap();
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
    let nobody = world.store.set_password(&user_id("usr_nobody"), "hash", NOW, &records, None).await;
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
    world.store.set_password(&ann.id, "old", NOW, &[], None).await.unwrap();
    race(&world, 8, |store, n| async move {
        let ann = user_id("usr_ann");
        if n == 3 {
            store.set_password(&ann, "new", NOW, &[], None).await.unwrap();
        } else {
            store.rehash_password(&ann, "old", "old, hashed anew").await.unwrap();
        }
    })
    .await;
    assert_eq!(world.store.find_password(&ann.id).await.unwrap().as_deref(), Some("new"));
    assert!(!world.store.rehash_password(&ann.id, "old", "old, hashed anew").await.unwrap());
}

/// Somebody who knows the old password, and has passed its check, comes after the owner's reset.
#[rstest]
#[tokio::test]
async fn log_08_log_09_who_was_overtaken_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.set_password(&user_id("usr_ann"), "old", NOW, &[], None).await.unwrap();
    let change = own_change("usr_ann", 2, Event::UserPasswordSet);
    store.set_password(&user_id("usr_ann"), "of the reset", NOW, &[], None).await.unwrap();
    let overtaken = store.change_password(change.clone(), "of the thief".to_owned(), HOUR).await.unwrap();
    assert!(matches!(overtaken, ChangePassword::Overtaken), "{overtaken:?}");
    assert_eq!(store.find_password(&change.user_id).await.unwrap().as_deref(), Some("of the reset"));
    assert!(world.events().await.is_empty() && store.list_mail(9).await.unwrap().is_empty());

    store.set_user_state(&change.user_id, UserState::Disabled { at: NOW }, NOW, &[], None).await.unwrap();
    let barred = OwnChange { seen: 4, ..change.clone() };
    let barred = store.change_password(barred, "of the barred".to_owned(), HOUR).await.unwrap();
    assert!(matches!(barred, ChangePassword::Overtaken), "{barred:?}");
    store.set_user_state(&change.user_id, UserState::Enabled, NOW, &[], None).await.unwrap();
    let now = OwnChange { seen: 5, ..change };
    let changed = store.change_password(now, "new".to_owned(), HOUR).await.unwrap();
    assert!(matches!(changed, ChangePassword::Changed(_)), "{changed:?}");
    assert_eq!(world.events().await, ["user.password_set"]);
    assert_eq!(store.list_mail(9).await.unwrap().len(), 1);
}

/// Each own change ends the links that were mailed, so one an hour is what there may be.
#[rstest]
#[tokio::test]
async fn log_08_a_password_is_changed_by_its_owner_once_an_hour(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.set_password(&user_id("usr_ann"), "given", NOW, &[], None).await.unwrap();
    let change = async |seen, now| {
        let change = OwnChange { now, ..own_change("usr_ann", seen, Event::UserPasswordSet) };
        store.change_password(change, format!("chosen {seen}"), HOUR).await.unwrap()
    };
    assert!(matches!(change(2, NOW).await, ChangePassword::Changed(_)), "right after it was given");
    assert!(matches!(change(3, later(3_599)).await, ChangePassword::TooSoon));
    let before = change(3, NOW.minus(HOUR)).await;
    assert!(matches!(before, ChangePassword::Changed(_)), "a clock that was set back: {before:?}");
    assert!(matches!(change(4, later(3_600)).await, ChangePassword::Changed(_)));
    store.set_password(&user_id("usr_ann"), "by a link", later(3_700), &[], None).await.unwrap();
    assert!(matches!(change(6, later(3_701)).await, ChangePassword::Changed(_)), "the link begins anew");
}
