//! Second factors: a step and a recovery code count once, however many show them.

use rstest::rstest;
use tokenry_model::Event;

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

const SEED: &[u8] = b"wrapped seed";

/// A world in which ann has a confirmed seed, whose step 100 is taken, and a recovery code.
async fn enrolled(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    assert!(store.propose_totp_seed(&user_id("usr_ann"), SEED, "dk", NOW).await.unwrap());
    let codes = [digest("code one"), digest("code two")];
    let confirmed = store.confirm_totp_seed(&user_id("usr_ann"), SEED, 100, &codes, NOW, &[]).await.unwrap();
    assert!(confirmed);
    world
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_22_of_fifty_who_show_a_code_one_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let taken = race(&world, 50, |store, _| async move {
        store.take_totp_step(&user_id("usr_ann"), SEED, 101).await.unwrap()
    })
    .await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
    let take = async |step| world.other.take_totp_step(&user_id("usr_ann"), SEED, step).await.unwrap();
    assert!(!take(101).await && !take(100).await, "nor an earlier one");
    assert!(take(102).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_06_of_fifty_who_show_a_recovery_code_one_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let used = race(&world, 50, |store, _| async move {
        let records = [record(Event::UserRecoveryCodeUsed)];
        store.use_recovery_code(&user_id("usr_ann"), &digest("code one"), NOW, &records).await.unwrap()
    })
    .await;
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    assert_eq!(world.events().await, ["user.recovery_code_used"]);
    assert_eq!(world.store.count_recovery_codes(&user_id("usr_ann")).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn log_06_codes_are_one_users(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let store = &world.store;
    let (ann, bob) = (user_id("usr_ann"), user_id("usr_bob"));
    assert!(!store.take_totp_step(&bob, SEED, 200).await.unwrap());
    assert!(!store.use_recovery_code(&bob, &digest("code one"), NOW, &[]).await.unwrap());
    assert!(!store.replace_recovery_codes(&bob, &[digest("code")], &[]).await.unwrap());
    assert!(!store.take_totp_step(&ann, b"another seed", 200).await.unwrap());
    assert!(
        !store.propose_totp_seed(&ann, b"another seed", "dk", NOW).await.unwrap(),
        "one that counts stays"
    );
    assert!(store.use_recovery_code(&ann, &digest("code one"), NOW, &[]).await.unwrap());

    assert!(store.replace_recovery_codes(&ann, &[digest("code three")], &[]).await.unwrap());
    assert!(!store.use_recovery_code(&ann, &digest("code two"), NOW, &[]).await.unwrap(), "the old are void");
    assert!(store.remove_totp_seed(&ann, NOW, &[]).await.unwrap());
    assert!(!store.remove_totp_seed(&ann, NOW, &[]).await.unwrap());
    assert!(!store.use_recovery_code(&ann, &digest("code three"), NOW, &[]).await.unwrap());
    assert!(!store.take_totp_step(&ann, SEED, 300).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_seed_counts_once_it_was_shown(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let (store, bob) = (&world.store, user_id("usr_bob"));
    assert!(store.propose_totp_seed(&bob, b"first", "dk", NOW).await.unwrap());
    assert!(!store.take_totp_step(&bob, b"first", 5).await.unwrap());
    assert!(store.propose_totp_seed(&bob, b"second", "dk", later(1)).await.unwrap());
    assert!(!store.confirm_totp_seed(&bob, b"first", 5, &[], NOW, &[]).await.unwrap(), "it was replaced");
    assert!(store.confirm_totp_seed(&bob, b"second", 5, &[], later(2), &[]).await.unwrap());
    assert!(!store.confirm_totp_seed(&bob, b"second", 6, &[], later(3), &[]).await.unwrap(), "once");
    let row = world.other.find_totp_seed(&bob).await.unwrap().unwrap();
    assert_eq!((row.wrapped_seed.as_slice(), row.confirmed_at), (&b"second"[..], Some(later(2))));
    assert!(!store.take_totp_step(&bob, b"second", 5).await.unwrap(), "what confirmed it is taken");
    assert!(store.propose_totp_seed(&user_id("usr_nobody"), b"x", "dk", NOW).await.is_err());
}
