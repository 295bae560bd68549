//! Users who leave: asked for once, taken back or carried out once, and everything that was open ends at the first.

use rstest::rstest;
use tokenry_model::{Event, OutboxMail, UserState};
use tokenry_store::{OwnChange, Switch};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::*;
use super::samples::*;
use super::{World, race};

const FAMILY: &str = "aaaaaaaaaaa";

async fn world(engine: Engine) -> World {
    let world = world_of_families(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    begin(&world, FAMILY).await;
    world
}

async fn change(world: &World, event: Event) -> OwnChange {
    let ann = world.other.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    own_change("usr_ann", ann.version, event)
}

async fn state(world: &World) -> Option<UserState> {
    world.other.find_user(&user_id("usr_ann")).await.unwrap().map(|user| user.state)
}

fn goodbye(name: &str) -> OutboxMail {
    OutboxMail { id: format!("goodbye {name}"), ..own_change("usr_ann", 0, Event::UserDeleted).mail }
}

async fn count(world: &World, event: Event) -> usize {
    world.events().await.iter().filter(|it| *it == event.as_str()).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ses_07_of_eight_who_delete_an_account_one_has_and_all_that_is_open_ends(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let stale = code_issue(&world, "bbbbbbbbbbb").await;
    let change = change(&world, Event::UserDeletionRequested).await;
    let won = race(&world, 8, |store, n| {
        let mut change = change.clone();
        change.mail.id = format!("mail {n}");
        async move { store.ask_deletion(change, later(100), Vec::new()).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(state(&world).await, Some(UserState::Leaving { due_at: later(100) }));
    assert!(!lives(&world.other, FAMILY).await);
    assert!(world.store.list_sessions(None, None, 10).await.unwrap().is_empty());
    assert_eq!(world.learned("timesheets", 0).await, [format!("1 revoked/handle {FAMILY} until +3660")]);
    assert_eq!(world.store.list_mail(10).await.unwrap().len(), 1);
    assert_eq!(count(&world, Event::UserDeletionRequested).await, 1);
    assert_eq!(world.store.issue_code(stale).await.unwrap(), tokenry_store::IssueCode::Stale);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_taken_back_or_carried_out_and_never_both(#[values(Sqlite, Postgres)] engine: Engine) {
    for _turn in 0..4 {
        let world = world(engine).await;
        let asked = change(&world, Event::UserDeletionRequested).await;
        assert!(world.store.ask_deletion(asked, later(100), Vec::new()).await.unwrap().is_some());
        let kept = change(&world, Event::UserDeletionTakenBack).await;
        let won = race(&world, 8, |store, n| {
            let mut kept = kept.clone();
            kept.mail.id = format!("mail {n}");
            async move {
                let ann = user_id("usr_ann");
                if n % 4 < 2 {
                    return store.take_back_deletion(kept).await.unwrap();
                }
                let record = record(Event::UserDeleted);
                let mail = goodbye(&n.to_string());
                store.delete_leaving_user(&ann, later(100), &mail, &record).await.unwrap().is_some()
            }
        })
        .await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        let (kept, gone) =
            (count(&world, Event::UserDeletionTakenBack).await, count(&world, Event::UserDeleted).await);
        assert_eq!(kept + gone, 1);
        assert_eq!(state(&world).await, (kept == 1).then_some(UserState::Enabled));
        assert_eq!(world.store.list_mail(10).await.unwrap().len(), 2, "asked for, and what became of it");
    }
}

#[rstest]
#[tokio::test]
async fn only_whose_time_has_come_is_removed(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let (store, ann) = (&world.store, user_id("usr_ann"));
    let record = record(Event::UserDeleted);
    assert!(!store.take_back_deletion(change(&world, Event::UserUpdated).await).await.unwrap());
    assert_eq!(store.delete_leaving_user(&ann, later(9), &goodbye("a"), &record).await.unwrap(), None);
    let mut stale = change(&world, Event::UserDeletionRequested).await;
    stale.seen -= 1;
    assert_eq!(store.ask_deletion(stale, later(100), Vec::new()).await.unwrap(), None);
    assert!(lives(store, FAMILY).await, "nothing has changed");
    let asked = change(&world, Event::UserDeletionRequested).await;
    assert!(store.ask_deletion(asked, later(100), Vec::new()).await.unwrap().is_some());
    let again = change(&world, Event::UserDeletionRequested).await;
    assert_eq!(store.ask_deletion(again, later(200), Vec::new()).await.unwrap(), None, "it stays as it was");

    assert!(store.list_due_deletions(later(99), 9).await.unwrap().is_empty());
    assert_eq!(store.list_due_deletions(later(100), 9).await.unwrap(), std::slice::from_ref(&ann));
    assert_eq!(store.delete_leaving_user(&ann, later(99), &goodbye("b"), &record).await.unwrap(), None);
    // Whom an operator bars meanwhile stays, and is not on the list any more.
    let barred = UserState::Disabled { at: later(50) };
    assert!(matches!(store.set_user_state(&ann, barred, NOW, &[], None).await.unwrap(), Switch::Done { .. }));
    assert!(store.list_due_deletions(later(100), 9).await.unwrap().is_empty());
    assert_eq!(store.delete_leaving_user(&ann, later(100), &goodbye("c"), &record).await.unwrap(), None);
    assert_eq!(state(&world).await, Some(barred));
    assert_eq!(count(&world, Event::UserDeleted).await, 0);
}

#[rstest]
#[tokio::test]
async fn whoever_has_a_way_back_is_told_of_a_deletion(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let told = |name| vec![("old@acme.example".to_owned(), goodbye(name))];
    let mut stale = change(&world, Event::UserDeletionRequested).await;
    stale.seen -= 1;
    assert_eq!(world.store.ask_deletion(stale, later(100), told("no")).await.unwrap(), None);
    assert!(world.store.list_mail(9).await.unwrap().is_empty(), "nothing is asked, nobody is told");
    let asked = change(&world, Event::UserDeletionRequested).await;
    assert!(world.store.ask_deletion(asked, later(100), told("yes")).await.unwrap().is_some());
    let mails = world.store.list_mail(9).await.unwrap();
    let mut to: Vec<_> = mails.into_iter().map(|mail| mail.recipient).collect();
    to.sort();
    assert_eq!(to, ["old@acme.example", "usr_ann@acme.example"]);
}

#[rstest]
#[tokio::test]
async fn whoever_is_kept_by_an_operator_is_told_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let ann = user_id("usr_ann");
    let asked = change(&world, Event::UserDeletionRequested).await;
    assert!(world.store.ask_deletion(asked, later(100), Vec::new()).await.unwrap().is_some());
    for (n, done) in [("one", true), ("two", false)] {
        let kept = world.store.set_user_state(&ann, UserState::Enabled, NOW, &[], Some(&goodbye(n))).await;
        assert_eq!(matches!(kept.unwrap(), Switch::Done { .. }), done);
    }
    assert_eq!(world.store.list_mail(9).await.unwrap().len(), 2, "asked for, and kept");
}

#[tokio::test]
async fn whose_time_has_come_is_found_without_reading_all_users() {
    let world = World::open(Sqlite).await;
    let statement = tokenry_store::statements::all().find(|it| it.name() == "LIST_DUE_DELETIONS").unwrap();
    let plan = world.database.plan(statement.text()).unwrap();
    assert!(plan.contains("INDEX users_by_deletion (delete_at<?)"), "{plan}");
}
