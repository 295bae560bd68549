//! One request, one answer: whatever has become of it, the back button gets no other.

use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, CALLBACK, DemoClient, VERIFIER};

use super::{Rig, asks, code_of, decide, error_of};

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Denied,
    Replayed,
    SignedOut,
    TakenBack,
}

impl End {
    async fn of(self, rig: &Rig, client: &DemoClient, browser: &mut Browser, code: &str) {
        match self {
            Self::Denied => {}
            Self::Replayed => {
                rig.tokens(client, code).await;
                let again =
                    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
                let again = rig.grant(client, &[&again[..], &[("code_verifier", VERIFIER)]].concat()).await;
                again.must_be_error(400, "invalid_grant");
            }
            Self::SignedOut => {
                let page = browser.open("/logout").await;
                browser.submit(&page.form("/logout")).await;
                rig.ann.sign_in(browser).await;
            }
            Self::TakenBack => {
                rig.app.manager.revoke_consent(rig.ann.id.as_str(), &client.id).await.unwrap();
            }
        }
        rig.app.clock.advance(Duration::from_secs(1));
    }
}

#[rstest]
#[tokio::test]
async fn con_02_a_form_that_was_answered_gives_no_second_code(
    #[values(Sqlite, Postgres)] database: Engine,
    #[values(End::Denied, End::Replayed, End::SignedOut, End::TakenBack)] end: End,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    asks(&page);
    let (address, form) = (page.url.to_string(), page.form("/consent").with("decision", "allow"));
    let code = if end == End::Denied {
        assert_eq!(error_of(&decide(&mut browser, &page, "deny").await), "access_denied");
        String::new()
    } else {
        code_of(&decide(&mut browser, &page, "allow").await)
    };
    end.of(&rig, &rig.partner, &mut browser, &code).await;

    let before = (rig.app.store.list_consents(&rig.ann.id).await.unwrap(), rig.codes().await);
    let other = browser.open(&rig.request(&rig.partner, &[("prompt", "consent")])).await;
    let form = form.with("csrf", other.form("/consent").value("csrf").unwrap());
    for decision in ["allow", "deny", "allow"] {
        let page = browser.send(&form.clone().with("decision", decision)).await;
        assert_eq!(page.answer.status, 400, "{page:?}");
        assert!(page.alert().contains("answered before"), "{page:?}");
    }
    assert_eq!(browser.open(&address).await.answer.status, 400);
    let after = (rig.app.store.list_consents(&rig.ann.id).await.unwrap(), rig.codes().await);
    assert_eq!(after, before, "nothing is granted");
    code_of(&decide(&mut browser, &other, "allow").await);
}

#[rstest]
#[tokio::test]
async fn con_02_a_request_that_asks_nobody_gives_no_second_code(
    #[values(Sqlite, Postgres)] database: Engine,
    #[values(End::Replayed, End::SignedOut, End::TakenBack)] end: End,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let begun = browser.get(&rig.request(&rig.web, &[])).await;
    let address = begun.redirect().unwrap().to_string();
    let code = code_of(&browser.open(&address).await);
    end.of(&rig, &rig.web, &mut browser, &code).await;
    for _time in 0..2 {
        let page = browser.open(&address).await;
        assert_eq!(page.answer.status, 400, "{page:?}");
        assert!(page.alert().contains("answered before"), "{page:?}");
    }
    assert_eq!(rig.codes().await, 1);
    rig.must_work(&mut browser).await;
}
