//! An application that names itself and shows no ID token: its user is asked, and goes back to it after saying yes.

use reqwest::{Method, Url};
use rstest::rstest;
use tokenry_engine::manage::UpdateClient;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, Page};

use super::{AFTER, World};

/// What comes of these parameters in a browser that has the cookie, or none.
async fn open(world: &World, cookie: Option<&str>, parameters: &[(&str, &str)]) -> (Browser, Page) {
    let mut browser = Browser::at(&world.app.issuer);
    if let Some((name, value)) = cookie.and_then(|cookie| cookie.split_once('=')) {
        browser.put_cookie(name, Some(value));
    }
    let asked = world.ask(Method::POST, parameters).await;
    assert_eq!(asked.status, 303, "{asked:?}");
    let page = browser.open(asked.header("location")).await;
    (browser, page)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn out_02_who_names_itself_gets_its_user_back_once_they_said_yes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let parameters = [
        ("client_id", world.web.id.as_str()),
        ("post_logout_redirect_uri", AFTER),
        ("state", "x&y=<z>"),
        ("logout_hint", "ann@acme.example"),
        ("ui_locales", "de en"),
    ];
    let (mut browser, page) = open(&world, Some(&world.cookie), &parameters).await;
    assert!(
        page.texts("p").iter().any(|text| text.starts_with("Web bittet Sie, sich abzumelden")),
        "{page:?}"
    );
    let policy = page.answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8702;"), "{policy}");
    assert!(world.is_signed_in().await, "OUT-05");
    let done = browser.submit(&page.form("/logout")).await;
    assert_eq!(done.redirect().unwrap().as_str(), "http://127.0.0.1:8702/bye?a=b&state=x%26y%3D%3Cz%3E");
    assert!(!world.is_signed_in().await);
    world.app.refresh(&world.web, &world.refresh, &[]).await.must_be_error(400, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn out_02_where_nobody_is_signed_in_nobody_is_sent_on_by_itself() {
    let world = World::on(Sqlite).await;
    let parameters = [("client_id", world.web.id.as_str()), ("post_logout_redirect_uri", AFTER)];
    let (_browser, page) = open(&world, None, &parameters).await;
    assert_eq!((page.answer.status.as_u16(), page.texts("h1")), (200, vec!["You are signed out".to_owned()]));
    assert!(page.attributes("a", "href").contains(&AFTER.to_owned()), "there is a way back");
}

/// Nobody goes to where none has registered.
#[rstest]
#[case::query_added("http://127.0.0.1:8702/bye?a=b&c=d")]
#[case::foreign("https://evil.example/")]
#[case::script("javascript:alert(1)")]
#[tokio::test(flavor = "multi_thread")]
async fn out_01_who_names_itself_wants_what_it_has_registered(#[case] address: &str) {
    let world = World::on(Sqlite).await;
    let other = world.app.application(ClientType::Web, "Other", &[]).await;
    for (client, address) in
        [(world.web.id.as_str(), address), ("nobody", AFTER), (&other.id, AFTER), ("usr_x", AFTER)]
    {
        let parameters = [("client_id", client), ("post_logout_redirect_uri", address)];
        let answer = world.ask(Method::GET, &parameters).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, ""), "{client}: {answer:?}");
    }
    assert!(world.is_signed_in().await);
    let (_browser, page) = open(&world, Some(&world.cookie), &[("client_id", "nobody")]).await;
    assert_eq!(page.texts("h1"), ["Sign out?"]);
    assert!(page.texts("strong").is_empty(), "who asks is not known");
}

