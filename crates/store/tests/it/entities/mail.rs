//! Mail: links that are used once and by one, and an outbox of which each mail is one sender's at a time.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, LinkPurpose, MailLink, OutboxMail, Record, SecondFactors, UserState};
use tokenry_store::{PasswordReset, ResetOutcome, ResetRequest, SendLink};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

const ANN: &str = "usr_ann@acme.example";
const DAY: u64 = 86_400;

pub(super) fn mail(id: &str, at: Timestamp) -> OutboxMail {
    OutboxMail {
        id: id.to_owned(),
        subject: "Choose a new password".to_owned(),
        wrapped: vec![7; 40],
        data_key_id: "dk".to_owned(),
        created_at: at,
    }
}

/// A wish for a new password, of a mail and a link of the same name.
pub(super) fn reset(username: &str, name: &str, at: Timestamp) -> ResetRequest {
    ResetRequest {
        username: username.to_owned(),
        link: MailLink::new(digest(name), LinkPurpose::Reset, at),
        mail: mail(name, at),
        pause: Duration::from_secs(600),
        record: Record::new(at, Event::PasswordResetRequested, Actor::Anonymous, None),
    }
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world.store.create_user(&user("usr_bob"), &[]).await.unwrap();
    world
}

async fn is_live(world: &World, name: &str, at: Timestamp) -> bool {
    world.other.find_mail_link(&digest(name), at).await.unwrap().is_some()
}

async fn send(world: &World, user: &str, name: &str, purpose: LinkPurpose) -> SendLink {
    let link = MailLink::new(digest(name), purpose, NOW);
    let record = record(Event::UserInvited);
    world.store.send_link(&user_id(user), &link, &mail(name, NOW), &record).await.unwrap()
}

async fn verify(world: &World, user: &str, name: &str, at: Timestamp) -> bool {
    let record = record(Event::UserVerified);
    world.store.verify_address(&digest(name), &user_id(user), at, &record).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn log_08_a_reset_is_sent_to_and_recorded_of_whom_there_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for (name, username) in [("a", ANN), ("n", "nobody@acme.example")] {
        world.store.request_reset(reset(username, name, NOW)).await.unwrap();
    }
    let found = world.store.find_mail_link(&digest("a"), NOW).await.unwrap().unwrap();
    assert_eq!((found.user_id.as_str(), found.username.as_str()), ("usr_ann", ANN));
    assert_eq!((found.purpose, found.expires_at), (LinkPurpose::Reset, later(1_800)));
    assert!(!is_live(&world, "n", NOW).await);
    let listed = world.store.list_mail(9).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.recipient.as_str()).collect::<Vec<_>>(), [ANN]);
    let records = world.store.list_audit(0, 9).await.unwrap();
    let subjects: Vec<_> = records
        .iter()
        .filter(|it| it.event == "password.reset_requested")
        .map(|it| it.subject_id.as_deref())
        .collect();
    assert_eq!(subjects, [Some("usr_ann")], "strangers fill no disk");
}

#[rstest]
#[tokio::test]
async fn log_08_a_link_ends_at_its_time_and_with_the_password(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let ann = user_id("usr_ann");
    world.store.request_reset(reset(ANN, "first", NOW)).await.unwrap();
    assert!(is_live(&world, "first", later(1_799)).await);
    assert!(!is_live(&world, "first", later(1_800)).await, "exactly at its time");
    // Of a server whose clock is behind.
    world.store.set_password(&ann, "hash", NOW.minus(HOUR), &[], None).await.unwrap();
    assert!(!is_live(&world, "first", later(2)).await, "the password was changed");
    world.store.request_reset(reset(ANN, "second", later(3))).await.unwrap();
    assert!(is_live(&world, "second", later(4)).await, "the one before does not keep it back");
    for state in [UserState::Disabled { at: later(5) }, UserState::Enabled] {
        world.store.set_user_state(&ann, state, later(5), &[], None).await.unwrap();
        assert!(!is_live(&world, "second", later(6)).await, "the user was disabled");
    }
    world.store.request_reset(reset(ANN, "third", later(7))).await.unwrap();
    assert!(is_live(&world, "third", later(8)).await);
}

