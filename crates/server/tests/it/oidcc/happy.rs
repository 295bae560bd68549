//! The Basic plan: sign-in from request to userinfo, as a well-behaved client has it.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, VERIFIER};

use super::provider::{CALLBACK, Provider};

#[rstest]
#[tokio::test]
async fn oidcc_server(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[]).await;
    assert_eq!(tokens.claims["nonce"], "nonce of this go");
    let claims = provider.userinfo(&tokens.access_token).await;
    assert_eq!(claims.as_object().unwrap().len(), 1, "sub alone: {claims}");
}

#[rstest]
#[tokio::test]
async fn oidcc_idtoken_signature(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[]).await;
    let (signed, signature) = tokens.id_token.rsplit_once('.').unwrap();
    assert!(provider.verifies(&tokens.id_token).await);
    let other = if signature.starts_with('A') { "B" } else { "A" };
    assert!(!provider.verifies(&format!("{signed}.{other}{}", &signature[1..])).await);
}

/// No client can ask for an ID token that nobody signed, and discovery offers none.
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let provider = Provider::on(Sqlite).await;
    let offered = provider.metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(!offered.is_empty() && offered.iter().all(|alg| alg != "none"));
    let tokens =
        provider.flow(&mut provider.app.browser(), &[("id_token_signed_response_alg", "none")]).await;
    assert!(!tokens.id_token.ends_with('.'));
}

#[rstest]
#[tokio::test]
async fn oidcc_userinfo_get(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[]).await;
    provider.userinfo(&tokens.access_token).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_userinfo_post_header(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[]).await;
    let request = provider.app.http.post(provider.endpoint("userinfo_endpoint"));
    provider.must_be_userinfo(&Answer::to(request.bearer_auth(&tokens.access_token)).await);
}

#[rstest]
#[tokio::test]
async fn oidcc_userinfo_post_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[]).await;
    let request = provider.app.http.post(provider.endpoint("userinfo_endpoint"));
    let request = request.form(&[("access_token", tokens.access_token.as_str())]);
    provider.must_be_userinfo(&Answer::to(request).await);
}

#[rstest]
#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let provider = Provider::on(engine).await;
    let tokens = provider.flow(&mut provider.app.browser(), &[("nonce", "")]).await;
    assert_eq!(tokens.claims.get("nonce"), None);
}

/// Scopes and parameters in another order.
#[rstest]
#[tokio::test]
async fn oidcc_alternate_happy_flow(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let mut parameters = provider.parameters(&[("scope", "phone address email profile openid")]);
    parameters.reverse();
    let mut url: reqwest::Url = provider.endpoint("authorization_endpoint").parse().unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    let page = browser.open(url.as_str()).await;
    let told = provider.told(&provider.comply(&mut browser, page).await);
    let tokens = provider.tokens(&told["code"]).await;
    assert_eq!(provider.userinfo(&tokens.access_token).await["email"], "ann@acme.example");
}

#[rstest]
#[tokio::test]
async fn oidcc_server_client_secret_post(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let code = provider.code(&mut provider.app.browser(), &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("client_id", &provider.client.id),
        ("client_secret", &provider.client.secret),
    ];
    let answer = Answer::to(provider.app.http.post(provider.endpoint("token_endpoint")).form(&form)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    provider.read(&answer).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let challenge = tokenry_jose::base64url::encode(&tokenry_jose::sha256(VERIFIER.as_bytes()));
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = provider.code(&mut provider.app.browser(), &pkce).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = Answer::to(provider.token_request(&form)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    provider.read(&answer).await;
}
