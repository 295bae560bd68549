//! For whom a user agreed: a company, or all companies of a corporation.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::manage::UpdateRole;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, NAMESPACE, Page, Person, claims_of};

use super::{Rig, asks, code_of, decide, error_of, role_of};

const SILENT: [(&str, &str); 1] = [("prompt", "none")];

impl Rig {
    /// A browser in which somebody is signed in and acts for a company.
    async fn acting_for(&self, person: &Person, company: &str) -> Browser {
        let mut browser = self.signed_in(person).await;
        let page = browser.open(&self.request(&self.web, &[])).await;
        code_of(&browser.submit(&page.form("/consent").with("company", company)).await);
        browser
    }

    /// The tenant of the partner's tokens for what a page answered.
    async fn tenant(&self, page: &Page) -> Value {
        claims_of(&self.tokens(&self.partner, &code_of(page)).await.token())[NAMESPACE].clone()
    }

    /// Makes what somebody holds hold for all of the corporation, or for a company alone again.
    async fn widen(&self, person: &Person, wide: Option<bool>) {
        let update = UpdateRole { corporation_wide: wide, ..UpdateRole::default() };
        self.app.manager.update_role(&role_of(person), update).await.unwrap();
    }

    /// What is kept of what somebody agreed to, and how many codes there were.
    async fn kept(&self, person: &Person) -> (Vec<tokenry_model::Consent>, usize) {
        (self.app.store.list_consents(&person.id).await.unwrap(), self.codes().await)
    }
}