/// However many ask, and whoever they are: the owner has a link that works in the mailbox all the while.
#[rstest]
#[tokio::test]
async fn peer_17_log_08_a_link_is_sent_each_ten_minutes_and_ends_none(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    for n in 0..8_u64 {
        world.store.request_reset(reset(ANN, &format!("r{n}"), later(n * 150))).await.unwrap();
    }
    let listed = world.store.list_mail(20).await.unwrap();
    assert_eq!(listed.into_iter().map(|mail| mail.id).collect::<Vec<_>>(), ["r4", "r0"]);
    assert!(is_live(&world, "r0", later(1_050)).await && is_live(&world, "r4", later(1_050)).await);
    assert!(!is_live(&world, "r1", later(1_050)).await);
    let bob = "usr_bob@acme.example";
    world.store.request_reset(reset(bob, "bob", later(1_050))).await.unwrap();
    assert!(is_live(&world, "bob", later(1_050)).await, "others get theirs");
    let used = world.store.reset_password(chosen("r0", "usr_ann", 1), later(1_060)).await.unwrap();
    assert!(
        matches!(used, ResetOutcome::Set(_)) && !is_live(&world, "r4", later(1_060)).await,
        "one is enough"
    );
    world.store.request_reset(reset(ANN, "back", later(1))).await.unwrap();
    assert!(is_live(&world, "back", later(2)).await, "a clock that was set back keeps nobody out");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_17_of_eight_who_use_a_link_one_has_used_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.database.tamper("UPDATE users SET email_verified_at = NULL");
    assert_eq!(send(&world, "usr_ann", "v", LinkPurpose::Verification).await, SendLink::Sent);
    let used = race(&world, 8, |store, _| async move {
        let record = record(Event::UserVerified);
        store.verify_address(&digest("v"), &user_id("usr_ann"), NOW, &record).await.unwrap()
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used).count(), 1, "{used:?}");
    let ann = world.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    assert_eq!((ann.email_verified_at, ann.version), (Some(NOW), 2));
    assert_eq!(world.events().await.iter().filter(|event| *event == "user.verified").count(), 1);
}

