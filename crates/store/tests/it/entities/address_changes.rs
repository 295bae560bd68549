//! Another address: a wish that two mailboxes confirm once each, kept from others for a while, and taken back.

mod taken_back;

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Consent, Event, LinkPurpose, MailLink, OutboxMail, Record, User, UserState};
use tokenry_protocol::scope::Scope;
use tokenry_store::{
    AddPasskey, AddressWish, ConfirmAddress, ConfirmedAddress, Error, OwnChange, PasskeyRow, UndoAddress,
    WayBack, WishSide, WishedAddress,
};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

const OLD: &str = "usr_ann@acme.example";
const NEW: &str = "ann@new.example";
const BOB: &str = "usr_bob@acme.example";
const WEEK: u64 = 7 * 86_400;

fn mail(id: String, at: Timestamp) -> OutboxMail {
    OutboxMail {
        id,
        subject: "Your address".to_owned(),
        wrapped: vec![7; 40],
        data_key_id: "dk".to_owned(),
        created_at: at,
    }
}

/// A wish of `user` whose links and mails begin with `name`.
pub(super) fn wish(user: &User, name: &str, new: &str, at: Timestamp) -> AddressWish {
    let link = |side: &str| (digest(&format!("{name} {side}")), mail(format!("{name} {side}"), at));
    AddressWish {
        id: name.to_owned(),
        user_id: user.id.clone(),
        seen: user.version,
        new_address: new.to_owned(),
        allow: user.email_verified_at.is_some().then(|| link("allow")),
        claim: (link("claim").0, OutboxMail { subject: "Claim".to_owned(), ..link("claim").1 }),
        taken: OutboxMail { subject: "Taken".to_owned(), ..mail(format!("{name} taken"), at) },
        now: at,
        expires_at: at.plus(Duration::from_secs(86_400)),
        most: (5, HOUR),
        most_mails: (5, Duration::from_secs(86_400)),
        record: record(Event::UserAddressWished),
    }
}

/// The use of a link of the wish of that name, after which the link `undo NAME` leads back for a week.
pub(super) fn confirm(name: &str, side: WishSide, at: Timestamp) -> ConfirmAddress {
    let word = if side == WishSide::Allow { "allow" } else { "claim" };
    let anonymous = |event| Record::new(at, event, Actor::Anonymous, None);
    ConfirmAddress {
        digest: digest(&format!("{name} {word}")),
        side,
        signed_in: (side == WishSide::Claim).then(|| user_id("usr_ann")),
        now: at,
        undo: (digest(&format!("undo {name}")), at.plus(Duration::from_secs(WEEK))),
        mail: mail(format!("{name} {word} changed"), at),
        confirmed: anonymous(Event::UserAddressConfirmed),
        changed: anonymous(Event::UserAddressChanged),
    }
}

pub(super) fn undo(name: &str, at: Timestamp) -> UndoAddress {
    UndoAddress {
        digest: digest(&format!("undo {name}")),
        now: at,
        young: HOUR,
        link: MailLink::new(digest(&format!("{name} reset")), LinkPurpose::Reset, at),
        mails: (0..3).map(|n| mail(format!("{name} undone {n}"), at)).collect(),
        record: Record::new(at, Event::UserAddressRestored, Actor::Anonymous, None),
    }
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world.store.create_user(&user("usr_bob"), &[]).await.unwrap();
    world
}

async fn ann(world: &World) -> User {
    world.other.find_user(&user_id("usr_ann")).await.unwrap().unwrap()
}

async fn ask(world: &World, name: &str, new: &str, at: Timestamp) -> WishedAddress {
    let wish = wish(&ann(world).await, name, new, at);
    world.store.wish_address(wish).await.unwrap()
}

async fn use_link(world: &World, name: &str, side: WishSide, at: Timestamp) -> ConfirmedAddress {
    world.store.confirm_address(confirm(name, side, at)).await.unwrap()
}

