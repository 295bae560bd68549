//! Another value for a personal access token: at once, or with an overlap.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::{NewPat, PatError, PatState};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, new_pat};

use super::{ask, events, with_one};
use crate::introspect::{is_active, is_inactive};

const DAY: Duration = Duration::from_secs(86_400);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r84_the_one_before_is_dead_and_the_settings_stay(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, _other) = with_one(engine).await;
    let new = NewPat {
        note: "cellar".to_owned(),
        apis: Some(vec![AUDIENCE.to_owned()]),
        scopes: Some(vec!["read:timesheets".to_owned()]),
        allowed_addresses: vec!["192.0.2.0/24".to_owned()],
        ..new_pat("Backup")
    };
    let issued = server.pat(&ann, new).await;
    server.clock.advance(DAY);
    let (fresh, id) = (server.fresh(&ann).await, issued.pat.id.as_str());
    let (replaced, announced) =
        server.engine.replace_pat(&fresh, id, None, None, &server.context()).await.unwrap();
    is_inactive(&ask(&server, issued.token.expose()).await);
    is_active(&ask(&server, replaced.token.expose()).await);
    assert!(!announced.is_empty() && server.engine.propagated(&announced).await, "no guard is connected");

    let (before, after) = (issued.pat, replaced.pat);
    assert_eq!((&before.id, &before.name, &before.note), (&after.id, &after.name, &after.note));
    assert_eq!((&before.apis, &before.allowed_addresses), (&after.apis, &after.allowed_addresses));
    assert_eq!((before.company, before.created_at), (after.company, after.created_at));
    let now = server.clock.now();
    assert_eq!((after.issued_at, after.expires_at), (now, now.plus(30 * DAY)), "as long again as at first");
    assert_eq!(after.state, PatState::Works);
    assert_eq!(events(&server).await, ["pat.created", "pat.created", "pat.refreshed"]);
    let records = server.audit().await;
    let refreshed = records.iter().find(|record| record.event == "pat.refreshed").unwrap();
    assert_eq!(refreshed.subject_id.as_deref(), Some(after.id.as_str()));
    assert_eq!(refreshed.actor_id.as_deref(), Some(ann.id.as_str()));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a14_with_an_overlap_both_work_for_a_while(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let id = issued.pat.id.as_str();
    let fresh = server.fresh(&ann).await;
    let long =
        server.engine.replace_pat(&fresh, id, Some(8 * DAY), None, &server.context()).await.unwrap_err();
    assert!(matches!(long, PatError::Invalid { field: "overlap", .. }), "{long:?}");
    let (rolled, announced) =
        server.engine.replace_pat(&fresh, id, Some(DAY), None, &server.context()).await.unwrap();
    assert!(!announced.is_empty(), "guards that remember the first one have to hear of its nearer end");
    let both = [issued.token.expose(), rolled.token.expose()];
    for token in both {
        is_active(&ask(&server, token).await);
    }
    assert_eq!(rolled.pat.overlaps_until, Some(server.clock.now().plus(DAY)));
    server.clock.advance(DAY);
    is_inactive(&ask(&server, both[0]).await);
    is_active(&ask(&server, both[1]).await);
    let listed = server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap();
    assert_eq!((listed.len(), listed[0].overlaps_until), (1, None));
    assert_eq!(events(&server).await, ["pat.created", "pat.rolled"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_replace_it_at_once_one_has_a_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let (fresh, id, context) = (server.fresh(&ann).await, issued.pat.id.to_string(), server.context());
    let other = server.other_engine().await;
    let (one, two) = tokio::join!(
        server.engine.replace_pat(&fresh, &id, None, None, &context),
        other.engine.replace_pat(&fresh, &id, None, None, &context),
    );
    let outcomes = [one, two];
    let mut tokens = Vec::new();
    for outcome in &outcomes {
        match outcome {
            Ok((issued, _announced)) => tokens.push(issued.token.expose()),
            Err(PatError::Conflict) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // Unless the second began after the first was done, which then is as if they had come one after the other.
    let works = tokens.last().unwrap();
    let mut active = 0;
    for token in &tokens {
        active += i32::from(ask(&server, token).await.json()["active"] == true);
    }
    assert_eq!(active, 1, "{works}");
    is_inactive(&ask(&server, issued.token.expose()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_has_no_other_value() {
    let (server, ann, issued) = with_one(Sqlite).await;
    let (fresh, id) = (server.fresh(&ann).await, issued.pat.id.as_str());
    server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap();
    let refused = server.engine.replace_pat(&fresh, id, None, None, &server.context()).await.unwrap_err();
    assert!(matches!(refused, PatError::NotFound), "{refused:?}");
    server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap();
    assert_eq!(events(&server).await, ["pat.created", "pat.revoked"], "again changes nothing");
    let listed = server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap();
    assert!(matches!(listed[0].state, PatState::Revoked { .. }));
    server.clock.advance(90 * DAY);
    server.engine.sweep().await.unwrap();
    assert!(server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap().is_empty(), "after 90 days");
}

/// What an operator allows now holds for what was made when more was allowed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_08_no_value_lives_longer_than_is_allowed_by_now(
    #[values(None, Some(Duration::from_secs(60)))] overlap: Option<Duration>,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, ann, _other) = with_one(engine).await;
    let year = NewPat { expires_in: 366 * DAY, ..new_pat("long") };
    let issued = server.pat(&ann, year).await;
    let (id, context) = (issued.pat.id.as_str(), server.context());
    let lowered = server.engine_with(|settings| settings.pat_max_ttl = DAY).await;
    let fresh = server.fresh(&ann).await;
    let long = lowered.engine.replace_pat(&fresh, id, Some(2 * DAY), None, &context).await.unwrap_err();
    assert!(matches!(long, PatError::Invalid { field: "overlap", .. }), "{long:?}");
    let (replaced, _announced) =
        lowered.engine.replace_pat(&fresh, id, overlap, None, &context).await.unwrap();
    assert_eq!(replaced.pat.expires_at, server.clock.now().plus(DAY));
    let told = ask(&server, replaced.token.expose()).await.json();
    assert_eq!(told["exp"], server.clock.now().plus(DAY).as_secs());
    // Where as much is allowed as before, the first lifetime counts again.
    let (again, _announced) = server.engine.replace_pat(&fresh, id, None, None, &context).await.unwrap();
    assert_eq!(again.pat.expires_at, server.clock.now().plus(366 * DAY));
}