fn text(page: &Page) -> String {
    page.texts("main").concat().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[rstest]
#[tokio::test]
async fn con_05_another_company_is_asked_for(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    rig.join(&rig.ann, &rig.app.demo.globex).await;
    let mut at_acme = rig.acting_for(&rig.ann, &rig.app.demo.acme).await;
    let page = at_acme.open(&rig.request(&rig.partner, &[])).await;
    assert!(text(&page).contains("ann@acme.example, for Acme."), "{page:?}");
    let acme = json!({"companyId": rig.app.demo.acme});
    assert_eq!(rig.tenant(&decide(&mut at_acme, &page, "allow").await).await, acme);

    let mut at_globex = rig.acting_for(&rig.ann, &rig.app.demo.globex).await;
    let kept = rig.kept(&rig.ann).await;
    for wish in [&SILENT[..], &[("prompt", "none"), ("scope", "read:timesheets")]] {
        let silent = at_globex.open(&rig.request(&rig.partner, wish)).await;
        assert_eq!(error_of(&silent), "consent_required");
    }
    let page = at_globex.open(&rig.request(&rig.partner, &[])).await;
    asks(&page);
    assert!(text(&page).contains("ann@acme.example, for Globex."), "{page:?}");
    assert_eq!(error_of(&decide(&mut at_globex, &page, "deny").await), "access_denied");
    assert_eq!(rig.kept(&rig.ann).await, kept, "nothing is remembered, and there is no code");
    assert_eq!(rig.tenant(&at_acme.open(&rig.request(&rig.partner, &SILENT)).await).await, acme);

    let page = at_globex.open(&rig.request(&rig.partner, &[])).await;
    let globex = json!({"companyId": rig.app.demo.globex});
    assert_eq!(rig.tenant(&decide(&mut at_globex, &page, "allow").await).await, globex);
    assert_eq!(rig.tenant(&at_globex.open(&rig.request(&rig.partner, &SILENT)).await).await, globex);

    let apps = at_acme.open("/account/apps").await;
    assert_eq!(apps.texts("strong"), ["Hours of Globex"]);
    for said in ["For Acme: In Timesheets:", "For Globex: In Timesheets:"] {
        assert!(text(&apps).contains(said), "{said} in {}", text(&apps));
    }
    at_acme.submit(&apps.form_with("/account/apps", "client", &rig.partner.id)).await;
    for browser in [&mut at_acme, &mut at_globex] {
        let silent = browser.open(&rig.request(&rig.partner, &SILENT)).await;
        assert_eq!(error_of(&silent), "consent_required", "all of it is taken back");
        rig.must_work(browser).await;
    }
}

#[rstest]
#[tokio::test]
async fn con_05_all_companies_of_a_corporation_are_asked_for_by_its_name(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let scope = ("scope", "offline_access read:timesheets");
    let page = browser.open(&rig.request(&rig.partner, &[scope])).await;
    let tokens = rig.tokens(&rig.partner, &code_of(&decide(&mut browser, &page, "allow").await)).await;
    let company = json!({"companyId": rig.app.demo.acme});
    let corporation = json!({"companyId": rig.app.demo.acme, "corporationId": rig.app.demo.acme_group});
    assert_eq!(claims_of(&tokens.token())[NAMESPACE], company);

    rig.widen(&rig.ann, Some(true)).await;
    let kept = rig.kept(&rig.ann).await;
    let silent = browser.open(&rig.request(&rig.partner, &[scope, SILENT[0]])).await;
    assert_eq!(error_of(&silent), "consent_required");
    let refresh = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let refreshed = rig.grant(&rig.partner, &form).await;
    assert_eq!(claims_of(&refreshed.token())[NAMESPACE], company, "no wider than at its birth");
    let page = browser.open(&rig.request(&rig.partner, &[scope])).await;
    asks(&page);
    assert!(text(&page).contains(", for all companies of Acme Group."), "{page:?}");
    assert_eq!(rig.kept(&rig.ann).await, kept);

    let page = decide(&mut browser, &page, "allow").await;
    assert_eq!(rig.tenant(&page).await, corporation);
    let page = browser.open(&rig.request(&rig.partner, &[scope, SILENT[0]])).await;
    assert_eq!(rig.tenant(&page).await, corporation);
    let apps = text(&browser.open("/account/apps").await);
    for said in ["For Acme: In Timesheets:", "For all companies of Acme Group: In Timesheets:"] {
        assert!(apps.contains(said), "{said} in {apps}");
    }
    rig.widen(&rig.ann, Some(false)).await;
    let page = browser.open(&rig.request(&rig.partner, &[scope, SILENT[0]])).await;
    assert_eq!(rig.tenant(&page).await, company, "less is not asked for");
}

#[rstest]
#[tokio::test]
async fn con_05_what_becomes_corporation_wide_while_it_is_asked_is_asked_again(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    rig.widen(&rig.ann, Some(true)).await;
    let page = decide(&mut browser, &page, "allow").await;
    asks(&page);
    assert!(text(&page).contains(", for all companies of Acme Group."), "{page:?}");
    assert_eq!(rig.kept(&rig.ann).await, (Vec::new(), 0));
    let page = decide(&mut browser, &page, "allow").await;
    assert_eq!(rig.tenant(&page).await["corporationId"], rig.app.demo.acme_group.as_str());
}

#[rstest]
#[tokio::test]
async fn con_05_a_company_that_is_made_anew_was_never_agreed_to(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let manager = &rig.app.manager;
    manager.create_company("First", Some("again"), None).await.unwrap();
    rig.join(&rig.ann, "again").await;
    let mut browser = rig.acting_for(&rig.ann, "again").await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    assert_eq!(rig.tenant(&decide(&mut browser, &page, "allow").await).await, json!({"companyId": "again"}));

    manager.remove_member("again", rig.ann.id.as_str()).await.unwrap();
    manager.delete_company("again").await.unwrap();
    manager.create_company("Second", Some("again"), None).await.unwrap();
    rig.join(&rig.ann, "again").await;
    let mut browser = rig.acting_for(&rig.ann, "again").await;
    let silent = browser.open(&rig.request(&rig.partner, &SILENT)).await;
    assert_eq!(error_of(&silent), "consent_required");
    rig.app.clock.advance(Duration::from_secs(1));
    rig.must_work(&mut browser).await;
}
