//! Authorization codes: one for a request, redeemed once, and never for a stale view.

use rstest::rstest;
use tokenry_model::{ClientState, Event, TokenHandle, UserId, UserState};
use tokenry_store::{Announced, CodeIssue, FamilyView, IssueCode, RedeemCode, TokenEnding};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::*;
use super::samples::*;
use super::{World, race, same};

#[rstest]
#[tokio::test]
async fn a_code_and_its_family_read_back_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    issue(&world, "aaaaaaaaaaa").await;
    let found = world.other.find_authorization_code(&digest("aaaaaaaaaaa")).await.unwrap().unwrap();
    same(&found, &(code("aaaaaaaaaaa"), family("aaaaaaaaaaa")));
    let mut bare = code_issue(&world, "bbbbbbbbbbb").await;
    bare.family.resource_server_id = None;
    bare.family.tenant = None;
    (bare.view.resource_server, bare.view.company) = (None, None);
    (bare.code.code_challenge, bare.code.nonce) = (None, None);
    assert_eq!(world.store.issue_code(bare.clone()).await.unwrap(), IssueCode::Issued);
    let found = world.other.find_authorization_code(&digest("bbbbbbbbbbb")).await.unwrap().unwrap();
    same(&found, &(bare.code, bare.family));
    assert!(world.other.find_authorization_code(&digest("another")).await.unwrap().is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_answers_to_one_request_one_is_issued(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    let issue = code_issue(&world, "aaaaaaaaaaa").await;
    let results = race(&world, 8, |store, n| {
        let mut issue = issue.clone();
        let handle = TokenHandle::parse(&format!("aaaaaaaaaa{n}")).unwrap();
        issue.code.digest = digest(handle.as_str());
        (issue.family.handle, issue.code.handle) = (handle.clone(), handle);
        async move { store.issue_code(issue).await.unwrap() }
    })
    .await;
    assert_eq!(results.iter().filter(|it| **it == IssueCode::Issued).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|it| **it == IssueCode::AlreadyAnswered).count(), 7, "{results:?}");
    assert_eq!(world.events().await, ["code.issued"]);
}

/// Whatever has become of the code, and also where there was none.
#[rstest]
#[tokio::test]
async fn con_02_a_request_has_one_answer(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    let name = "aaaaaaaaaaa";
    assert!(!world.other.is_request_answered(&request(name)).await.unwrap());
    issue(&world, name).await;
    assert!(world.other.is_request_answered(&request(name)).await.unwrap());
    let again = || async { world.store.issue_code(code_issue(&world, name).await).await.unwrap() };
    assert_eq!(again().await, IssueCode::AlreadyAnswered);
    assert!(world.store.end_session(&session_id("sid1"), None, NOW, &[]).await.unwrap().is_some());
    insert_session(&world, "sid1");
    assert_eq!(again().await, IssueCode::AlreadyAnswered);
    let denied = [record(Event::ConsentDenied)];
    assert!(!world.store.deny_request(&request(name), &denied).await.unwrap());
    let other = "bbbbbbbbbbb";
    assert!(world.store.deny_request(&request(other), &denied).await.unwrap());
    assert!(!world.store.deny_request(&request(other), &denied).await.unwrap());
    let refused = world.store.issue_code(code_issue(&world, other).await).await.unwrap();
    assert_eq!(refused, IssueCode::AlreadyAnswered);
    assert_eq!(world.events().await, ["code.issued", "consent.denied"]);

    let sweep = |secs, limit| world.other.delete_expired_answered_requests(later(secs), limit);
    assert_eq!(sweep(3_599, 9).await.unwrap(), 0);
    assert_eq!((sweep(3_600, 1).await.unwrap(), sweep(3_600, 9).await.unwrap()), (1, 1));
    issue(&world, "ccccccccccc").await;
}

