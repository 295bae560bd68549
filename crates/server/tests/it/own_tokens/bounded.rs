//! None is made after a session has ended.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;

/// What may be answered with a value: the status, the code of a problem, and when to come back.
async fn asked(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map_or("", |it| it.to_str().unwrap()).to_owned();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned(), retry_after)
}

/// Whoever signs out has nothing made in that session any more, however close they come.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_05_nothing_is_made_once_the_session_has_ended(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    for round in 0..5 {
        let ann = employee(&app, &format!("ann{round}")).await;
        let ui = Ui::signed_in(&app, &ann).await;
        let before = app.audit().await.last().map_or(0, |record| record.seq);
        let ended = async {
            tokio::time::sleep(Duration::from_millis(3)).await;
            Answer::to(ui.proven(&app, Method::DELETE, "/session")).await.status.as_u16()
        };
        let make = |n: usize| ui.proven(&app, Method::POST, TOKENS).json(&wish(&n.to_string()));
        let (ended, made) = tokio::join!(ended, join_all((0..13).map(|n| asked(make(n)))));
        assert_eq!(ended, 204);
        let events: Vec<_> = app.audit_after(before).await.into_iter().map(|it| it.event).collect();
        let end = events.iter().position(|event| event == "session.ended").unwrap();
        assert!(!events[end..].contains(&"pat.created".to_owned()), "{events:?}");
        let created = made.iter().filter(|(status, ..)| *status == 201).count();
        assert_eq!(created, events.iter().filter(|event| *event == "pat.created").count());
        for (status, code, _retry_after) in made.iter().filter(|(status, ..)| *status != 201) {
            assert!((*status == 401 && code == "session_required") || *status == 503, "{status} {code}");
        }
    }
}
