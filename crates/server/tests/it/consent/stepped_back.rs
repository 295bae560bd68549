//! `/account/apps`: a user takes back one scope of what an application was let do, and what holds it ends.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, Events, Form, claims_of};

use super::taken_back::active;
use super::{Rig, asks, code_of, decide};

const HERE: &str = "/account/apps";
const BOTH: &str = "openid offline_access read:timesheets create:timesheets";
const READING: &str = "openid offline_access read:timesheets";

/// Lets the partner have that, asked or not.
async fn allow(rig: &Rig, browser: &mut Browser, scope: &str) -> Answer {
    let page = browser.open(&rig.request(&rig.partner, &[("scope", scope)])).await;
    let page = if page.url.path() == "/consent" && page.answer.status == 200 {
        decide(browser, &page, "allow").await
    } else {
        page
    };
    rig.tokens(&rig.partner, &code_of(&page)).await
}

async fn refresh(rig: &Rig, tokens: &Answer) -> Answer {
    let token = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    rig.grant(&rig.partner, &[("grant_type", "refresh_token"), ("refresh_token", &token)]).await
}

/// The form that takes one scope back.
async fn step_back(browser: &mut Browser, scope: &str) -> Form {
    browser.open(HERE).await.form_with(HERE, "scope", scope)
}

async fn agreed(rig: &Rig) -> Vec<String> {
    let consents = rig.app.store.list_consents(&rig.ann.id).await.unwrap();
    consents.iter().map(|consent| consent.scope.to_string()).collect()
}

/// How often each of the two was recorded.
async fn recorded(rig: &Rig) -> (usize, usize) {
    let records = rig.app.audit().await;
    let count = |event: &str| records.iter().filter(|it| it.event == event).count();
    (count("consent.narrowed"), count("consent.revoked"))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r76_con_06_what_holds_a_scope_that_is_taken_back_ends_at_once(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let holds_it = allow(&rig, &mut browser, BOTH).await;
    let reads_only = allow(&rig, &mut browser, READING).await;
    let mut events = Events::open(&rig.app.issuer, &rig.app.demo.api, 0, "guard").await;
    let form = step_back(&mut browser, "create:timesheets").await;
    assert_eq!(browser.send(&form.clone().with("csrf", "nonsense")).await.answer.status, 403);
    assert!(active(&rig, &holds_it.token()).await, "a form of elsewhere does nothing");

    let page = browser.submit(&form).await;
    assert!(!page.texts(".held span").contains(&"create:timesheets".to_owned()), "{page:?}");
    assert!(!active(&rig, &holds_it.token()).await);
    refresh(&rig, &holds_it).await.must_be_error(400, "invalid_grant");
    let handle = claims_of(&holds_it.token())["jti"].as_str().unwrap()[..11].to_owned();
    while !events.change().await.data.to_string().contains(&handle) {}
    assert!(active(&rig, &reads_only.token()).await, "what never held it goes on");
    assert_eq!(refresh(&rig, &reads_only).await.status, 200);
    assert_eq!(recorded(&rig).await, (1, 0));

    // What is left is asked for without a question, what was taken back with one.
    code_of(&browser.open(&rig.request(&rig.partner, &[("scope", READING)])).await);
    asks(&browser.open(&rig.request(&rig.partner, &[("scope", BOTH)])).await);
    let lines = browser.open("/account/security").await.texts("#events li");
    assert!(lines[0].starts_with("A permission was taken back from Hours of Globex"), "{lines:?}");
    rig.must_work(&mut browser).await;
}

#[rstest]
#[tokio::test]
async fn r76_the_last_scope_taken_back_is_the_application_taken_back(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let tokens = allow(&rig, &mut browser, "offline_access read:timesheets").await;
    for scope in ["offline_access", "read:timesheets"] {
        let form = step_back(&mut browser, scope).await;
        browser.submit(&form).await;
    }
    assert!(
        browser
            .open(HERE)
            .await
            .texts("main")
            .concat()
            .contains("You have not let any application act for you.")
    );
    assert!(agreed(&rig).await.is_empty());
    assert!(!active(&rig, &tokens.token()).await);
    assert_eq!(recorded(&rig).await, (1, 1));
    asks(&browser.open(&rig.request(&rig.partner, &[("scope", "read:timesheets")])).await);
}

/// The form names what it takes back; the consent of whoever sends it decides whether there is that (CON-03).
#[tokio::test]
async fn r76_con_03_a_form_takes_back_nothing_but_its_senders_own() {
    let rig = Rig::on(Sqlite).await;
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    let tokens = allow(&rig, &mut ann, BOTH).await;
    let before = agreed(&rig).await;
    allow(&rig, &mut bob, BOTH).await;
    let form = step_back(&mut ann, "create:timesheets").await;
    for (name, value) in [
        ("scope", "delete:timesheets"),
        ("scope", "two words"),
        ("scope", "\u{e9}"),
        ("api", ""),
        ("api", "nothing"),
        ("company", "globex"),
        ("company", ""),
        ("corporation", "acme_group"),
        ("client", "nobody"),
    ] {
        let page = ann.submit(&form.clone().with(name, value)).await;
        assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, HERE), "{name} {value}");
    }
    // Bob's takes nothing of ann's.
    let bobs = step_back(&mut bob, "create:timesheets").await;
    bob.submit(&bobs).await;
    assert_eq!(agreed(&rig).await, before);
    assert!(active(&rig, &tokens.token()).await);
    assert_eq!(recorded(&rig).await, (1, 0));
    ann.submit(&form).await;
    assert_eq!(ann.submit(&form).await.answer.status, 200, "a second time there is nothing");
    assert_eq!(recorded(&rig).await, (2, 0));
    assert!(!active(&rig, &tokens.token()).await);
}