#[rstest]
#[tokio::test]
async fn each_part_of_the_view_is_checked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    let fresh = code_issue(&world, "aaaaaaaaaaa").await;
    let seen = fresh.view;
    let views = [
        FamilyView { client: seen.client + 1, ..seen },
        FamilyView { user: seen.user - 1, ..seen },
        FamilyView { resource_server: Some(9), ..seen },
        FamilyView { company: None, ..seen },
    ];
    let mut stale: Vec<_> = views.into_iter().map(|view| CodeIssue { view, ..fresh.clone() }).collect();
    let mut ended = fresh.clone();
    ended.family.session_id = session_id("sid2");
    stale.push(ended);
    for (n, issue) in stale.into_iter().enumerate() {
        assert_eq!(world.store.issue_code(issue).await.unwrap(), IssueCode::Stale, "{n}");
    }
    assert_eq!(world.store.issue_code(fresh).await.unwrap(), IssueCode::Issued);
    let redeem = |view| world.store.redeem_code(redemption("aaaaaaaaaaa", later(1), view));
    for (n, view) in views.into_iter().enumerate() {
        assert_eq!(redeem(view).await.unwrap(), RedeemCode::Stale, "{n}");
    }
    let mut unsigned = redemption("aaaaaaaaaaa", later(1), seen);
    unsigned.issue.kids = vec!["no such key".to_owned()];
    assert_eq!(world.store.redeem_code(unsigned).await.unwrap(), RedeemCode::Stale);
    assert_eq!(redeem(seen).await.unwrap(), RedeemCode::First, "what was stale has changed nothing");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_01_of_eight_redeemers_one_is_first_and_a_replay_ends_the_family(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    for name in ["aaaaaaaaaaa", "bbbbbbbbbbb"] {
        issue(&world, name).await;
    }
    let seen = view(&world).await;
    let results = race(&world, 8, |store, _| async move {
        store.redeem_code(redemption("aaaaaaaaaaa", later(1), seen)).await.unwrap()
    })
    .await;
    let first = results.iter().filter(|it| **it == RedeemCode::First).count();
    let replayed = results.iter().filter(|it| matches!(it, RedeemCode::Replayed { .. })).count();
    let gone = results.iter().filter(|it| **it == RedeemCode::Gone).count();
    assert_eq!((first, replayed, gone), (1, 1, 6), "{results:?}");
    assert!(!lives(&world.other, "aaaaaaaaaaa").await);
    assert!(world.other.find_refresh_token(&digest("aaaaaaaaaaa 0")).await.unwrap().is_none());
    assert_eq!(world.learned("timesheets", 0).await, ["1 revoked/handle aaaaaaaaaaa until +3661"]);
    let events = world.events().await;
    assert_eq!(events[2..], ["token.issued", "code.replayed"]);
    let jti = "aaaaaaaaaaa012345678901234567890";
    let ending = world.store.find_token_ending(jti, &handle("aaaaaaaaaaa")).await.unwrap();
    assert_eq!(ending, TokenEnding::HandleEnded);

    let jti = "bbbbbbbbbbb012345678901234567890";
    let ending = world.store.find_token_ending(jti, &handle("bbbbbbbbbbb")).await.unwrap();
    assert_eq!(ending, TokenEnding::None, "another family has nothing to do with it");
    let honest = world.store.redeem_code(redemption("bbbbbbbbbbb", later(2), seen)).await.unwrap();
    assert_eq!(honest, RedeemCode::First);
}

#[rstest]
#[tokio::test]
async fn code_05_a_code_expires_and_pk_06_one_that_was_given_up_is_dead(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world_of_families(engine).await;
    issue(&world, "aaaaaaaaaaa").await;
    let seen = view(&world).await;
    let late = world.store.redeem_code(redemption("aaaaaaaaaaa", later(60), seen)).await.unwrap();
    assert_eq!(late, RedeemCode::Gone);
    assert!(lives(&world.store, "aaaaaaaaaaa").await, "who comes late has done no harm");
    let burn = |store: tokenry_store::Store| async move {
        store.burn_code(&digest("aaaaaaaaaaa"), later(1), &[record(Event::CodeBurned)]).await.unwrap()
    };
    assert!(burn(world.store.clone()).await && !burn(world.other.clone()).await);
    let after = world.store.redeem_code(redemption("aaaaaaaaaaa", later(2), seen)).await.unwrap();
    assert!(matches!(after, RedeemCode::Replayed { .. }), "{after:?}");
    assert_eq!(world.events().await, ["code.issued", "code.burned", "code.replayed"]);
}

/// A family may live longer than its refresh tokens would: its access token is to be answered for.
#[rstest]
#[tokio::test]
async fn redeeming_prolongs_a_family_and_never_shortens_it(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(35_999, 36_001)] ends: u64,
) {
    let world = world_of_families(engine).await;
    issue(&world, "aaaaaaaaaaa").await;
    let mut redeeming = redemption("aaaaaaaaaaa", later(1), view(&world).await);
    redeeming.refresh_token.as_mut().unwrap().family_ends_at = later(ends);
    assert_eq!(world.store.redeem_code(redeeming).await.unwrap(), RedeemCode::First);
    let family = world.store.find_token_family(&handle("aaaaaaaaaaa")).await.unwrap().unwrap();
    assert_eq!(family.expires_at, later(ends.max(36_000)));
}

