//! Second factors: a step and a recovery code count once, however many show them.

use rstest::rstest;
use tokenry_model::{Event, LinkPurpose, MailLink, OutboxMail, SecondFactors};
use tokenry_store::{OwnChange, PasswordReset, ResetOutcome, Store};

use super::Engine::{self, Postgres, Sqlite};
use super::mail::chosen;
use super::samples::*;
use super::{World, race};

const SEED: &[u8] = b"wrapped seed";
/// How many wrong codes there may be here.
const MOST: i64 = 5;

/// A world in which ann has a confirmed seed, whose step 100 is taken, and a recovery code.
async fn enrolled(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    assert!(store.propose_totp_seed(&user_id("usr_ann"), SEED, "dk", NOW).await.unwrap());
    let codes = [digest("code one"), digest("code two")];
    let change = own_change("usr_ann", 1, Event::UserSecondFactorAdded);
    assert!(store.confirm_totp_seed(change, SEED, 100, &codes).await.unwrap());
    world
}

/// Uses a recovery code.
async fn recover(store: &Store, user: &str, code: &str) -> bool {
    let change = own_change(user, 0, Event::UserRecoveryCodeUsed);
    let mail = OutboxMail { id: format!("{user} {code}"), ..change.mail };
    store.use_recovery_code(&change.user_id, &digest(code), NOW, &change.record, &mail).await.unwrap()
}

