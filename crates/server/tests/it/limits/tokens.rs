//! What names nobody: refused tokens count by address, against no credential, and limit nothing else (INT-07).

use serde_json::json;
use tokenry_engine::manage::NewClient;
use tokenry_jose::sha256;
use tokenry_model::ClientType;
use tokenry_protocol::secret::{Brand, SecretKind, issue};
use tokenry_protocol::token::JWT_BEARER_ASSERTION;

use super::*;

fn introspect(app: &TestApp, http: &Client, caller: &DemoClient, token: &str) -> RequestBuilder {
    let request = http.post(app.url("/oauth/introspect")).basic_auth(&caller.id, Some(&caller.secret));
    request.form(&[("token", token)])
}

#[rstest]
#[tokio::test]
async fn int_07_scanning_for_tokens_ends_in_429_and_costs_nobody_else(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine, LIMITS).await;
    let (api, cron) = (&app.demo.api, &app.demo.cron);
    let token = app.token(cron).await;
    let (kept, last) = token.split_at(token.len() - 10);
    let near_miss = format!("{kept}{}", last.chars().rev().collect::<String>());
    assert_ne!(near_miss, token);
    for n in 0..10 {
        let refused = if n % 2 == 0 { near_miss.clone() } else { format!("opaque-{n}") };
        let answer = Answer::to(introspect(&app, &app.http, api, &refused)).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"active": false})));
    }
    let near = Answer::to(introspect(&app, &app.http, api, &near_miss)).await;
    let random = Answer::to(introspect(&app, &app.http, api, "random")).await;
    is_limited(&near);
    assert_eq!((near.status, &near.body), (random.status, &random.body), "neither tells which it was");
    let living = Answer::to(introspect(&app, &app.http, api, &token)).await;
    assert_eq!(living.json()["active"], true, "the API that asks is not limited");
    let elsewhere = Answer::to(introspect(&app, &elsewhere(), api, "random")).await;
    assert_eq!(elsewhere.json(), json!({"active": false}));
    assert_eq!(ask(&app, &app.http, cron).await.status, 200);
    let revoke = app.http.post(app.url("/oauth/revoke")).basic_auth(&cron.id, Some(&cron.secret));
    assert_eq!(Answer::to(revoke.form(&[("token", "unheard of")])).await.status, 200);
    app.clock.advance(Duration::from_secs(60));
    let again = Answer::to(introspect(&app, &app.http, api, "random")).await;
    assert_eq!(again.json(), json!({"active": false}));
}

/// Where a stranger may guess, and what of.
#[derive(Clone, Copy, Debug)]
enum Door {
    CookieAtSessionCheck,
    SecretAtIntrospection,
    SecretAtOwnTokens,
    TokenAtIntrospection,
    TokenAtOwnSecret,
    TokenAtOwnTokens,
    TokenAtUserinfo,
}

impl Door {
    /// A guess, and what it is answered while it is heard.
    fn guess(self, app: &TestApp, http: &Client, n: u32) -> (RequestBuilder, u16) {
        let of = |kind| issue(&Brand::default(), kind, &sha256(&n.to_be_bytes())).expose().to_owned();
        let (pat, secret) = (of(SecretKind::PersonalAccessToken), of(SecretKind::AccountSecret));
        let api = &app.demo.api;
        let as_secret = |request: RequestBuilder| request.header("authorization", format!("Secret {secret}"));
        let own = |what: &str| http.get(app.url(&format!("/manage/v1/users/me/{what}")));
        match self {
            Self::CookieAtSessionCheck => {
                let request = http.post(app.url("/guard/v1/session-check"));
                let request = request.basic_auth(&api.id, Some(&api.secret));
                (request.json(&json!({"cookie": format!("cookie-{n}")})), 200)
            }
            Self::SecretAtIntrospection => {
                let request = http.post(app.url("/oauth/introspect")).form(&[("token", "x")]);
                (as_secret(request), 401)
            }
            Self::SecretAtOwnTokens => (as_secret(own("tokens")), 401),
            Self::TokenAtIntrospection => (introspect(app, http, api, &pat), 200),
            Self::TokenAtOwnSecret => (own("secret").bearer_auth(&pat), 401),
            Self::TokenAtOwnTokens => (own("tokens").bearer_auth(&pat), 401),
            Self::TokenAtUserinfo => (http.get(app.url("/userinfo")).bearer_auth(&pat), 401),
        }
    }
}

/// Whatever names nobody counts by address at every door that hears of it, and by nothing else.
#[rstest]
#[tokio::test]
async fn r104_guesses_count_by_address_at_every_door(
    #[values(
        Door::CookieAtSessionCheck,
        Door::SecretAtIntrospection,
        Door::SecretAtOwnTokens,
        Door::TokenAtIntrospection,
        Door::TokenAtOwnSecret,
        Door::TokenAtOwnTokens,
        Door::TokenAtUserinfo
    )]
    door: Door,
) {
    let app = start(Sqlite, LIMITS).await;
    let guess = async |http: &Client, n: u32| {
        let (request, heard) = door.guess(&app, http, n);
        let answer = Answer::to(request).await;
        let (status, wait) = (answer.status.as_u16(), answer.header("retry-after").parse::<u64>().ok());
        assert!(status == heard || (status == 429 && wait.is_some_and(|wait| wait <= 60)), "{n}: {answer:?}");
        status == heard
    };
    for n in 0..LIMITS.refused_per_address {
        assert!(guess(&app.http, n).await, "{n}");
    }
    for n in 100..103 {
        assert!(!guess(&app.http, n).await, "{n}: the address is not heard");
    }
    assert!(guess(&elsewhere(), 100).await, "another one is");
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200, "and so is who names themselves");
    app.clock.advance(Duration::from_secs(60));
    assert!(guess(&app.http, 100).await);
}

