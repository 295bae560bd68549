//! Tokens in Auth0's dialect: taken where the guard was told of it, and nothing else of the same `typ` with them.

use axum::http::HeaderMap;
use serde_json::{Value, json};
use tokenry_guard::testing::{TestIssuer, TestToken};
use tokenry_guard::{Dialect, Issuer};

use crate::remote::{Remote, builder, ok, refused};
use crate::server::Server;
use crate::support::{Api, Read, app};

/// A client's token as Tokenry issues it in Auth0's dialect.
fn auth0(token: TestToken) -> TestToken {
    token.typ("JWT").claim("sub", "cron@clients").without("client_id")
}

async fn told() -> Remote {
    Remote::configured(|_| {}, |builder| builder.dialect(Dialect::Auth0)).await.ready().await
}

#[tokio::test]
async fn a2_the_dialect_is_taken_where_the_guard_was_told_of_it() {
    let told = told().await;
    assert_eq!(told.whoami(&auth0(told.token())).await, ok());
    assert_eq!(told.whoami(&auth0(told.token()).typ("application/jwt")).await, ok());
    assert_eq!(told.whoami(&told.token()).await, ok(), "tokens of before the change live on");
    let untold = Remote::start().await.ready().await;
    assert_eq!(untold.whoami(&auth0(untold.token())).await, refused(401, "invalid_token"));
    assert_eq!(untold.whoami(&untold.token()).await, ok());
}

/// An ID token, a logout token, a client assertion, another dialect's claims: all that a key of the issuer may sign.
#[tokio::test]
async fn jwt_14_nothing_else_of_that_typ_is_taken() {
    let told = told().await;
    let token = || auth0(told.token());
    let nonce = |token: TestToken| token.claim("nonce", "n").claim("auth_time", 1_795_000_000);
    for (name, token) in [
        ("an ID token", nonce(token().without("gty").claim("sub", "usr_ann").audience("cron"))),
        ("an ID token for a client of the API's name", nonce(token().without("gty").claim("sub", "usr_ann"))),
        ("a user's token without a scope", token().without("gty").claim("sub", "usr_ann").without("scope")),
        ("a user's token for its client", token().without("gty").claim("sub", "usr_ann").audience("cron")),
        ("a user's token whose user is a client", token().without("gty").claim("sub", "cron@clients")),
        ("a user's token with a client's grant", token().claim("sub", "usr_ann")),
        ("a logout token", token().without("gty").claim("events", json!({}))),
        ("the other dialect's sub", token().claim("sub", "cron")),
        ("another client's sub", token().claim("sub", "globex@clients")),
        ("no client before it", token().claim("sub", "@clients").claim("azp", "")),
        ("another grant", token().claim("gty", "password")),
        ("two clients", token().claim("client_id", "globex")),
        ("no azp", token().without("azp")),
        ("no jti, of a Tokenry", token().without("jti")),
        ("no typ", token().without_header("typ")),
        ("a logout token's typ", token().typ("logout+jwt")),
        ("its claims under the other typ", token().typ("at+jwt")),
        ("the other claims under its typ", told.token().typ("JWT")),
    ] {
        assert_eq!(told.whoami(&token).await, refused(401, "invalid_token"), "{name}");
    }
    assert_eq!(told.whoami(&token()).await, ok());
}

/// What a user let an application have has no `gty` in this dialect: it says a scope, and is for others than the application.
#[tokio::test]
async fn jwt_14_a_users_token_of_that_typ_is_taken() {
    let told = told().await;
    let user = auth0(told.token()).without("gty").claim("sub", "usr_ann");
    let with_userinfo = json!([tokenry_guard::testing::AUDIENCE, "https://id.example.com/userinfo"]);
    for token in [user.clone(), user.claim("aud", with_userinfo).claim("sid", "s").claim("auth_time", 1)] {
        assert_eq!(told.whoami(&token).await, (200, "user usr_ann".to_owned()));
    }
}

