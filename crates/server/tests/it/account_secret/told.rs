//! What owners are told, and what nobody finds anywhere.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::By;
use tokenry_engine::manage::NewUser;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::TestApp;

use super::owner::{post, shown, value, with_ann};
use super::*;

/// What mails are about, the oldest first; each leads to Developer Settings, and has no secret.
async fn mails(app: &TestApp, secrets: &[&str]) -> Vec<About> {
    let mut listed = app.engine.mailbox().await.unwrap();
    listed.reverse();
    let mut about = Vec::new();
    for mail in listed.iter().filter(|mail| mail.about != Some(About::NewDevice)) {
        let opened = app.engine.open_mail(&mail.id).await.unwrap().unwrap().mail;
        let said = format!("{:?} {:?}", opened.letter, opened.letter.link.as_ref().map(|it| it.expose()));
        assert!(said.contains("/account/developer#secret"), "{said}");
        for secret in secrets {
            assert!(!said.contains(&secret[..30]), "{said}");
        }
        about.extend(mail.about);
    }
    about
}

#[rstest]
#[tokio::test]
async fn sec_11_each_change_is_told_and_none_has_the_value(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    let pause = || app.clock.advance(Duration::from_secs(1));
    pause();
    let first = value(post(&app, &ui, "reveal")).await.1;
    pause();
    let second = value(post(&app, &ui, "rotate")).await.1;
    pause();
    let id = ann.id.as_str();
    assert_eq!(app.manager.reveal_account_secret(id).await.unwrap().expose(), second);
    pause();
    app.manager.rotate_account_secret(id, Some(Duration::from_secs(60))).await.unwrap();
    pause();
    app.manager.revoke_account_secret(id).await.unwrap();
    pause();
    app.manager.rotate_account_secret(id, None).await.unwrap();
    pause();
    assert_eq!(post(&app, &ui, "revoke").send().await.unwrap().status(), 200);
    let expected = [
        About::AccountSecretAssigned,
        About::AccountSecretRevealed,
        About::AccountSecretRotated,
        About::AccountSecretRevealedByOperator,
        About::AccountSecretRotatedByOperator,
        About::AccountSecretRevokedByOperator,
        About::AccountSecretRotatedByOperator,
        About::AccountSecretRevoked,
    ];
    assert_eq!(mails(&app, &[&first, &second]).await, expected);
    let happened = app.engine.recent_events(&ann.id, app.clock.now()).await.unwrap();
    let happened: Vec<_> = happened
        .iter()
        .filter(|it| it.event.as_str().starts_with("account_secret."))
        .map(|it| (it.event.as_str().trim_start_matches("account_secret."), it.by))
        .collect();
    let expected = [
        ("revoked", By::Owner),
        ("rotated", By::Operator),
        ("revoked", By::Operator),
        ("rotated", By::Operator),
        ("revealed", By::Operator),
        ("rotated", By::Owner),
        ("revealed", By::Owner),
        ("assigned", By::Operator),
    ];
    assert_eq!(happened, expected);
}

#[rstest]
#[tokio::test]
async fn sec_11_nothing_that_is_kept_or_shown_has_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    let secret = value(post(&app, &ui, "reveal")).await.1;
    let masked = shown(&app, &ui).await.to_string();
    let everything: String = app.database.contents().into_values().collect();
    let audit = format!("{:?}", app.audit().await);
    let export = {
        let cookie = ui.cookie(crate::session::SID).to_owned();
        let user = app.engine.signed_in(&cookie, &app.context()).await.unwrap().unwrap();
        let fresh = user.fresh(app.clock.now()).unwrap();
        serde_json::to_string(&app.engine.export_account(&fresh, &app.context()).await.unwrap()).unwrap()
    };
    assert!(export.contains(&format!("\"last4\":\"{}\"", &secret[56..])), "{export}");
    let operators = format!("{:?}", app.manager.account_secret(ann.id.as_str()).await.unwrap());
    for (what, text) in [
        ("masked", masked),
        ("database", everything),
        ("audit", audit),
        ("export", export),
        ("operators", operators),
    ] {
        let text = text.to_lowercase();
        for part in [&secret[11..54], &hex::encode(&secret[11..54])] {
            assert!(!text.contains(&part.to_lowercase()), "{what}");
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r98_who_is_made_as_a_developer_has_one_and_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    for company in [None, Some(server.demo.acme.clone())] {
        let name = if company.is_some() { "dora" } else { "dan" };
        let new = NewUser {
            username: format!("{name}@acme.example"),
            company,
            developer: true,
            ..NewUser::default()
        };
        let user = server.manager.create_user(new).await.unwrap();
        let secret = server.manager.reveal_account_secret(user.id.as_str()).await.unwrap();
        crate::introspect::is_active(&ask(&server, secret.expose()).await);
    }
    let told = mails(&server, &[]).await;
    assert_eq!(told.iter().filter(|about| **about == About::AccountSecretAssigned).count(), 2);
    let wrong = NewUser {
        username: "eve@acme.example".to_owned(),
        company: Some("none".to_owned()),
        developer: true,
        ..NewUser::default()
    };
    let before = kept(&server);
    server.manager.create_user(wrong).await.unwrap_err();
    assert_eq!(kept(&server), before);
}
