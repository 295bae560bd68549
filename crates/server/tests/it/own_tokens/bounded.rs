//! How often somebody makes values and sees them, how many tokens are listed, and that none is made after a session has ended.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;
use crate::session::introspected;

const HOUR: Duration = Duration::from_secs(3_600);

/// What may be answered with a value: the status, the code of a problem, and when to come back.
async fn asked(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map_or("", |it| it.to_str().unwrap()).to_owned();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned(), retry_after)
}

/// Eleven times five ways, and what is missing of sixty.
#[rstest]
#[tokio::test]
async fn r84_values_are_made_and_shown_sixty_times_an_hour(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, mut ui) = with_ann(engine).await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let first = create(&app, &ui, &wish("CI")).await;
    let (id, secret) = (first.id(), "/manage/v1/users/me/secret");
    let ways = [
        (TOKENS.to_owned(), wish("more")),
        (format!("{TOKENS}/{id}/refresh"), json!({})),
        (format!("{TOKENS}/{id}/roll"), json!({"overlap": 60})),
        (format!("{secret}/rotate"), json!({})),
        (format!("{secret}/reveal"), json!({})),
    ];
    let send = async |ui: &Ui, (path, body): &(String, Value)| {
        asked(ui.proven(&app, Method::POST, path).json(body)).await
    };
    for n in 1..60 {
        let (status, code, _retry_after) = send(&ui, &ways[n % 5]).await;
        assert!([200, 201].contains(&status), "{n}: {status} {code}");
        app.clock.advance(Duration::from_secs(1));
    }
    let before = (pats(&app), app.database.contents()["account_secrets"].clone(), app.audit().await.len());
    for way in &ways {
        let refused = send(&ui, way).await;
        // When the first is an hour ago.
        assert_eq!(refused, (429, "too_many_changes".to_owned(), "3541".to_owned()), "{way:?}");
    }
    let after = (pats(&app), app.database.contents()["account_secrets"].clone(), app.audit().await.len());
    assert_eq!(before, after);
    // Of others nothing is counted, operators are not bounded, and an end is never put off.
    let bob = employee(&app, "bob").await;
    create(&app, &Ui::signed_in(&app, &bob).await, &wish("of bob")).await;
    app.manager.rotate_account_secret(ann.id.as_str(), None).await.unwrap();
    assert_eq!(act(&app, &ui, Method::DELETE, id, "").await.status, 204);
    app.clock.advance(HOUR - Duration::from_secs(60));
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    assert_eq!(send(&ui, &ways[0]).await.0, 429);
    app.clock.advance(Duration::from_secs(1));
    let last = create(&app, &ui, &wish("at last")).await;
    assert_eq!(introspected(&app, &app.demo.api, &last.token).await["active"], true);
}

#[rstest]
#[tokio::test]
async fn r103_revoking_is_never_refused_and_told_twenty_times_an_hour(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, _ann, ui) = with_ann(engine).await;
    let mut all = Vec::new();
    for n in 0..22 {
        all.push(create(&app, &ui, &wish(&format!("{n}"))).await);
    }
    let told = async || {
        let mails = app.engine.mailbox().await.unwrap();
        mails.iter().filter(|mail| mail.about == Some(About::PatRevoked)).count()
    };
    for issued in &all[..21] {
        assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204);
        assert_eq!(introspected(&app, &app.demo.api, &issued.token).await, json!({"active": false}));
    }
    assert_eq!(told().await, 20);
    let recorded = app.audit().await.into_iter().filter(|it| it.event == "pat.revoked").count();
    assert_eq!(recorded, 21, "each is recorded");
    app.clock.advance(HOUR);
    assert_eq!(act(&app, &ui, Method::DELETE, all[21].id(), "").await.status, 204);
    assert_eq!(told().await, 21);
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

#[rstest]
#[tokio::test]
async fn of_those_that_have_ended_the_last_fifty_are_seen(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, mut ui) = with_ann(engine).await;
    let keep = create(&app, &ui, &wish("keep")).await;
    let mut ended = Vec::new();
    for n in 0..55 {
        let issued = create(&app, &ui, &wish(&format!("{n}"))).await;
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204);
        ended.insert(0, json!(issued.id()));
    }
    let of = |state: &str, list: &[Value]| -> Vec<Value> {
        list.iter().filter(|it| it["state"] == state).map(|it| it["id"].clone()).collect()
    };
    let list = listed(&app, &ui).await;
    assert_eq!(of("revoked", &list), ended[..50]);
    assert_eq!(of("works", &list), [json!(keep.id())]);
    let kept = app.store.list_pats(Some(&ann.id), None, 1_000).await.unwrap().len();
    assert_eq!(kept, 51, "nor are more kept");
    app.clock.advance(HOUR);
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    let short = create(&app, &ui, &json!({"name": "short", "expires_in": 60})).await;
    app.clock.advance(Duration::from_secs(60));
    let list = listed(&app, &ui).await;
    assert_eq!((of("expired", &list), of("revoked", &list)), (vec![json!(short.id())], ended[..49].to_vec()));
    assert_eq!(introspected(&app, &app.demo.api, &keep.token).await["active"], true);
}