#[tokio::test]
async fn what_is_revoked_in_the_dialect_is_dead() {
    let told = told().await;
    let token = auth0(told.token());
    assert_eq!(told.whoami(&token).await, ok());
    told.server.shared.revoke("handle", token.handle());
    crate::remote::eventually("revoked", async || told.whoami(&token).await == refused(401, "invalid_token"))
        .await;
}

/// A tenant that moves: Auth0's tokens, which have no `jti`, beside Tokenry's own.
#[tokio::test]
async fn a2_jwt_12_auth0_and_tokenry_side_by_side() {
    let (issuer, auth0_tenant) = (TestIssuer::new(), TestIssuer::new());
    let (server, tenant) = (Server::start(&issuer).await, Server::start(&auth0_tenant).await);
    let also = Issuer::foreign(&tenant.url).dialect(Dialect::Auth0);
    let guard = builder(&issuer, &server, "secret").also(also).build().await.unwrap();
    let remote = Remote { api: Api { app: app(&guard), guard, issuer }, server };
    remote.wait_until_ready().await;
    let theirs = || {
        let token = auth0_tenant.token().client("cron").company("acme").scope(Read);
        auth0(token.issuer(&tenant.url)).without("jti")
    };
    assert_eq!(remote.whoami(&theirs()).await, ok());
    assert_eq!(remote.whoami(&theirs().claim("jti", "x")).await, ok());
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    let for_user = theirs().claim("sub", "auth0|1").without("gty");
    assert_eq!(remote.whoami(&for_user).await, (200, "user auth0|1".to_owned()));
    let headers: HeaderMap = [("authorization".parse().unwrap(), theirs().bearer())].into_iter().collect();
    let now = tokenry_guard::Clock::now(auth0_tenant.clock());
    let caller = remote.api.guard.authenticate(&headers, now).await.unwrap();
    assert_eq!((caller.issuer(), caller.token_id()), (tenant.url.as_str(), ""));
    for (name, token) in [
        ("the dialect, of the issuer that has another", auth0(remote.token())),
        ("their token under our name", theirs().issuer(&remote.server.url)),
        ("our token under theirs", remote.token().issuer(&tenant.url)),
        ("ours in their dialect under their name", auth0(remote.token()).issuer(&tenant.url).without("jti")),
        ("theirs without a company", theirs().without(tokenry_guard::testing::NAMESPACE)),
        ("an ID token of theirs", theirs().claim("sub", "auth0|1").without("gty").claim("nonce", "n")),
        (
            "theirs in RFC 9068, without jti",
            theirs().typ("at+jwt").claim("client_id", "cron").claim("sub", "cron"),
        ),
        ("a jti that is no text", theirs().claim("jti", Value::Null)),
    ] {
        assert_eq!(remote.whoami(&token).await, refused(401, "invalid_token"), "{name}");
    }
}

/// Of an opaque token the server speaks in RFC 7662's words, and in the API's dialect only of `sub`.
#[tokio::test]
async fn a3_an_opaque_token_of_the_dialect_is_the_clients() {
    let remote = Remote::start().await.ready().await;
    let answer = |subject: &str| {
        let token = remote.token();
        json!({
            "active": true, "iss": remote.server.url, "aud": tokenry_guard::testing::AUDIENCE, "sub": subject,
            "client_id": "cron", "jti": token.token_id(), "iat": 1_795_161_600, "exp": 4_102_444_800_i64,
            "scope": "read:timesheets", (tokenry_guard::testing::NAMESPACE): {"companyId": "acme"},
        })
    };
    for (n, (subject, expected)) in
        [("cron@clients", "client cron"), ("cron", "client cron"), ("globex@clients", "user globex@clients")]
            .into_iter()
            .enumerate()
    {
        *remote.server.shared.introspection.lock() = answer(subject);
        let token = format!("{n}{}", "a".repeat(42));
        assert_eq!(remote.bearer(&token).await, (200, expected.to_owned()), "{subject}");
    }
}
