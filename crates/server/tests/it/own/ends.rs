//! What ends a personal access token, or what its owner may do by it: at the next question.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::manage::{Allowance, AllowedScopes, UpdateRole};
use tokenry_model::UserState;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, SCOPES, new_pat};

use super::{ask, events, with_one};
use crate::introspect::{is_active, is_inactive};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    CompanyDisabled,
    Deleted,
    Disabled,
    Expired,
    Leaving,
    Left,
    Revoked,
    RevokedByOperator,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_03_pat_08_whatever_ends_it_ends_it_at_once(
    #[values(
        End::CompanyDisabled,
        End::Deleted,
        End::Disabled,
        End::Expired,
        End::Leaving,
        End::Left,
        End::Revoked,
        End::RevokedByOperator
    )]
    end: End,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, ann, issued) = with_one(engine).await;
    let carl = server.member("carl").await;
    let untouched = server.pat(&carl, new_pat("CI")).await;
    let (token, id, acme) = (issued.token.expose(), issued.pat.id.as_str(), server.demo.acme.clone());
    is_active(&ask(&server, token).await);
    let now = tokenry_clock::Clock::now(&server.clock);
    let announced = match end {
        End::CompanyDisabled => server.manager.disable_company(&acme).await.unwrap(),
        End::Deleted => server.manager.delete_user(ann.id.as_str()).await.unwrap(),
        End::Disabled => server.manager.disable_user(ann.id.as_str()).await.unwrap(),
        End::Expired => {
            server.clock.advance(Duration::from_secs(30 * 86_400));
            Default::default()
        }
        End::Leaving => {
            let state = UserState::Leaving { due_at: now.plus(Duration::from_secs(60)) };
            match server.store.set_user_state(&ann.id, state, now, &[], None).await.unwrap() {
                tokenry_store::Switch::Done { announced } => announced,
                other => panic!("{other:?}"),
            }
        }
        End::Left => server.manager.remove_member(&acme, ann.id.as_str()).await.unwrap(),
        End::Revoked => {
            let current = server.fresh(&ann).await;
            server.engine.revoke_pat(&current, id, &server.context()).await.unwrap()
        }
        End::RevokedByOperator => server.manager.revoke_pat(id).await.unwrap(),
    };
    is_inactive(&ask(&server, token).await);
    assert_eq!(announced.is_empty(), end == End::Expired, "its API is told");
    if end != End::CompanyDisabled && end != End::Expired {
        is_active(&ask(&server, untouched.token.expose()).await);
    }
    // What came back is there again; what was revoked is not.
    match end {
        End::CompanyDisabled => drop(server.manager.enable_company(&acme).await.unwrap()),
        End::Disabled | End::Leaving => drop(server.manager.enable_user(ann.id.as_str()).await.unwrap()),
        _ => {
            is_inactive(&ask(&server, token).await);
            return;
        }
    }
    is_active(&ask(&server, token).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_04_a_role_that_gives_less_gives_less_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, _ann, issued) = with_one(engine).await;
    let scope = async || ask(&server, issued.token.expose()).await.json()["scope"].clone();
    assert_eq!(scope().await, SCOPES.join(" "));
    let allow = |scopes: &[&str]| UpdateRole {
        allow: vec![Allowance {
            api: AUDIENCE.to_owned(),
            scopes: AllowedScopes::Only(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        }],
        ..UpdateRole::default()
    };
    server.manager.update_role("role-of-ann", allow(&["read:timesheets"])).await.unwrap();
    assert_eq!(scope().await, "read:timesheets");
    server.manager.update_role("role-of-ann", allow(&SCOPES[..2])).await.unwrap();
    assert_eq!(
        scope().await,
        SCOPES[..2].join(" "),
        "and more gives more: it is not a copy of what was held once"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_05_pat_09_nobody_touches_another_ones(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let second = server.pat(&ann, new_pat("second")).await;
    let bob = server.member("bob").await;
    let (fresh, id) = (server.fresh(&bob).await, issued.pat.id.as_str());
    let before = events(&server).await;
    for id in [id, "none", ""] {
        server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap_err();
        server.engine.replace_pat(&fresh, id, None, None, &server.context()).await.unwrap_err();
    }
    assert!(
        server.engine.pats_of(&bob.id, tokenry_clock::Clock::now(&server.clock)).await.unwrap().is_empty()
    );
    assert_eq!(events(&server).await, before);
    is_active(&ask(&server, issued.token.expose()).await);
    let fresh = server.fresh(&ann).await;
    server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap();
    is_inactive(&ask(&server, issued.token.expose()).await);
    is_active(&ask(&server, second.token.expose()).await);
}
