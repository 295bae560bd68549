//! Collapse: a client with too many revocations of single tokens loses all of its handles instead.

use rstest::rstest;
use tokenry_model::{ClientId, Event, TokenHandle};
use tokenry_store::{IssueOutcome, RevokeToken, RevokedToken, TokenEnding};

use super::Engine::{self, Postgres, Sqlite};
use super::guard_world::{assign, handle, world_of_guards};
use super::samples::*;
use super::{World, race};

/// A token of `client` under its handle at `timesheets`.
fn token(client: &str, n: u64) -> RevokedToken {
    let jti = format!("{}{n:021}", handle(client, "timesheets"));
    RevokedToken { client_id: client_id(client), ..revoked_token(&jti, later(60)) }
}

/// As if that many tokens of `cron` had been revoked, one of them expired.
fn revoked_before(world: &World, live: u64) {
    let jti =
        "'crontimeshe' || substr('000000000000000000000' || (50000 + i), length('' || (50000 + i)) + 1)";
    let numbers =
        format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {live})");
    let end = format!("CASE WHEN i = 0 THEN {} ELSE {} END", NOW.as_millis(), later(60).as_millis());
    world.database.tamper(&format!(
        "INSERT INTO revoked_tokens (jti, resource_server_id, client_id, expires_at, revoked_at) \
         {numbers} SELECT {jti}, 'timesheets', 'cron', {end}, 0 FROM n; \
         INSERT INTO guard_events (resource_server_id, kind, value, client_id, created_at, expires_at) \
         {numbers} SELECT 'timesheets', 'revoked/token', {jti}, 'cron', 0, {end} FROM n"
    ));
}

async fn revoke(world: &World, token: RevokedToken) -> bool {
    match world.store.revoke_token(token, &[record(Event::TokenRevoked)]).await.unwrap() {
        RevokeToken::AlreadyRevoked => panic!("it was revoked before"),
        RevokeToken::Revoked { announced } => {
            assert!(!announced.is_empty());
            world.events().await.contains(&"tokens.collapsed".to_owned())
        }
    }
}

async fn live_tokens(world: &World) -> usize {
    let entries = world.other.revoked_after(&api_id("timesheets"), 0, NOW, 5_000).await.unwrap();
    entries.iter().filter(|(_, entry)| entry.what.as_str() == "revoked/token").count()
}

#[rstest]
#[tokio::test]
async fn a_thousand_single_revocations_become_the_end_of_the_handles(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_guards(engine).await;
    let (cron, crm): (ClientId, ClientId) = (client_id("cron"), client_id("crm"));
    revoked_before(&world, 998);
    assert!(!revoke(&world, token("crm", 1)).await, "another client's");
    assert!(!revoke(&world, token("cron", 1)).await, "the 999th; one that has expired does not count");
    let (kept, secret) = (grant_id("cron-timesheets"), secret_id("cron"));
    assert!(world.store.find_token_handle(&secret, &kept).await.unwrap().is_some());
    let seen = world.learned("timesheets", 0).await.len() as i64;
    let (version, view) = (world.client_version("cron").await, world.view().await);
    let change = world.store.latest_change().await.unwrap();

    assert!(revoke(&world, token("cron", 2)).await, "the thousandth");
    assert_eq!(world.events().await[2..], ["token.revoked", "tokens.collapsed"]);
    assert!(world.store.find_token_handle(&secret, &kept).await.unwrap().is_none());
    assert_eq!(world.client_version("cron").await, version + 1);
    assert!(world.store.latest_change().await.unwrap() > change);
    assert_eq!(world.store.record_issue(view).await.unwrap(), IssueOutcome::Stale, "decided before");
    assert_eq!(
        world.learned("timesheets", seen).await,
        [format!("{} revoked/handle crontimeshe until +3660", seen + 1)],
        "instead of the token"
    );
    assert_eq!(world.learned("payroll", 0).await, ["1 revoked/handle cronpayroll until +7260"]);
    assert_eq!(live_tokens(&world).await, 2, "the other client's, and the last that has a number");
    let first = world.other.guard_events_after(&api_id("timesheets"), 0, 1).await.unwrap();
    assert!(first[0].seq > 1, "who has not heard of them meets a hole");
    let handle = TokenHandle::parse("crontimeshe").unwrap();
    for jti in [token("cron", 1).jti, token("cron", 77).jti] {
        let ending = world.other.find_token_ending(&jti, &handle).await.unwrap();
        assert_eq!(ending, TokenEnding::HandleEnded, "revoked before or not");
    }
    let crms = TokenHandle::parse("crmtimeshee").unwrap();
    assert_eq!(world.other.find_token_ending(JTI, &crms).await.unwrap(), TokenEnding::None, "{crm}");

    // It gets new handles, and begins to count anew.
    let proposed = TokenHandle::parse("anothercron").unwrap();
    let another = world.store.assign_token_handle(&secret, &kept, proposed, HOUR, NOW).await.unwrap();
    assert_eq!(another.as_str(), "anothercron");
    revoke(&world, token("cron", 3)).await;
    assert!(world.store.find_token_handle(&secret, &kept).await.unwrap().is_some());
    assert_eq!(world.events().await.iter().filter(|it| *it == "tokens.collapsed").count(), 1);
    assert!(world.store.find_client(&cron).await.unwrap().is_some());
}

/// Guards are waited for until they know of the handles, also where the token's own is gone already.
#[rstest]
#[tokio::test]
async fn a_collapse_has_propagated_when_its_handles_have(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    revoked_before(&world, 999);
    world.store.delete_client_grant(&grant_id("cron-timesheets"), NOW, &[]).await.unwrap();
    world.store.open_guard_stream(guard_stream("one", "s1", 0), NOW).await.unwrap();
    let revoked = world.store.revoke_token(token("cron", 1), &[]).await.unwrap();
    let RevokeToken::Revoked { announced } = revoked else { panic!("{revoked:?}") };
    let propagated = async || world.other.propagated(&announced, NOW).await.unwrap();
    assert!(!propagated().await);
    assert_eq!(world.learned("timesheets", 0).await, ["1 revoked/handle crontimeshe until +3660"]);
    assert!(!propagated().await);
    world.other.ack_guard_stream(&api_id("timesheets"), "s1", 1, NOW).await.unwrap();
    assert!(propagated().await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_at_once_collapse_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_guards(engine).await;
    revoked_before(&world, 995);
    race(&world, 8, |store, n| async move {
        store.revoke_token(token("cron", n), &[record(Event::TokenRevoked)]).await.unwrap()
    })
    .await;
    let events = world.events().await;
    assert_eq!(events.iter().filter(|it| *it == "tokens.collapsed").count(), 1, "{events:?}");
    assert_eq!(events.iter().filter(|it| *it == "token.revoked").count(), 8);
    assert_eq!(live_tokens(&world).await, 3, "five made a thousand, and three came after");
    assign(&world, "cron", "payroll").await;
    let found = world.store.find_token_handle(&secret_id("cron"), &grant_id("cron-payroll")).await;
    assert!(found.unwrap().is_some(), "the client is still served");
}