async fn wrong_codes(world: &World) -> i64 {
    world.other.find_totp_seed(&user_id("usr_ann")).await.unwrap().unwrap().wrong_codes
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_22_of_fifty_who_show_a_code_one_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let taken = race(&world, 50, |store, _| async move {
        store.take_totp_step(&user_id("usr_ann"), SEED, 101, MOST).await.unwrap()
    })
    .await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
    let take = async |step| world.other.take_totp_step(&user_id("usr_ann"), SEED, step, MOST).await.unwrap();
    assert!(!take(101).await && !take(100).await, "nor an earlier one");
    assert!(take(102).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_06_of_fifty_who_show_a_recovery_code_one_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let used = race(&world, 50, |store, _| async move { recover(&store, "usr_ann", "code one").await }).await;
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    assert_eq!(world.events().await, ["user.second_factor_added", "user.recovery_code_used"]);
    assert_eq!(world.store.list_mail(9).await.unwrap().len(), 2, "the owner is told of both, once");
    assert_eq!(world.store.count_recovery_codes(&user_id("usr_ann")).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn log_06_codes_are_one_users(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let store = &world.store;
    let (ann, bob) = (user_id("usr_ann"), user_id("usr_bob"));
    assert!(!store.take_totp_step(&bob, SEED, 200, MOST).await.unwrap());
    assert!(!recover(store, "usr_bob", "code one").await);
    let made = |user, seen| own_change(user, seen, Event::UserRecoveryCodesMade);
    assert!(!store.replace_recovery_codes(made("usr_bob", 1), &[digest("code")]).await.unwrap());
    assert!(!store.take_totp_step(&ann, b"another seed", 200, MOST).await.unwrap());
    assert!(
        !store.propose_totp_seed(&ann, b"another seed", "dk", NOW).await.unwrap(),
        "one that counts stays"
    );
    assert!(recover(store, "usr_ann", "code one").await);

    let three = [digest("code three")];
    assert!(
        !store.replace_recovery_codes(made("usr_ann", 1), &three).await.unwrap(),
        "she was changed since"
    );
    assert!(store.replace_recovery_codes(made("usr_ann", 2), &three).await.unwrap());
    assert!(!recover(store, "usr_ann", "code two").await, "the old are void");
    let removed = |seen| own_change("usr_ann", seen, Event::UserSecondFactorRemoved);
    assert!(!store.remove_totp_seed(removed(2)).await.unwrap(), "she was changed since");
    assert!(store.remove_totp_seed(removed(3)).await.unwrap());
    assert!(!store.remove_totp_seed(removed(4)).await.unwrap());
    assert!(!recover(store, "usr_ann", "code three").await);
    assert!(!store.take_totp_step(&ann, SEED, 300, MOST).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_seed_counts_once_it_was_shown(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let (store, bob) = (&world.store, user_id("usr_bob"));
    assert!(store.propose_totp_seed(&bob, b"first", "dk", NOW).await.unwrap());
    assert!(!store.take_totp_step(&bob, b"first", 5, MOST).await.unwrap());
    assert!(store.propose_totp_seed(&bob, b"second", "dk", later(1)).await.unwrap());
    let added =
        |seen| OwnChange { now: later(2), ..own_change("usr_bob", seen, Event::UserSecondFactorAdded) };
    assert!(!store.confirm_totp_seed(added(1), b"first", 5, &[]).await.unwrap(), "it was replaced");
    assert!(
        !store.confirm_totp_seed(added(7), b"second", 5, &[]).await.unwrap(),
        "of another version of bob"
    );
    assert!(store.confirm_totp_seed(added(1), b"second", 5, &[]).await.unwrap());
    assert!(!store.confirm_totp_seed(added(2), b"second", 6, &[]).await.unwrap(), "once");
    let row = world.other.find_totp_seed(&bob).await.unwrap().unwrap();
    assert_eq!((row.wrapped_seed.as_slice(), row.confirmed_at), (&b"second"[..], Some(later(2))));
    assert!(!store.take_totp_step(&bob, b"second", 5, MOST).await.unwrap(), "what confirmed it is taken");
    assert!(store.propose_totp_seed(&user_id("usr_nobody"), b"x", "dk", NOW).await.is_err());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_06_wrong_codes_are_counted_until_no_code_is_heard(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let before = world.store.list_mail(9).await.unwrap().len();
    race(&world, 12, |store, n| async move {
        let mail =
            OutboxMail { id: format!("guessed {n}"), ..own_change("usr_ann", 0, Event::UserUpdated).mail };
        store.note_wrong_code(&user_id("usr_ann"), SEED, MOST, (3, &mail)).await.unwrap();
    })
    .await;
    assert_eq!(wrong_codes(&world).await, MOST, "and no further");
    assert_eq!(world.store.list_mail(9).await.unwrap().len(), before + 1, "told once");
    let take = async |step| world.store.take_totp_step(&user_id("usr_ann"), SEED, step, MOST).await.unwrap();
    assert!(!take(101).await, "the right one neither");
    assert!(recover(&world.store, "usr_ann", "code one").await);
    assert_eq!(wrong_codes(&world).await, 0);
    assert!(take(101).await);

    let mail = own_change("usr_ann", 9, Event::UserUpdated).mail;
    let wrong = async || {
        world.store.note_wrong_code(&user_id("usr_ann"), SEED, MOST, (9, &mail)).await.unwrap();
    };
    wrong().await;
    assert!(take(102).await);
    assert_eq!(wrong_codes(&world).await, 0, "a right one ends the row");
    wrong().await;
    drop(world.store.set_password(&user_id("usr_ann"), "hash", NOW, &[], None).await.unwrap());
    assert_eq!(wrong_codes(&world).await, 0, "and so does another password");
    wrong().await;
    let password = async |now| {
        drop(world.store.set_password(&user_id("usr_ann"), "hash", now, &[], None).await.unwrap());
        wrong_codes(&world).await
    };
    assert_eq!(password(later(86_399)).await, 1, "once a day: the mailbox alone is no way round the factor");
    assert_eq!(password(later(86_400)).await, 0);
}

/// Whoever had learned the password has added an authenticator of their own: the owner comes back in by the mailbox.
#[rstest]
#[tokio::test]
async fn log_08_a_reset_takes_a_young_factor_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    for (young_since, goes) in [(NOW.minus(HOUR), true), (NOW, false)] {
        let world = enrolled(engine).await;
        let link = MailLink::new(digest("r"), LinkPurpose::Reset, NOW);
        let invited = record(Event::UserInvited);
        let mail = OutboxMail { id: "r".to_owned(), ..own_change("usr_ann", 0, Event::UserUpdated).mail };
        world.store.send_link(&user_id("usr_ann"), &link, &mail, &invited).await.unwrap();
        let reset = PasswordReset { mail: None, young_since, ..chosen("r", "usr_ann", 1) };
        let factors = SecondFactors { authenticator: Some(NOW), passkeys: Vec::new() };
        let guessed =
            PasswordReset { left: SecondFactors { passkeys: vec![NOW], ..factors.clone() }, ..reset.clone() };
        let overtaken = world.store.reset_password(guessed, later(60)).await.unwrap();
        assert!(matches!(overtaken, ResetOutcome::Overtaken), "the mail would tell what is not so");
        let reset = PasswordReset { left: factors.left(young_since), ..reset };
        assert!(matches!(world.store.reset_password(reset, later(60)).await.unwrap(), ResetOutcome::Set(_)));
        let seed = world.other.find_totp_seed(&user_id("usr_ann")).await.unwrap();
        assert_eq!(seed.is_none(), goes);
        let codes = world.store.count_recovery_codes(&user_id("usr_ann")).await.unwrap();
        assert_eq!(codes, if goes { 0 } else { 2 });
        let removed = world.events().await.iter().filter(|it| *it == "user.second_factor_removed").count();
        assert_eq!(removed, usize::from(goes));
    }
}
