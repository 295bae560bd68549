//! What is told of it: to the owner by mail, and in the audit trail under the id of the very request; never the value.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;

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
    let revoked = act(&app, &ui, Method::DELETE, created.id(), "").await;

    let mails = app.engine.mailbox().await.unwrap();
    let about: Vec<_> = mails.iter().rev().filter_map(|mail| mail.about).collect();
    let changes = [About::PatCreated, About::PatRefreshed, About::PatRolled, About::PatRevoked];
    assert_eq!(about[about.len() - 4..], changes);
    let mut letters = String::new();
    for mail in &mails[..4] {
        assert_eq!(mail.recipient, ann.username);
        letters.push_str(&format!("{:?}", app.engine.open_mail(&mail.id).await.unwrap().unwrap()));
    }
    assert!(letters.contains("Firefox"), "{letters}");

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
