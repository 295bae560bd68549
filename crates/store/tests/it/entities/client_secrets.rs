//! Clients' secrets: overlap, the cap, revocation, last use.

use rstest::rstest;
use tokenry_model::{Event, SecretVerifier, SystemRng, TokenHandle};
use tokenry_store::{Entity, Error, MAX_WORKING_SECRETS, RevokeSecret};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race, same};

#[rstest]
#[tokio::test]
async fn every_field_reads_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let mut imported = secret("s2", "cron");
    imported.verifier = SecretVerifier::Argon2id("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned());
    imported.last4 = String::new();
    imported.created_at = later(1);
    imported.expires_at = Some(later(100));
    imported.revoked_at = Some(later(50));
    imported.last_used_at = Some(later(49));
    world.store.add_client_secret(&imported, None, &[]).await.unwrap();
    let stored = world.store.list_client_secrets(&client_id("cron")).await.unwrap();
    same(&stored, &vec![secret("s1", "cron"), imported]);
}

#[rstest]
#[tokio::test]
async fn an_overlap_ends_the_others_but_never_prolongs_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_client(&client("bystander"), Some(&secret("theirs", "bystander")), &[], &[]).await.unwrap();
    let mut soon = secret("soon", "cron");
    soon.expires_at = Some(later(10));
    let mut late = secret("late", "cron");
    late.expires_at = Some(later(1_000));
    let mut revoked = secret("revoked", "cron");
    revoked.revoked_at = Some(NOW);
    for added in [&soon, &late, &revoked] {
        store.add_client_secret(added, None, &[]).await.unwrap();
    }
    store.add_client_secret(&secret("new", "cron"), Some(later(100)), &[]).await.unwrap();

    let ends = async |client| {
        let secrets = store.list_client_secrets(&client_id(client)).await.unwrap();
        secrets.into_iter().map(|it| (it.id.to_string(), it.expires_at)).collect::<Vec<_>>()
    };
    let expected = [
        ("late", Some(later(100))),
        ("new", None),
        ("revoked", None),
        ("s1", Some(later(100))),
        ("soon", Some(later(10))),
    ];
    assert_eq!(ends("cron").await, expected.map(|(id, end)| (id.to_owned(), end)));
    assert_eq!(ends("bystander").await, [("theirs".to_owned(), None)]);
}