/// Whoever comes first: once the session has been ended, nothing that was authorized in it lives.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_08_redeeming_races_signing_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    for n in 0..4 {
        let name = format!("aaaaaaaaaa{n}");
        issue(&world, &name).await;
        let seen = view(&world).await;
        let redeem = race(&world, 2, |store, racer| {
            let name = name.clone();
            async move {
                if racer == 0 {
                    let ended = store.end_session(&session_id("sid1"), None, later(1), &[]).await;
                    return ended.unwrap().is_some();
                }
                let redeemed = store.redeem_code(redemption(&name, later(1), seen)).await.unwrap();
                assert!([RedeemCode::First, RedeemCode::Gone].contains(&redeemed), "{redeemed:?}");
                false
            }
        })
        .await;
        assert!(redeem[0], "there was a session to end");
        insert_session(&world, "sid1");
        assert!(!lives(&world.other, &name).await);
        assert!(world.other.find_refresh_token(&digest(&format!("{name} 0"))).await.unwrap().is_none());
    }
}

type End = for<'w> fn(&'w World) -> futures_util::future::BoxFuture<'w, ()>;

/// What ends a family, however it is done.
const ENDS: &[(&str, End)] = &[
    ("the client is disabled", |w| {
        Box::pin(async {
            let state = ClientState::Disabled { at: NOW };
            w.store.set_client_state(&client_id("web"), state, NOW, &[]).await.unwrap();
        })
    }),
    ("the client loses the API", |w| {
        Box::pin(async { drop(w.store.delete_client_grant(&grant_id("gw"), NOW, &[]).await.unwrap()) })
    }),
    ("the company is disabled", |w| {
        Box::pin(async {
            w.store.set_company_state(&company_id("acme"), Some(NOW), NOW, &[]).await.unwrap();
        })
    }),
    ("consent is taken back", |w| Box::pin(ends_once(w, "consent"))),
    ("the membership ends", |w| Box::pin(ends_once(w, "membership"))),
    ("the session ends", |w| Box::pin(ends_once(w, "session"))),
    ("the family is revoked", |w| Box::pin(ends_once(w, "family"))),
    ("the user is disabled", |w| {
        Box::pin(async {
            let disabled = UserState::Disabled { at: NOW };
            w.store.set_user_state(&ann(), disabled, NOW, &[], None).await.unwrap();
        })
    }),
    ("all tokens", |w| Box::pin(async { drop(w.store.end_all_tokens(NOW).await.unwrap()) })),
];

async fn end(world: &World, what: &str) -> Option<Announced> {
    let store = &world.store;
    let ended = match what {
        "consent" => store.revoke_consents(&ann(), &client_id("web"), NOW, &[]).await,
        "membership" => store.remove_membership(&ann(), &company_id("acme"), NOW, &[]).await,
        "session" => store.end_session(&session_id("sid1"), None, NOW, &[]).await,
        "family" => store.end_family(&handle("aaaaaaaaaaa"), NOW, &[]).await,
        other => panic!("{other} is no verb"),
    };
    ended.unwrap()
}

async fn ends_once(world: &World, what: &str) {
    assert!(!end(world, what).await.unwrap().is_empty(), "its guards must learn of it");
    assert!(end(world, what).await.is_none(), "only once");
}

fn ann() -> UserId {
    user_id("usr_ann")
}

#[rstest]
#[tokio::test]
async fn code_08_every_owner_ends_its_families_and_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    for (what, end) in ENDS {
        let world = world_of_families(engine).await;
        begin(&world, "aaaaaaaaaaa").await;
        let strangers = [
            world.store.revoke_consents(&ann(), &client_id("other"), NOW, &[]).await,
            world.store.remove_membership(&user_id("usr_bob"), &company_id("acme"), NOW, &[]).await,
            world.store.end_session(&session_id("sid2"), None, NOW, &[]).await,
            world.store.end_family(&handle("bbbbbbbbbbb"), NOW, &[]).await,
        ];
        assert!(strangers.iter().all(|ended| matches!(ended, Ok(None))), "{strangers:?}");
        end(&world).await;
        assert!(!lives(&world.other, "aaaaaaaaaaa").await, "{what}");
        let learned = world.learned("timesheets", 0).await;
        assert!(
            learned.contains(&"1 revoked/handle aaaaaaaaaaa until +3660".to_owned()),
            "{what}: {learned:?}"
        );
        assert!(world.other.find_authorization_code(&digest("aaaaaaaaaaa")).await.unwrap().is_none());
    }
}
