//! What ends tokens: one revocation however many ask, and handles that are nowhere.

use rstest::rstest;
use tokenry_model::{Event, TokenHandle};
use tokenry_store::{RevokeToken, TokenEnding};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_revocations_one_is_the_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let handle = world.assign_handle().await;
    assert_eq!(world.store.find_token_ending(JTI, &handle).await.unwrap(), TokenEnding::None);
    let results = race(&world, 8, |store, _| async move {
        store.revoke_token(revoked_token(JTI, later(60)), &[record(Event::TokenRevoked)]).await.unwrap()
    })
    .await;
    let first = results.iter().filter(|it| matches!(it, RevokeToken::Revoked { .. })).count();
    assert_eq!((first, world.events().await), (1, vec!["token.revoked".to_owned()]), "{results:?}");
    assert_eq!(world.other.find_token_ending(JTI, &handle).await.unwrap(), TokenEnding::Revoked);
    let sibling = JTI.replace("tu", "ut");
    assert_eq!(world.other.find_token_ending(&sibling, &handle).await.unwrap(), TokenEnding::None);
}

#[rstest]
#[tokio::test]
async fn a_handle_that_is_nowhere_is_dead(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let nowhere = TokenHandle::parse("zzzzzzzzzzz").unwrap();
    assert_eq!(world.store.find_token_ending(JTI, &nowhere).await.unwrap(), TokenEnding::HandleEnded);
    let handle = world.assign_handle().await;
    assert_eq!(world.store.find_token_ending(JTI, &handle).await.unwrap(), TokenEnding::None);
    world.store.delete_client_grant(&grant_id("g1"), NOW, &[]).await.unwrap();
    assert_eq!(world.other.find_token_ending(JTI, &handle).await.unwrap(), TokenEnding::HandleEnded);
}

#[rstest]
#[tokio::test]
async fn a_revocation_is_forgotten_once_the_token_has_expired(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.seed().await;
    let handle = world.assign_handle().await;
    let jtis = ["a", "b", "c"].map(|end| format!("{}{end}", &JTI[..31]));
    for (n, jti) in (0..).zip(&jtis) {
        world.store.revoke_token(revoked_token(jti, later(n)), &[]).await.unwrap();
    }
    assert_eq!(world.store.delete_expired_revoked_tokens(later(1), 1).await.unwrap(), 1);
    assert_eq!(world.store.delete_expired_revoked_tokens(later(1), 10).await.unwrap(), 1);
    assert_eq!(world.store.delete_expired_revoked_tokens(later(1), 10).await.unwrap(), 0);
    for (jti, ending) in jtis.iter().zip([TokenEnding::None, TokenEnding::None, TokenEnding::Revoked]) {
        assert_eq!(world.other.find_token_ending(jti, &handle).await.unwrap(), ending);
    }
}
