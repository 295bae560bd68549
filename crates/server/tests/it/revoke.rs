//! `POST /oauth/revoke`: a client ends what is its own, and nothing else.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::{NewApi, NewClient};
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::DemoClient;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use crate::app::{Answer, Server, basic};
use crate::introspect::{introspect, is_active, is_inactive, opaque_token};

const LINE: &str = "POST /oauth/revoke";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

async fn revoke(server: &Server, client: &DemoClient, token: &str) -> Answer {
    let authorization = basic(&client.id, &client.secret);
    server.ask(LINE, &[FORM, ("Authorization", &authorization)], format!("token={token}")).await
}

/// The answer to every revocation that was understood.
#[track_caller]
fn is_done(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (200, "{}"), "{answer:?}");
    answer.is_token_like();
}

/// How many revocations the audit trail knows, all of them by `client`.
async fn recorded(server: &Server, client: &DemoClient) -> usize {
    let records = server.store.list_audit(0, 1_000).await.unwrap();
    let revocations: Vec<_> = records.iter().filter(|record| record.event == "token.revoked").collect();
    for record in &revocations {
        assert_eq!((record.actor_kind.as_str(), record.actor_id.as_deref()), ("client", Some(&*client.id)));
        assert!(record.subject_id.is_some() && record.request_id.is_some() && record.company_id.is_some());
    }
    revocations.len()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_a_revoked_token_is_dead_and_its_siblings_are_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let [jwt, sibling] = [server.token(cron).await, server.token(cron).await];
    let (opaque, api) = opaque_token(&server, "payroll").await;
    is_done(&revoke(&server, cron, &jwt).await);
    is_inactive(&introspect(&server, cron, &jwt).await);
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
    is_active(&introspect(&server, cron, &sibling).await);
    is_active(&introspect(&server, cron, &opaque).await);
    is_done(&revoke(&server, cron, &opaque).await);
    is_inactive(&introspect(&server, &api, &opaque).await);
    assert_eq!(recorded(&server, cron).await, 2);
    // Once more changes nothing and is recorded nowhere.
    is_done(&revoke(&server, cron, &jwt).await);
    assert_eq!(recorded(&server, cron).await, 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_09_another_clients_token_stays_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let jwt = server.token(cron).await;
    let (opaque, _api) = opaque_token(&server, "payroll").await;
    for token in [&jwt, &opaque] {
        for stranger in [&server.demo.globex_client, &server.demo.readonly] {
            is_done(&revoke(&server, stranger, token).await);
        }
        is_active(&introspect(&server, cron, token).await);
    }
    assert_eq!(recorded(&server, cron).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apis_credential_opens_nothing_here() {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    revoke(&server, &server.demo.api, &token).await.is_error(401, "invalid_client");
    is_active(&introspect(&server, &server.demo.cron, &token).await);
}

#[rstest]
#[case("abc")]
#[case("eyJhbGciOiJub25lIn0.e30.")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case("a&token_type_hint=urn:nobody:knows")]
#[tokio::test(flavor = "multi_thread")]
async fn int_10_what_is_no_token_is_200(#[case] token: &str) {
    let server = Server::start().await;
    is_done(&revoke(&server, &server.demo.cron, token).await);
}

#[rstest]
#[case("access_token")]
#[case("refresh_token")]
#[case("nobody_knows")]
#[tokio::test(flavor = "multi_thread")]
async fn int_05_the_hint_decides_nothing(#[case] hint: &str) {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    is_done(&revoke(&server, &server.demo.cron, &format!("{token}&token_type_hint={hint}")).await);
    is_inactive(&introspect(&server, &server.demo.cron, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn int_10_a_missing_token_is_400_and_get_is_405() {
    let server = Server::start().await;
    let fields = [FORM, ("Authorization", &*server.basic())];
    for body in ["token_type_hint=access_token", "token=", "token=a&token=a"] {
        server.ask(LINE, &fields, body).await.is_error(400, "invalid_request");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.ask(&format!("{method} /oauth/revoke"), &[], "").await;
        answer.is_error(405, "invalid_request");
        assert_eq!(answer.field("allow"), "POST,OPTIONS");
    }
}

#[rstest]
#[case::nobody("token=a", None)]
#[case::unknown("token=a&client_id=nobody&client_secret=x", None)]
#[case::bearer("token=a", Some("Bearer abc"))]
#[tokio::test(flavor = "multi_thread")]
async fn tok_28_who_does_not_prove_who_it_is_gets_401(
    #[case] body: &str,
    #[case] authorization: Option<&str>,
) {
    let server = Server::start().await;
    let mut fields = vec![FORM];
    fields.extend(authorization.map(|value| ("Authorization", value)));
    server.ask(LINE, &fields, body).await.is_error(401, "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_08_a_secret_from_a_browser_ends_nothing() {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    let fields = [FORM, ("Authorization", &*server.basic()), ("Origin", "https://app.example.com")];
    server.ask(LINE, &fields, format!("token={token}")).await.is_error(400, "invalid_request");
    is_active(&introspect(&server, &server.demo.cron, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn int_11_without_a_database_nothing_is_said_to_be_revoked() {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    server.store.db().close().await;
    let answer = revoke(&server, &server.demo.cron, &token).await;
    answer.is_error(503, "temporarily_unavailable");
    assert_eq!(answer.field("retry-after"), "1");
}

/// Claims that cannot be told are nobody's business but the client's and the API's, and no reason to leave a token alive.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_02_claims_that_cannot_be_told_show_to_no_stranger_and_are_revoked(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let (opaque, api) = opaque_token(&server, "payroll").await;
    let tampered = format!("UPDATE clients SET claims = '{{\"sub\":\"usr_root\"}}' WHERE id = '{}'", cron.id);
    server.database.execute(&tampered);
    for stranger in [&server.demo.globex_client, &server.demo.readonly, &server.demo.api] {
        is_inactive(&introspect(&server, stranger, &opaque).await);
    }
    introspect(&server, &api, &opaque).await.is_error(500, "server_error");
    is_done(&revoke(&server, cron, &opaque).await);
    for asker in [cron, &api] {
        is_inactive(&introspect(&server, asker, &opaque).await);
    }
}

/// What was revoked stays known a day longer than any token may live, so that no clock brings it back.
#[rstest]
#[case(31 * 86_400 - 1, 1)]
#[case(31 * 86_400, 0)]
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_forgotten_31_days_after_the_token_expired(
    #[case] late: u64,
    #[case] left: u64,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let (opaque, _api) = opaque_token(&server, "payroll").await;
    is_done(&revoke(&server, &server.demo.cron, &opaque).await);
    server.numbered().await;
    server.clock.advance(Duration::from_secs(86_400 + late));
    server.engine.sweep().await.unwrap();
    let now = server.clock.now();
    // The last event of an API stays, so that an idle guard can go on after it.
    assert_eq!(server.store.delete_expired_guard_events(now, now, 10).await.unwrap(), 0);
    assert_eq!(server.store.delete_expired_revoked_tokens(now, 10).await.unwrap(), left);
    assert_eq!(server.store.delete_expired_opaque_tokens(now, 10).await.unwrap(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_a_clock_that_ran_ahead_brings_nothing_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let [token, sibling] = [server.token(cron).await, server.token(cron).await];
    is_done(&revoke(&server, cron, &token).await);
    server.numbered().await;
    let begin = server.clock.now();
    server.clock.advance(Duration::from_secs(25 * 3_600));
    server.engine.sweep().await.unwrap();
    server.clock.set(begin);
    is_inactive(&introspect(&server, cron, &token).await);
    is_active(&introspect(&server, cron, &sibling).await);
    let authorization = basic(&server.demo.api.id, &server.demo.api.secret);
    let snapshot = server.ask("GET /guard/v1/snapshot", &[("Authorization", &authorization)], "").await;
    assert!(snapshot.body.contains("{\"what\":\"token\""), "{snapshot:?}");
}

/// Every shape of access token that is issued is seen and ended, so that "revoked" is never said of one that lives on.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_every_shape_of_token_is_seen_and_ended(
    #[values("", "read:all")] scope: &str,
    #[values(TokenFormat::Jwt, TokenFormat::Opaque)] token_format: TokenFormat,
    #[values(Dialect::Auth0, Dialect::Rfc)] dialect: Dialect,
    #[values("cron", "group", "unbound")] who: &str,
) {
    let server = Server::start().await;
    let scopes = if scope.is_empty() { vec![] } else { vec![(scope.to_owned(), String::new())] };
    let audience = "https://shapes.example.com";
    let new = NewApi {
        id: None,
        name: "Shapes".to_owned(),
        audience: audience.to_owned(),
        scopes,
        access_token_ttl: None,
        signing_alg: None,
        dialect,
        token_format,
        tenanted: who != "unbound",
    };
    server.manager.create_api(new).await.unwrap();
    let unbound;
    let client = match who {
        "cron" => &server.demo.cron,
        "group" => &server.demo.group,
        _ => {
            let new = NewClient::new(ClientType::M2m, "Unbound");
            let made = server.manager.create_client(new).await.unwrap();
            let secret = made.secret.unwrap().expose().to_owned();
            unbound = DemoClient { id: made.client.id.to_string(), secret };
            &unbound
        }
    };
    server.manager.create_grant(&client.id, audience, &[]).await.unwrap();
    let token = tokenry_testkit::TestApp::ask(&server, client, &[("audience", audience)]).await.token();
    is_active(&introspect(&server, client, &token).await);
    is_done(&revoke(&server, client, &token).await);
    is_inactive(&introspect(&server, client, &token).await);
    let records = server.store.list_audit(0, 1_000).await.unwrap();
    assert_eq!(records.iter().filter(|record| record.event == "token.revoked").count(), 1);
}