/// The ID token is another session's, of somebody else or of this user elsewhere: asked, and then sent on.
#[tokio::test(flavor = "multi_thread")]
async fn out_05_a_hint_of_another_session_is_a_question_that_names_the_application() {
    let world = World::on(Sqlite).await;
    let bob = world.app.member("bob").await;
    let parameters = [("id_token_hint", world.id_token.as_str()), ("post_logout_redirect_uri", AFTER)];
    let (mut browser, page) = open(&world, Some(&world.app.cookie(&bob)), &parameters).await;
    assert_eq!(page.texts("strong"), ["Web"]);
    let done = browser.submit(&page.form("/logout")).await;
    assert_eq!(done.redirect().unwrap().as_str(), AFTER);
    assert!(world.is_signed_in().await, "the other session is left alone");
    let bobs = world.app.http.get(world.app.url("/account")).header("cookie", world.app.cookie(&bob));
    assert_eq!(Answer::to(bobs).await.status, 303, "and this one has ended");
}

/// What was asked comes back sealed: nothing that a browser puts in its place leads anywhere.
#[rstest]
#[case::nothing("")]
#[case::address("https://evil.example/")]
#[case::changed("x")]
#[tokio::test(flavor = "multi_thread")]
async fn out_06_a_confirmation_leads_only_where_it_was_sealed_to(#[case] forged: &str) {
    let world = World::on(Sqlite).await;
    let parameters = [("client_id", world.web.id.as_str()), ("post_logout_redirect_uri", AFTER)];
    let (mut browser, page) = open(&world, Some(&world.cookie), &parameters).await;
    let form = page.form("/logout");
    let refused = browser.submit(&form.clone().with("csrf", "x")).await;
    assert_eq!(refused.answer.status, 403, "{refused:?}");
    assert!(world.is_signed_in().await);
    let sealed = form.value("request").unwrap();
    let forged = if forged == "x" { format!("{sealed}x") } else { forged.to_owned() };
    let done = browser.submit(&form.with("request", &forged)).await;
    assert_eq!((done.answer.status.as_u16(), done.url.path()), (200, "/logout"));
    assert!(!world.is_signed_in().await, "the user has said yes");
}

/// A session that was not used for too long has left tokens behind, which the user believes to be signed out of.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn out_07_signing_out_of_a_session_that_expired_ends_what_it_left(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let other = world.app.application(ClientType::Web, "Other", &[]).await;
    let code = world.app.code(&world.ann, &other, "openid offline_access").await;
    let others = world.app.redeem(&other, &code, &[]).await.json();
    let others = others["refresh_token"].as_str().unwrap().to_owned();
    world.app.clock.advance(std::time::Duration::from_secs(13 * 3_600));
    assert!(!world.is_signed_in().await);
    let renewed = world.app.refresh(&world.web, &world.refresh, &[]).await.json();
    let refresh = renewed["refresh_token"].as_str().unwrap();
    let parameters = [("id_token_hint", world.id_token.as_str()), ("post_logout_redirect_uri", AFTER)];
    for _ in 0..2 {
        let (_browser, page) = open(&world, None, &parameters).await;
        assert_eq!(page.redirect().unwrap().as_str(), AFTER);
    }
    world.app.refresh(&world.web, refresh, &[]).await.must_be_error(400, "invalid_grant");
    let kept = world.app.refresh(&other, &others, &[]).await;
    assert_eq!(kept.status, 200, "an ID token is no credential: what is another client's stays: {kept:?}");
    let ended = world.app.audit().await.into_iter().filter(|record| record.event == "session.ended");
    assert_eq!(ended.count(), 1, "what has nothing left is not recorded again");
}

/// Whoever was disabled is neither named nor led to.
#[tokio::test]
async fn out_01_nobody_is_led_to_a_client_that_is_disabled() {
    let world = World::on(Sqlite).await;
    world.app.manager.disable_client(&world.web.id).await.unwrap();
    for first in [("client_id", world.web.id.as_str()), ("id_token_hint", world.id_token.as_str())] {
        let answer = world.ask(Method::GET, &[first, ("post_logout_redirect_uri", AFTER)]).await;
        assert_eq!(answer.status, 400, "{first:?}: {answer:?}");
        let (_browser, page) = open(&world, Some(&world.cookie), &[first]).await;
        assert!(!page.answer.body.contains("Web"), "{page:?}");
    }
    assert!(world.is_signed_in().await);
}

