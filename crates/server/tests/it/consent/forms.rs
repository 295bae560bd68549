//! The forms of the page that asks: from this browser, for this request, once.

use rstest::rstest;
use tokenry_engine::manage::UpdateClient;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::claims_of;

use super::{Rig, asks, code_of, decide};

#[rstest]
#[tokio::test]
async fn con_01_a_form_without_its_own_token_or_from_elsewhere_grants_nothing(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    let page = ann.open(&rig.request(&rig.partner, &[])).await;
    let of_bob = bob.open(&rig.request(&rig.partner, &[])).await.form("/consent");
    let form = page.form("/consent").with("decision", "allow");
    for strange in [
        form.clone().without("csrf"),
        form.clone().with("csrf", ""),
        form.clone().with("csrf", "nonsense"),
        form.clone().with("csrf", of_bob.value("csrf").unwrap()),
        form.clone().with("csrf", form.value("flow").unwrap()),
    ] {
        assert_eq!(ann.send(&strange).await.answer.status, 403, "{strange:?}");
    }
    for site in ["cross-site", "same-site", ""] {
        ann.site = site;
        assert_eq!(ann.send(&form).await.answer.status, 403, "{site}");
    }
    ann.site = "same-origin";
    assert_eq!(rig.codes().await, 0);
    assert!(rig.app.store.list_consents(&rig.ann.id).await.unwrap().is_empty());
    code_of(&ann.send(&form).await);
}

#[rstest]
#[tokio::test]
async fn con_02_a_form_counts_once(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let form = page.form("/consent").with("decision", "allow");
    code_of(&browser.send(&form).await);
    for again in [form.clone(), form.clone().with("decision", "allow")] {
        let page = browser.send(&again).await;
        assert_eq!(page.answer.status, 400, "{page:?}");
        assert!(page.alert().contains("answered before"), "{page:?}");
    }
    let back = browser.open(page.url.as_str()).await;
    assert_eq!(back.answer.status, 400, "nor by the back button: {back:?}");
    assert_eq!(rig.codes().await, 1);
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn con_02_somebody_elses_form_grants_nothing() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let of_ann = page.form("/consent").with("decision", "allow");
    let login = browser.open("/login?next=/account/apps").await;
    rig.bob.fill_in(&mut browser, &login).await;
    assert_eq!(browser.send(&of_ann).await.answer.status, 403);
    // Not even with a token of bob's own: it was ann who was asked.
    let own = browser.open(&rig.request(&rig.partner, &[])).await.form("/consent");
    let mixed = of_ann.clone().with("csrf", own.value("csrf").unwrap());
    let page = browser.send(&mixed).await;
    asks(&page);
    assert!(page.texts("main").concat().contains("bob@acme.example"), "{page:?}");

    let logout = browser.open("/logout").await;
    browser.submit(&logout.form("/logout")).await;
    let page = browser.send(&own.with("decision", "allow")).await;
    assert!(page.redirect().unwrap().path().starts_with("/login"), "{page:?}");
    assert_eq!(rig.codes().await, 0);
}

#[tokio::test]
async fn con_02_a_client_that_was_changed_is_asked_about_anew() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let update = UpdateClient { name: Some("Tokenry".to_owned()), ..UpdateClient::default() };
    rig.app.manager.update_client(&rig.partner.id, update).await.unwrap();
    let page = decide(&mut browser, &page, "allow").await;
    asks(&page);
    assert_eq!(page.texts("h1"), ["Allow Tokenry?"]);
    assert_eq!(rig.codes().await, 0);
    code_of(&decide(&mut browser, &page, "allow").await);
}

#[tokio::test]
async fn con_03_az_15_what_a_form_hides_cannot_be_changed() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[("scope", "read:timesheets")])).await;
    let form = page.form("/consent").with("decision", "allow");
    let flow = form.value("flow").unwrap();
    let mut changed = flow.to_owned().into_bytes();
    changed[60] = if changed[60] == b'A' { b'B' } else { b'A' };
    for strange in
        ["", "nonsense", &flow[1..], form.value("csrf").unwrap(), &String::from_utf8(changed).unwrap()]
    {
        let page = browser.send(&form.clone().with("flow", strange)).await;
        assert_eq!(page.answer.status, 400, "{strange}: {page:?}");
        assert_eq!(page.redirect(), None);
    }
    for strange in [
        form.clone().without("decision"),
        form.clone().with("decision", "maybe"),
        form.clone().with("company", "x"),
    ] {
        assert_eq!(browser.send(&strange).await.answer.status, 400, "{strange:?}");
    }
    assert_eq!(rig.codes().await, 0);
    let more = form
        .with("scope", "approve:timesheets")
        .with("client_id", &rig.web.id)
        .with("redirect_uri", "https://evil.example/")
        .with("response_type", "token");
    let code = code_of(&browser.send(&more).await);
    assert_eq!(claims_of(&rig.tokens(&rig.partner, &code).await.token())["scope"], "read:timesheets");
}

#[tokio::test]
async fn az_26_every_step_after_a_form_is_303() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.app.browser();
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let ann = &rig.ann;
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    let signed_in = browser.send(&form).await;
    assert_eq!(signed_in.answer.status, 303);
    let page = browser.open(signed_in.redirect().unwrap().as_str()).await;
    let allowed = browser.send(&page.form("/consent").with("decision", "allow")).await;
    assert_eq!(allowed.answer.status, 303);
    assert_eq!(allowed.answer.header("cache-control"), "no-store");
}
