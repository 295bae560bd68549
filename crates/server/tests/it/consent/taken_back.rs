//! `/account/apps`: what a user lets applications do, and what ends when they take it back.

use rstest::rstest;
use tokenry_model::Event;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Events};

use super::{Rig, asks, code_of, decide};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r76_con_06_what_is_taken_back_ends_at_once_and_is_asked_for_again(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let empty = browser.open("/account/apps").await;
    assert!(empty.texts("main").concat().contains("You have not let any application act for you."));

    let scope = [("scope", "offline_access read:timesheets")];
    let page = browser.open(&rig.request(&rig.partner, &scope)).await;
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    let tokens = rig.tokens(&rig.partner, &code).await;
    let refresh = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    let apps = browser.open("/account/apps").await;
    assert_eq!(apps.texts("strong"), ["Hours of Globex"]);
    assert_eq!(apps.texts(".held span"), ["read:timesheets", "Keep this access while you are away"]);
    let text = apps.texts("main").concat();
    for said in ["not verified", "In Timesheets:", "Keep this access while you are away"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    let mut events = Events::open(&rig.app.issuer, &rig.app.demo.api, 0, "guard").await;
    let form = apps.form_with("/account/apps", "client", &rig.partner.id);
    let forged = form.clone().with("csrf", "nonsense");
    assert_eq!(browser.send(&forged).await.answer.status, 403);
    assert!(active(&rig, &tokens.token()).await);

    let after = browser.submit(&form).await;
    assert!(
        after.texts("main").concat().contains("You have not let any application act for you."),
        "{after:?}"
    );
    assert!(!active(&rig, &tokens.token()).await);
    let refused =
        rig.grant(&rig.partner, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    refused.must_be_error(400, "invalid_grant");
    let told = events.change().await;
    let handle = &tokenry_testkit::claims_of(&tokens.token())["jti"].as_str().unwrap()[..11].to_owned();
    assert!(told.data.to_string().contains(handle), "{told:?}");
    let records = rig.app.audit().await;
    assert_eq!(records.iter().filter(|it| it.event == Event::ConsentRevoked.as_str()).count(), 1);
    asks(&browser.open(&rig.request(&rig.partner, &scope)).await);
    rig.must_work(&mut browser).await;
}

pub(crate) async fn active(rig: &Rig, token: &str) -> bool {
    let api = &rig.app.demo.api;
    let request = rig.app.http.post(rig.app.url("/oauth/introspect")).basic_auth(&api.id, Some(&api.secret));
    Answer::to(request.form(&[("token", token)])).await.json()["active"].as_bool().unwrap()
}

#[tokio::test]
async fn r75_r76_what_was_allowed_and_taken_back_is_told_by_name() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    code_of(&decide(&mut browser, &page, "allow").await);
    rig.app.manager.revoke_consent(rig.ann.id.as_str(), &rig.partner.id).await.unwrap();
    let lines = browser.open("/account/security").await.texts("#events li");
    assert!(
        lines[0].starts_with("Access was taken back from Hours of Globex by an administrator"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("Access was given to Hours of Globex "), "{lines:?}");
    assert!(lines[2].starts_with("Somebody signed in"), "no codes: {lines:?}");
}

#[tokio::test]
async fn r76_nobody_takes_back_what_is_another_users() {
    let rig = Rig::on(Sqlite).await;
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    for browser in [&mut ann, &mut bob] {
        let page = browser.open(&rig.request(&rig.partner, &[])).await;
        code_of(&decide(browser, &page, "allow").await);
    }
    let form = ann.open("/account/apps").await.form_with("/account/apps", "client", &rig.partner.id);
    for strange in ["", "nobody", "usr_bob", &rig.web.id] {
        ann.submit(&form.clone().with("client", strange)).await;
    }
    assert_eq!(rig.app.store.list_consents(&rig.ann.id).await.unwrap().len(), 1);
    ann.submit(&form).await;
    assert!(rig.app.store.list_consents(&rig.ann.id).await.unwrap().is_empty());
    assert_eq!(bob.open("/account/apps").await.texts("strong"), ["Hours of Globex"]);
}

#[tokio::test]
async fn the_page_of_applications_wants_somebody_who_is_signed_in() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.app.browser();
    let page = browser.open("/account/apps").await;
    assert_eq!(page.url.path(), "/login", "{page:?}");
    let page = rig.ann.fill_in(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/account/apps", "and leads back");
}
