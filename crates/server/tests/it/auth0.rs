//! The `auth0` error style and dialect, as programs that were written for Auth0 meet them.

use reqwest::RequestBuilder;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::GuessLimits;
use tokenry_engine::manage::{NewApi, NewClient, UpdateApi, UpdateClient};
use tokenry_jose::{Algorithm, base64url};
use tokenry_model::{ClientType, ErrorStyle, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, NAMESPACE, Options, TestApp};

use crate::token::support::{acme, api, basic, client, new_api, strange_secret};

const OTHER: &str = "https://other.example.com";
const UNAUTHORIZED: (u16, &str, &str) = (401, "access_denied", "Unauthorized");
const NO_AUDIENCE: (u16, &str, &str) =
    (403, "access_denied", "No audience parameter was provided, and no default audience has been configured");

/// A server whose profile is `auth0`, with another API than the demo's.
async fn start(database: Engine) -> TestApp {
    let app = TestApp::with(Options {
        database,
        signing_alg: Algorithm::EdDsa,
        error_style: ErrorStyle::Auth0,
        ..Options::default()
    })
    .await;
    api(&app, new_api(OTHER, &["read:other"])).await;
    app
}

fn form(app: &TestApp, body: &str) -> RequestBuilder {
    app.token_request().header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
}

/// Status and body, exactly; and that the next honest request is served.
async fn must_be(app: &TestApp, name: &str, request: RequestBuilder, expected: (u16, &str, &str)) {
    let answer = Answer::to(request).await;
    answer.must_be_token_like();
    let (status, error, description) = expected;
    assert_eq!(answer.status, status, "{name}: {answer:?}");
    let mut body = json!({"error": error, "error_description": description});
    if error == "unauthorized_client" {
        body["error_uri"] = "https://auth0.com/docs/clients/client-grant-types".into();
    }
    assert_eq!(answer.json(), body, "{name}");
    assert!(answer.body.starts_with("{\"error\":"), "{name}: {answer:?}");
    app.token(&app.demo.cron).await;
}

/// Every row of the profile's table that a machine can meet, word by word.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a2_every_refusal_has_auth0s_words(#[values(Sqlite, Postgres)] database: Engine) {
    let app = start(database).await;
    let issued = app.audit().await.iter().filter(|record| record.event == "token.issued").count();
    let DemoClient { id, secret } = &app.demo.cron;
    let strange = strange_secret();
    let own = format!("client_id={id}&client_secret={secret}");
    let grant = "grant_type=client_credentials";
    let two = client(&app, acme(&app, "Two"), &[AUDIENCE, OTHER]).await;
    let none = client(&app, acme(&app, "None"), &[]).await;
    let web = client(&app, NewClient::new(ClientType::Web, "Web"), &[OTHER]).await;
    let of = |client: &DemoClient| format!("{grant}&client_id={}&client_secret={}", client.id, client.secret);
    let not_granted = format!(
        "Client \"{id}\" is not authorized to access resource server \"{OTHER}\". You need to create a \"client-grant\" \
         associated to this API."
    );
    let unsupported = (400, "unsupported_grant_type", "Grant type not supported");
    let rows: Vec<(&str, String, (u16, &str, &str))> = vec![
        ("wrong secret", format!("{grant}&client_id={id}&client_secret={strange}"), UNAUTHORIZED),
        ("any text for a secret", format!("{grant}&client_id={id}&client_secret=x"), UNAUTHORIZED),
        ("no secret", format!("{grant}&client_id={id}"), UNAUTHORIZED),
        ("unknown client", format!("{grant}&client_id=nobody&client_secret={strange}"), UNAUTHORIZED),
        ("unknown client, no secret", format!("{grant}&client_id=nobody"), UNAUTHORIZED),
        ("no client_id", grant.to_owned(), (401, "invalid_client", "Missing client_id")),
        (
            "no client_id, a secret",
            format!("{grant}&client_secret={secret}"),
            (401, "invalid_client", "Missing client_id"),
        ),
        ("no audience, two APIs", of(&two), NO_AUDIENCE),
        ("no audience, no API", of(&none), NO_AUDIENCE),
        (
            "unknown audience",
            format!("{grant}&{own}&audience=https%3A%2F%2Fnone.example%2F%22"),
            (403, "access_denied", "Service not enabled within domain: https://none.example/\""),
        ),
        (
            "a slash too many",
            format!("{grant}&{own}&audience={AUDIENCE}/"),
            (403, "access_denied", "Service not enabled within domain: https://timesheets.example.com/"),
        ),
        ("no client grant", format!("{grant}&{own}&audience={OTHER}"), (403, "access_denied", &not_granted)),
        (
            "scopes outside the grant",
            format!(
                "{}&audience={AUDIENCE}&scope=delete:timesheets+approve:timesheets",
                of(&app.demo.readonly)
            ),
            (
                403,
                "access_denied",
                "Client has not been granted scopes: approve:timesheets, delete:timesheets",
            ),
        ),
        (
            "a scope that there is not",
            format!("{grant}&{own}&scope=read:timesheets+fly:timesheets"),
            (403, "access_denied", "Client has not been granted scopes: fly:timesheets"),
        ),
        (
            "grant type not enabled",
            of(&web),
            (403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client."),
        ),
        ("no grant_type", own.clone(), (400, "invalid_request", "Missing required parameter: grant_type")),
        ("unknown grant_type", format!("grant_type=magic&{own}"), unsupported),
        ("password", format!("grant_type=password&{own}&username=a&password=b"), unsupported),
    ];
    for (name, body, expected) in &rows {
        must_be(&app, name, form(&app, body), *expected).await;
    }
    let by_header = form(&app, grant).header("authorization", basic(id, &strange));
    let answer = Answer::to(by_header).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (401, &"access_denied".into()));
    assert!(answer.header("www-authenticate").starts_with("Basic "), "{answer:?}");
    let spa = client(&app, NewClient::new(ClientType::Spa, "Spa"), &[]).await;
    let refused = (403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.");
    must_be(&app, "a public client", form(&app, &format!("{grant}&client_id={}", spa.id)), refused).await;
    let now = app.audit().await.iter().filter(|record| record.event == "token.issued").count();
    assert_eq!(now - issued, rows.len() + 1, "nothing but the honest requests' tokens");
}