async fn change(world: &World, name: &str, new: &str, at: Timestamp) {
    assert_eq!(ask(world, name, new, at).await, WishedAddress::Asked);
    assert_eq!(use_link(world, name, WishSide::Allow, at).await, ConfirmedAddress::Waiting);
    assert_eq!(use_link(world, name, WishSide::Claim, at).await, ConfirmedAddress::Done);
}

/// To whom which mail went, in order.
async fn mails(world: &World) -> Vec<(String, String)> {
    let mut listed = world.other.list_mail(99).await.unwrap();
    listed.reverse();
    listed.into_iter().map(|mail| (mail.id, mail.recipient)).collect()
}

fn sent(mails: &[(&str, &str)]) -> Vec<(String, String)> {
    mails.iter().map(|(id, to)| ((*id).to_owned(), (*to).to_owned())).collect()
}

#[rstest]
#[tokio::test]
async fn both_mailboxes_change_an_address_in_any_order_once(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values([WishSide::Allow, WishSide::Claim], [WishSide::Claim, WishSide::Allow])] order: [WishSide; 2],
) {
    let world = world(engine).await;
    let link = MailLink::new(digest("v"), LinkPurpose::Verification, NOW);
    let (id, note) = (user_id("usr_ann"), record(Event::VerificationSent));
    world.store.send_link(&id, &link, &mail("v".to_owned(), NOW), &note).await.unwrap();
    assert_eq!(ask(&world, "w", NEW, NOW).await, WishedAddress::Asked);
    let waiting = world.store.find_waiting_address(&id, NOW).await.unwrap().unwrap();
    assert_eq!((waiting.new_address.as_str(), waiting.allowed, waiting.claimed), (NEW, Some(false), false));
    assert_eq!(use_link(&world, "w", order[0], later(1)).await, ConfirmedAddress::Waiting);
    assert_eq!(use_link(&world, "w", order[0], later(1)).await, ConfirmedAddress::Dead, "once");
    assert_eq!(ann(&world).await.username, OLD);
    assert_eq!(use_link(&world, "w", order[1], later(2)).await, ConfirmedAddress::Done);
    for side in order {
        assert_eq!(use_link(&world, "w", side, later(2)).await, ConfirmedAddress::Dead);
    }
    let ann = ann(&world).await;
    assert_eq!((ann.username.as_str(), ann.version), (NEW, 2));
    assert_eq!((ann.email_verified_at, ann.updated_at), (Some(later(2)), later(2)));
    assert!(world.store.find_waiting_address(&id, later(2)).await.unwrap().is_none());
    assert!(world.store.find_mail_link(&digest("v"), later(2)).await.unwrap().is_none(), "links are dead");
    let last = if order[1] == WishSide::Allow { "w allow changed" } else { "w claim changed" };
    let told = mails(&world).await;
    assert_eq!(told.last().unwrap(), &(last.to_owned(), OLD.to_owned()));
    assert!(told.contains(&("w allow".to_owned(), OLD.to_owned())));
    assert!(told.contains(&("w claim".to_owned(), NEW.to_owned())));
    let events = world.events().await;
    let expected =
        ["user.address_wished", "user.address_confirmed", "user.address_confirmed", "user.address_changed"];
    assert_eq!(events[events.len() - 4..], expected);
}

#[rstest]
#[tokio::test]
async fn an_address_that_was_never_proven_is_not_asked_and_leads_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    world.database.tamper("UPDATE users SET email_verified_at = NULL");
    assert_eq!(ask(&world, "w", NEW, NOW).await, WishedAddress::Asked);
    assert_eq!(use_link(&world, "w", WishSide::Claim, NOW).await, ConfirmedAddress::Done);
    assert_eq!(ann(&world).await.username, NEW);
    assert_eq!(mails(&world).await, sent(&[("w claim", NEW), ("w claim changed", OLD)]));
    let back = world.store.find_way_back(&digest("undo w"), NOW).await.unwrap();
    assert_eq!(back.as_deref(), Some(OLD));
    assert!(world.store.undo_address(undo("w", later(1))).await.unwrap().is_some());
    let ann = ann(&world).await;
    assert_eq!((ann.username.as_str(), ann.email_verified_at), (OLD, Some(later(1))));
}