/// What is taken back between the question and the yes leads nowhere; the user said yes, and is signed out.
#[rstest]
#[case::address("update")]
#[case::client_barred("disable")]
#[case::client_removed("delete")]
#[tokio::test(flavor = "multi_thread")]
async fn out_01_an_address_that_was_taken_back_before_the_yes_is_not_followed(#[case] way: &str) {
    let world = World::on(Sqlite).await;
    let parameters = [("client_id", world.web.id.as_str()), ("post_logout_redirect_uri", AFTER)];
    let (mut browser, page) = open(&world, Some(&world.cookie), &parameters).await;
    assert_eq!(page.texts("strong"), ["Web"]);
    take_back(&world, way).await;
    let done = browser.submit(&page.form("/logout")).await;
    assert_eq!((done.answer.status.as_u16(), done.url.path(), done.redirect()), (200, "/logout", None));
    assert_eq!(done.texts("h1"), ["You are signed out"]);
    assert!(!world.is_signed_in().await, "{way}");
}

/// The same where nobody is asked: between the client's request and our page, and where the session is over.
#[rstest]
#[case::address("update")]
#[case::client_barred("disable")]
#[tokio::test(flavor = "multi_thread")]
async fn out_01_an_address_that_was_taken_back_on_the_way_is_not_followed(#[case] way: &str) {
    let world = World::on(Sqlite).await;
    let parameters = [("id_token_hint", world.id_token.as_str()), ("post_logout_redirect_uri", AFTER)];
    let asked = world.ask(Method::GET, &parameters).await;
    take_back(&world, way).await;
    for cookie in [Some(world.cookie.as_str()), None] {
        let done = world.go_on(&asked, cookie).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/logout"), "{way} {cookie:?}");
    }
    assert!(!world.is_signed_in().await);
}

async fn take_back(world: &World, way: &str) {
    let elsewhere = Some(vec!["http://127.0.0.1:8702/elsewhere".to_owned()]);
    let update = UpdateClient { post_logout_redirect_uris: elsewhere, ..UpdateClient::default() };
    let (manager, id) = (&world.app.manager, world.web.id.as_str());
    match way {
        "update" => drop(manager.update_client(id, update).await.unwrap()),
        "disable" => drop(manager.disable_client(id).await.unwrap()),
        _ => drop(manager.delete_client(id).await.unwrap()),
    }
}

/// The limit is of what was sent, however long it becomes in an address.
#[rstest]
#[case::plus("+".repeat(2_048))]
#[case::not_ascii("\u{1f30a}".repeat(512))]
#[case::json(format!("{{\"to\":\"/sheets\",{}\"x\":1}}", "\"page\":\"12345678\",".repeat(100)))]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_may_be_as_long_as_it_may_however_it_is_written(#[case] state: String) {
    let world = World::on(Sqlite).await;
    let ask = |state: String| {
        let parameters = [
            ("id_token_hint", world.id_token.clone()),
            ("post_logout_redirect_uri", AFTER.to_owned()),
            ("ui_locales", "de-x-long ".repeat(25)),
            ("state", state),
        ];
        let parameters: Vec<_> = parameters.into();
        let request = world.app.http.post(world.app.url("/oidc/logout")).form(&parameters);
        Answer::to(request)
    };
    let longer = ask(format!("{state}{}", "x".repeat(2_049 - state.len()))).await;
    assert_eq!((longer.status.as_u16(), longer.header("location")), (400, ""), "{longer:?}");
    assert!(world.is_signed_in().await);
    let done = world.go_on(&ask(state.clone()).await, Some(&world.cookie)).await;
    let back = Url::parse(done.header("location")).unwrap();
    let came = back.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    assert_eq!(came, Some(state));
    assert!(back.as_str().starts_with(AFTER) && !world.is_signed_in().await);
}
