//! `/account/data`: people take a copy of what is kept of them, and nobody else does.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tokenry_clock::Clock as _;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, new_pat, totp};

use crate::consent::{Rig, code_of, decide};

const HERE: &str = "/account/data";
const PAGE: &str = include_str!("../../../../../docs/reference/account-export.md");

async fn export_form(browser: &mut Browser) -> Form {
    browser.open(HERE).await.form_with(HERE, "action", "export")
}

/// The members of an object and of what is in it, by their paths; of a list those of all that is in it.
fn members(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        // What is known of somebody has names of its own.
        Value::Object(_) if path == ".profile.claims" => {}
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{path}.{name}");
                members(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| members(value, path, found)),
        _ => {}
    }
}

fn all_members(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    members(value, "", &mut found);
    found
}

/// Somebody of whom there is something of each kind.
async fn well_known(database: Engine) -> (Rig, Browser, Vec<String>) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[("scope", "openid profile read:timesheets")])).await;
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    let tokens = rig.tokens(&rig.partner, &code).await;
    let page = browser.open("/account").await;
    browser.submit(&page.form("/account").with("nickname", "Annie")).await;

    let enrol = browser.open("/account/security").await.form_with("/account/security", "action", "enrol");
    let page = browser.submit(&enrol).await;
    let key = page.texts("code").remove(0);
    let confirm = page.form_with("/account/security", "action", "confirm");
    let page = browser.submit(&confirm.with("code", &totp(&key, rig.app.clock.now()))).await;
    let mut secrets = page.texts(".codes li");
    let cookie = browser.cookie("__Host-tokenry_sid").unwrap().to_owned();
    let current = rig.app.engine.signed_in(&cookie, &rig.app.context()).await.unwrap().unwrap();
    let fresh = current.fresh(rig.app.clock.now()).unwrap();
    let issued =
        rig.app.engine.create_pat(&fresh, new_pat("Backup"), None, &rig.app.context()).await.unwrap();
    secrets.extend([key, tokens.token(), rig.ann.password.clone(), issued.token.expose().to_owned()]);
    secrets.push(rig.app.account_secret(&rig.ann.id).await);
    (rig, browser, secrets)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r75_a_download_has_what_the_reference_says_and_no_secret(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let (rig, mut browser, secrets) = well_known(database).await;
    let form = export_form(&mut browser).await;
    let answer = browser.send(&form).await.answer;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("content-type", "application/json"),
        ("content-disposition", "attachment; filename=\"account.json\""),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let told = answer.json();
    let example = PAGE.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let mut expected = all_members(&serde_json::from_str(example).unwrap());
    // There is none of them in this browser.
    expected.retain(|path| !path.starts_with(".factors.passkeys."));
    assert_eq!(all_members(&told), expected);

    assert_eq!(told["profile"]["username"], rig.ann.username.as_str());
    assert_eq!(told["profile"]["claims"]["nickname"], "Annie");
    assert_eq!(told["memberships"][0]["company"]["name"], "Acme");
    let scopes: Vec<_> =
        told["consents"].as_array().unwrap().iter().map(|it| it["scopes"].to_string()).collect();
    assert_eq!(scopes, ["[\"openid\",\"profile\"]", "[\"read:timesheets\"]"]);
    assert_eq!(told["factors"]["recovery_codes_left"], 10);
    assert_eq!(told["personal_access_tokens"][0]["name"], "Backup");
    let last4 = &secrets.last().unwrap()[56..];
    assert_eq!(told["account_secrets"][0]["last4"], last4);
    assert_eq!(told["sessions"].as_array().unwrap().len(), 1);
    let events: Vec<_> =
        told["events"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events[0], "user.exported", "also that it was taken");
    assert!(events.contains(&"consent.granted") && events.contains(&"session.started"), "{events:?}");
    let text = answer.body.to_lowercase();
    for secret in secrets.iter().chain([&rig.bob.username, &rig.bob.id.to_string()]) {
        assert!(!text.contains(&secret.to_lowercase()), "{secret} in {text}");
    }
    assert!(!text.contains("argon2") && !text.contains("digest"), "{text}");
}

/// A browser that was left open, a link, and another site get nothing, and nothing is recorded.
#[tokio::test]
async fn ses_14_ses_16_nobody_else_takes_it() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let form = export_form(&mut browser).await;
    let forged = browser.send(&form.clone().with("csrf", "nonsense")).await;
    assert_eq!(forged.answer.status, 403, "{forged:?}");
    let strange = browser.send(&form.clone().with("action", "anything")).await;
    assert_eq!(strange.answer.status, 403, "{strange:?}");
    let mut bob = rig.signed_in(&rig.bob).await;
    assert_eq!(bob.send(&form).await.answer.status, 403, "another's form");
    for target in ["/account/data?action=export", "/account/data/", "/account/data.json"] {
        let page = browser.get(target).await;
        assert!(page.answer.headers.get("content-disposition").is_none(), "{page:?}");
    }
    rig.app.clock.advance(Duration::from_secs(600));
    let page = browser.send(&form).await;
    let to = page.redirect().unwrap();
    assert_eq!((to.path(), to.query()), ("/login", Some("next=/account/data")), "{page:?}");
    assert!(browser.open(HERE).await.forms().is_empty(), "no form without a fresh proof");
    let taken = rig.app.audit().await.iter().filter(|it| it.event == "user.exported").count();
    assert_eq!(taken, 0);

    let page = browser.open("/login?next=/account/data").await;
    let page = rig.ann.fill_in(&mut browser, &page).await;
    assert_eq!(page.url.path(), HERE, "and leads back");
    let form = export_form(&mut browser).await;
    assert_eq!(browser.send(&form).await.answer.status, 200);
}

#[rstest]
#[tokio::test]
async fn peer_17_a_download_is_made_six_times_an_hour(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let form = export_form(&mut browser).await;
    for _time in 0..6 {
        assert_eq!(browser.send(&form).await.answer.status, 200);
        rig.app.clock.advance(Duration::from_secs(60));
    }
    let page = browser.send(&form).await;
    assert_eq!(page.answer.status, 429, "{page:?}");
    assert_eq!(page.answer.header("retry-after"), (3_600 - 6 * 60).to_string());
    assert!(page.alert().starts_with("You have downloaded your data six times within an hour."), "{page:?}");
    assert!(page.answer.headers.get("content-disposition").is_none());
    let taken = rig.app.audit().await.iter().filter(|it| it.event == "user.exported").count();
    assert_eq!(taken, 6);
    let mut bobs = rig.signed_in(&rig.bob).await;
    let others = export_form(&mut bobs).await;
    assert_eq!(bobs.send(&others).await.answer.status, 200, "others have theirs");
    rig.app.clock.advance(Duration::from_secs(3_600 - 6 * 60));
    let page = browser.open("/login?next=/account/data").await;
    rig.ann.fill_in(&mut browser, &page).await;
    let form = export_form(&mut browser).await;
    assert_eq!(browser.send(&form).await.answer.status, 200);
}
