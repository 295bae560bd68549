//! Another value in the place of the one before: of how many at once one does it, and never do three work.

use super::*;

#[rstest]
#[tokio::test]
async fn r84_another_value_takes_the_place_of_the_one_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let replaced = world.store.replace_pat(replace("v1", "v2", None)).await.unwrap();
    let ReplacedPat::Replaced { announced } = replaced else { panic!("{replaced:?}") };
    assert!(!announced.is_empty());
    assert!(!found(&world, "v1", "timesheets").await && found(&world, "v2", "timesheets").await);
    // As long as a short break, and the slack for clocks: nobody remembers that it was good for longer.
    for api in ["timesheets", "payroll"] {
        assert_eq!(world.learned(api, 0).await, ["1 revoked/handle v1xxxxxxxxx until +720"]);
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
    let world = World::of_two(engine).await;
    let apis = vec![PatApi { resource_server_id: api_id("payroll"), scope: None }];
    let pat = Pat { reach: PatReach::Only(apis), ..pat("p1", "usr_ann") };
    create(&world, &pat, &pat_value("v1", "p1", NOW)).await;
    assert!(matches!(revoke(&world, "usr_ann", later(1)).await, RevokePat::Revoked { .. }));
    assert_eq!(world.learned("payroll", 0).await, ["1 revoked/handle v1xxxxxxxxx until +661"]);
    assert!(world.learned("timesheets", 0).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a14_with_an_overlap_two_work_and_never_three(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let until = later(600);
    let rolled = world.store.replace_pat(replace("v1", "v2", Some(until))).await.unwrap();
    assert!(matches!(rolled, ReplacedPat::Replaced { announced } if !announced.is_empty()));
    for api in ["timesheets", "payroll"] {
        assert_eq!(
            world.learned(api, 0).await,
            ["1 changed usr_ann"],
            "nothing is dead yet, and ends sooner"
        );
    }
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
    for (value, ends) in [("v1", until), ("v2", later(60).plus(HOUR))] {
        let shown = world.other.find_pat_by_value(&digest(value)).await.unwrap().unwrap();
        assert!(shown.value.digest.matches(&digest(value)), "what is shown is what is found");
        assert_eq!((shown.value.expires_at, shown.overlaps_until), (ends, Some(until)));
    }
    assert_eq!(world.store.replace_pat(replace("v1", "v3", None)).await.unwrap(), ReplacedPat::Overtaken);
    // Once more: the first is dead at once, the second in ten minutes, or when it expires.
    let rolled = world.store.replace_pat(replace("v2", "v3", Some(later(9_999)))).await.unwrap();
    assert!(matches!(rolled, ReplacedPat::Replaced { .. }), "{rolled:?}");
    assert_eq!(expires_at("v1").await, None);
    assert_eq!(expires_at("v2").await, Some((later(60).plus(HOUR), true)));
    let learned = ["2 revoked/handle v1xxxxxxxxx until +660", "3 changed usr_ann"];
    assert_eq!(world.learned("payroll", 1).await, learned);
    // And a refresh ends them all.
    world.store.replace_pat(replace("v3", "v4", None)).await.unwrap();
    assert_eq!((expires_at("v2").await, expires_at("v3").await), (None, None));
    assert!(found(&world, "v4", "payroll").await);
    assert_eq!(world.learned("payroll", 3).await.len(), 2);
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
            let change = credential_change(Event::PatRevoked, later(60));
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
async fn an_expired_one_can_have_another_value_if_there_is_room(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let late = NOW.plus(2 * HOUR);
    let again = |most: i64| ReplacePat {
        value: pat_value("w", "p1", late),
        most,
        change: credential_change(Event::PatRefreshed, late),
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
