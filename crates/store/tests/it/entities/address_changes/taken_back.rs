//! The way back: the old address leads there for a week, and what a thief could keep of the account ends.

use super::*;

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
