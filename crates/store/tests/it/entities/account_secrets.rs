//! Account secrets: made with the flag, of how many at once one wins, what is found by a value, and what guards learn.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, Event, LastUse, SealedSecret, UserState};
use tokenry_store::{
    AssignAccountSecret, EndDeveloper, EndedDeveloper, ReplaceAccountSecret, ReplacedAccountSecret,
    ResetOutcome, RevealAccountSecret, RevokeAccountSecret,
};

use super::Engine::{self, Postgres, Sqlite};
use super::mail::{chosen, reset};
use super::samples::*;
use super::{World, race, same};

/// Ann, who is a developer with the secret `v1`.
async fn with_one(engine: Engine) -> World {
    let world = World::of_two(engine).await;
    assert_eq!(assign(&world, account_secret("v1", "usr_ann", NOW)).await, AssignAccountSecret::Assigned);
    world
}

async fn assign(world: &World, secret: AccountSecret) -> AssignAccountSecret {
    let change = credential_change(Event::AccountSecretAssigned, secret.created_at);
    world.store.assign_account_secret(secret, change).await.unwrap()
}

fn replace(seen: Option<&str>, with: &str, overlap_until: Option<Timestamp>) -> ReplaceAccountSecret {
    ReplaceAccountSecret {
        seen: seen.map(secret_id),
        secret: account_secret(with, "usr_ann", later(60)),
        overlap_until,
        change: credential_change(Event::AccountSecretRotated, later(60)),
    }
}

async fn replaced(world: &World, replace: ReplaceAccountSecret) -> ReplacedAccountSecret {
    world.store.replace_account_secret(replace).await.unwrap()
}

async fn revoke(world: &World, at: Timestamp) -> RevokeAccountSecret {
    let change = credential_change(Event::AccountSecretRevoked, at);
    world.store.revoke_account_secret(&user_id("usr_ann"), change).await.unwrap()
}

fn end(user: &str, at: Timestamp) -> EndDeveloper {
    let revoked = credential_change(Event::AccountSecretRevoked, at);
    EndDeveloper { user_id: user_id(user), updated: record(Event::UserUpdated), revoked }
}

async fn found(world: &World, value: &str) -> bool {
    world.other.find_account_secret(&digest(value)).await.unwrap().is_some()
}

async fn values(world: &World) -> Vec<String> {
    let secrets = world.other.list_account_secrets(&user_id("usr_ann")).await.unwrap();
    secrets.into_iter().map(|secret| secret.id.to_string()).collect()
}

#[rstest]
#[tokio::test]
async fn r98_the_flag_and_the_secret_come_and_go_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let ann = user_id("usr_ann");
    assert_eq!(world.other.find_developer(&ann).await.unwrap(), Some(NOW));
    assert_eq!(world.other.find_developer(&user_id("usr_bob")).await.unwrap(), None);
    let presented = world.other.find_account_secret(&digest("v1")).await.unwrap().unwrap();
    assert_eq!(presented.user.id, ann);
    same(&presented.secret, &account_secret("v1", "usr_ann", NOW));
    assert_eq!(
        assign(&world, account_secret("v9", "usr_ann", NOW)).await,
        AssignAccountSecret::AlreadyDeveloper
    );
    assert_eq!(assign(&world, account_secret("v9", "usr_none", NOW)).await, AssignAccountSecret::NotFound);
    assert_eq!(values(&world).await, ["v1"]);

    let ended = world.store.end_developer(end("usr_ann", later(9))).await.unwrap();
    assert!(
        matches!(&ended, EndedDeveloper::Ended { announced } if !announced.is_empty()),
        "guards are told: {ended:?}"
    );
    assert_eq!(world.other.find_developer(&ann).await.unwrap(), None);
    assert!(!found(&world, "v1").await);
    assert_eq!(world.store.end_developer(end("usr_ann", later(9))).await.unwrap(), EndedDeveloper::WasNone);
    assert_eq!(world.store.end_developer(end("usr_none", later(9))).await.unwrap(), EndedDeveloper::NotFound);
    assert_eq!(
        world.events().await,
        ["account_secret.assigned", "user.updated", "account_secret.revoked"],
        "what changed nothing is not recorded"
    );
    for api in ["timesheets", "payroll"] {
        assert_eq!(world.learned(api, 0).await.len(), 1, "any API may have taken it");
    }
}