/// What Auth0's table does not know keeps the words of the standards.
#[tokio::test]
async fn a2_what_auth0_does_not_know_is_said_as_ever() {
    let app = start(Sqlite).await;
    let DemoClient { id, secret } = &app.demo.cron;
    let own = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    for (body, expected) in [
        (format!("{own}&company_id={}", app.demo.globex), (400, "invalid_target")),
        (format!("{own}&scope=a++b"), (400, "invalid_scope")),
        (format!("{own}&audience=https://a.example&resource=https://b.example"), (400, "invalid_target")),
        (format!("{own}&scope=a&scope=b"), (400, "invalid_request")),
    ] {
        let answer = Answer::to(form(&app, &body)).await;
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!((answer.status.as_u16(), error.as_str()), expected, "{answer:?}");
    }
    let unreadable = app.token_request().header("content-type", "text/plain").body(own);
    let answer = Answer::to(unreadable).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &"invalid_request".into()));
    let get = Answer::to(app.http.get(app.url("/oauth/token"))).await;
    assert_eq!((get.status.as_u16(), &get.json()["error"]), (405, &"invalid_request".into()));
}

/// A style is the client's; of whoever is unknown, the server's. So what strangers learn of a client whose style is the
/// server's own is nothing, as ever (TOK-03).
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a2_tok_03_the_style_belongs_to_the_client(#[values(Sqlite, Postgres)] database: Engine) {
    let app = TestApp::quick(database).await;
    let styled = UpdateClient { error_style: Some(ErrorStyle::Auth0), ..UpdateClient::default() };
    let (client, _announced) = app.manager.update_client(&app.demo.cron.id, styled).await.unwrap();
    assert_eq!(client.error_style, ErrorStyle::Auth0);
    let ask = async |id: &str| {
        let client = DemoClient { id: id.to_owned(), secret: strange_secret() };
        Answer::to(app.request(&client, &[])).await
    };
    let (auth0, rfc, nobody) =
        (ask(&app.demo.cron.id).await, ask(&app.demo.readonly.id).await, ask("nobody").await);
    let refused = json!({"error": "access_denied", "error_description": "Unauthorized"});
    assert_eq!((auth0.status.as_u16(), auth0.json()), (401, refused));
    assert_eq!((rfc.status, &rfc.body), (nobody.status, &nobody.body));
    assert_eq!(rfc.json()["error"], "invalid_client");
    let unknown = app.ask(&app.demo.cron, &[("audience", OTHER)]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]), (403, &"access_denied".into()));
    let unknown = app.ask(&app.demo.readonly, &[("audience", OTHER)]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]), (400, &"invalid_target".into()));

    let app = start(database).await;
    let new = |style| NewClient { error_style: style, ..NewClient::new(ClientType::M2m, "New") };
    for (style, expected) in [(None, "access_denied"), (Some(ErrorStyle::Rfc), "invalid_client")] {
        let id = app.manager.create_client(new(style)).await.unwrap().client.id.to_string();
        let answer = Answer::to(app.request(&DemoClient { id, secret: strange_secret() }, &[])).await;
        assert_eq!(answer.json()["error"], expected);
    }
}

