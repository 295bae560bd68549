//! The Basic plan: requests that are wrong, unusual or of a kind that is not offered.

use rstest::rstest;
use tokenry_jose::base64url;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::provider::{CALLBACK, Provider};

/// A request object that nobody signed.
fn request_object(provider: &Provider, redirect_uri: &str) -> String {
    let payload = serde_json::json!({
        "iss": provider.client.id, "aud": provider.app.issuer, "client_id": provider.client.id,
        "redirect_uri": redirect_uri, "response_type": "code", "scope": "openid",
    });
    let [header, payload] = [r#"{"alg":"none"}"#.to_owned(), payload.to_string()];
    format!("{}.{}.", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}

#[rstest]
#[tokio::test]
async fn oidcc_response_type_missing(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.refuses(&[("response_type", "")], "invalid_request").await;
}

#[rstest]
#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.flow(&mut provider.app.browser(), &[("extra", "foobar")]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    for unknown in
        ["https://rp.example/callback/other", "https://rp.example/callback?a=b", "https://evil.example/"]
    {
        let page = provider.ask(&mut browser, &[("redirect_uri", unknown)]).await;
        assert_eq!((page.answer.status.as_u16(), page.redirect()), (400, None), "{unknown}");
        assert!(page.answer.body.contains("redirect_uri"), "{page:?}");
    }
    provider.flow(&mut browser, &[]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_ensure_post_request_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let endpoint = provider.app.http.post(provider.endpoint("authorization_endpoint"));
    let from_elsewhere =
        endpoint.header("origin", "https://rp.example").header("sec-fetch-site", "cross-site");
    let answer = from_elsewhere.form(&provider.parameters(&[])).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let page = browser.open(answer.headers()["location"].to_str().unwrap()).await;
    let told = provider.told(&provider.comply(&mut browser, page).await);
    provider.tokens(&told["code"]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let provider = Provider::on(engine).await;
    let uri = [("request_uri", "https://rp.example/request.jwt")];
    provider.refuses(&uri, "request_uri_not_supported").await;
}

#[rstest]
#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let provider = Provider::on(engine).await;
    let object = request_object(&provider, CALLBACK);
    provider.refuses(&[("request", &object)], "request_not_supported").await;
}

/// The address in the object is not looked at: what is refused goes to the registered one.
#[rstest]
#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let object = request_object(&provider, "https://evil.example/callback");
    provider.refuses(&[("request", &object)], "request_not_supported").await;
}