/// A password that `n` of several chooses by a link.
pub(super) fn chosen(link: &str, user: &str, n: u64) -> PasswordReset {
    PasswordReset {
        digest: digest(link),
        user_id: user_id(user),
        hash: format!("hash {n}"),
        mail: Some(mail(&format!("changed {n}"), later(60))),
        record: record(Event::PasswordReset),
        young_since: NOW,
        left: SecondFactors::default(),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_08_of_eight_passwords_chosen_by_one_link_one_is_set(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.store.request_reset(reset(ANN, "r", NOW)).await.unwrap();
    let other = world.store.reset_password(chosen("r", "usr_bob", 9), later(60)).await.unwrap();
    assert!(matches!(other, ResetOutcome::DeadLink), "another user's");
    let set = race(&world, 8, |store, n| async move {
        let set = store.reset_password(chosen("r", "usr_ann", n), later(60)).await.unwrap();
        matches!(set, ResetOutcome::Set(_))
    })
    .await;
    let winners: Vec<_> = (0..8).filter(|n| set[*n]).collect();
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let hash = world.store.find_password(&user_id("usr_ann")).await.unwrap();
    assert_eq!(hash, Some(format!("hash {winner}")));
    let ids: Vec<_> = world.store.list_mail(9).await.unwrap().into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids, [format!("changed {winner}"), "r".to_owned()]);
    assert_eq!(world.events().await.iter().filter(|event| *event == "password.reset").count(), 1);
    assert_eq!(world.store.find_password(&user_id("usr_bob")).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn log_17_a_link_is_one_users_and_one_purposes(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for (name, user) in [("a", "usr_ann"), ("b", "usr_bob")] {
        assert_eq!(send(&world, user, name, LinkPurpose::Verification).await, SendLink::Sent);
    }
    assert!(!verify(&world, "usr_bob", "a", NOW).await, "another user's");
    assert!(!verify(&world, "usr_ann", "a", later(DAY)).await, "exactly at its time");
    assert_eq!(send(&world, "usr_ann", "i", LinkPurpose::Invitation).await, SendLink::Sent);
    assert!(verify(&world, "usr_ann", "a", later(DAY - 1)).await, "another purpose overtakes nothing");
    assert!(!verify(&world, "usr_ann", "a", NOW).await, "used");
    assert!(is_live(&world, "i", later(7 * DAY - 1)).await && !is_live(&world, "i", later(7 * DAY)).await);
    assert!(verify(&world, "usr_bob", "b", NOW).await);
}

#[rstest]
#[tokio::test]
async fn log_17_who_has_a_password_or_is_no_user_is_not_invited(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    world.database.tamper("INSERT INTO passwords VALUES ('usr_ann', 'x', NULL)");
    assert_eq!(send(&world, "usr_ann", "a", LinkPurpose::Invitation).await, SendLink::HasPassword);
    assert_eq!(send(&world, "usr_none", "n", LinkPurpose::Invitation).await, SendLink::NotFound);
    world.database.tamper("UPDATE users SET disabled_at = 1 WHERE id = 'usr_bob'");
    assert_eq!(send(&world, "usr_bob", "b", LinkPurpose::Invitation).await, SendLink::NotFound);
    let bob = world.store.find_user(&user_id("usr_bob")).await.unwrap().unwrap();
    assert!(matches!(bob.state, UserState::Disabled { .. }));
    assert_eq!(world.store.list_mail(9).await.unwrap(), []);
    assert_eq!(world.events().await.iter().filter(|event| *event == "user.invited").count(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_mail_is_one_senders_at_a_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for n in 0..5_u64 {
        let request = ResetRequest { pause: Duration::ZERO, ..reset(ANN, &format!("r{n}"), later(n)) };
        world.store.request_reset(request).await.unwrap();
    }
    let taken = race(&world, 8, |store, _| async move {
        store.lease_mail(later(10), later(130), NOW.minus(HOUR), 2).await.unwrap()
    })
    .await;
    let mut ids: Vec<_> = taken.into_iter().flatten().map(|mail| mail.id).collect();
    ids.sort();
    assert_eq!(ids, ["r0", "r1", "r2", "r3", "r4"]);
    let again = world.store.lease_mail(later(129), later(250), NOW.minus(HOUR), 9).await.unwrap();
    assert_eq!(again, [], "leased");
    world.store.close_mail("r0", later(20)).await.unwrap();
    world.store.mail_failed("r1", later(500)).await.unwrap();
    let again = world.other.lease_mail(later(130), later(250), NOW.minus(HOUR), 9).await.unwrap();
    let mut ids: Vec<_> = again.iter().map(|mail| (mail.id.as_str(), mail.attempts)).collect();
    ids.sort();
    assert_eq!(ids, [("r2", 2), ("r3", 2), ("r4", 2)], "whoever had them is gone; one is to wait");
    let failed = world.other.lease_mail(later(500), later(620), NOW.minus(HOUR), 9).await.unwrap();
    assert!(failed.iter().any(|mail| mail.id == "r1"));
    assert!(world.store.find_mail("r0").await.unwrap().is_none(), "what it said is wiped");
    assert_eq!(world.store.find_mail("r1").await.unwrap().unwrap().wrapped, [7; 40]);
}

#[rstest]
#[tokio::test]
async fn what_no_server_took_is_given_up_with_a_record(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for (n, name) in ["old", "held", "new"].into_iter().enumerate() {
        let at = if name == "new" { later(DAY) } else { later(n as u64) };
        let request = ResetRequest { pause: Duration::ZERO, ..reset(ANN, name, at) };
        world.store.request_reset(request).await.unwrap();
    }
    let leased = world.store.lease_mail(later(1), later(2 * DAY), NOW, 9).await.unwrap();
    assert_eq!(leased.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ["held"], "none before");
    let record = record(Event::MailGivenUp);
    assert_eq!(world.store.give_up_mail(later(60), later(DAY), 9, &record).await.unwrap(), 1);
    assert_eq!(world.store.give_up_mail(later(60), later(DAY), 9, &record).await.unwrap(), 0);
    let ids: Vec<_> = world.store.list_mail(9).await.unwrap().into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids, ["new", "held"], "one is being sent");
    assert_eq!(world.events().await.iter().filter(|event| *event == "mail.given_up").count(), 1);
    world.store.close_mail("held", later(DAY)).await.unwrap();
    assert_eq!(world.store.delete_sent_mail(later(DAY - 1), 9).await.unwrap(), 0);
    assert_eq!(world.store.delete_sent_mail(later(DAY), 9).await.unwrap(), 1);
    assert_eq!(world.store.delete_expired_links(later(1_801), 1).await.unwrap(), 1);
    assert_eq!(world.store.delete_expired_links(later(1_801), 9).await.unwrap(), 1);
}