#[tokio::test]
async fn r104_who_fails_too_often_is_told_in_auth0s_words() {
    let guesses = GuessLimits { failures_per_client: 2, ..GuessLimits::NONE };
    let options = Options {
        error_style: ErrorStyle::Auth0,
        signing_alg: Algorithm::EdDsa,
        guesses,
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let stranger = DemoClient { id: app.demo.cron.id.clone(), secret: strange_secret() };
    for _ in 0..2 {
        assert_eq!(Answer::to(app.request(&stranger, &[])).await.status, 401);
    }
    let answer = Answer::to(app.request(&stranger, &[])).await;
    let sentence = "Rate limit exceeded. Please retry after some time.";
    let expected = json!({"error": "too_many_requests", "error_description": sentence});
    assert_eq!((answer.status.as_u16(), answer.json()), (429, expected));
    assert!(!answer.header("retry-after").is_empty());
}

/// Header, claims and answer, member by member and in Auth0's order; and back again.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a2_a3_header_claims_and_answer_have_auth0s_order(#[values(Sqlite, Postgres)] database: Engine) {
    let app = TestApp::with(Options { database, ..Options::default() }).await;
    let turned = UpdateApi { dialect: Some(Dialect::Auth0), ..UpdateApi::default() };
    assert_eq!(app.manager.update_api(AUDIENCE, turned).await.unwrap().dialect, Dialect::Auth0);
    let answer = app.ask(&app.demo.group, &[("scope", "read:timesheets create:timesheets")]).await;
    let token = answer.token();
    let scope = "create:timesheets read:timesheets";
    let expected =
        format!(r#"{{"access_token":"{token}","scope":"{scope}","expires_in":86400,"token_type":"Bearer"}}"#);
    assert_eq!(answer.body, expected);
    let part = |n: usize| {
        let part = token.split('.').nth(n).unwrap();
        String::from_utf8(base64url::decode(part).unwrap()).unwrap()
    };
    let read = |n: usize| serde_json::from_str::<Value>(&part(n)).unwrap();
    let kid = read(0)["kid"].as_str().unwrap().to_owned();
    assert_eq!(part(0), format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{kid}"}}"#));
    let (claims, id) = (read(1), &app.demo.group.id);
    let (issued_at, jti) = (claims["iat"].as_i64().unwrap(), claims["jti"].as_str().unwrap());
    let expected = format!(
        r#"{{"iss":"{}","sub":"{id}@clients","aud":"{AUDIENCE}","iat":{issued_at},"exp":{},"scope":"{scope}","gty":"client-credentials","azp":"{id}","jti":"{jti}","{NAMESPACE}":{{"companyId":"{}","corporationId":"{}"}}}}"#,
        app.issuer,
        issued_at + 86_400,
        app.demo.acme,
        app.demo.acme_group
    );
    assert_eq!(part(1), expected);
    assert_eq!(jti.len(), 32);

    let back = UpdateApi { dialect: Some(Dialect::Rfc), ..UpdateApi::default() };
    app.manager.update_api(AUDIENCE, back).await.unwrap();
    let token = app.token(&app.demo.group).await;
    assert_eq!(tokenry_testkit::header_of(&token)["typ"], "at+jwt");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_what_introspection_says_of_either_format(
    #[values(TokenFormat::Jwt, TokenFormat::Opaque)] token_format: TokenFormat,
) {
    let app = start(Sqlite).await;
    let audience = "https://migrated.example.com";
    let new = NewApi { dialect: Dialect::Auth0, token_format, ..new_api(audience, &["read:x"]) };
    api(&app, new).await;
    let job = client(&app, acme(&app, "Job"), &[audience]).await;
    let token = app.ask(&job, &[]).await.token();
    let asked = app.http.post(app.url("/oauth/introspect")).form(&[
        ("token", token.as_str()),
        ("client_id", &job.id),
        ("client_secret", &job.secret),
    ]);
    let said = Answer::to(asked).await.json();
    assert_eq!((&said["active"], &said["client_id"]), (&true.into(), &job.id.as_str().into()));
    assert_eq!((&said["sub"], &said["aud"]), (&format!("{}@clients", job.id).into(), &audience.into()));
    assert_eq!(said["scope"], "read:x");
}

/// The key set for those who read certificates, the same at every replica.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_04_every_replica_publishes_the_same_certificates(#[values(Sqlite, Postgres)] database: Engine) {
    let app = TestApp::with(Options { database, ..Options::default() }).await;
    let replica = app.replica().await;
    let here = Answer::to(app.http.get(app.url("/.well-known/jwks.json"))).await;
    let there = Answer::to(app.http.get(format!("{replica}/.well-known/jwks.json"))).await;
    assert_eq!(here.body, there.body);
    let keys = here.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2, "the active one and the next");
    for key in &keys {
        let members: Vec<_> =
            ["alg", "kty", "use", "n", "e", "kid", "x5t", "x5c"].map(|name| &key[name]).into();
        assert!(members.iter().all(|member| !member.is_null()), "{key}");
        assert_eq!(key["x5c"].as_array().unwrap().len(), 1);
    }
    assert_ne!(keys[0]["x5c"], keys[1]["x5c"]);
}
