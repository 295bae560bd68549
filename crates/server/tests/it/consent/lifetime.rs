//! How long it is kept what a user let an application have.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::AuthorizationCode;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::{Rig, code_of};

async fn is_kept(rig: &Rig, code: &str) -> bool {
    let digest = AuthorizationCode::digest_of(&Secret::new(code.to_owned())).unwrap();
    rig.app.store.find_authorization_code(&digest).await.unwrap().is_some()
}

/// Whoever is signed in can ask for codes without end.
#[rstest]
#[tokio::test]
async fn what_no_application_comes_for_goes_soon(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let request = rig.request(&rig.web, &[("scope", "offline_access read:timesheets")]);
    let left = code_of(&browser.open(&request).await);
    let taken = code_of(&browser.open(&request).await);
    let tokens = rig.tokens(&rig.web, &taken).await;
    let refresh = tokens.json()["refresh_token"].as_str().unwrap().to_owned();

    rig.app.clock.advance(Duration::from_secs(2 * 3_600));
    rig.app.engine.sweep().await.unwrap();
    assert!(!is_kept(&rig, &left).await && is_kept(&rig, &taken).await);
    rig.app.clock.advance(Duration::from_secs(29 * 86_400));
    rig.app.engine.sweep().await.unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    assert_eq!(rig.grant(&rig.web, &form).await.status, 200, "and what was taken lives on");
}
