//! Personal access tokens: of how many at once one wins, what is found by a value, and what guards learn.

mod in_session;
mod replaced;
mod used;

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, LastUse, Pat, PatApi, PatReach, PatValue, UserState};
use tokenry_protocol::scope::Scope;
use tokenry_store::{
    CreatePat, CredentialChange, Error, OwnChange, ReplacePat, ReplacedPat, RevokePat, WarnOfPat,
};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

const MOST: i64 = 50;
const DAY: u64 = 86_400;

async fn create(world: &World, pat: &Pat, value: &PatValue) -> CreatePat {
    let change = credential_change(Event::PatCreated, value.created_at);
    world.store.create_pat(pat, value, MOST, change).await.unwrap()
}

/// Ann's token `p1`, whose value is `v1`.
async fn with_one(engine: Engine) -> World {
    let world = World::of_two(engine).await;
    assert_eq!(create(&world, &pat("p1", "usr_ann"), &pat_value("v1", "p1", NOW)).await, CreatePat::Created);
    world
}

fn replace(seen: &str, with: &str, overlap_until: Option<Timestamp>) -> ReplacePat {
    ReplacePat {
        user_id: user_id("usr_ann"),
        seen: digest(seen),
        value: pat_value(with, "p1", later(60)),
        overlap_until,
        most: MOST,
        change: credential_change(Event::PatRefreshed, later(60)),
    }
}

async fn revoke(world: &World, user: &str, at: Timestamp) -> RevokePat {
    let change = credential_change(Event::PatRevoked, at);
    world.store.revoke_pat(&user_id(user), &pat_id("p1"), change).await.unwrap()
}

/// Whether a value is found at an API that its token names.
async fn found(world: &World, value: &str, api: &str) -> bool {
    let found = world.other.find_pat_value(&digest(value), &api_id(api)).await.unwrap();
    found.is_some_and(|found| found.at_api.is_some() && found.revoked_at.is_none())
}

#[rstest]
#[tokio::test]
async fn a_token_comes_back_as_it_was_made(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    let scope = Some(Scope::parse("read:timesheets").unwrap());
    let narrow = Pat {
        note: "for the cron job".to_owned(),
        reach: PatReach::Only(vec![
            PatApi { resource_server_id: api_id("payroll"), scope: None },
            PatApi { resource_server_id: api_id("timesheets"), scope },
        ]),
        allowed_addresses: vec!["192.0.2.0/24".to_owned(), "2001:db8::1/128".to_owned()],
        ..pat("p2", "usr_ann")
    };
    for (pat, value) in [(pat("p1", "usr_bob"), "v1"), (narrow.clone(), "v2"), (pat("p3", "usr_ann"), "v3")] {
        let value = pat_value(value, pat.id.as_str(), NOW);
        assert_eq!(create(&world, &pat, &value).await, CreatePat::Created);
    }
    let listed = world.other.find_pat(&pat_id("p2")).await.unwrap().unwrap();
    assert_eq!((listed.pat, listed.overlaps_until), (narrow, None));
    let called = |id: &str| (api(id).audience, api(id).name);
    assert_eq!(listed.api_names, [called("payroll"), called("timesheets")]);
    same(&listed.value, &pat_value("v2", "p2", NOW));
    let ids = |listed: Vec<tokenry_store::ListedPat>| -> Vec<_> {
        listed.into_iter().map(|listed| listed.pat.id.to_string()).collect()
    };
    let (ann, first) = (user_id("usr_ann"), pat_id("p1"));
    assert_eq!(ids(world.other.list_pats(None, None, 2).await.unwrap()), ["p1", "p2"]);
    assert_eq!(ids(world.other.list_pats(None, Some(&first), 9).await.unwrap()), ["p2", "p3"]);
    assert_eq!(ids(world.other.list_pats(Some(&ann), None, 9).await.unwrap()), ["p2", "p3"]);
    let by_value = world.other.find_pat_by_value(&digest("v2")).await.unwrap().unwrap();
    assert_eq!(by_value.pat.id, pat_id("p2"));

    let at = async |value: &str, api: &str| {
        world.other.find_pat_value(&digest(value), &api_id(api)).await.unwrap().map(|found| found.at_api)
    };
    let of = |api: &str, scope: Option<&str>| {
        let scope = scope.map(|scope| Scope::parse(scope).unwrap());
        Some(Some(PatApi { resource_server_id: api_id(api), scope }))
    };
    assert_eq!(at("v1", "timesheets").await, of("timesheets", None));
    assert_eq!(at("v2", "timesheets").await, of("timesheets", Some("read:timesheets")));
    assert_eq!(at("v2", "payroll").await, of("payroll", None));
    assert_eq!(at("none", "payroll").await, None);
    assert!(world.store.delete_resource_server(&api_id("payroll"), NOW, &[]).await.unwrap());
    world.store.create_resource_server(&api("status"), None, &[]).await.unwrap();
    assert_eq!(at("v2", "status").await, Some(None), "it names one, and never all because one is gone");
    assert_eq!(world.events().await, ["pat.created"; 3]);
}

