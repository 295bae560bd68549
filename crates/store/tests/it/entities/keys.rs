//! Keyring and signing keys: of several who come at the same time one wins, at the first start and ever after.

use std::collections::BTreeMap;
use std::time::Duration;

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{Client, Event, KeyState, ResourceServer};
use tokenry_store::{DataKeyRow, Entity, Error, Init, KeyringRow, Leave, Rewrap, Rotated};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

use Algorithm::Es256;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_04_two_replicas_on_an_empty_database_make_one_keyring(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    assert!(world.store.find_keyring().await.unwrap().is_none());
    let results = race(&world, 2, |store, n| async move {
        let (id, byte) = (format!("dk{n}"), u8::try_from(n).unwrap());
        let records = [record(Event::KeyringCreated)];
        store.init_keyring(vec![byte], &id, vec![byte, byte], later(n), &records).await.unwrap()
    })
    .await;
    let winner = results.iter().position(|it| *it == Init::First).unwrap();
    assert_eq!(results.iter().filter(|it| **it == Init::First).count(), 1, "{results:?}");
    let byte = u8::try_from(winner).unwrap();
    let created_at = later(winner as u64);
    let data_key_id = format!("dk{winner}");
    let row = KeyringRow { check: vec![byte], data_key_id: data_key_id.clone(), created_at };
    assert_eq!(world.store.find_keyring().await.unwrap(), Some(row));
    let data_key = DataKeyRow { id: data_key_id, wrapped: vec![byte, byte], created_at };
    assert_eq!(world.store.list_data_keys().await.unwrap(), [data_key]);
    assert_eq!(world.events().await, ["keyring.created"]);
    let again = world.store.init_keyring(vec![9], "dk9", vec![9], NOW, &[]).await.unwrap();
    assert_eq!(again, Init::Existing);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_04_two_replicas_on_an_empty_database_make_one_set_of_keys(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::EdDsa] {
        let results = race(&world, 2, move |store, n| async move {
            let set = [
                signing_key(&format!("{algorithm}-active-{n}"), algorithm, KeyState::Active { since: NOW }),
                signing_key(&format!("{algorithm}-pending-{n}"), algorithm, KeyState::Pending),
            ];
            store.init_signing_keys(algorithm, &set, NOW, &[record(Event::KeyCreated)]).await.unwrap()
        })
        .await;
        let winner = results.iter().position(Option::is_some).unwrap();
        assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
        let mut keys = world.store.list_signing_keys().await.unwrap();
        keys.retain(|key| key.algorithm == algorithm);
        let kids = keys.iter().map(|key| key.kid.clone()).collect::<Vec<_>>();
        assert_eq!(kids, [format!("{algorithm}-active-{winner}"), format!("{algorithm}-pending-{winner}")]);
    }
    assert_eq!(world.events().await, ["key.created", "key.created"]);
}

#[rstest]
#[tokio::test]
async fn keys_read_back_and_one_of_a_kind_is_active(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let active = signing_key("a", Algorithm::Es256, KeyState::Active { since: later(1) });
    let pending = signing_key("p", Algorithm::Es256, KeyState::Pending);
    let retired =
        signing_key("r", Algorithm::Es256, KeyState::Retired { since: later(2), verifies_until: later(3) });
    let twice = [active.clone(), signing_key("b", Algorithm::Es256, KeyState::Active { since: NOW })];
    let refused = store.init_signing_keys(Algorithm::Es256, &twice, NOW, &[]).await;
    assert!(matches!(refused, Err(Error::Exists(Entity::SigningKey))), "{refused:?}");
    assert!(store.list_signing_keys().await.unwrap().is_empty(), "neither of them was kept");

    let set = [active, pending, retired];
    assert!(store.init_signing_keys(Algorithm::Es256, &set, NOW, &[]).await.unwrap().is_some());
    same(&store.list_signing_keys().await.unwrap(), &set.to_vec());
    let unsealed = signing_key("u", Algorithm::Ps256, KeyState::Pending);
    world.database.tamper("DELETE FROM signing_keys");
    world.database.tamper("DELETE FROM keyring_check");
    world.database.tamper("DELETE FROM data_keys");
    let orphan = store.init_signing_keys(Algorithm::Ps256, &[unsealed], NOW, &[]).await;
    assert!(matches!(orphan, Err(Error::Db(_))), "a key names the data key that sealed it: {orphan:?}");
}

