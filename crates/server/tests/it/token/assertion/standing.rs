//! Which clients may use assertions at all: the family that they are pinned to (TOK-08), and their standing (TOK-20).

use rstest::rstest;
use tokenry_jose::Algorithm::EdDsa;
use tokenry_testkit::{Answer, Engine, Refusal, Refusals, TestApp};

use super::support::{ENDPOINTS, GRANT, Signer, TYPE, at, jwks, new_key, signer, taken};
use crate::token::support::{another_job, basic, with_secret};

#[rstest]
#[tokio::test]
async fn tok_08_a_client_is_pinned_to_its_family(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    // As nobody can make one: a client that signs and once had a secret, whose row is still there.
    let job = another_job(&app).await;
    app.token(&job).await;
    let signer = Signer { client: job.clone(), key: new_key(EdDsa) };
    app.database.execute(&format!(
        "UPDATE clients SET auth_method = 'private_key_jwt', jwks = '{}' WHERE id = '{}'",
        jwks(&[&signer.key]),
        job.id
    ));
    let issued = signer.issued(&app).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&job);
    let wrong = || signer.refusal("wrong_authentication_method");
    refusals.expect(app.request(&job, &[]), wrong()).await;
    let header = |secret: &str| app.token_request().header("authorization", basic(&job.id, secret));
    refusals.expect(header(&job.secret).form(&[GRANT]), wrong()).await;
    refusals
        .expect(
            app.token_request().form(&[GRANT, ("client_id", &job.id)]),
            signer.refusal("no_authentication"),
        )
        .await;
    let guess = with_secret(&job, &"x".repeat(40));
    refusals.expect(app.request(&guess, &[]), signer.refusal("wrong_secret")).await;
    // Nor does an assertion beside it help, signed or not.
    let both = || Refusal::of_stranger(401, "invalid_client", "invalid_client");
    for assertion in ["eyJhbGciOiJub25lIn0.e30.", &*signer.assertion(&app)] {
        let more = [TYPE, ("client_assertion", assertion)];
        refusals.expect(app.request(&job, &more), both()).await;
        refusals.expect(header(&job.secret).form(&[&[GRANT], &more[..]].concat()), both()).await;
    }
    // And a client with a secret does not sign.
    let cron = Signer { client: app.demo.cron.clone(), key: new_key(EdDsa) };
    for path in ENDPOINTS {
        let refusal = cron.refusal("wrong_authentication_method");
        refusals.expect(at(&app, path, &cron.assertion(&app), &[]), refusal).await;
    }
    refusals.end().await;
    assert_eq!(signer.issued(&app).await, issued);
    signer.token(&app).await;
    app.token(&app.demo.cron).await;
}

#[rstest]
#[tokio::test]
async fn tok_20_who_may_not_act_is_refused_everywhere(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let signer = signer(&app, EdDsa).await;
    let assertion = signer.assertion(&app);
    app.manager.disable_client(&signer.client.id).await.unwrap();
    app.numbered().await;
    refused_everywhere(&app, &assertion, &signer.refusal("client_disabled")).await;
    app.manager.enable_client(&signer.client.id).await.unwrap();
    app.numbered().await;
    // Of Acme nobody is served then, who could show that others are.
    app.manager.disable_company(&app.demo.acme).await.unwrap();
    app.numbered().await;
    for path in ENDPOINTS {
        let before = app.database.contents();
        Answer::to(at(&app, path, &assertion, &[])).await.must_be_error(401, "invalid_client");
        assert_eq!(before, app.database.contents(), "{path}");
    }
    app.manager.enable_company(&app.demo.acme).await.unwrap();
    app.numbered().await;
    app.counted(3, |record| record.outcome == "company_disabled").await;
    assert_eq!(signer.issued(&app).await, 0);
    // Who was barred did not use it up.
    taken(&app, &assertion).await;
    let another = signer.assertion(&app);
    app.manager.delete_client(&signer.client.id).await.unwrap();
    app.numbered().await;
    assert!(!app.database.contents()["used_assertions"].contains(&signer.client.id));
    let unknown = Refusal::of_stranger(401, "invalid_client", "unknown_client");
    refused_everywhere(&app, &another, &unknown).await;
    refused_everywhere(&app, &assertion, &unknown).await;
}

async fn refused_everywhere(app: &TestApp, assertion: &str, refusal: &Refusal) {
    let mut refusals = Refusals::of(app).await;
    for path in ENDPOINTS {
        refusals.expect(at(app, path, assertion, &[]), refusal.clone()).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn r20_an_assertion_from_a_browser_is_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let mut refusals = Refusals::of(&app).await;
    for (name, value) in
        [("origin", "https://app.example.com"), ("origin", "null"), ("sec-fetch-site", "none")]
    {
        let request = signer.request(&app).header(name, value);
        let refusal = Refusal::of_claimed(&signer.client, 400, "invalid_request", "assertion_from_browser");
        refusals.expect(request, refusal).await;
    }
    refusals.end().await;
    signer.token(&app).await;
}
