//! Another address: a wish that two mailboxes confirm once each, kept from others for a while, and taken back.

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
async fn the_old_address_is_kept_for_a_week_and_leads_back_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let id = user_id("usr_ann");
    drop(world.store.set_password(&id, "hash", NOW, &[], None).await.unwrap());
    change(&world, "w", NEW, NOW).await;
    let thief = User { username: OLD.to_owned(), created_at: later(1), ..user("usr_thief") };
    let refused = world.store.create_user(&thief, &[]).await;
    assert!(matches!(refused, Err(Error::Exists(_))), "{refused:?}");
    assert_eq!(world.store.find_address_keeper(OLD, later(1)).await.unwrap(), Some(id.clone()));
    // What came after goes with it.
    change(&world, "x", "ann@third.example", later(2)).await;
    world
        .store
        .begin_session(&beginning(session("s", "usr_ann"), ann(&world).await.version), &[])
        .await
        .unwrap();
    let back = world.store.find_way_back(&digest("undo w"), later(WEEK - 1)).await.unwrap();
    assert_eq!(back.as_deref(), Some(OLD));
    assert!(world.store.undo_address(undo("w", later(3))).await.unwrap().is_some());
    let restored = ann(&world).await;
    assert_eq!((restored.username.as_str(), restored.email_verified_at), (OLD, Some(later(3))));
    assert!(world.store.find_session_by_id(&session_id("s")).await.unwrap().is_none());
    assert!(world.store.find_password(&id).await.unwrap().is_none(), "whoever knew it is out");
    assert!(world.store.find_mail_link(&digest("w reset"), later(3)).await.unwrap().is_some());
    for name in ["w", "x"] {
        assert!(world.store.undo_address(undo(name, later(4))).await.unwrap().is_none(), "{name}");
    }
    assert_eq!(ann(&world).await.username, OLD);
}

#[rstest]
#[tokio::test]
async fn after_a_week_the_old_address_is_anybodys(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    change(&world, "w", NEW, NOW).await;
    assert!(world.store.undo_address(undo("w", later(WEEK))).await.unwrap().is_none());
    let other = User { username: OLD.to_owned(), created_at: later(WEEK), ..user("usr_other") };
    world.store.create_user(&other, &[]).await.unwrap();
    assert_eq!(world.store.delete_old_address_changes(later(WEEK - 1), 9).await.unwrap(), 0);
    assert_eq!(world.store.delete_old_address_changes(later(WEEK), 9).await.unwrap(), 1);
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

/// The details of the newest record of that event.
async fn detail(world: &World, event: Event) -> serde_json::Value {
    let records = world.other.latest_audit(99).await.unwrap();
    let found = records.into_iter().find(|record| record.event == event.as_str()).unwrap();
    serde_json::from_str(&found.detail).unwrap()
}

#[rstest]
#[tokio::test]
async fn the_way_back_from_an_older_change_tells_each_address_since(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let (third, fourth) = ("ann@third.example", "ann@fourth.example");
    change(&world, "w", NEW, NOW).await;
    change(&world, "x", third, later(1)).await;
    change(&world, "y", fourth, later(2)).await;
    assert!(world.store.undo_address(undo("w", later(3))).await.unwrap().is_some());
    let told = mails(&world).await.into_iter().filter(|(id, _to)| id.contains("undone"));
    let told: Vec<_> = told.map(|(_id, to)| to).collect();
    assert_eq!(told.len(), 3);
    for address in [fourth, third, NEW] {
        assert!(told.iter().any(|to| to == address), "{address} in {told:?}");
    }
    assert_eq!(detail(&world, Event::UserAddressRestored).await["username_before"], fourth);
    assert_eq!(detail(&world, Event::UserAddressRestored).await["username"], OLD);

    // Where there are fewer mails the present address has one; and one that was taken back before has had its own.
    change(&world, "a", NEW, later(4_000)).await;
    change(&world, "b", third, later(4_001)).await;
    change(&world, "c", fourth, later(4_002)).await;
    assert!(world.store.undo_address(undo("c", later(4_003))).await.unwrap().is_some());
    let fewer = UndoAddress { mails: vec![mail("only".to_owned(), later(4_004))], ..undo("a", later(4_004)) };
    assert!(world.store.undo_address(fewer).await.unwrap().is_some());
    let told = mails(&world).await;
    assert!(told.contains(&("only".to_owned(), third.to_owned())), "{told:?}");
}

/// Ann's account with what somebody adds at `at`: an authenticator, what an application may do, and the wish to be deleted.
async fn added(world: &World, at: Timestamp) {
    let (store, id) = (&world.store, user_id("usr_ann"));
    let by_ann =
        async |event| OwnChange { now: at, ..own_change("usr_ann", ann(world).await.version, event) };
    assert!(store.propose_totp_seed(&id, b"seed", "dk", at).await.unwrap());
    let factor = by_ann(Event::UserSecondFactorAdded).await;
    assert!(store.confirm_totp_seed(factor, b"seed", 1, &[digest("code")]).await.unwrap());
    let consent = Consent {
        user_id: id,
        client_id: client_id("web"),
        resource_server_id: None,
        tenant: None,
        scope: Scope::parse("openid").unwrap(),
        created_at: at,
        updated_at: at,
    };
    store.grant_consents(&[consent], &[]).await.unwrap();
    let leaves = by_ann(Event::UserDeletionRequested).await;
    assert!(store.ask_deletion(leaves, later(99 * 86_400), Vec::new()).await.unwrap().is_some());
}

#[rstest]
#[case::lately(NOW.plus(HOUR).plus(Duration::from_secs(1)), true)]
#[case::long_before(NOW, false)]
#[tokio::test]
async fn the_way_back_ends_all_that_a_thief_could_keep(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] at: Timestamp,
    #[case] goes: bool,
) {
    let world = world(engine).await;
    let (store, id) = (&world.store, user_id("usr_ann"));
    store.create_client(&client("web"), None, &[], &[]).await.unwrap();
    // The window begins an hour before the wish.
    change(&world, "w", NEW, NOW.plus(2 * HOUR)).await;
    added(&world, at).await;
    assert!(store.undo_address(undo("w", NOW.plus(3 * HOUR))).await.unwrap().is_some());
    assert_eq!(ann(&world).await.state, UserState::Enabled, "who is kept is not deleted");
    assert_eq!(store.find_totp_seed(&id).await.unwrap().is_none(), goes);
    assert_eq!(store.count_recovery_codes(&id).await.unwrap(), i64::from(!goes));
    assert_eq!(store.list_consents(&id).await.unwrap().is_empty(), goes);
    let events = world.events().await;
    for (event, recorded) in [
        ("user.deletion_taken_back", true),
        ("user.second_factor_removed", goes),
        ("consent.revoked", goes),
        ("user.address_restored", true),
    ] {
        assert_eq!(events.iter().filter(|it| *it == event).count(), usize::from(recorded), "{event}");
    }
    if goes {
        let removed = detail(&world, Event::UserSecondFactorRemoved).await;
        let expected = serde_json::json!({"authenticator": true, "passkeys": 0, "recovery_codes": 1});
        assert_eq!(removed, expected);
    }
}

