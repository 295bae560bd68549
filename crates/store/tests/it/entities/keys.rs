//! First starts at the same time: one keyring, one set of keys, one value of a name.

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{Event, KeyState};
use tokenry_store::{DataKeyRow, Entity, Error, Init, KeyringRow};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

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
        let winner = results.iter().position(|it| *it == Init::First).unwrap();
        assert_eq!(results.iter().filter(|it| **it == Init::First).count(), 1, "{results:?}");
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
    let retired = signing_key("r", Algorithm::Es256, KeyState::Retired { since: later(2) });
    let twice = [active.clone(), signing_key("b", Algorithm::Es256, KeyState::Active { since: NOW })];
    let refused = store.init_signing_keys(Algorithm::Es256, &twice, NOW, &[]).await;
    assert!(matches!(refused, Err(Error::Exists(Entity::SigningKey))), "{refused:?}");
    assert!(store.list_signing_keys().await.unwrap().is_empty(), "neither of them was kept");

    let set = [active, pending, retired];
    assert_eq!(store.init_signing_keys(Algorithm::Es256, &set, NOW, &[]).await.unwrap(), Init::First);
    same(&store.list_signing_keys().await.unwrap(), &set.to_vec());
    let unsealed = signing_key("u", Algorithm::Ps256, KeyState::Pending);
    world.database.tamper("DELETE FROM signing_keys");
    world.database.tamper("DELETE FROM keyring_check");
    world.database.tamper("DELETE FROM data_keys");
    let orphan = store.init_signing_keys(Algorithm::Ps256, &[unsealed], NOW, &[]).await;
    assert!(matches!(orphan, Err(Error::Db(_))), "a key names the data key that sealed it: {orphan:?}");
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
}
