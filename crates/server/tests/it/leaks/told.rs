//! Owners are told: soon, of many at once in one mail, and never of the credential itself.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::mail::{Leaked, Letter};
use tokenry_model::{About, ClientType, LeakKind};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{TestApp, new_pat, until};

use super::{SCOPE, reported};
use crate::app::Server;

/// The letters about leaks, the newest first, and who gets them.
async fn letters(app: &TestApp) -> Vec<(String, Letter)> {
    let mut letters = Vec::new();
    for mail in app.engine.mailbox().await.unwrap() {
        if mail.about == Some(About::CredentialsLeaked) {
            let letter = app.engine.open_mail(&mail.id).await.unwrap().unwrap().mail.letter;
            letters.push((mail.recipient, letter));
        }
    }
    letters
}

async fn told(app: &TestApp, many: usize) {
    until("owners are told", async || letters(app).await.len() == many).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_what_was_reported_in_a_row_there_is_one_mail(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let _other = server.other_engine().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let mut last4 = Vec::new();
    for n in 0..5 {
        let token = server.pat(&ann, new_pat(&format!("CI {n}"))).await.token;
        last4.push(token.last4().to_owned());
        reported(&server, token.expose()).await;
        server.clock.advance(Duration::from_millis(1));
    }
    let of_bob = server.pat(&bob, new_pat("CI")).await.token;
    reported(&server, of_bob.expose()).await;
    assert!(letters(&server).await.is_empty(), "others may follow");
    server.clock.advance(Duration::from_secs(2));
    told(&server, 2).await;
    let told_of = letters(&server).await;
    let (to, letter) = told_of.iter().find(|(to, _)| to == "ann@acme.example").unwrap();
    let found: Vec<_> = letter.leaked.iter().map(|leaked| leaked.last4.clone()).collect();
    assert_eq!((to.as_str(), found), ("ann@acme.example", last4));
    assert!(letter.leaked.iter().all(|leaked| leaked.revoked && leaked.kind == LeakKind::Pat));
    assert_eq!((&letter.address, &letter.browser), (&None, &None), "nothing of who reports");
    let page = format!("{}/account/security", server.issuer);
    assert_eq!(letter.link.as_ref().map(|link| link.expose().to_owned()), Some(page));

    // Of what comes then she is told a minute later, at once.
    for n in 5..8 {
        let token = server.pat(&ann, new_pat(&format!("CI {n}"))).await.token;
        reported(&server, token.expose()).await;
    }
    server.clock.advance(Duration::from_secs(30));
    server.engine.tell_of_leaks(server.clock.now()).await.unwrap();
    assert_eq!(letters(&server).await.len(), 2);
    server.clock.advance(Duration::from_secs(31));
    told(&server, 3).await;
    let letter =
        letters(&server).await.into_iter().map(|(_to, letter)| letter).find(|it| it.leaked.len() == 3);
    assert!(letter.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_finds_it_among_what_happened() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let token = server.pat(&ann, new_pat("CI")).await.token;
    server.clock.advance(Duration::from_secs(1));
    reported(&server, token.expose()).await;
    let happened = server.engine.recent_events(&ann.id, server.clock.now()).await.unwrap();
    assert_eq!((happened[0].event.as_str(), &happened[0].address), ("credential.leaked", &None));
    let cookie = server.cookie(&ann);
    let page = server.ask("GET /account/security", &[("Cookie", &cookie)], "").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("A credential was reported as seen by others"), "{}", page.body);
    let fresh = server.fresh(&ann).await;
    let export = server.engine.export_account(&fresh, &server.context()).await.unwrap();
    let export = serde_json::to_value(&export).unwrap();
    let told: Vec<_> = export["events"].as_array().unwrap().iter().map(|it| it["event"].clone()).collect();
    assert!(told.contains(&"credential.leaked".into()), "{told:?}");
    let listed = &export["personal_access_tokens"][0];
    assert_eq!((&listed["last4"], listed["revoked_at"].is_null()), (&token.last4().into(), false));
    assert!(!export.to_string().contains(&token.expose()[12..54]), "{export}");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_told_of_what_applications_had_of_theirs_and_what_lives_still() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let web = server.application(ClientType::Web, "Web", &[]).await;
    let mut tokens = Vec::new();
    for _ in 0..11 {
        let code = server.code(&ann, &web, SCOPE).await;
        let answer = server.redeem(&web, &code, &[]).await;
        tokens.push(answer.token());
        tokens.push(answer.json()["refresh_token"].as_str().unwrap().to_owned());
    }
    // The application's own harm nobody's mailbox.
    reported(&server, &web.secret).await;
    for token in &tokens {
        reported(&server, token).await;
    }
    server.clock.advance(Duration::from_secs(3));
    told(&server, 1).await;
    let (to, letter) = letters(&server).await.remove(0);
    assert_eq!(to, "ann@acme.example");
    let living = letter.leaked.iter().filter(|leaked| !leaked.revoked).count();
    assert_eq!((letter.leaked.len(), living), (22, 17), "five of one user's die: {:?}", letter.leaked);
    let kinds = |kind| letter.leaked.iter().filter(|leaked| leaked.kind == kind).count();
    assert_eq!((kinds(LeakKind::AccessToken), kinds(LeakKind::RefreshToken)), (11, 11));
    let nameless = |leaked: &&Leaked| leaked.kind == LeakKind::AccessToken && leaked.last4.is_empty();
    assert_eq!(letter.leaked.iter().filter(nameless).count(), 11, "the end of a JWT says nothing");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_kept_or_said_has_the_credential(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let token = server.pat(&ann, new_pat("CI")).await.token;
    let jwt = server.token(&server.demo.cron).await;
    for token in [token.expose(), &jwt, &server.demo.cron.secret] {
        reported(&server, token).await;
    }
    server.clock.advance(Duration::from_secs(3));
    told(&server, 1).await;
    let kept = format!("{:?}", server.database.contents());
    let said = format!("{:?} {:?}", letters(&server).await, server.audit().await);
    for token in [token.expose(), &jwt, &server.demo.cron.secret] {
        assert!(!kept.contains(token) && !said.contains(token));
        let end = &token[token.len() - 20..];
        assert!(!kept.contains(end) && !said.contains(end), "nor a good part of it");
    }
}