/// A keyring and, for ES256, `a` that signs and `p` that is next.
async fn world_with_keys(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let set = [
        signing_key("a", Es256, KeyState::Active { since: NOW }),
        signing_key("p", Es256, KeyState::Pending),
    ];
    world.store.init_signing_keys(Es256, &set, NOW, &[]).await.unwrap();
    world
}

async fn states(world: &World) -> BTreeMap<String, KeyState> {
    let keys = world.other.list_signing_keys().await.unwrap();
    keys.into_iter().map(|key| (key.kid, key.state)).collect()
}

const fn with_its_tokens(at_least: u64, at_most: u64) -> Leave {
    Leave::WithItsTokens {
        signed_until: NOW,
        at_least: Duration::from_secs(at_least),
        at_most: Duration::from_secs(at_most),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_of_eight_who_rotate_the_same_keys_one_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    let results = race(&world, 8, |store, n| async move {
        let rotation = rotation("a", "p", &format!("n{n}"), with_its_tokens(9, 99));
        store.rotate_signing_keys(&rotation, &[record(Event::KeyActivated)]).await.unwrap()
    })
    .await;
    let winner = results.iter().position(|it| matches!(it, Rotated::Done { .. })).unwrap();
    assert_eq!(results.iter().filter(|it| **it == Rotated::Overtaken).count(), 7, "{results:?}");
    let expected = [
        ("a".to_owned(), KeyState::Retired { since: later(60), verifies_until: later(9) }),
        (format!("n{winner}"), KeyState::Pending),
        ("p".to_owned(), KeyState::Active { since: later(60) }),
    ];
    assert_eq!(states(&world).await, expected.into());
    assert_eq!(world.events().await, ["key.activated"], "who lost left no record");
    let changes = world.store.changes_after(0, 100).await.unwrap();
    assert_eq!(changes.iter().filter(|it| it.entity == Entity::SigningKey).count(), 2 + 3);
}

#[rstest]
#[tokio::test]
async fn a_rotation_is_whole_or_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    let before = states(&world).await;
    for (retire, activate) in [("p", "p"), ("a", "a"), ("p", "a"), ("a", "x"), ("x", "p")] {
        let rotation = rotation(retire, activate, "n", Leave::AtOnce);
        let rotated = world.store.rotate_signing_keys(&rotation, &[record(Event::KeyRetired)]).await.unwrap();
        assert_eq!(rotated, Rotated::Overtaken, "{retire} {activate}");
    }
    let taken = rotation("a", "p", "a", Leave::AtOnce);
    let refused = world.store.rotate_signing_keys(&taken, &[record(Event::KeyRetired)]).await;
    assert!(matches!(refused, Err(Error::Exists(Entity::SigningKey))), "{refused:?}");
    assert_eq!(states(&world).await, before);
    assert!(world.events().await.is_empty());
}

/// The longest of what clients and APIs say, within bounds.
#[rstest]
#[case::nobody_says_more(None, None, 600)]
#[case::a_client_does(Some(900), Some(700), 900)]
#[case::an_api_does(None, Some(700), 700)]
#[case::beyond_all_bounds(Some(1_000_000), None, 5_000)]
#[tokio::test]
async fn key_02_a_retired_key_verifies_as_long_as_any_token_lives(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] client_ttl: Option<u64>,
    #[case] api_ttl: Option<u64>,
    #[case] verifies_for: u64,
) {
    let world = world_with_keys(engine).await;
    let cron = Client { access_token_ttl: client_ttl.map(Duration::from_secs), ..client("cron") };
    let timesheets =
        ResourceServer { access_token_ttl: api_ttl.map(Duration::from_secs), ..api("timesheets") };
    world.store.create_client(&cron, None, &[], &[]).await.unwrap();
    world.store.create_resource_server(&timesheets, None, &[]).await.unwrap();
    world
        .store
        .rotate_signing_keys(&rotation("a", "p", "n", with_its_tokens(600, 5_000)), &[])
        .await
        .unwrap();
    let retired = KeyState::Retired { since: later(60), verifies_until: later(verifies_for) };
    assert_eq!(states(&world).await["a"], retired);
}