#[rstest]
#[tokio::test]
async fn what_there_is_not_is_not_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    let of = |api: &str, scope: &str| {
        let scope = Some(Scope::parse(scope).unwrap());
        let reach = PatReach::Only(vec![PatApi { resource_server_id: api_id(api), scope }]);
        Pat { reach, ..pat("p1", "usr_ann") }
    };
    for (pat, expected) in [
        (of("none", "read:timesheets"), "there is no such resource server"),
        (of("timesheets", "fly:timesheets"), "the API does not define the scope fly:timesheets"),
    ] {
        let change = credential_change(Event::PatCreated, NOW);
        let refused = world.store.create_pat(&pat, &pat_value("v1", "p1", NOW), MOST, change).await;
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    assert!(world.other.find_pat(&pat_id("p1")).await.unwrap().is_none());
    assert!(world.events().await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_15_fifty_at_once_are_no_more_than_there_may_be(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    let results = race(&world, 50, |store, n| async move {
        let (id, value) = (format!("p{n}"), format!("v{n}"));
        let (pat, value) = (pat(&id, "usr_ann"), pat_value(&value, &id, NOW));
        // Whom the database turns away, because too many came at once, comes again.
        loop {
            match store.create_pat(&pat, &value, 10, credential_change(Event::PatCreated, NOW)).await {
                Ok(created) => return created,
                Err(error) => assert!(error.is_unavailable(), "{error}"),
            }
        }
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|it| **it == CreatePat::Created).count(), 10);
    assert_eq!(results.iter().filter(|it| **it == CreatePat::TooMany).count(), 40);
    assert_eq!(world.other.list_pats(None, None, 99).await.unwrap().len(), 10);
    assert_eq!(world.events().await.len(), 10);
    assert_eq!(create(&world, &pat("q", "usr_bob"), &pat_value("q", "q", NOW)).await, CreatePat::Created);
    // Those that work no more do not count.
    let late = NOW.plus(HOUR);
    let (later, value) = (Pat { ends_at: late.plus(HOUR), ..pat("r", "usr_ann") }, pat_value("r", "r", late));
    assert_eq!(create(&world, &later, &value).await, CreatePat::Created);
}

#[rstest]
#[tokio::test]
async fn who_may_not_act_makes_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let ann = user_id("usr_ann");
    for state in [UserState::Disabled { at: NOW }, UserState::Leaving { due_at: later(60) }] {
        drop(world.store.set_user_state(&ann, state, NOW, &[], None).await.unwrap());
        let (pat, value) = (pat("p2", "usr_ann"), pat_value("v2", "p2", NOW));
        assert_eq!(create(&world, &pat, &value).await, CreatePat::Barred);
        let replaced = world.store.replace_pat(replace("v1", "v2", None)).await.unwrap();
        assert_eq!(replaced, ReplacedPat::NotFound);
        drop(world.store.set_user_state(&ann, UserState::Enabled, NOW, &[], None).await.unwrap());
    }
    assert!(found(&world, "v1", "timesheets").await);
    assert!(matches!(
        world.store.replace_pat(replace("v1", "v2", None)).await.unwrap(),
        ReplacedPat::Replaced { .. }
    ));
}

#[rstest]
#[tokio::test]
async fn pat_09_one_is_revoked_by_its_owner_and_others_stay(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    create(&world, &pat("p2", "usr_ann"), &pat_value("v2", "p2", NOW)).await;
    assert_eq!(revoke(&world, "usr_bob", later(1)).await, RevokePat::NotFound);
    assert!(found(&world, "v1", "timesheets").await);
    assert!(matches!(revoke(&world, "usr_ann", later(1)).await, RevokePat::Revoked { .. }));
    assert!(!found(&world, "v1", "timesheets").await && found(&world, "v2", "timesheets").await);
    assert_eq!(world.events().await, ["pat.created", "pat.created", "pat.revoked"]);
}

#[rstest]
#[tokio::test]
async fn what_is_not_recorded_is_not_done(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    world.database.tamper("ALTER TABLE audit RENAME TO hidden");
    let mail = own_change("usr_ann", 1, Event::PatCreated).mail;
    let change = CredentialChange { mail: Some(mail), ..credential_change(Event::PatCreated, NOW) };
    let (second, value) = (pat("p2", "usr_ann"), pat_value("v2", "p2", NOW));
    let outcome: Result<_, Error> = world.store.create_pat(&second, &value, MOST, change.clone()).await;
    outcome.unwrap_err();
    let failing = ReplacePat { change: change.clone(), ..replace("v1", "v3", None) };
    world.store.replace_pat(failing).await.unwrap_err();
    world.store.revoke_pat(&user_id("usr_ann"), &pat_id("p1"), change.clone()).await.unwrap_err();
    world.database.tamper("ALTER TABLE hidden RENAME TO audit");
    assert!(found(&world, "v1", "timesheets").await && !found(&world, "v3", "timesheets").await);
    assert!(world.other.find_pat(&pat_id("p2")).await.unwrap().is_none());
    assert!(
        world.other.list_mail(9).await.unwrap().is_empty() && world.learned("payroll", 0).await.is_empty()
    );
    assert_eq!(world.store.create_pat(&second, &value, MOST, change).await.unwrap(), CreatePat::Created);
    assert_eq!(world.other.list_mail(9).await.unwrap().len(), 1);
}