/// An assertion that cannot be read is nobody's; one that can be is a guess at its client like any other.
#[tokio::test]
async fn r104_assertions_count_by_the_client_that_they_name() {
    let app = start(Sqlite, LIMITS).await;
    let send = async |assertion: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER_ASSERTION),
            ("client_assertion", assertion),
        ];
        Answer::to(app.token_request().form(&form)).await
    };
    let encode = |text: &str| tokenry_jose::base64url::encode(text.as_bytes());
    let of_cron = format!(
        "{}.{}.{}",
        encode(r#"{"alg":"ES256"}"#),
        encode(&json!({"iss": app.demo.cron.id, "sub": app.demo.cron.id}).to_string()),
        encode(&"s".repeat(64))
    );
    for _ in 0..LIMIT {
        send(&of_cron).await.must_be_error(401, "invalid_client");
    }
    is_limited(&send(&of_cron).await);
    is_limited(&ask(&app, &app.http, &app.demo.cron).await);
    for _ in 0..10 {
        send("no.jwt.at-all").await.must_be_error(401, "invalid_client");
    }
    is_limited(&send("no.jwt.at-all").await);
    assert_eq!(ask(&app, &app.http, &app.demo.globex_client).await.status, 200);
}

/// It cannot authenticate; naming it is no failure.
#[tokio::test]
async fn a_public_client_that_only_says_who_it_is_has_not_failed() {
    let app = start(Sqlite, LIMITS).await;
    let spa = app.manager.create_client(NewClient::new(ClientType::Spa, "Spa")).await.unwrap();
    for _ in 0..50 {
        let form = [("client_id", spa.client.id.as_str()), ("token", "x")];
        assert_eq!(Answer::to(app.http.post(app.url("/oauth/revoke")).form(&form)).await.status, 200);
    }
}

/// What an API is shown are strangers' doing: it says whose, and they are limited, not it (R104).
#[rstest]
#[tokio::test]
async fn r104_what_an_api_is_shown_counts_for_the_address_that_it_names(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(Question::Introspection, Question::SessionCheck)] question: Question,
) {
    let app = start(engine, LIMITS).await;
    let api = &app.demo.api;
    let shown = async |address: &str| {
        Answer::to(match question {
            Question::Introspection => {
                let form = [("token", "opaque"), ("client_address", address)];
                app.http.post(app.url("/oauth/introspect")).basic_auth(&api.id, Some(&api.secret)).form(&form)
            }
            Question::SessionCheck => {
                let request = app.http.post(app.url("/guard/v1/session-check"));
                let body = json!({"cookie": "none", "client_address": address});
                request.basic_auth(&api.id, Some(&api.secret)).json(&body)
            }
        })
        .await
    };
    for _ in 0..10 {
        assert_eq!(shown("192.0.2.7").await.json(), json!({"active": false}));
    }
    for same in ["192.0.2.7", "::ffff:192.0.2.7"] {
        let limited = shown(same).await;
        assert_eq!(limited.status, 429);
        assert_eq!(limited.header("tokenry-limited"), "credential", "{limited:?}");
        assert!((1..=60).contains(&limited.header("retry-after").parse::<u32>().unwrap()));
    }
    assert_eq!(shown("192.0.2.8").await.json(), json!({"active": false}));
    assert_eq!(shown("2001:db8::7").await.json(), json!({"active": false}));
    assert_eq!(shown("127.0.0.1").await.json(), json!({"active": false}), "its own is one like another");
    for unread in ["", "nowhere", "fe80::1%eth0"].into_iter().cycle().take(10) {
        assert_eq!(shown(unread).await.json(), json!({"active": false}), "by the API's own address");
    }
    assert_eq!(shown("nowhere").await.status, 429);
    assert_eq!(shown("192.0.2.9").await.json(), json!({"active": false}));
    let token = app.token(&app.demo.cron).await;
    assert_eq!(Answer::to(introspect(&app, &app.http, api, &token)).await.json()["active"], true);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(shown("192.0.2.7").await.json(), json!({"active": false}));
}

/// How an API asks.
#[derive(Clone, Copy, Debug)]
enum Question {
    Introspection,
    SessionCheck,
}

/// Nobody else is believed: who guesses by themselves could name a new address each time.
#[tokio::test]
async fn r104_a_client_counts_by_its_own_address_whatever_it_names() {
    let app = start(Sqlite, LIMITS).await;
    let ask = async |address: &str| {
        let (http, cron) = (&app.http, &app.demo.cron);
        let request = http.post(app.url("/oauth/introspect")).basic_auth(&cron.id, Some(&cron.secret));
        Answer::to(request.form(&[("token", "opaque"), ("client_address", address)])).await
    };
    for n in 0..10 {
        assert_eq!(ask(&format!("192.0.2.{n}")).await.json(), json!({"active": false}));
    }
    is_limited(&ask("192.0.2.77").await);
    let api = Answer::to(introspect(&app, &elsewhere(), &app.demo.api, "random")).await;
    assert_eq!(api.json(), json!({"active": false}));
}

/// An API whose own secret is wrong is told so, and not that what it is shown is limited.
#[tokio::test]
async fn r104_a_limit_of_who_asks_is_none_of_what_is_asked_about() {
    let app = start(Sqlite, LIMITS).await;
    let stranger = guess(&app.demo.api);
    for _ in 0..LIMIT {
        let answer = Answer::to(introspect(&app, &app.http, &stranger, "opaque")).await;
        answer.must_be_error(401, "invalid_client");
    }
    let limited = Answer::to(introspect(&app, &app.http, &app.demo.api, "opaque")).await;
    is_limited(&limited);
    assert_eq!(limited.header("tokenry-limited"), "");
}
