//! Accounts that people make themselves: one mail to an address in a while, and one account of each name.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, LinkPurpose, MailLink};
use tokenry_store::{SignUp, SignUpRequest};

use super::Engine::{self, Postgres, Sqlite};
use super::mail::{mail, reset};
use super::samples::*;
use super::{World, race};

const NEW: &str = "new@acme.example";

/// A wish for an account, of a mail of that name; a mail to somebody who has one has it too, with an `r` before it.
pub(super) fn sign_up_request(username: &str, name: &str, at: Timestamp) -> SignUpRequest {
    SignUpRequest { mail: mail(name, at), most_waiting: 4, reset: reset(username, &format!("r{name}"), at) }
}

/// An account that `n` of several makes.
pub(super) fn sign_up(id: &str, n: u64) -> SignUp {
    SignUp { user: user(id), hash: format!("hash {n}"), record: record(Event::UserSignedUp) }
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world
}

async fn mails(world: &World) -> Vec<(String, String)> {
    let listed = world.other.list_mail(99).await.unwrap();
    listed.into_iter().map(|mail| (mail.recipient, mail.id)).collect()
}

fn to(recipient: &str, id: &str) -> (String, String) {
    (recipient.to_owned(), id.to_owned())
}

#[rstest]
#[tokio::test]
async fn log_02_who_has_an_account_is_sent_the_other_mail(#[values(Sqlite, Postgres)] engine: Engine) {
    const ANN: &str = "usr_ann@acme.example";
    let world = world(engine).await;
    world.store.request_sign_up(sign_up_request(ANN, "a", NOW)).await.unwrap();
    world.store.request_sign_up(sign_up_request(NEW, "n", later(1))).await.unwrap();
    assert_eq!(mails(&world).await, [to(NEW, "n"), to(ANN, "ra")]);
    assert!(world.store.find_mail_link(&digest("ra"), NOW).await.unwrap().is_some());
    assert!(world.store.find_user_by_username(NEW).await.unwrap().is_none(), "nobody is stored");
    assert_eq!(world.events().await, ["password.reset_requested"], "strangers fill no trail");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_17_of_eight_who_ask_at_once_for_one_address_one_is_sent_mail(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    race(&world, 8, |store, n| async move {
        store.request_sign_up(sign_up_request(NEW, &format!("n{n}"), NOW)).await.unwrap();
    })
    .await;
    assert_eq!(mails(&world).await.len(), 1);
    world.store.request_sign_up(sign_up_request(NEW, "soon", later(599))).await.unwrap();
    world.store.request_sign_up(sign_up_request("other@acme.example", "other", later(599))).await.unwrap();
    assert_eq!(mails(&world).await.len(), 2, "others get theirs");
    world.store.request_sign_up(sign_up_request(NEW, "late", later(600))).await.unwrap();
    assert_eq!(mails(&world).await[0], to(NEW, "late"));
}

#[rstest]
#[tokio::test]
async fn peer_17_strangers_put_no_mail_behind_what_waits_and_other_mail_keeps_none_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let ask = async |n: usize| {
        let request = sign_up_request(&format!("n{n}@acme.example"), &format!("n{n}"), NOW);
        world.store.request_sign_up(request).await.unwrap();
    };
    for n in 0..9 {
        ask(n).await;
    }
    assert_eq!(mails(&world).await.len(), 4);
    let link = MailLink::new(digest("v"), LinkPurpose::Invitation, NOW);
    let record = record(Event::UserInvited);
    let invited = tokenry_model::OutboxMail { subject: "Choose your password".to_owned(), ..mail("i", NOW) };
    world.store.send_link(&user_id("usr_ann"), &link, &invited, &record).await.unwrap();
    assert_eq!(mails(&world).await.len(), 5, "an operator's is written all the same");
    for id in ["n0", "n1"] {
        world.store.close_mail(id, NOW).await.unwrap();
    }
    world.store.delete_user(&user_id("usr_ann"), NOW, &[]).await.unwrap();
    world.store.request_sign_up(sign_up_request("usr_ann@acme.example", "a", NOW)).await.unwrap();
    assert_eq!(mails(&world).await.len(), 6, "an invitation is none of these");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_08_of_eight_who_make_one_account_one_has_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let made = race(&world, 8, |store, n| async move {
        let mut one = sign_up(&format!("usr_new{n}"), n);
        one.user.username = NEW.to_owned();
        store.sign_up(one).await.unwrap()
    })
    .await;
    let winners: Vec<_> = (0..8).filter(|n| made[*n]).collect();
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let user = world.other.find_user_by_username(NEW).await.unwrap().unwrap();
    assert_eq!(user.id.as_str(), format!("usr_new{winner}"));
    assert_eq!(world.other.find_password(&user.id).await.unwrap(), Some(format!("hash {winner}")));
    assert_eq!(world.events().await.iter().filter(|event| *event == "user.signed_up").count(), 1);
    let users = world.other.list_users(None, 99).await.unwrap();
    assert_eq!(users.len(), 2, "the losers left nothing");
}
