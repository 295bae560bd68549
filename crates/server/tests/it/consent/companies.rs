//! For which company a user acts.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{NAMESPACE, claims_of};

use super::{Rig, asks, code_of, decide, error_of};

#[rstest]
#[tokio::test]
async fn con_08_a_user_with_several_companies_picks_one_of_theirs(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    rig.join(&rig.ann, &rig.app.demo.globex).await;
    let mut browser = rig.app.browser();
    let page = browser.open(&rig.request(&rig.web, &[])).await;
    let page = rig.ann.fill_in(&mut browser, &page).await;
    assert_eq!(page.texts("h1"), ["For which company?"]);
    assert!(page.texts("main p").concat().contains("Timesheets will act for you"), "{page:?}");
    let (acme, globex) = (rig.app.demo.acme.as_str(), rig.app.demo.globex.as_str());
    assert_eq!(page.attributes("button[name=\"company\"]", "value"), [acme, globex]);
    assert_eq!(page.texts("button[name=\"company\"]"), ["Acme", "Globex"]);

    let form = page.form("/consent");
    for strange in [rig.app.demo.acme_labs.as_str(), "nonsense", "' OR 1=1 --"] {
        let refused = browser.submit(&form.clone().with("company", strange)).await;
        assert_eq!(refused.answer.status, 403, "{refused:?}");
    }
    assert_eq!(rig.codes().await, 0);

    let page = browser.submit(&form.with("company", globex)).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    assert_eq!(claims[NAMESPACE], serde_json::json!({"companyId": globex}));

    rig.app.clock.advance(std::time::Duration::from_secs(1));
    let page = browser.open(&rig.request(&rig.web, &[("prompt", "none")])).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    assert_eq!(claims[NAMESPACE]["companyId"], globex, "the session remembers");
}

#[tokio::test]
async fn who_signs_in_again_picks_again() {
    let rig = Rig::on(Sqlite).await;
    rig.join(&rig.ann, &rig.app.demo.globex).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let silent = browser.open(&rig.request(&rig.web, &[("prompt", "none")])).await;
    assert_eq!(error_of(&silent), "interaction_required");
    let page = browser.open(&rig.request(&rig.web, &[])).await;
    code_of(&browser.submit(&page.form("/consent").with("company", &rig.app.demo.globex)).await);
    for prompt in ["select_account", "login"] {
        rig.app.clock.advance(std::time::Duration::from_secs(1));
        let page = browser.open(&rig.request(&rig.web, &[("prompt", prompt)])).await;
        let page = rig.ann.fill_in(&mut browser, &page).await;
        assert_eq!(page.texts("h1"), ["For which company?"]);
    }
}

#[tokio::test]
async fn the_company_stands_on_the_page_that_asks_and_may_be_left() {
    let rig = Rig::on(Sqlite).await;
    rig.join(&rig.ann, &rig.app.demo.globex).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    assert_eq!(error_of(&decide(&mut browser, &page, "deny").await), "access_denied", "also here");
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let page = browser.submit(&page.form("/consent").with("company", &rig.app.demo.globex)).await;
    asks(&page);
    assert!(page.texts("main strong").contains(&"Globex".to_owned()), "{page:?}");
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    let claims = claims_of(&rig.tokens(&rig.partner, &code).await.token());
    assert_eq!(claims[NAMESPACE]["companyId"], rig.app.demo.globex.as_str());
}

#[rstest]
#[tokio::test]
async fn r25_a_corporation_wide_role_reaches_the_corporation(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    rig.app.database.execute("UPDATE roles SET corporation_wide = 1 WHERE name = 'role-of-ann'");
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    let page = ann.open(&rig.request(&rig.web, &[])).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    let (company, corporation) = (rig.app.demo.acme.as_str(), rig.app.demo.acme_group.as_str());
    assert_eq!(claims[NAMESPACE], serde_json::json!({"companyId": company, "corporationId": corporation}));
    let page = bob.open(&rig.request(&rig.web, &[])).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    assert_eq!(claims[NAMESPACE], serde_json::json!({"companyId": company}));
}

#[tokio::test]
async fn who_has_no_company_gets_no_token_for_an_api_of_companies() {
    let rig = Rig::on(Sqlite).await;
    let acme = tokenry_model::CompanyId::parse(&rig.app.demo.acme).unwrap();
    let now = tokenry_clock::Clock::now(&rig.app.clock);
    let mut browser = rig.signed_in(&rig.ann).await;
    rig.app.store.remove_membership(&rig.ann.id, &acme, now, &[]).await.unwrap();
    assert_eq!(error_of(&browser.open(&rig.request(&rig.web, &[])).await), "access_denied");
    assert_eq!(rig.codes().await, 0);
    let page = browser.open(&rig.request(&rig.web, &[("scope", "openid read:timesheets")])).await;
    let answer = rig.tokens(&rig.web, &code_of(&page)).await;
    let claims = claims_of(&answer.token());
    assert_eq!((claims["scope"].as_str(), claims.get(NAMESPACE)), (Some("openid"), None));
    assert_eq!(claims["aud"], rig.app.url("/userinfo"));
}