#[rstest]
#[tokio::test]
async fn adding_is_refused_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let stranger = store.add_client_secret(&secret("s2", "nobody"), None, &[]).await;
    assert!(matches!(stranger, Err(Error::Missing(Entity::Client))), "{stranger:?}");
    let version = world.client_version("cron").await;
    let again = store.add_client_secret(&secret("s1", "cron"), Some(later(1)), &[]).await;
    assert!(matches!(again, Err(Error::Exists(Entity::ClientSecret))), "{again:?}");
    assert_eq!(world.client_version("cron").await, version, "what was refused changed nothing");
    assert_eq!(store.list_client_secrets(&client_id("cron")).await.unwrap()[0].expires_at, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_cap_on_working_secrets_holds_against_a_race(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let mut expired = secret("expired", "cron");
    expired.expires_at = Some(NOW);
    store.add_client_secret(&expired, None, &[]).await.unwrap();
    for n in 2..MAX_WORKING_SECRETS {
        store.add_client_secret(&secret(&format!("s{n}"), "cron"), None, &[]).await.unwrap();
    }
    let results = race(&world, 8, |store, n| async move {
        store.add_client_secret(&secret(&format!("racer{n}"), "cron"), None, &[]).await
    })
    .await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    let refused = |it: &Result<(), Error>| matches!(it, Err(Error::TooManySecrets { limit: 50 }));
    assert_eq!(results.iter().filter(|it| refused(it)).count(), 7, "{results:?}");
    let secrets = store.list_client_secrets(&client_id("cron")).await.unwrap();
    assert_eq!(secrets.iter().filter(|it| it.works_at(NOW)).count(), 50);

    store.add_client_secret(&secret("instead", "cron"), Some(NOW), &[]).await.unwrap();
    let secrets = store.list_client_secrets(&client_id("cron")).await.unwrap();
    let working = secrets.iter().filter(|it| it.works_at(NOW)).collect::<Vec<_>>();
    assert_eq!(working.len(), 1, "an overlap that ends at once makes room");
    assert_eq!(working[0].id, secret_id("instead"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_revokes_a_secret(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    store.create_client(&client("other"), None, &[], &[]).await.unwrap();
    let (cron, other, s1) = (client_id("cron"), client_id("other"), secret_id("s1"));
    let records = [record(Event::SecretRevoked)];
    let foreign = store.revoke_client_secret(&other, &s1, later(1), &records).await.unwrap();
    assert_eq!(foreign, RevokeSecret::NotFound, "another client's secret");
    assert_eq!(
        store.revoke_client_secret(&cron, &secret_id("none"), later(1), &records).await.unwrap(),
        RevokeSecret::NotFound
    );
    let version = world.client_version("cron").await;
    let results = race(&world, 8, |store, n| async move {
        let (cron, s1) = (client_id("cron"), secret_id("s1"));
        store.revoke_client_secret(&cron, &s1, later(n), &[record(Event::SecretRevoked)]).await.unwrap()
    })
    .await;
    assert_eq!(
        results.iter().filter(|it| matches!(it, RevokeSecret::Revoked { .. })).count(),
        1,
        "{results:?}"
    );
    assert_eq!(results.iter().filter(|it| **it == RevokeSecret::AlreadyRevoked).count(), 7, "{results:?}");
    assert_eq!(world.events().await, ["secret.revoked"], "only the revocation is recorded");
    assert_eq!(world.client_version("cron").await, version + 1);
    assert!(!store.list_client_secrets(&cron).await.unwrap()[0].works_at(later(60)));
}

#[rstest]
#[tokio::test]
async fn the_last_use_only_moves_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    let touch = async |uses: &[(&str, u64)]| {
        let uses = uses.iter().map(|(id, secs)| (secret_id(id), later(*secs))).collect();
        store.touch_secrets(uses).await.unwrap();
        let of_client = store.list_client_secrets(&client_id("cron")).await.unwrap()[0].last_used_at;
        let of_api = store.list_resource_server_secrets(&api_id("timesheets")).await.unwrap()[0].last_used_at;
        (of_client, of_api)
    };
    let change = store.latest_change().await.unwrap();
    assert_eq!(touch(&[("s1", 5), ("rs1", 7), ("gone", 9)]).await, (Some(later(5)), Some(later(7))));
    assert_eq!(touch(&[("s1", 4), ("rs1", 6)]).await, (Some(later(5)), Some(later(7))));
    assert_eq!(touch(&[("s1", 9), ("s1", 8)]).await, (Some(later(9)), Some(later(7))));
    let many = (0..250).map(|n| (secret_id(if n == 249 { "rs1" } else { "s1" }), later(n + 10))).collect();
    store.touch_secrets(many).await.unwrap();
    assert_eq!(touch(&[]).await, (Some(later(258)), Some(later(259))));
    assert_eq!(store.latest_change().await.unwrap(), change, "nobody's copy depends on it");
}

#[rstest]
#[tokio::test]
async fn a_revoked_secret_takes_its_own_handles_along_and_no_others(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    let store = &world.store;
    world.seed().await;
    world.assign_handle().await;
    store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap();
    let proposed = TokenHandle::generate(&SystemRng);
    store.assign_token_handle(&secret_id("s2"), &grant_id("g1"), proposed.clone(), HOUR, NOW).await.unwrap();
    store.revoke_client_secret(&client_id("cron"), &secret_id("s1"), later(1), &[]).await.unwrap();
    let handle = async |id| store.find_token_handle(&secret_id(id), &grant_id("g1")).await.unwrap();
    assert_eq!((handle("s1").await, handle("s2").await), (None, Some((proposed, HOUR))));
}
