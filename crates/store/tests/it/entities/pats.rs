//! Personal access tokens: of how many at once one wins, what is found by a value, and what guards learn.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, Pat, PatApi, PatReach, PatUse, PatValue, UserState};
use tokenry_protocol::scope::Scope;
use tokenry_store::{CreatePat, Error, PatChange, ReplacePat, ReplacedPat, RevokePat, WarnOfPat};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

const MOST: i64 = 50;
const DAY: u64 = 86_400;

/// Ann and bob, and the APIs `timesheets` and `payroll`.
async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    for id in ["usr_ann", "usr_bob"] {
        world.store.create_user(&user(id), &[]).await.unwrap();
    }
    for id in ["timesheets", "payroll"] {
        world.store.create_resource_server(&api(id), None, &[]).await.unwrap();
    }
    world
}

async fn create(world: &World, pat: &Pat, value: &PatValue) -> CreatePat {
    let change = pat_change(Event::PatCreated, value.created_at);
    world.store.create_pat(pat, value, MOST, change).await.unwrap()
}

/// Ann's token `p1`, whose value is `v1`.
async fn with_one(engine: Engine) -> World {
    let world = world(engine).await;
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
        change: pat_change(Event::PatRefreshed, later(60)),
    }
}

async fn revoke(world: &World, user: &str, at: Timestamp) -> RevokePat {
    let change = pat_change(Event::PatRevoked, at);
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
    let world = world(engine).await;
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
    let world = world(engine).await;
    let of = |api: &str, scope: &str| {
        let scope = Some(Scope::parse(scope).unwrap());
        let reach = PatReach::Only(vec![PatApi { resource_server_id: api_id(api), scope }]);
        Pat { reach, ..pat("p1", "usr_ann") }
    };
    for (pat, expected) in [
        (of("none", "read:timesheets"), "there is no such resource server"),
        (of("timesheets", "fly:timesheets"), "the API does not define the scope fly:timesheets"),
    ] {
        let change = pat_change(Event::PatCreated, NOW);
        let refused = world.store.create_pat(&pat, &pat_value("v1", "p1", NOW), MOST, change).await;
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    assert!(world.other.find_pat(&pat_id("p1")).await.unwrap().is_none());
    assert!(world.events().await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_15_fifty_at_once_are_no_more_than_there_may_be(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let results = race(&world, 50, |store, n| async move {
        let (id, value) = (format!("p{n}"), format!("v{n}"));
        let (pat, value) = (pat(&id, "usr_ann"), pat_value(&value, &id, NOW));
        // Whom the database turns away, because too many came at once, comes again.
        loop {
            match store.create_pat(&pat, &value, 10, pat_change(Event::PatCreated, NOW)).await {
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
async fn r84_another_value_takes_the_place_of_the_one_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let replaced = world.store.replace_pat(replace("v1", "v2", None)).await.unwrap();
    let ReplacedPat::Replaced { announced } = replaced else { panic!("{replaced:?}") };
    assert!(!announced.is_empty());
    assert!(!found(&world, "v1", "timesheets").await && found(&world, "v2", "timesheets").await);
    // Both ends: when it would have expired, and the slack for clocks.
    for api in ["timesheets", "payroll"] {
        assert_eq!(world.learned(api, 0).await, ["1 revoked/handle v1xxxxxxxxx until +3660"]);
    }
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap();
    assert_eq!(listed.pat, Pat { ends_at: later(60).plus(HOUR), ..pat("p1", "usr_ann") });
    same(&listed.value, &pat_value("v2", "p1", later(60)));
    assert_eq!(world.store.replace_pat(replace("v1", "v3", None)).await.unwrap(), ReplacedPat::Overtaken);
    let of_bob = ReplacePat { user_id: user_id("usr_bob"), ..replace("v2", "v3", None) };
    assert_eq!(world.store.replace_pat(of_bob).await.unwrap(), ReplacedPat::NotFound);
    assert!(found(&world, "v2", "timesheets").await && !found(&world, "v3", "timesheets").await);
    assert_eq!(world.events().await, ["pat.created", "pat.refreshed"]);
}

#[rstest]
#[tokio::test]
async fn a_token_that_names_an_api_is_told_to_that_one_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let apis = vec![PatApi { resource_server_id: api_id("payroll"), scope: None }];
    let pat = Pat { reach: PatReach::Only(apis), ..pat("p1", "usr_ann") };
    create(&world, &pat, &pat_value("v1", "p1", NOW)).await;
    assert!(matches!(revoke(&world, "usr_ann", later(1)).await, RevokePat::Revoked { .. }));
    assert_eq!(world.learned("payroll", 0).await, ["1 revoked/handle v1xxxxxxxxx until +3660"]);
    assert!(world.learned("timesheets", 0).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a14_with_an_overlap_two_work_and_never_three(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let until = later(600);
    let rolled = world.store.replace_pat(replace("v1", "v2", Some(until))).await.unwrap();
    assert_eq!(rolled, ReplacedPat::Replaced { announced: Default::default() }, "nothing is dead yet");
    let expires_at = |value: &'static str| {
        let world = &world;
        async move {
            let found = world.other.find_pat_value(&digest(value), &api_id("payroll")).await.unwrap();
            found.map(|found| (found.value.expires_at, found.value.superseded_at.is_some()))
        }
    };
    assert_eq!(expires_at("v1").await, Some((until, true)));
    assert_eq!(expires_at("v2").await, Some((later(60).plus(HOUR), false)));
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap();
    assert_eq!(listed.overlaps_until, Some(until));
    assert_eq!(world.store.replace_pat(replace("v1", "v3", None)).await.unwrap(), ReplacedPat::Overtaken);
    // Once more: the first is dead at once, the second in ten minutes, or when it expires.
    let rolled = world.store.replace_pat(replace("v2", "v3", Some(later(9_999)))).await.unwrap();
    assert!(matches!(rolled, ReplacedPat::Replaced { .. }), "{rolled:?}");
    assert_eq!(expires_at("v1").await, None);
    assert_eq!(expires_at("v2").await, Some((later(60).plus(HOUR), true)));
    assert_eq!(world.learned("payroll", 0).await, ["1 revoked/handle v1xxxxxxxxx until +660"]);
    // And a refresh ends them all.
    world.store.replace_pat(replace("v3", "v4", None)).await.unwrap();
    assert_eq!((expires_at("v2").await, expires_at("v3").await), (None, None));
    assert!(found(&world, "v4", "payroll").await);
    assert_eq!(world.learned("payroll", 1).await.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_replace_the_same_value_one_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let results = race(&world, 8, |store, n| async move {
        store.replace_pat(replace("v1", &format!("w{n}"), None)).await.unwrap()
    });
    let results = results.await;
    let won = results.iter().filter(|it| matches!(it, ReplacedPat::Replaced { .. })).count();
    let lost = results.iter().filter(|it| **it == ReplacedPat::Overtaken).count();
    assert_eq!((won, lost), (1, 7), "{results:?}");
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap();
    let winner = results.iter().position(|it| matches!(it, ReplacedPat::Replaced { .. })).unwrap();
    assert!(listed.value.digest.matches(&digest(&format!("w{winner}"))));
    assert_eq!(world.events().await, ["pat.created", "pat.refreshed"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_revokes_while_others_replace_leaves_nothing_that_works(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = with_one(engine).await;
    let results = race(&world, 8, |store, n| async move {
        if n == 3 {
            let change = pat_change(Event::PatRevoked, later(60));
            let revoked = store.revoke_pat(&user_id("usr_ann"), &pat_id("p1"), change).await.unwrap();
            assert!(matches!(revoked, RevokePat::Revoked { .. }), "{revoked:?}");
        } else {
            drop(store.replace_pat(replace("v1", &format!("w{n}"), None)).await.unwrap());
        }
    });
    results.await;
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap();
    assert_eq!((listed.pat.revoked_at, listed.pat.ends_at), (Some(later(60)), later(60)));
    for value in (0..8).map(|n| format!("w{n}")).chain(["v1".to_owned()]) {
        assert!(!found(&world, &value, "timesheets").await, "{value}");
    }
    assert_eq!(world.store.replace_pat(replace("v1", "late", None)).await.unwrap(), ReplacedPat::NotFound);
    assert_eq!(revoke(&world, "usr_ann", later(61)).await, RevokePat::AlreadyRevoked);
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
    let change = PatChange { mail: Some(mail), ..pat_change(Event::PatCreated, NOW) };
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

#[rstest]
#[tokio::test]
async fn an_expired_one_can_have_another_value_if_there_is_room(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let late = NOW.plus(2 * HOUR);
    let again = |most: i64| ReplacePat {
        value: pat_value("w", "p1", late),
        most,
        change: pat_change(Event::PatRefreshed, late),
        ..replace("v1", "w", None)
    };
    let other = Pat { ends_at: late.plus(HOUR), ..pat("p2", "usr_ann") };
    create(&world, &other, &pat_value("v2", "p2", late)).await;
    assert_eq!(world.store.replace_pat(again(1)).await.unwrap(), ReplacedPat::TooMany);
    assert!(!found(&world, "w", "payroll").await);
    assert!(matches!(world.store.replace_pat(again(2)).await.unwrap(), ReplacedPat::Replaced { .. }));
    assert!(found(&world, "w", "payroll").await);
    assert!(world.learned("payroll", 0).await.is_empty(), "what has expired needs no end");
}

#[rstest]
#[tokio::test]
async fn pat_13_the_last_use_is_noted_and_never_goes_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let jti = pat_value("v1", "p1", NOW).jti;
    let used = |at: u64, address: Option<&str>| PatUse {
        at: later(at),
        address: address.map(str::to_owned),
        client: Some("curl/8".to_owned()),
    };
    let gone = ("gone".to_owned(), used(1, None));
    world.store.touch_pats(vec![gone, (jti.clone(), used(120, Some("192.0.2.7")))]).await.unwrap();
    world.other.touch_pats(vec![(jti, used(60, None))]).await.unwrap();
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap();
    assert_eq!(listed.value.last_use, Some(used(120, Some("192.0.2.7"))));
}

#[rstest]
#[tokio::test]
async fn those_that_have_ended_are_removed(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    create(&world, &pat("p2", "usr_ann"), &pat_value("v2", "p2", NOW)).await;
    revoke(&world, "usr_ann", later(1)).await;
    assert_eq!(world.store.delete_ended_pats(NOW, 9).await.unwrap(), 0);
    assert_eq!(world.store.delete_ended_pats(later(1), 9).await.unwrap(), 1);
    assert!(found(&world, "v2", "timesheets").await);
    assert_eq!(world.store.delete_ended_pats(NOW.plus(HOUR), 9).await.unwrap(), 1);
    assert!(world.other.list_pats(None, None, 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_restore_that_ends_all_tokens_ends_these(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let ended = world.store.end_all_tokens(later(1)).await.unwrap();
    assert_eq!((ended.pats, ended.announced.is_empty()), (1, false));
    assert!(!found(&world, "v1", "timesheets").await);
    assert_eq!(world.learned("timesheets", 0).await, ["1 changed"]);
}

fn living(id: &str, days: u64) -> (Pat, PatValue) {
    let ends_at = later(days * DAY);
    let value = PatValue { expires_at: ends_at, ..pat_value(id, id, NOW) };
    (Pat { lifetime: Duration::from_secs(days * DAY), ends_at, ..pat(id, "usr_ann") }, value)
}

async fn due(world: &World, days: i64, at: Timestamp) -> Vec<String> {
    let due = world.other.list_due_pat_warnings(days, at, 9).await.unwrap();
    due.into_iter().map(|warning| warning.pat_id.to_string()).collect()
}

fn warn(id: &str, days: i64) -> WarnOfPat {
    let mail = tokenry_model::OutboxMail {
        id: format!("{id} {days}"),
        ..own_change("usr_ann", 1, Event::PatCreated).mail
    };
    WarnOfPat { jti: pat_value(id, id, NOW).jti, user_id: user_id("usr_ann"), days, mail }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_about_to_expire_one_is_told_once_a_step(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for (id, days) in [("year", 365), ("month", 30), ("week", 7), ("rolled", 90), ("gone", 90)] {
        let (pat, value) = living(id, days);
        create(&world, &pat, &value).await;
    }
    let change = pat_change(Event::PatRevoked, NOW);
    world.store.revoke_pat(&user_id("usr_ann"), &pat_id("gone"), change).await.unwrap();
    let another = PatValue { expires_at: later(365 * DAY), ..pat_value("another", "rolled", NOW) };
    let roll = ReplacePat { seen: digest("rolled"), value: another, ..replace("", "", Some(later(7 * DAY))) };
    world.store.replace_pat(roll).await.unwrap();

    assert_eq!(due(&world, 30, NOW).await, [""; 0], "who makes one for a month is not told at once");
    assert_eq!(due(&world, 30, later(336 * DAY)).await, ["rolled", "year"]);
    assert_eq!(due(&world, 7, later(24 * DAY)).await, ["month"]);
    assert_eq!(
        due(&world, 1, later(6 * DAY)).await,
        ["week"],
        "and of no value that another is in the place of"
    );
    assert_eq!(due(&world, 1, later(7 * DAY)).await, [""; 0], "nor of one that has expired");

    let told = race(&world, 8, |store, _n| async move { store.warn_of_pat(warn("year", 7)).await.unwrap() });
    assert_eq!(told.await.into_iter().filter(|told| *told).count(), 1);
    assert_eq!(world.other.list_mail(9).await.unwrap().len(), 1);
    assert!(!world.store.warn_of_pat(warn("year", 30)).await.unwrap(), "an earlier step comes no more");
    assert_eq!(due(&world, 30, later(360 * DAY)).await, ["rolled"]);
    assert!(world.store.warn_of_pat(warn("year", 1)).await.unwrap());
    assert!(!world.store.warn_of_pat(warn("gone", 1)).await.unwrap());
    assert_eq!(world.other.list_mail(9).await.unwrap().len(), 2);
    drop(
        world
            .store
            .set_user_state(&user_id("usr_ann"), UserState::Disabled { at: NOW }, NOW, &[], None)
            .await
            .unwrap(),
    );
    assert_eq!(due(&world, 7, later(24 * DAY)).await, [""; 0], "whoever may not act has nothing to lose");
}
