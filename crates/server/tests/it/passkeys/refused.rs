//! What looks like a passkey's answer and opens nothing: all alike to whoever tries, each under its own word in the audit trail.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, Page, TestApp, until};

use super::device::base64url;
use super::{Device, Said, add, ann_with_a_passkey, asked, sign_in, start, using};
use crate::people::{SID, is_account_of, is_signed_out};

const WORDS: &str = "This passkey could not be checked, or is not known here any more.";

/// Waits until a refused sign-in is recorded for `reason`.
async fn recorded(app: &TestApp, reason: &str) {
    let is_it = |it: &tokenry_store::StoredRecord| it.event == "sign_in.refused" && it.outcome == reason;
    until(reason, async || app.audit().await.iter().any(is_it)).await;
}

/// Sends an answer that must open nothing.
async fn opens_nothing(app: &TestApp, browser: &mut Browser, form: &Form, reason: &str) -> Page {
    let page = browser.send(form).await;
    assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{reason}: {page:?}");
    assert!(page.alert().contains(WORDS), "{reason}: {page:?}");
    is_signed_out(browser).await;
    recorded(app, reason).await;
    page
}

/// An answer, changed.
fn changed(answer: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    change(&mut answer);
    answer.to_string()
}

#[rstest]
#[case::wrong_origin(Said { origin: Some("https://evil.example"), ..Said::default() }, "passkey_of_another_site")]
#[case::other_port(Said { origin: Some("http://localhost:1"), ..Said::default() }, "passkey_of_another_site")]
#[case::other_scheme(Said { origin: Some("https://localhost"), ..Said::default() }, "passkey_of_another_site")]
#[case::other_rp(Said { rp_id: Some("evil.example"), ..Said::default() }, "passkey_of_another_site")]
#[case::framed(Said { cross_origin: true, ..Said::default() }, "passkey_of_another_site")]
#[case::other_challenge(Said { challenge: Some(vec![7; 32]), ..Said::default() }, "wrong_passkey")]
#[case::no_challenge(Said { challenge: Some(Vec::new()), ..Said::default() }, "wrong_passkey")]
#[case::of_a_new_key(Said { kind: "webauthn.create", ..Said::default() }, "wrong_passkey")]
#[case::unverified(Said { verified: false, ..Said::default() }, "passkey_user_not_verified")]
#[case::somebody_elses(Said { user_handle: Some(json!("AAAAAAAAAAAAAAAAAAAAAA")), ..Said::default() }, "passkey_of_another_user")]
#[case::nobodys(Said { user_handle: Some(Value::Null), ..Said::default() }, "passkey_of_another_user")]
#[tokio::test]
async fn what_a_browser_must_not_say_opens_nothing(#[case] said: Said, #[case] reason: &str) {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let mut browser = app.browser();
    let form = using(&browser.open("/login").await, &mut device, said).await;
    let page = opens_nothing(&app, &mut browser, &form, reason).await;
    let form = using(&page, &mut device, Said::default()).await;
    is_account_of(&browser.submit(&form).await, &ann.username);
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn what_is_not_signed_by_the_key_opens_nothing(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let bob = app.person("bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let (mut bobs_device, _page) = add(&mut bobs, "Bob's").await;

    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let honest = device.answer(&asked(&page), Said::default()).await;
    let of_bob = bobs_device.answer(&asked(&page), Said::default()).await;
    let of_bob: Value = serde_json::from_str(&of_bob).unwrap();
    let mut stranger = device.clone();
    stranger.passkey.credential_id = vec![9; 16].into();
    let unknown = stranger.answer(&asked(&page), Said::default()).await;
    let form = page.form("/login/passkey");
    let cases = [
        ("unknown_passkey", unknown),
        (
            "wrong_passkey",
            changed(&honest, |it| it["response"]["signature"] = of_bob["response"]["signature"].clone()),
        ),
        ("wrong_passkey", changed(&honest, |it| it["response"]["signature"] = json!(""))),
        (
            "wrong_passkey",
            changed(&honest, |it| it["response"]["clientDataJSON"] = more(&it["response"]["clientDataJSON"])),
        ),
        (
            "wrong_passkey",
            changed(&honest, |it| {
                it["response"]["authenticatorData"] = counted_on(&it["response"]["authenticatorData"]);
            }),
        ),
        ("passkey_of_another_user", changed(&honest, |it| it["rawId"] = of_bob["rawId"].clone())),
        ("passkey_malformed", String::new()),
        ("passkey_malformed", "null".to_owned()),
        ("passkey_malformed", "[".repeat(10_000)),
        ("passkey_malformed", changed(&honest, |it| it["response"]["clientDataJSON"] = json!("e30x"))),
        ("passkey_malformed", changed(&honest, |it| it["response"]["authenticatorData"] = json!("AAAA"))),
        ("passkey_malformed", "x".repeat(17_000)),
    ];
    for (reason, answer) in cases {
        opens_nothing(&app, &mut browser, &form.clone().with("credential", &answer), reason).await;
    }
    // Bob's own answer to what this browser was asked is no answer of ann's.
    let form = form.with("credential", &honest);
    is_account_of(&browser.submit(&form).await, &ann.username);
}

/// The client data with a space more, which no signature is of.
fn more(data: &Value) -> Value {
    let mut bytes = decoded(data);
    bytes.push(b' ');
    json!(base64url(&bytes))
}

/// The authenticator's data as if it had signed more often.
fn counted_on(data: &Value) -> Value {
    let mut bytes = decoded(data);
    bytes[36] += 1;
    json!(base64url(&bytes))
}

fn decoded(data: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(data.as_str().unwrap()).unwrap()
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_06_an_answer_signs_in_once(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    // Without a count of signatures, the challenge alone tells one answer from its copy.
    let mut browser = app.browser();
    let form = using(&browser.open("/login").await, &mut device, Said::default()).await;
    let mut copied = browser.clone();
    is_account_of(&browser.submit(&form).await, &ann.username);
    let page = copied.send(&form).await;
    assert_eq!((page.answer.status.as_u16(), copied.cookie(SID)), (403, None), "{page:?}");
    recorded(&app, "passkey_counter_too_low").await;

    device.passkey.counter = None;
    let sql = "UPDATE passkeys SET credential = replace(credential, '\"counter\":1', '\"counter\":0')";
    app.database.execute(sql);
    let mut browser = app.browser();
    let form = using(&browser.open("/login").await, &mut device, Said::default()).await;
    let mut copied = browser.clone();
    is_account_of(&browser.submit(&form).await, &ann.username);
    opens_nothing(&app, &mut copied, &form, "passkey_challenge_used").await;
    is_account_of(&sign_in(&mut app.browser(), &mut device).await, &ann.username);
}

#[tokio::test]
async fn a_copy_of_a_key_that_signed_less_often_opens_nothing() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let mut copy: Device = device.clone();
    for _ in 0..2 {
        is_account_of(&sign_in(&mut app.browser(), &mut device).await, &ann.username);
    }
    let mut browser = app.browser();
    for _ in 0..2 {
        let form = using(&browser.open("/login").await, &mut copy, Said::default()).await;
        opens_nothing(&app, &mut browser, &form, "passkey_counter_too_low").await;
    }
    is_account_of(&sign_in(&mut browser, &mut device).await, &ann.username);
}

#[tokio::test]
async fn log_07_somebody_elses_passkey_completes_no_proof() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let bob = app.person("bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let (mut bobs_device, _page) = add(&mut bobs, "Bob's").await;
    let mut browser = app.browser();
    let page = ann.sign_in(&mut browser).await;
    let form = using(&page, &mut bobs_device, Said::default()).await;
    let page = opens_nothing(&app, &mut browser, &form, "passkey_of_another_user").await;
    let made_up = form.clone().with("factor", "nonsense");
    assert_eq!(browser.send(&made_up).await.answer.status, 403);
    let form = using(&page, &mut device, Said::default()).await;
    is_account_of(&browser.submit(&form).await, &ann.username);
}

#[tokio::test]
async fn what_was_asked_an_hour_ago_opens_nothing() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let mut browser = app.browser();
    let form = using(&browser.open("/login").await, &mut device, Said::default()).await;
    let made_up = form.clone().with("challenge", "nonsense");
    app.clock.advance(Duration::from_secs(3_600));
    for form in [&form, &made_up] {
        let page = browser.send(form).await;
        assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{page:?}");
        assert!(page.alert().contains("open for too long"), "{page:?}");
    }
    is_account_of(&sign_in(&mut browser, &mut device).await, &ann.username);
}
