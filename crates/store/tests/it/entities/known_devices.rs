//! Browsers that are known: told of once, a bounded number, and forgotten with the password.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Session};
use tokenry_store::{BeginSession, FirstDevice, RenewSession, SeenDevice};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

fn seen(device: &str, mail: &str, at: Timestamp) -> SeenDevice {
    let mail = OutboxMail {
        id: mail.to_owned(),
        subject: "A new sign-in".to_owned(),
        wrapped: vec![7; 40],
        data_key_id: "dk".to_owned(),
        created_at: at,
    };
    SeenDevice { digest: digest(device), mail, first: FirstDevice::Silent }
}

async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    world
}

/// Signs ann in with a browser, and says how many mails there are then.
async fn begin(world: &World, id: &str, device: &str, at: Timestamp) -> usize {
    let ann = world.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    let session = Session { created_at: at, ..session(id, "usr_ann") };
    let device = Some(seen(device, id, at));
    let begin = BeginSession { device, ..beginning(session, ann.version) };
    assert!(world.store.begin_session(&begin, &[]).await.unwrap());
    world.other.list_mail(99).await.unwrap().len()
}

async fn known(world: &World) -> usize {
    world.other.count_known_devices(&user_id("usr_ann")).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn the_first_browser_is_known_and_each_further_one_is_told_of_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    assert_eq!(begin(&world, "se1", "home", NOW).await, 0);
    assert_eq!(begin(&world, "se2", "home", later(1)).await, 0);
    assert_eq!(begin(&world, "se3", "away", later(2)).await, 1);
    assert_eq!(begin(&world, "se4", "away", later(3)).await, 1);
    let device = Some((user_id("usr_ann"), digest("third")));
    let renewed = RenewSession { device, ..renew("se1") };
    assert!(world.store.renew_session(&renewed, &[]).await.unwrap());
    assert_eq!(known(&world).await, 3, "where a session lives the browser is theirs");
    assert_eq!(begin(&world, "se5", "third", later(4)).await, 1);
    drop(world.store.set_password(&user_id("usr_ann"), "hash", later(5), &[], None).await.unwrap());
    assert_eq!(known(&world).await, 0);
    assert_eq!(begin(&world, "se6", "away", later(6)).await, 1);
    assert_eq!(begin(&world, "se7", "home", later(7)).await, 2);
}

#[rstest]
#[tokio::test]
async fn the_first_browser_is_told_of_where_nobody_has_shown_the_password(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    for (id, device, mails) in [("se1", "home", 1), ("se2", "home", 1), ("se3", "away", 2)] {
        let seen = SeenDevice { first: FirstDevice::Told, ..seen(device, id, NOW) };
        let begin = BeginSession { device: Some(seen), ..beginning(session(id, "usr_ann"), 1) };
        assert!(world.store.begin_session(&begin, &[]).await.unwrap());
        assert_eq!(world.other.list_mail(99).await.unwrap().len(), mails, "{id}");
    }
}

#[rstest]
#[tokio::test]
async fn those_used_last_stay_and_few_are_told_of_in_an_hour(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let mut mails = 0;
    for n in 0..30 {
        mails = begin(&world, &format!("se{n}"), &format!("device {n}"), later(n)).await;
    }
    assert_eq!((known(&world).await, mails), (20, 4));
    assert_eq!(begin(&world, "again", "device 10", later(40)).await, 4, "it is among the last twenty");
    assert_eq!(begin(&world, "old", "device 0", later(3_700)).await, 5, "this one was forgotten");
    let late = later(3_701);
    assert_eq!(world.store.delete_old_devices(later(28), 99).await.unwrap(), 17);
    assert_eq!(world.store.delete_old_devices(late, 2).await.unwrap(), 2);
    assert_eq!(known(&world).await, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_sign_ins_at_once_with_a_new_browser_one_is_told(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    begin(&world, "se", "home", NOW).await;
    let begun = race(&world, 8, |store, n| async move {
        let id = format!("se{n}");
        let device = Some(seen("away", &id, NOW));
        let begin = BeginSession { device, ..beginning(session(&id, "usr_ann"), 1) };
        store.begin_session(&begin, &[]).await.unwrap()
    });
    assert_eq!(begun.await, [true; 8]);
    assert_eq!(world.other.list_mail(99).await.unwrap().len(), 1);
    assert_eq!(known(&world).await, 2);
}
