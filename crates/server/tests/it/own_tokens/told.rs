//! What is told of it: to the owner by mail, and in the audit trail under the id of the very request; never the value.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_model::About;
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;
use crate::session::problem;

const SECRET: &str = "/manage/v1/users/me/secret";

#[rstest]
#[tokio::test]
async fn r108_pat_07_each_change_is_told_and_recorded_and_no_value_is(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, ui) = with_ann(engine).await;
    let one = |id: &str, verb: &str| format!("{TOKENS}/{id}/{verb}");
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let proven = |method, path: &str| ui.proven(&app, method, path).header("user-agent", agent);
    let created = Issued::to(proven(Method::POST, TOKENS).json(&wish("CI"))).await;
    app.clock.advance(Duration::from_secs(1));
    let refreshed = Issued::to(proven(Method::POST, &one(created.id(), "refresh"))).await;
    app.clock.advance(Duration::from_secs(1));
    let rolled = proven(Method::POST, &one(created.id(), "roll")).json(&json!({"overlap": 60}));
    let rolled = Issued::to(rolled).await;
    app.clock.advance(Duration::from_secs(1));
    let began = app.clock.now();
    let revoked = Answer::to(proven(Method::DELETE, &format!("{TOKENS}/{}", created.id()))).await;

    let mails = app.engine.mailbox().await.unwrap();
    let about: Vec<_> = mails.iter().rev().filter_map(|mail| mail.about).collect();
    let changes = [About::PatCreated, About::PatRefreshed, About::PatRolled, About::PatRevoked];
    assert_eq!(about[about.len() - 4..], changes);
    let mut letters = String::new();
    for (before, mail) in mails[..4].iter().enumerate() {
        assert_eq!(mail.recipient, ann.username);
        let opened = app.engine.open_mail(&mail.id).await.unwrap().unwrap();
        letters.push_str(&format!("{opened:?}"));
        let letter = opened.mail.letter;
        assert_eq!(letter.at, began.minus(Duration::from_secs(before as u64)), "the last one first");
        assert_eq!(
            (letter.address.as_deref(), letter.browser.as_deref()),
            (Some("127.0.0.1"), Some("Firefox on Linux"))
        );
        let row = format!("{}/account/developer#{}", app.issuer, created.id());
        assert_eq!(letter.link.map(|link| link.expose().to_owned()), Some(row));
    }

    let records = app.audit().await;
    let requests = [
        ("pat.created", created.header("x-request-id")),
        ("pat.refreshed", refreshed.header("x-request-id")),
        ("pat.rolled", rolled.header("x-request-id")),
        ("pat.revoked", revoked.header("x-request-id")),
    ];
    for (event, request) in requests {
        let found = records.iter().find(|record| record.event == event).unwrap();
        assert_eq!(found.request_id.as_deref(), Some(request), "{event}");
        assert_eq!(found.actor_id.as_deref(), Some(ann.id.as_str()));
        assert_eq!(found.subject_id.as_deref(), Some(created.id()));
    }

    let stored = format!("{:?}{records:?}{letters}", app.database.contents());
    for issued in [&created, &refreshed, &rolled] {
        assert!(!stored.contains(&issued.token), "only digests are kept");
        assert!(!listed(&app, &ui).await[0].to_string().contains(&issued.token));
    }
}

/// What somebody who is signed in is refused is in the audit trail with who it was, why, and in which requests; what comes of
/// another credential is counted by its address.
#[rstest]
#[tokio::test]
async fn g2_what_is_refused_is_recorded_with_who_and_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let issued = create(&app, &ui, &wish("CI")).await;
    let before = app.database.contents();
    let one = format!("{TOKENS}/{}", issued.id());
    let forged = [
        ui.request(&app, Method::POST, TOKENS).json(&wish("more")),
        ui.request(&app, Method::DELETE, &one),
        ui.request(&app, Method::POST, &format!("{SECRET}/rotate")),
        ui.request(&app, Method::DELETE, "/session"),
        ui.request(&app, Method::POST, "/session/token").json(&json!({"audience": AUDIENCE})),
    ];
    let others = [app.http.get(app.url(TOKENS)), app.http.post(app.url(&format!("{SECRET}/reveal")))];
    let others = others.map(|request| request.bearer_auth(&issued.token));
    let forged = refused(forged, (403, "csrf_failed")).await;
    let strangers = refused(others, (403, "interactive_session_required")).await;
    app.clock.advance(Duration::from_secs(601));
    let late = [
        ui.proven(&app, Method::POST, TOKENS).json(&wish("more")),
        refresh(&app, &ui, issued.id()),
        ui.proven(&app, Method::POST, &format!("{one}/roll")).json(&json!({"overlap": 60})),
        ui.proven(&app, Method::POST, &format!("{SECRET}/reveal")),
        ui.proven(&app, Method::POST, &format!("{SECRET}/rotate")),
    ];
    let stale = refused(late, (403, "reauthentication_required")).await;
    for (reason, mut requests, actor, id) in [
        ("csrf_failed", forged, "user", Some(ann.id.as_str())),
        ("interactive_session_required", strangers, "anonymous", None),
        ("reauthentication_required", stale, "user", Some(ann.id.as_str())),
    ] {
        let many = i64::try_from(requests.len()).unwrap();
        let records = app.counted(many, |record| record.outcome == reason).await;
        let mut told = Vec::new();
        for record in records {
            assert_eq!((record.event.as_str(), record.actor_kind.as_str()), ("token.refused", actor));
            assert_eq!((record.actor_id.as_deref(), record.address.as_deref()), (id, Some("127.0.0.0/24")));
            let detail: Value = serde_json::from_str(&record.detail).unwrap();
            let earlier = detail["request_ids"].as_array().cloned().unwrap_or_default();
            told.extend(earlier.iter().map(|id| id.as_str().unwrap().to_owned()));
            told.extend(record.request_id);
        }
        told.sort();
        requests.sort();
        assert_eq!(told, requests, "{reason}");
    }
    let after = app.database.contents();
    for table in ["pats", "pat_values", "account_secrets"] {
        assert_eq!(after[table], before[table], "{table}");
    }
    // The session lives, too.
    assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204);
}

/// Asserts how each is refused, and gives back their ids.
async fn refused<const N: usize>(requests: [RequestBuilder; N], expected: (u16, &str)) -> Vec<String> {
    let mut ids = Vec::new();
    for request in requests {
        let answer = Answer::to(request).await;
        assert_eq!(problem(&answer), (expected.0, expected.1.to_owned()));
        ids.push(answer.header("x-request-id").to_owned());
    }
    ids
}
