//! What owners are told: of each change, of an end that comes near, and when a token was last used.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::NewPat;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Log, Member, TestApp, new_pat, until};

use super::with_one;
use crate::app::{Server, basic};
use crate::introspect::is_active;

const DAY: Duration = Duration::from_secs(86_400);
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// What mails are about, the oldest first, and the link and the address of the last one.
async fn mails(app: &TestApp) -> (Vec<About>, Option<String>, String) {
    let listed = app.engine.mailbox().await.unwrap();
    let mut about: Vec<_> = listed.iter().filter_map(|mail| mail.about).collect();
    about.reverse();
    let Some(last) = listed.first() else { return (about, None, String::new()) };
    let letter = app.engine.open_mail(&last.id).await.unwrap().unwrap().mail.letter;
    (about, letter.link.map(|link| link.expose().to_owned()), last.recipient.clone())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r108_each_change_is_told_to_the_owner(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let id = issued.pat.id.as_str();
    let page = format!("{}/account/developer#{id}", server.issuer);
    let mut expected = vec![About::PatCreated];
    let ann_at = "ann@acme.example".to_owned();
    assert_eq!(mails(&server).await, (expected.clone(), Some(page.clone()), ann_at.clone()));
    let (fresh, context) = (server.fresh(&ann).await, server.context());
    server.clock.advance(Duration::from_secs(1));
    server.engine.replace_pat(&fresh, id, None, None, &context).await.unwrap();
    server.clock.advance(Duration::from_secs(1));
    let context = server.context();
    server.engine.replace_pat(&fresh, id, Some(DAY), None, &context).await.unwrap();
    server.clock.advance(Duration::from_secs(1));
    server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap();
    expected.extend([About::PatRefreshed, About::PatRolled, About::PatRevoked]);
    let told = mails(&server).await;
    assert_eq!((told.0.len(), &told.1, &told.2), (4, &Some(page), &ann_at));
    for about in expected {
        assert!(told.0.contains(&about), "{about:?}");
    }
    // And among what happened to the account.
    let happened = server.engine.recent_events(&ann.id, server.clock.now()).await.unwrap();
    let happened: Vec<_> =
        happened.iter().map(|it| it.event.as_str()).filter(|it| it.starts_with("pat.")).collect();
    assert_eq!(happened.len(), 4, "{happened:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_operators_revocation_is_told_and_found_among_the_events(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, ann, issued) = with_one(engine).await;
    server.clock.advance(Duration::from_secs(1));
    server.manager.revoke_pat(issued.pat.id.as_str()).await.unwrap();
    server.manager.revoke_pat(issued.pat.id.as_str()).await.unwrap();
    assert_eq!(mails(&server).await.0, [About::PatCreated, About::PatRevokedByOperator]);
    let happened = server.engine.recent_events(&ann.id, server.clock.now()).await.unwrap();
    assert_eq!(happened[0].event.as_str(), "pat.revoked");
    assert_eq!(happened[0].by, tokenry_engine::By::Operator);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_comes_near_is_told_once_a_step(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, _month) = with_one(engine).await;
    server.pat(&ann, NewPat { expires_in: 90 * DAY, ..new_pat("quarter") }).await;
    server.pat(&ann, NewPat { expires_in: DAY, ..new_pat("day") }).await;
    let other = server.other_engine().await;
    let expiring = async || {
        let now = server.clock.now();
        let (one, two) =
            tokio::join!(server.engine.warn_of_expiring_pats(now), other.engine.warn_of_expiring_pats(now));
        one.unwrap();
        two.unwrap();
        mails(&server).await.0.into_iter().filter(|about| *about == About::PatExpires).count()
    };
    // The one of 30 days a week and a day before, the one of 90 days also a month before, the one of a day not at all.
    for (advance, told) in [(0, 0), (22, 0), (1, 1), (1, 1), (5, 2), (31, 3), (23, 4), (5, 4), (1, 5), (1, 5)]
    {
        server.clock.advance(advance * DAY);
        assert_eq!(expiring().await, told, "after {advance} days more");
    }
}

/// Mail may not arrive: it stands among what happened to the account, too, and in the trail.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_comes_near_is_recorded_and_shown(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    server.clock.advance(23 * DAY);
    for _twice in 0..2 {
        server.engine.warn_of_expiring_pats(server.clock.now()).await.unwrap();
    }
    let records = server.audit().await;
    let expiring: Vec<_> = records.iter().filter(|record| record.event == "pat.expiring").collect();
    let [record] = &expiring[..] else { panic!("{expiring:?}") };
    assert_eq!((record.actor_kind.as_str(), record.actor_id.as_deref()), ("system", None));
    assert_eq!(
        (record.subject_kind.as_deref(), record.subject_id.as_deref()),
        (Some("user"), Some(ann.id.as_str()))
    );
    let said: serde_json::Value = serde_json::from_str(&record.detail).unwrap();
    let expires_at = issued.pat.expires_at.to_string();
    let pat = issued.pat.id.as_str();
    assert_eq!(said, serde_json::json!({"pat": pat, "expires_at": expires_at, "days": 7}));
    let desk = Member { session: server.sign_in(&ann.id, "expiring"), ..ann };
    let page = server.ask("GET /account/security", &[("Cookie", &server.cookie(&desk))], "").await;
    assert_eq!(page.body.matches("A personal access token is about to expire").count(), 1, "{page:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_13_the_last_use_is_known_to_the_minute(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let used = |more: &str| {
        let body = format!("token={}{more}", issued.token.expose());
        let authorization = basic(&server.demo.api.id, &server.demo.api.secret);
        let server: &Server = &server;
        async move {
            let fields = [FORM, ("Authorization", authorization.as_str())];
            is_active(&server.ask("POST /oauth/introspect", &fields, body).await);
        }
    };
    let last_use = async || {
        let listed = server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap();
        listed.into_iter().next().unwrap().last_use
    };
    let first = server.clock.now();
    used("&client_address=192.0.2.7&client_user_agent=curl%2F8.14%E2%80%AE").await;
    until("the use is written", async || last_use().await.is_some()).await;
    let told = last_use().await.unwrap();
    assert_eq!(
        (told.at, told.address.as_deref(), told.client.as_deref()),
        (first, Some("192.0.2.7"), Some("curl/8.14"))
    );

    // Within the minute nothing is written, whatever is said; after it what is no address is left out.
    server.clock.advance(Duration::from_secs(59));
    used("&client_address=192.0.2.8").await;
    server.clock.advance(Duration::from_secs(1));
    let second = server.clock.now();
    used("&client_address=nowhere&client_user_agent=").await;
    until("the second use is written", async || last_use().await.is_some_and(|told| told.at == second)).await;
    assert_eq!(last_use().await.unwrap().address, None);
}

/// When it was used is told to its owner, and never a reason to refuse it.
#[tokio::test]
async fn pat_13_a_last_use_that_cannot_be_written_fails_no_request() {
    let (log, _guard) = Log::start();
    let (server, ann, issued) = with_one(Engine::Sqlite).await;
    let used = async || is_active(&super::ask(&server, issued.token.expose()).await);
    let last_use = async || {
        let listed = server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap();
        listed.into_iter().find(|pat| pat.id == issued.pat.id).unwrap().last_use.map(|told| told.at)
    };
    server.database.execute(
        "CREATE TRIGGER no_uses BEFORE UPDATE OF last_used_at ON pat_values \
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    used().await;
    let failed = "last uses could not be written";
    until("the first use could not be written", async || log.text().contains(failed)).await;
    used().await;
    server.pat(&ann, new_pat("another")).await;
    assert_eq!(last_use().await, None, "other writes went through");
    // Nor while nothing at all can be written.
    let blocked = server.database.connection().unwrap();
    blocked.execute_batch("BEGIN IMMEDIATE").unwrap();
    used().await;
    blocked.execute_batch("ROLLBACK; DROP TRIGGER no_uses").unwrap();
    server.clock.advance(Duration::from_secs(60));
    let now = server.clock.now();
    used().await;
    until("a later use is written", async || last_use().await == Some(now)).await;
}