#[rstest]
#[tokio::test]
async fn who_is_made_as_a_developer_has_one_from_the_start(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    let change = || credential_change(Event::AccountSecretAssigned, NOW);
    let secret = AccountSecret { sealed: None, ..account_secret("v1", "usr_dev", NOW) };
    world.store.create_developer(&user("usr_dev"), None, &secret, change()).await.unwrap();
    assert_eq!(world.other.find_developer(&user_id("usr_dev")).await.unwrap(), Some(NOW));
    let kept = world.other.find_account_secret(&digest("v1")).await.unwrap().unwrap().secret;
    assert_eq!(kept.sealed, None, "what is not kept is not there");
    let again = account_secret("v2", "usr_new", NOW);
    let taken = tokenry_model::User { username: user("usr_ann").username, ..user("usr_new") };
    world.store.create_developer(&taken, None, &again, change()).await.unwrap_err();
    assert!(!found(&world, "v2").await);
    assert_eq!(world.events().await, ["account_secret.assigned"]);
}

#[rstest]
#[tokio::test]
async fn r102_no_two_accounts_have_one_value(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let twin = AccountSecret { digest: digest("v1"), ..account_secret("v2", "usr_bob", NOW) };
    let change = credential_change(Event::AccountSecretAssigned, NOW);
    world.store.assign_account_secret(twin, change).await.unwrap_err();
    assert_eq!(world.other.find_developer(&user_id("usr_bob")).await.unwrap(), None, "all or nothing");
    let presented = world.other.find_account_secret(&digest("v1")).await.unwrap().unwrap();
    assert_eq!(presented.user.id, user_id("usr_ann"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r103_of_eight_who_replace_one_at_once_one_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let results = race(&world, 8, |store, n| async move {
        store.replace_account_secret(replace(Some("v1"), &format!("w{n}"), None)).await.unwrap()
    });
    let results = results.await;
    let done = |result: &&ReplacedAccountSecret| matches!(result, ReplacedAccountSecret::Replaced { .. });
    assert_eq!(results.iter().filter(done).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| **result == ReplacedAccountSecret::Overtaken).count(), 7);
    assert_eq!(values(&world).await.len(), 1);
    assert_eq!(world.events().await, ["account_secret.assigned", "account_secret.rotated"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_make_somebody_a_developer_one_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    let results = race(&world, 8, |store, n| async move {
        let secret = account_secret(&format!("v{n}"), "usr_ann", NOW);
        let change = credential_change(Event::AccountSecretAssigned, NOW);
        store.assign_account_secret(secret, change).await.unwrap()
    });
    let assigned = results.await.into_iter().filter(|it| *it == AssignAccountSecret::Assigned).count();
    assert_eq!((assigned, values(&world).await.len()), (1, 1));
}

#[rstest]
#[tokio::test]
async fn sec_07_during_an_overlap_two_work_and_never_three(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let announced = |result| match result {
        ReplacedAccountSecret::Replaced { announced } => announced,
        other => panic!("{other:?}"),
    };
    let until = later(600);
    assert!(!announced(replaced(&world, replace(Some("v1"), "v2", Some(until))).await).is_empty());
    assert_eq!(
        world.learned("payroll", 0).await,
        ["1 changed usr_ann"],
        "none is dead yet, and one ends sooner"
    );
    let former = world.other.find_account_secret(&digest("v1")).await.unwrap().unwrap().secret;
    assert_eq!((former.superseded_at, former.expires_at), (Some(later(60)), Some(until)));
    assert!(!announced(replaced(&world, replace(Some("v2"), "v3", Some(until))).await).is_empty());
    let mut left = values(&world).await;
    left.sort();
    assert_eq!(left, ["v2", "v3"]);
    assert_eq!(replaced(&world, replace(Some("v2"), "v4", None)).await, ReplacedAccountSecret::Overtaken);
    assert_eq!(replaced(&world, replace(None, "v4", None)).await, ReplacedAccountSecret::Overtaken);

    let used = |at| LastUse { at, address: Some("192.0.2.7".to_owned()), client: None };
    let touch = |value: &str, at| (account_secret(value, "usr_ann", NOW).jti, used(at));
    let uses = vec![touch("v2", later(1)), touch("v3", later(2)), touch("none", later(3))];
    world.store.touch_account_secrets(uses).await.unwrap();
    world.store.touch_account_secrets(vec![touch("v3", later(1))]).await.unwrap();
    let last = async |value: &str| {
        let found = world.other.find_account_secret(&digest(value)).await.unwrap();
        found.unwrap().secret.last_use.map(|used| used.at)
    };
    assert_eq!((last("v2").await, last("v3").await), (Some(later(1)), Some(later(2))), "of each its own");

    assert_eq!(world.store.delete_expired_account_secrets(later(599), 9).await.unwrap(), 0);
    assert_eq!(world.store.delete_expired_account_secrets(until, 9).await.unwrap(), 1);
    assert!(!found(&world, "v2").await && found(&world, "v3").await);
}

#[rstest]
#[tokio::test]
async fn a15_what_is_shown_is_the_one_that_counts_and_noted_before(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = with_one(engine).await;
    let reveal = async |user: &str, id: &str| {
        let change = credential_change(Event::AccountSecretRevealed, later(5));
        world.store.reveal_account_secret(&user_id(user), &secret_id(id), change).await.unwrap()
    };
    assert_eq!(reveal("usr_bob", "v1").await, RevealAccountSecret::Barred, "who has none");
    assert_eq!(reveal("usr_ann", "v2").await, RevealAccountSecret::Overtaken);
    assert_eq!(reveal("usr_ann", "v1").await, RevealAccountSecret::Revealed);
    let kept = world.other.find_account_secret(&digest("v1")).await.unwrap().unwrap().secret;
    assert_eq!(kept.revealed_at, Some(later(5)));
    let sealed = SealedSecret { wrapped: b"v1".to_vec(), data_key_id: "dk".to_owned() };
    assert_eq!(kept.sealed, Some(sealed));
    replaced(&world, replace(Some("v1"), "v2", Some(later(600)))).await;
    assert_eq!(reveal("usr_ann", "v1").await, RevealAccountSecret::Overtaken, "another is in its place");
    let disabled = UserState::Disabled { at: later(6) };
    drop(world.store.set_user_state(&user_id("usr_ann"), disabled, later(6), &[], None).await.unwrap());
    assert_eq!(reveal("usr_ann", "v2").await, RevealAccountSecret::Barred, "nor to who may not act");
    assert_eq!(replaced(&world, replace(Some("v2"), "v3", None)).await, ReplacedAccountSecret::NotDeveloper);
    assert_eq!(
        world.events().await,
        ["account_secret.assigned", "account_secret.revealed", "account_secret.rotated"]
    );
}

#[rstest]
#[tokio::test]
async fn r103_what_is_revoked_is_gone_and_another_can_come(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    assert!(
        matches!(revoke(&world, later(1)).await, RevokeAccountSecret::Revoked { announced } if !announced.is_empty())
    );
    assert!(!found(&world, "v1").await);
    assert_eq!(revoke(&world, later(2)).await, RevokeAccountSecret::None);
    assert!(matches!(
        replaced(&world, replace(None, "v2", None)).await,
        ReplacedAccountSecret::Replaced { .. }
    ));
    assert!(found(&world, "v2").await);
    assert!(world.store.delete_user(&user_id("usr_ann"), later(3), &[]).await.unwrap().is_some());
    assert!(!found(&world, "v2").await);
}

#[rstest]
#[tokio::test]
async fn guards_hear_of_who_has_nothing_but_a_secret(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    for id in ["usr_ann", "usr_bob"] {
        let disabled = UserState::Disabled { at: later(1) };
        drop(world.store.set_user_state(&user_id(id), disabled, later(1), &[], None).await.unwrap());
    }
    for api in ["timesheets", "payroll"] {
        assert_eq!(world.learned(api, 0).await, ["1 changed usr_ann"]);
    }
}

#[rstest]
#[tokio::test]
async fn a_restore_that_ends_all_tokens_ends_these(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let ended = world.store.end_all_tokens(later(1)).await.unwrap();
    assert_eq!((ended.account_secrets, ended.announced.is_empty()), (1, false));
    assert!(!found(&world, "v1").await);
    assert_eq!(world.other.find_developer(&user_id("usr_ann")).await.unwrap(), Some(NOW));
}

/// What somebody else saw who had the account for a while is dead when its owner is back by the mailbox; what nobody saw is not.
#[rstest]
#[case::made_lately(later(1), None, true)]
#[case::shown_lately(NOW.minus(HOUR), Some(later(1)), true)]
#[case::shown_long_ago(NOW.minus(HOUR), Some(NOW), false)]
#[case::shown_to_nobody(NOW.minus(HOUR), None, false)]
#[tokio::test]
async fn what_may_be_known_goes_when_the_owner_comes_back(
    #[case] made: Timestamp,
    #[case] shown: Option<Timestamp>,
    #[case] goes: bool,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::of_two(engine).await;
    assert_eq!(assign(&world, account_secret("v1", "usr_ann", made)).await, AssignAccountSecret::Assigned);
    if let Some(at) = shown {
        let change = credential_change(Event::AccountSecretRevealed, at);
        let shown = world.store.reveal_account_secret(&user_id("usr_ann"), &secret_id("v1"), change).await;
        assert_eq!(shown.unwrap(), RevealAccountSecret::Revealed);
    }
    world.store.request_reset(reset(&user("usr_ann").username, "r", NOW)).await.unwrap();
    let set = world.store.reset_password(chosen("r", "usr_ann", 1), later(60)).await.unwrap();
    assert!(matches!(set, ResetOutcome::Set(_)), "{set:?}");
    assert_eq!(found(&world, "v1").await, !goes);
    let revoked = world.events().await.iter().filter(|it| *it == "account_secret.revoked").count();
    assert_eq!(revoked, usize::from(goes));
    assert!(world.other.find_developer(&user_id("usr_ann")).await.unwrap().is_some());
}
