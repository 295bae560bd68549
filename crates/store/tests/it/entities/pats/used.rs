//! What goes on with a token while it lives and after: its last use, warnings of its end, and how long it can still be seen.

use super::*;

#[rstest]
#[tokio::test]
async fn pat_13_the_last_use_is_noted_and_never_goes_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = with_one(engine).await;
    let jti = pat_value("v1", "p1", NOW).jti;
    let used = |at: u64, address: Option<&str>| LastUse {
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
    let OwnChange { user_id, record, mail, .. } = own_change("usr_ann", 1, Event::PatExpiring);
    let mail = tokenry_model::OutboxMail { id: format!("{id} {days}"), ..mail };
    WarnOfPat { jti: pat_value(id, id, NOW).jti, user_id, days, mail, record }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_about_to_expire_one_is_told_once_a_step(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::of_two(engine).await;
    for (id, days) in [("year", 365), ("month", 30), ("week", 7), ("rolled", 90), ("gone", 90)] {
        let (pat, value) = living(id, days);
        create(&world, &pat, &value).await;
    }
    let change = credential_change(Event::PatRevoked, NOW);
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
    let recorded = world.events().await.into_iter().filter(|event| event == "pat.expiring").count();
    assert_eq!(recorded, 2, "each mail has its record");
    drop(
        world
            .store
            .set_user_state(&user_id("usr_ann"), UserState::Disabled { at: NOW }, NOW, &[], None)
            .await
            .unwrap(),
    );
    assert_eq!(due(&world, 7, later(24 * DAY)).await, [""; 0], "whoever may not act has nothing to lose");
}