#[rstest]
#[tokio::test]
async fn log_02_of_who_has_the_address_only_its_mailbox_hears(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    assert_eq!(ask(&world, "w", BOB, NOW).await, WishedAddress::Asked);
    assert_eq!(mails(&world).await, sent(&[("w allow", OLD), ("w taken", BOB)]));
    assert_eq!(use_link(&world, "w", WishSide::Claim, NOW).await, ConfirmedAddress::Dead);
    assert_eq!(use_link(&world, "w", WishSide::Allow, NOW).await, ConfirmedAddress::Waiting);
    assert_eq!(ann(&world).await.username, OLD);
    // Somebody else gets it while both are asked.
    assert_eq!(ask(&world, "x", NEW, later(1)).await, WishedAddress::Asked);
    assert_eq!(use_link(&world, "x", WishSide::Allow, later(1)).await, ConfirmedAddress::Waiting);
    world.store.create_user(&User { username: NEW.to_owned(), ..user("usr_carl") }, &[]).await.unwrap();
    assert_eq!(use_link(&world, "x", WishSide::Claim, later(1)).await, ConfirmedAddress::Taken);
    assert_eq!(ann(&world).await.username, OLD);
    assert!(world.store.find_waiting_address(&user_id("usr_ann"), later(1)).await.unwrap().is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_17_of_eight_wishes_at_once_five_are_taken_and_one_waits(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let user = ann(&world).await;
    let results = race(&world, 8, |store, n| {
        let wish = wish(&user, &format!("w{n}"), NEW, NOW);
        async move { store.wish_address(wish).await.unwrap() }
    });
    let results = results.await;
    let asked: Vec<_> = (0..8).filter(|n| results[*n] == WishedAddress::Asked).collect();
    assert_eq!(asked.len(), 5, "{results:?}");
    let mut live = 0;
    for n in asked {
        let link = digest(&format!("w{n} claim"));
        live += usize::from(world.store.find_wish_link(&link, NOW).await.unwrap().is_some());
    }
    assert_eq!(live, 1, "a new wish ends the one before");
    assert_eq!(ask(&world, "late", NEW, later(3_599)).await, WishedAddress::TooOften);
    assert_eq!(ask(&world, "later", NEW, later(3_600)).await, WishedAddress::Asked);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_use_the_last_link_one_changes_the_address(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    ask(&world, "w", NEW, NOW).await;
    use_link(&world, "w", WishSide::Allow, NOW).await;
    let results = race(&world, 8, |store, n| async move {
        let mut confirm = confirm("w", WishSide::Claim, NOW);
        confirm.mail.id = format!("changed {n}");
        store.confirm_address(confirm).await.unwrap()
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|it| **it == ConfirmedAddress::Done).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|it| **it == ConfirmedAddress::Dead).count(), 7, "{results:?}");
    assert_eq!((ann(&world).await.username.as_str(), ann(&world).await.version), (NEW, 2));
}

#[rstest]
#[tokio::test]
async fn a_wish_ends_at_its_time_and_with_whatever_signs_out_everywhere(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let id = user_id("usr_ann");
    ask(&world, "w", NEW, NOW).await;
    assert!(world.store.find_wish_link(&digest("w allow"), later(86_399)).await.unwrap().is_some());
    assert!(world.store.find_wish_link(&digest("w allow"), later(86_400)).await.unwrap().is_none());
    assert_eq!(use_link(&world, "w", WishSide::Allow, later(86_400)).await, ConfirmedAddress::Dead);
    drop(world.store.set_password(&id, "hash", later(1), &[], None).await.unwrap());
    assert_eq!(use_link(&world, "w", WishSide::Claim, later(2)).await, ConfirmedAddress::Dead);
    ask(&world, "x", NEW, later(3)).await;
    let note = record(Event::UserAddressCalledOff);
    assert!(world.store.call_off_address(&id, later(4), &note).await.unwrap());
    assert!(!world.store.call_off_address(&id, later(4), &note).await.unwrap());
    assert_eq!(use_link(&world, "x", WishSide::Claim, later(4)).await, ConfirmedAddress::Dead);
    let stale = AddressWish { seen: 1, ..wish(&ann(&world).await, "y", NEW, later(5)) };
    assert_eq!(world.store.wish_address(stale).await.unwrap(), WishedAddress::Overtaken);
    assert_eq!(ann(&world).await.username, OLD);
}

#[rstest]
#[tokio::test]
async fn an_operator_has_the_last_word(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let id = user_id("usr_ann");
    change(&world, "w", NEW, NOW).await;
    ask(&world, "x", "ann@third.example", NOW).await;
    let (told, note) = (mail("told".to_owned(), later(1)), record(Event::UserAddressChanged));
    let set = |address| world.store.set_address(&id, (address, None), Some(&told), later(1), &note);
    assert!(matches!(set(BOB).await, Err(Error::Exists(_))));
    assert_eq!(ann(&world).await.username, NEW);
    set("ann@fourth.example").await.unwrap();
    let ann = ann(&world).await;
    assert_eq!((ann.username.as_str(), ann.email_verified_at), ("ann@fourth.example", None));
    assert_eq!(mails(&world).await.last().unwrap(), &("told".to_owned(), NEW.to_owned()));
    assert!(world.store.undo_address(undo("w", later(2))).await.unwrap().is_none());
    assert_eq!(use_link(&world, "x", WishSide::Claim, later(2)).await, ConfirmedAddress::Dead);
    assert_eq!(world.store.find_address_keeper(OLD, later(2)).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_new_address_is_proven_by_nobody_but_who_wished_for_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    ask(&world, "w", NEW, NOW).await;
    use_link(&world, "w", WishSide::Allow, NOW).await;
    for signed_in in [None, Some(user_id("usr_bob"))] {
        let claim = ConfirmAddress { signed_in, ..confirm("w", WishSide::Claim, NOW) };
        assert_eq!(world.store.confirm_address(claim).await.unwrap(), ConfirmedAddress::Dead);
    }
    assert_eq!(ann(&world).await.username, OLD);
    assert_eq!(use_link(&world, "w", WishSide::Claim, NOW).await, ConfirmedAddress::Done);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_17_of_eight_who_wish_for_one_address_at_once_five_have_mail_sent_there(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    for n in 0..8 {
        world.store.create_user(&user(&format!("usr_w{n}")), &[]).await.unwrap();
    }
    let asked = race(&world, 8, |store, n| async move {
        let wish = wish(&user(&format!("usr_w{n}")), &format!("w{n}"), NEW, NOW);
        store.wish_address(wish).await.unwrap()
    });
    assert_eq!(asked.await, [WishedAddress::Asked; 8], "nobody is told");
    let told = async || mails(&world).await.into_iter().filter(|(_id, to)| to == NEW).count();
    assert_eq!(told().await, 5);
    let mut live = 0;
    for n in 0..8 {
        let link = digest(&format!("w{n} claim"));
        live += usize::from(world.store.find_wish_link(&link, NOW).await.unwrap().is_some());
    }
    assert_eq!(live, 5, "a link that was not sent opens nothing");
    ask(&world, "late", NEW, later(86_399)).await;
    assert_eq!(told().await, 5);
    ask(&world, "next day", NEW, later(86_400)).await;
    assert_eq!(told().await, 6);
}
