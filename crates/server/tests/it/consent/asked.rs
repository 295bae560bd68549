//! What a user is asked, and what comes of the answer.

use rstest::rstest;
use serde_json::Value;
use tokenry_engine::manage::NewClient;
use tokenry_model::{ClientType, Event};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::claims_of;

use super::{Rig, SCOPE, application, asks, code_of, decide, error_of, told};

#[rstest]
#[tokio::test]
async fn r53_r56_a_user_signs_in_is_asked_and_lets_an_application_act(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.app.browser();
    let page =
        browser.open(&rig.request(&rig.partner, &[("scope", &format!("openid {SCOPE} nonsense"))])).await;
    assert_eq!(page.url.path(), "/login", "{page:?}");
    let page = rig.ann.fill_in(&mut browser, &page).await;

    asks(&page);
    assert_eq!(page.texts("h1"), ["Allow Hours of Globex?"]);
    let text = page.texts("main").concat();
    for said in
        ["Not verified", "an application on this computer", "ann@acme.example", "Acme", "In Timesheets"]
    {
        assert!(text.contains(said), "{said} in {text}");
    }
    assert_eq!(page.texts("dl.scopes dd"), ["create:timesheets", "read:timesheets", "Know who you are here"]);
    let cannot = page.texts("main ul li").concat();
    assert!(cannot.contains("approve:timesheets") && cannot.contains("delete:timesheets"), "{cannot}");
    assert!(!text.contains("nonsense"), "what nobody defines is not shown: {text}");
    assert_eq!(page.attributes("button[name=\"decision\"]", "value"), ["deny", "allow"]);
    assert_eq!(
        page.attributes("button[name=\"decision\"]", "class"),
        Vec::<String>::new(),
        "of equal weight"
    );
    assert_eq!(rig.codes().await, 0);

    let page = decide(&mut browser, &page, "allow").await;
    let told = told(&page);
    assert_eq!(told["iss"], rig.app.issuer, "az_19");
    let claims = claims_of(&rig.tokens(&rig.partner, &code_of(&page)).await.token());
    assert_eq!(claims["scope"], "create:timesheets openid read:timesheets");
    assert_eq!(
        (claims["sub"].as_str(), claims["azp"].as_str()),
        (Some(rig.ann.id.as_str()), Some(&*rig.partner.id))
    );
    let records = rig.app.audit().await;
    for event in [Event::ConsentGranted, Event::CodeIssued] {
        assert!(records.iter().any(|record| record.event == event.as_str()), "{event:?} in {records:?}");
    }
}

#[rstest]
#[tokio::test]
async fn con_05_the_same_or_less_is_asked_for_once(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    code_of(&decide(&mut browser, &page, "allow").await);
    code_of(&browser.open(&rig.request(&rig.partner, &[])).await);
    code_of(&browser.open(&rig.request(&rig.partner, &[("scope", "read:timesheets")])).await);
    asks(&browser.open(&rig.request(&rig.partner, &[("scope", &format!("{SCOPE} openid"))])).await);
    asks(&browser.open(&rig.request(&rig.partner, &[("prompt", "consent")])).await);

    let mut other = rig.signed_in(&rig.bob).await;
    asks(&other.open(&rig.request(&rig.partner, &[])).await);
}

#[tokio::test]
async fn con_05_whoever_anybody_can_download_is_asked_for_each_time() {
    let rig = Rig::on(Sqlite).await;
    let spa = application(&rig.app, NewClient::new(ClientType::Spa, "Page"), &["read:timesheets"]).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    for _time in 0..2 {
        let page = browser.open(&rig.request(&spa, &[("scope", "read:timesheets")])).await;
        asks(&page);
        code_of(&decide(&mut browser, &page, "allow").await);
    }
}

#[rstest]
#[tokio::test]
async fn con_07_denying_is_an_answer(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    for _time in 0..2 {
        let page = browser.open(&rig.request(&rig.partner, &[])).await;
        asks(&page);
        assert_eq!(error_of(&decide(&mut browser, &page, "deny").await), "access_denied");
    }
    assert_eq!(rig.codes().await, 0);
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn r50_an_application_of_ours_asks_nobody_and_gets_what_the_user_holds() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.app.browser();
    let page = browser.open(&rig.request(&rig.web, &[("scope", "")])).await;
    let page = rig.ann.fill_in(&mut browser, &page).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    assert_eq!(claims["scope"], "approve:timesheets create:timesheets delete:timesheets read:timesheets");
}

#[tokio::test]
async fn r68_r74_what_is_above_the_ceiling_is_withheld_and_the_trail_says_why() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let all = "approve:timesheets read:timesheets";
    let page = browser.open(&rig.request(&rig.partner, &[("scope", all)])).await;
    assert_eq!(page.texts("dl.scopes dd"), ["read:timesheets"]);
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    assert_eq!(claims_of(&rig.tokens(&rig.partner, &code).await.token())["scope"], "read:timesheets");
    let records = rig.app.audit().await;
    let issued = records.iter().find(|stored| stored.event == Event::CodeIssued.as_str()).unwrap();
    let detail: Value = serde_json::from_str(&issued.detail).unwrap();
    assert_eq!(detail["withheld"]["approve:timesheets"], "above_ceiling");
}

#[tokio::test]
async fn az_16_az_19_an_answer_may_be_posted() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.web, &[("response_mode", "form_post")])).await;
    let form = page.forms().remove(0);
    assert_eq!(form.action.as_str(), super::CALLBACK);
    assert_eq!((form.value("state"), form.value("iss")), (Some("state of this go"), Some(&*rig.app.issuer)));
    let policy = page.answer.header("content-security-policy");
    assert!(policy.contains("form-action http://127.0.0.1:8702;"), "{policy}");
    rig.tokens(&rig.web, form.value("code").unwrap()).await;
}

#[tokio::test]
async fn con_04_con_10_az_27_only_a_page_that_asks_lets_its_form_lead_elsewhere() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let asking = browser.open(&rig.request(&rig.partner, &[])).await;
    let account = browser.open("/account/apps").await;
    let error = browser.open("/consent?flow=nonsense").await;
    assert_eq!(error.answer.status, 400, "{error:?}");
    for (page, target) in [(&asking, " http://127.0.0.1:8702"), (&account, ""), (&error, "")] {
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains(&format!("form-action 'self'{target};")), "{policy}");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert_eq!(page.answer.header("x-frame-options"), "DENY");
        assert_eq!(page.answer.header("referrer-policy"), "no-referrer");
        assert_eq!(page.answer.header("cache-control"), "no-store");
        for source in page.attributes("[src]", "src").iter().chain(&page.attributes("link", "href")) {
            assert!(source.starts_with('/'), "{source}");
        }
        assert!(page.texts("script, style").is_empty() && page.attributes("[style]", "style").is_empty());
    }
}
