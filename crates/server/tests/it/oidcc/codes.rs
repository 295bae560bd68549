//! The Basic plan: what a code and a refresh token are good for, how often and for whom.

use rstest::rstest;
use tokenry_testkit::Answer;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::provider::Provider;

/// A second use, `secs` later, is refused and ends what the first one gave.
async fn is_used_once(engine: Engine, secs: u64) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let code = provider.code(&mut browser, &[]).await;
    let tokens = provider.tokens(&code).await;
    provider.userinfo(&tokens.access_token).await;
    provider.pass(secs);
    provider.redeem(&code).await.must_be_error(400, "invalid_grant");
    let request = provider.app.http.get(provider.endpoint("userinfo_endpoint"));
    assert_eq!(Answer::to(request.bearer_auth(&tokens.access_token)).await.status, 401);
    provider.flow(&mut browser, &[]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_codereuse(#[values(Sqlite, Postgres)] engine: Engine) {
    is_used_once(engine, 0).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_codereuse_30seconds(#[values(Sqlite, Postgres)] engine: Engine) {
    is_used_once(engine, 30).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_refresh_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let offline = [("scope", "openid offline_access"), ("prompt", "consent")];
    let first = provider.flow(&mut provider.app.browser(), &offline).await;
    let refresh_token = first.refresh_token.unwrap();
    provider.pass(2);
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let (id, secret) = (&provider.other.id, &provider.other.secret);
    let stranger = provider.app.http.post(provider.endpoint("token_endpoint"));
    let answer = Answer::to(stranger.basic_auth(id, Some(secret)).form(&form)).await;
    answer.must_be_error(400, "invalid_grant");

    let answer = Answer::to(provider.token_request(&form)).await;
    assert_eq!(answer.status, 200, "another client's try has ended nothing: {answer:?}");
    let second = provider.read(&answer).await;
    for same in ["iss", "sub", "aud", "azp", "auth_time", "sid"] {
        assert_eq!(first.claims[same], second.claims[same], "{same} (OIDC Core 12.2)");
    }
    assert!(second.claims["iat"].as_i64() > first.claims["iat"].as_i64());
    assert_ne!(first.access_token, second.access_token);
    provider.userinfo(&second.access_token).await;
}
