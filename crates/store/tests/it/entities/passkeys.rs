//! Passkeys: a challenge is answered once, whoever answers, and recovery codes come with the first factor and go with the last.

use rstest::rstest;
use tokenry_model::{Event, LinkPurpose, MailLink, OutboxMail, SecondFactors};
use tokenry_store::{AddPasskey, OwnChange, PasskeyRow, PasswordReset, ResetOutcome, Store, UsePasskey};

use super::Engine::{self, Postgres, Sqlite};
use super::mail::chosen;
use super::samples::*;
use super::{World, race};

/// How many passkeys there may be here.
const MOST: i64 = 3;

/// Ann's next change.
async fn own(store: &Store, event: Event) -> OwnChange {
    let ann = store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    own_change("usr_ann", ann.version, event)
}

async fn add(store: &Store, passkey: &PasskeyRow, challenge: &str) -> AddPasskey {
    let change = own(store, Event::UserPasskeyAdded).await;
    store.add_passkey(change, &asked(challenge), passkey, &[digest("code")], MOST).await.unwrap()
}

async fn codes(store: &Store) -> i64 {
    store.count_recovery_codes(&user_id("usr_ann")).await.unwrap()
}

/// A world in which ann has one passkey, `k1`.
async fn enrolled(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.create_user(&user("usr_bob"), &[]).await.unwrap();
    let added = add(store, &passkey("usr_ann", "k1"), "first").await;
    assert_eq!(added, AddPasskey::Added { first: true });
    world
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_06_of_fifty_who_show_an_answer_one_signs_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = enrolled(engine).await;
    let used = race(&world, 50, |store, _| async move {
        let passkey = passkey("usr_ann", "k1");
        store.use_passkey(&passkey, &asked("sign in"), "{\"counter\":1}", later(1)).await.unwrap()
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used == UsePasskey::Used).count(), 1);
    assert_eq!(used.iter().filter(|used| **used == UsePasskey::Replayed).count(), 49);
    let (row, user) = world.other.find_passkey(b"k1").await.unwrap().unwrap();
    assert_eq!((row.credential.as_str(), row.last_used_at), ("{\"counter\":1}", Some(later(1))));
    assert_eq!((user.id, row.user_id), (user_id("usr_ann"), user_id("usr_ann")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_06_of_fifty_with_one_count_of_signatures_one_signs_in(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = enrolled(engine).await;
    let used = race(&world, 50, |store, n| async move {
        let passkey = passkey("usr_ann", "k1");
        store.use_passkey(&passkey, &asked(&format!("{n}")), "{\"counter\":1}", later(1)).await.unwrap()
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used == UsePasskey::Used).count(), 1);
    assert_eq!(used.iter().filter(|used| **used == UsePasskey::Changed).count(), 49);
}

#[rstest]
#[tokio::test]
async fn recovery_codes_come_with_the_first_factor_and_go_with_the_last(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = enrolled(engine).await;
    let (store, ann) = (&world.store, user_id("usr_ann"));
    assert!(store.find_sign_in("usr_ann@acme.example").await.unwrap().is_some_and(|it| it.second_factor));
    assert_eq!(codes(store).await, 1);
    assert_eq!(add(store, &passkey("usr_ann", "k2"), "2").await, AddPasskey::Added { first: false });
    assert_eq!(add(store, &passkey("usr_ann", "k2"), "3").await, AddPasskey::Taken);
    assert_eq!(add(store, &passkey("usr_ann", "k3"), "2").await, AddPasskey::Replayed);
    assert_eq!(add(store, &passkey("usr_ann", "k3"), "4").await, AddPasskey::Added { first: false });
    assert_eq!(add(store, &passkey("usr_ann", "k4"), "5").await, AddPasskey::TooMany);
    let stale = own_change("usr_ann", 1, Event::UserPasskeyAdded);
    let late = store.add_passkey(stale, &asked("6"), &passkey("usr_ann", "k5"), &[], 9).await.unwrap();
    assert_eq!(late, AddPasskey::Overtaken);
    let ids: Vec<_> = store.list_passkeys(&ann).await.unwrap().into_iter().map(|it| it.id).collect();
    assert_eq!(ids, ["k1", "k2", "k3"]);

    let bobs = own_change("usr_bob", 1, Event::UserPasskeyRemoved);
    assert!(!store.remove_passkey(bobs, "k1").await.unwrap(), "it is ann's");
    let stale = own_change("usr_ann", 1, Event::UserPasskeyRemoved);
    assert!(!store.remove_passkey(stale, "k1").await.unwrap(), "she was changed since");
    for (id, left) in [("k1", 1), ("k3", 1), ("k2", 0)] {
        let change = own(store, Event::UserPasskeyRemoved).await;
        assert!(store.remove_passkey(change, id).await.unwrap());
        assert_eq!(codes(store).await, left, "{id}");
        let change = own(store, Event::UserPasskeyRemoved).await;
        assert!(!store.remove_passkey(change, id).await.unwrap(), "once");
    }
    assert!(store.find_passkey(b"k1").await.unwrap().is_none());
    assert!(store.find_sign_in("usr_ann@acme.example").await.unwrap().is_some_and(|it| !it.second_factor));
    let gone = store.use_passkey(&passkey("usr_ann", "k1"), &asked("gone"), "{}", NOW).await.unwrap();
    assert_eq!(gone, UsePasskey::Changed);
}

#[rstest]
#[tokio::test]
async fn an_authenticator_that_goes_leaves_the_codes_to_the_passkeys(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = enrolled(engine).await;
    let (store, ann) = (&world.store, user_id("usr_ann"));
    assert!(store.propose_totp_seed(&ann, b"seed", "dk", NOW).await.unwrap());
    let change = own(store, Event::UserSecondFactorAdded).await;
    let new = [digest("one"), digest("two")];
    assert!(store.confirm_totp_seed(change, b"seed", 100, &new).await.unwrap());
    assert!(store.remove_totp_seed(own(store, Event::UserSecondFactorRemoved).await).await.unwrap());
    assert_eq!(codes(store).await, 2);
    let change = own(store, Event::UserRecoveryCodesMade).await;
    assert!(store.replace_recovery_codes(change, &[digest("three")]).await.unwrap());
    assert!(store.reset_second_factor(&ann, NOW, &[], None).await.unwrap().is_some());
    assert!(store.list_passkeys(&ann).await.unwrap().is_empty());
    assert_eq!(codes(store).await, 0);
    assert!(store.reset_second_factor(&ann, NOW, &[], None).await.unwrap().is_none());
}

/// Whoever had learned the password has added a passkey of their own: the owner comes back in by the mailbox.
#[rstest]
#[tokio::test]
async fn log_08_a_reset_takes_a_young_passkey_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    for (young_since, left) in [(NOW.minus(HOUR), 0), (NOW, 1)] {
        let world = enrolled(engine).await;
        let link = MailLink::new(digest("r"), LinkPurpose::Reset, NOW);
        let invited = record(Event::UserInvited);
        let mail = OutboxMail { id: "r".to_owned(), ..own_change("usr_ann", 0, Event::UserUpdated).mail };
        world.store.send_link(&user_id("usr_ann"), &link, &mail, &invited).await.unwrap();
        let factors = SecondFactors { authenticator: None, passkeys: vec![NOW] };
        let reset = PasswordReset {
            mail: None,
            young_since,
            left: factors.left(young_since),
            ..chosen("r", "usr_ann", 1)
        };
        assert!(matches!(world.store.reset_password(reset, later(60)).await.unwrap(), ResetOutcome::Set(_)));
        assert_eq!(world.other.list_passkeys(&user_id("usr_ann")).await.unwrap().len(), left);
        assert_eq!(codes(&world.store).await, i64::try_from(left).unwrap());
    }
}