#[rstest]
#[tokio::test]
async fn key_02_what_is_revoked_stays_revoked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    let store = &world.store;
    let revoke = async |kid: &str| {
        world.other.revoke_retired_key(kid, later(99), &[record(Event::KeyRevoked)]).await.unwrap().is_some()
    };
    for kid in ["a", "p", "x"] {
        assert!(!revoke(kid).await, "{kid} is not retired");
    }
    store.rotate_signing_keys(&rotation("a", "p", "n1", with_its_tokens(600, 600)), &[]).await.unwrap();
    store.rotate_signing_keys(&rotation("p", "n1", "n2", Leave::AtOnce), &[]).await.unwrap();
    assert!(states(&world).await["p"].is_revoked() && !states(&world).await["a"].is_revoked());
    assert!(revoke("a").await);
    assert!(!revoke("a").await && !revoke("p").await, "once is enough");
    assert!(states(&world).await["a"].is_revoked());
    assert_eq!(world.events().await, ["key.revoked"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_a_pending_key_is_replaced_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    for kid in ["a", "x"] {
        let next = signing_key("n", Es256, KeyState::Pending);
        let replaced = world.store.replace_pending_key(kid, next, NOW, &[record(Event::KeyRevoked)]).await;
        assert!(replaced.unwrap().is_none(), "{kid} is not pending");
    }
    let results = race(&world, 4, |store, n| async move {
        let next = signing_key(&format!("n{n}"), Es256, KeyState::Pending);
        store.replace_pending_key("p", next, later(5), &[record(Event::KeyRevoked)]).await.unwrap()
    })
    .await;
    let winner = results.iter().position(Option::is_some).unwrap();
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    let expected = [
        ("a".to_owned(), KeyState::Active { since: NOW }),
        (format!("n{winner}"), KeyState::Pending),
        ("p".to_owned(), KeyState::Retired { since: later(5), verifies_until: later(5) }),
    ];
    assert_eq!(states(&world).await, expected.into());
    assert_eq!(world.events().await, ["key.revoked"]);
}

#[rstest]
#[tokio::test]
async fn key_02_only_what_verifies_nothing_is_removed(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    let store = &world.store;
    store.rotate_signing_keys(&rotation("a", "p", "n", with_its_tokens(600, 600)), &[]).await.unwrap();
    let remove = async |kid: &str, ended_by: u64| {
        let records = [record(Event::KeyRemoved)];
        world.other.remove_signing_key(kid, later(ended_by), NOW, &records).await.unwrap().is_some()
    };
    for (kid, ended_by) in [("a", 599), ("p", 9_999), ("n", 9_999), ("x", 9_999)] {
        assert!(!remove(kid, ended_by).await, "{kid}");
    }
    assert!(remove("a", 600).await);
    assert!(!remove("a", 600).await);
    assert_eq!(states(&world).await.into_keys().collect::<Vec<_>>(), ["n", "p"]);
    assert_eq!(world.events().await, ["key.removed"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_rewrap_the_keyring_one_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_with_keys(engine).await;
    let results = race(&world, 8, |store, n| async move {
        let new = vec![9, u8::try_from(n).unwrap()];
        let data_keys = vec![("dk".to_owned(), vec![2], new.clone())];
        let rewrap = Rewrap { check: (vec![1], new), data_keys };
        store.rewrap_keyring(&rewrap, NOW, &[record(Event::KeyringRewrapped)]).await.unwrap()
    })
    .await;
    let winner = u8::try_from(results.iter().position(|won| *won).unwrap()).unwrap();
    assert_eq!(results.iter().filter(|won| **won).count(), 1, "{results:?}");
    assert_eq!(world.other.find_keyring().await.unwrap().unwrap().check, [9, winner]);
    assert_eq!(world.other.list_data_keys().await.unwrap()[0].wrapped, [9, winner]);
    assert_eq!(world.events().await, ["keyring.rewrapped"]);

    let half =
        Rewrap { check: (vec![9, winner], vec![7]), data_keys: vec![("dk".to_owned(), vec![2], vec![7])] };
    assert!(!world.store.rewrap_keyring(&half, NOW, &[]).await.unwrap());
    assert_eq!(world.other.find_keyring().await.unwrap().unwrap().check, [9, winner], "nor one of the two");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_racers_agree_on_one_value_of_a_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    assert!(world.store.find_meta("seed").await.unwrap().is_none());
    let results = race(&world, 8, |store, n| async move {
        store.put_meta_if_absent("seed", n.to_be_bytes().to_vec()).await.unwrap()
    })
    .await;
    assert!(results.iter().all(|it| *it == results[0]), "{results:?}");
    assert_eq!(world.store.find_meta("seed").await.unwrap().as_ref(), Some(&results[0]));
    assert_eq!(world.store.put_meta_if_absent("mark", Vec::new()).await.unwrap(), Vec::<u8>::new());
    for _time in 0..2 {
        world.store.remove_meta("seed").await.unwrap();
        assert!(world.other.find_meta("seed").await.unwrap().is_none());
    }
    assert_eq!(world.other.find_meta("mark").await.unwrap(), Some(Vec::new()), "nothing else");
}