#[rstest]
#[tokio::test]
async fn a_young_factor_stays_where_an_older_one_vouches_for_it(#[values(Sqlite, Postgres)] engine: Engine) {
    for (old, stays) in [(NOW, true), (NOW.plus(2 * HOUR), false)] {
        let world = world(engine).await;
        let (store, id) = (&world.store, user_id("usr_ann"));
        for (n, at) in [old, NOW.plus(3 * HOUR)].into_iter().enumerate() {
            let key = format!("key {n}");
            let change = own_change("usr_ann", ann(&world).await.version, Event::UserPasskeyAdded);
            let passkey = PasskeyRow { created_at: at, ..passkey("usr_ann", &key) };
            let added = store.add_passkey(change, &asked(&key), &passkey, &[digest("code")], 9).await;
            assert_eq!(added.unwrap(), AddPasskey::Added { first: n == 0 });
        }
        // The window begins an hour after the first, or an hour before the second.
        change(&world, "w", NEW, NOW.plus(2 * HOUR)).await;
        assert!(store.undo_address(undo("w", NOW.plus(4 * HOUR))).await.unwrap().is_some());
        assert_eq!(store.list_passkeys(&id).await.unwrap().len(), if stays { 2 } else { 0 });
        assert_eq!(store.count_recovery_codes(&id).await.unwrap(), i64::from(stays));
    }
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

#[rstest]
#[tokio::test]
async fn the_ways_back_to_an_account_are_those_that_stand(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let id = user_id("usr_ann");
    let back = async |at| world.store.list_ways_back(&id, at).await.unwrap();
    assert_eq!(back(NOW).await, []);
    change(&world, "w", NEW, NOW).await;
    change(&world, "x", "ann@third.example", later(9)).await;
    let way = |address: &str, ends_at| WayBack { address: address.to_owned(), ends_at };
    assert_eq!(back(later(10)).await, [way(NEW, later(9 + WEEK)), way(OLD, later(WEEK))]);
    assert_eq!(back(later(WEEK)).await, [way(NEW, later(9 + WEEK))]);
    assert!(world.store.undo_address(undo("w", later(11))).await.unwrap().is_some());
    assert_eq!(back(later(12)).await, []);
}
