//! What the guard asks of a server, when it asks again, and what it does without an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_guard::Clock as _;
use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestCredential, TestIssuer};
use tokenry_jose::{base64url, sha256};
use tokenry_protocol::secret::{Brand, SecretKind, issue};
use tokio::sync::Semaphore;

use crate::pat::ann;
use crate::remote::{Remote, eventually, refused};
use crate::server::Fault;
use crate::support::{Answer, Api, app, from, guard_with_tenant, with};

const HANDLE: &str = "abcdefghijk";

fn pat() -> String {
    issue(&Brand::default(), SecretKind::PersonalAccessToken, &[7; 32]).expose().to_owned()
}

/// What is said of a user's own credential that is good.
pub(crate) fn active(remote: &Remote, credential: &str) -> Value {
    let now = remote.api.issuer.clock().now().as_secs();
    json!({
        "active": true,
        "token_type": "Bearer",
        "iss": remote.server.url,
        "sub": "usr_ann",
        "aud": AUDIENCE,
        "credential": credential,
        "scope": "read:timesheets create:timesheets",
        "iat": now,
        "exp": now + 3_600,
        "jti": format!("{HANDLE}0123456789012345678901"),
        NAMESPACE: { "companyId": "acme" },
    })
}

pub(crate) fn session(remote: &Remote) -> Value {
    let mut session = active(remote, "session");
    session["sid"] = "ses_1".into();
    session["auth_time"] = session["iat"].clone();
    session["csrf_sha256"] = base64url::encode(&sha256(b"proof")).into();
    session
}

pub(crate) async fn ready() -> Remote {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.introspection.lock() = active(&remote, "personal_access_token");
    *remote.server.shared.session.lock() = session(&remote);
    remote
}

fn ok() -> (u16, String) {
    (200, "user usr_ann".to_owned())
}

async fn whoami(remote: &Remote) -> (u16, String) {
    remote.bearer(&pat()).await
}

async fn by_cookie(remote: &Remote, fields: &[(&str, &str)]) -> Answer {
    let cookie = [("cookie", "__Host-tokenry_api=v1.sealed")];
    let fields: Vec<_> = cookie.iter().chain(fields).copied().collect();
    remote.api.send(with(Method::GET, "/whoami", &fields)).await
}

#[tokio::test]
async fn pat_13_a_token_is_asked_about_once_with_who_uses_it() {
    let remote = ready().await;
    let bearer = format!("Bearer {}", pat());
    let agent = "x".repeat(300);
    let fields = [("authorization", bearer.as_str()), ("user-agent", &agent)];
    let answer = remote.api.send(from(with(Method::GET, "/whoami", &fields), "192.0.2.7")).await;
    assert_eq!(answer.body, "user usr_ann");
    let answers = join_all((0..50).map(|_| whoami(&remote))).await;
    assert!(answers.iter().all(|answer| *answer == ok()), "{answers:?}");
    assert_eq!(remote.server.introspections(), 1);
    let form = remote.server.shared.introspected.lock().clone();
    let due = format!(
        "token={}&token_type_hint=access_token&client_address=192.0.2.7&client_user_agent={}",
        pat(),
        &agent[..200]
    );
    assert_eq!(form, due);
}

#[tokio::test]
async fn a_cookie_is_asked_about_once_and_elsewhere() {
    let remote = ready().await;
    for _ in 0..3 {
        assert_eq!(by_cookie(&remote, &[]).await.body, "user usr_ann");
    }
    assert_eq!((remote.server.session_checks(), remote.server.introspections()), (1, 0));
    let asked: Value = serde_json::from_str(&remote.server.shared.session_checked.lock()).unwrap();
    assert_eq!(asked, json!({ "cookie": "v1.sealed", "name": "__Host-tokenry_api" }));
    let create = async |proof: &str| {
        let fields = [
            ("cookie", "__Host-tokenry_api=v1.sealed"),
            ("sec-fetch-site", "same-origin"),
            ("x-csrf-token", proof),
        ];
        remote.api.send(with(Method::POST, "/companies/acme/timesheets", &fields)).await
    };
    assert_eq!(create("proof").await.status, 201);
    assert_eq!(create("another").await.refusal(), (403, "csrf_failed".to_owned()));
    assert_eq!(remote.server.session_checks(), 1);
}

#[tokio::test]
async fn peer_35_a_cookie_under_another_name_is_another_one() {
    let remote = ready().await;
    assert_eq!(by_cookie(&remote, &[]).await.status, 200);
    *remote.server.shared.session.lock() = json!({ "active": false });
    let planted = [("cookie", "__Secure-tokenry_api=v1.sealed")];
    let answer = remote.api.send(from(with(Method::GET, "/whoami", &planted), "192.0.2.7")).await;
    assert_eq!(answer.refusal(), refused(401, "invalid_token"), "and no answer about the other is its");
    let asked: Value = serde_json::from_str(&remote.server.shared.session_checked.lock()).unwrap();
    let due = json!({ "cookie": "v1.sealed", "name": "__Secure-tokenry_api", "client_address": "192.0.2.7" });
    assert_eq!(asked, due);
    assert_eq!(by_cookie(&remote, &[]).await.status, 200, "remembered");
    assert_eq!(remote.server.session_checks(), 2);
}

#[tokio::test]
async fn pat_01_what_has_a_wrong_checksum_is_not_asked_about() {
    let remote = ready().await;
    let good = pat();
    let secret = issue(&Brand::default(), SecretKind::AccountSecret, &[7; 32]).expose().to_owned();
    for text in [&good[..good.len() - 1], &format!("{good}0"), &good.to_uppercase(), "tokenry_pat_x", &secret]
    {
        assert_eq!(remote.bearer(text).await, refused(401, "invalid_token"), "{text}");
    }
    for value in ["__Host-tokenry_api=", "__Host-tokenry_api=a; __Host-tokenry_api=a"] {
        let answer = remote.api.send(with(Method::GET, "/whoami", &[("cookie", value)])).await;
        assert_eq!(answer.refusal().0, 401);
    }
    assert_eq!((remote.server.introspections(), remote.server.session_checks()), (0, 0));
    assert_eq!(whoami(&remote).await, ok());
}

/// The answer has to be about what was asked about.
#[rstest]
#[case::an_opaque_token(Value::Null)]
#[case::a_cookie(json!("session"))]
#[case::a_secret(json!("account_secret"))]
#[case::something_newer(json!("device"))]
#[tokio::test]
async fn what_is_said_of_another_kind_is_not_believed(#[case] credential: Value) {
    let remote = ready().await;
    {
        let mut answer = remote.server.shared.introspection.lock();
        match credential {
            Value::Null => drop(answer.as_object_mut().unwrap().remove("credential")),
            other => answer["credential"] = other,
        }
    }
    assert_eq!(whoami(&remote).await, refused(401, "invalid_token"));
    *remote.server.shared.introspection.lock() = active(&remote, "personal_access_token");
    eventually("the honest one passes", async || whoami(&remote).await == ok()).await;
}

#[rstest]
#[case::a_client("client_id", json!("cron"))]
#[case::a_party("azp", json!("cron"))]
#[case::a_grant("gty", json!("client-credentials"))]
#[case::no_user("sub", json!(""))]
#[case::another_api("aud", json!("https://payroll.example.com"))]
#[case::another_issuer("iss", json!("https://other.example.com"))]
#[case::no_name("jti", Value::Null)]
#[case::addresses("allowed_addresses", json!("all"))]
#[case::proof("csrf_sha256", json!("x"))]
#[tokio::test]
async fn what_is_said_is_checked(#[case] member: &str, #[case] value: Value) {
    let remote = ready().await;
    remote.server.shared.introspection.lock()[member] = value.clone();
    remote.server.shared.session.lock()[member] = value;
    assert_eq!(whoami(&remote).await, refused(401, "invalid_token"));
    assert_eq!(by_cookie(&remote, &[]).await.refusal(), refused(401, "invalid_token"));
    assert_eq!(remote.whoami(&remote.token()).await.0, 200);
}

/// What a user may do has changed: of that user, of somebody, of another.
#[rstest]
#[case::this_user(json!("usr_ann"), true)]
#[case::somebody(Value::Null, true)]
#[case::another(json!("usr_bob"), false)]
#[tokio::test]
async fn pat_03_pat_04_an_answer_from_before_a_change_is_not_used_after_it(
    #[case] subject: Value,
    #[case] forgotten: bool,
) {
    let remote = ready().await;
    assert_eq!((whoami(&remote).await, by_cookie(&remote, &[]).await.status.as_u16()), (ok(), 200));
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    *remote.server.shared.session.lock() = json!({ "active": false });
    let mut change = json!({ "kind": "subject_changed" });
    if !subject.is_null() {
        change["subject"] = subject;
    }
    let seq = remote.server.shared.happen(change);
    eventually("it is confirmed", async || remote.server.acked() == seq).await;
    let expected = if forgotten { refused(401, "invalid_token") } else { ok() };
    assert_eq!(whoami(&remote).await, expected, "at once, for the server was told that it is so");
    assert_eq!(by_cookie(&remote, &[]).await.status.as_u16(), expected.0);
    assert_eq!(remote.server.introspections(), if forgotten { 2 } else { 1 });
}

/// A request waits for an answer that was given before the change and comes after it.
#[tokio::test]
async fn pat_03_an_answer_that_a_change_overtook_is_asked_for_again() {
    let remote = ready().await;
    let gate = Arc::new(Semaphore::new(0));
    *remote.server.shared.introspection_gate.lock() = Some(Arc::clone(&gate));
    let ((first, late), ()) = tokio::join!(async { tokio::join!(whoami(&remote), whoami(&remote)) }, async {
        eventually("it is asked", async || remote.server.introspections() == 1).await;
        *remote.server.shared.introspection.lock() = json!({ "active": false });
        let seq = remote.server.shared.happen(json!({ "kind": "subject_changed", "subject": "usr_ann" }));
        eventually("it is confirmed", async || remote.server.acked() == seq).await;
        gate.add_permits(10);
    });
    assert_eq!((first, late), (refused(401, "invalid_token"), refused(401, "invalid_token")));
    assert_eq!(remote.server.introspections(), 2, "once more for both");
    *remote.server.shared.introspection.lock() = active(&remote, "personal_access_token");
    eventually("it is good again", async || whoami(&remote).await == ok()).await;
}

#[tokio::test]
async fn what_keeps_changing_is_asked_about_no_more_than_so_often() {
    let remote = ready().await;
    let gate = Arc::new(Semaphore::new(0));
    *remote.server.shared.introspection_gate.lock() = Some(Arc::clone(&gate));
    let (answer, ()) = tokio::join!(whoami(&remote), async {
        for asked in 1..=3 {
            eventually("it is asked", async || remote.server.introspections() == asked).await;
            let seq = remote.server.shared.happen(json!({ "kind": "subject_changed" }));
            eventually("it is confirmed", async || remote.server.acked() == seq).await;
            gate.add_permits(1);
        }
    });
    assert_eq!(answer, refused(503, "introspection_unavailable"));
    assert_eq!(remote.server.introspections(), 3);
    gate.add_permits(1);
    assert_eq!(whoami(&remote).await, ok());
}

#[tokio::test]
async fn r27_a_remembered_answer_ends_with_its_handle() {
    let remote = ready().await;
    assert_eq!((whoami(&remote).await, by_cookie(&remote, &[]).await.status.as_u16()), (ok(), 200));
    let seq = remote.server.shared.revoke("handle", HANDLE);
    eventually("it is confirmed", async || remote.server.acked() == seq).await;
    assert_eq!(whoami(&remote).await, refused(401, "invalid_token"));
    assert_eq!(by_cookie(&remote, &[]).await.refusal(), refused(401, "invalid_token"));
    assert_eq!((remote.server.introspections(), remote.server.session_checks()), (1, 1));
}

#[tokio::test]
async fn without_the_stream_each_request_asks_and_without_an_answer_it_is_503() {
    let remote = ready().await;
    assert_eq!((whoami(&remote).await, by_cookie(&remote, &[]).await.status.as_u16()), (ok(), 200));
    remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    eventually("it is stale", async || remote.is_stale()).await;
    for asked in 2..4 {
        assert_eq!((whoami(&remote).await, by_cookie(&remote, &[]).await.status.as_u16()), (ok(), 200));
        assert_eq!((remote.server.introspections(), remote.server.session_checks()), (asked, asked));
    }
    *remote.server.shared.introspection_fault.lock() =
        Some(Fault::Answer(StatusCode::BAD_GATEWAY, String::new()));
    assert_eq!(whoami(&remote).await, refused(503, "introspection_unavailable"));
    let answer = by_cookie(&remote, &[]).await;
    assert_eq!(answer.refusal(), refused(503, "introspection_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(remote.whoami(&remote.token()).await.0, 200, "signed ones need no answer");
    *remote.server.shared.introspection_fault.lock() = None;
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    assert_eq!(whoami(&remote).await, refused(401, "invalid_token"), "at the next request");
}

#[rstest]
#[case::gone(Fault::Answer(StatusCode::BAD_GATEWAY, String::new()))]
#[case::not_us(Fault::Answer(StatusCode::UNAUTHORIZED, String::new()))]
#[case::older_server(Fault::Answer(StatusCode::NOT_FOUND, String::new()))]
#[case::limited(Fault::Answer(StatusCode::TOO_MANY_REQUESTS, String::new()))]
#[case::html(Fault::Answer(StatusCode::OK, "<html>".to_owned()))]
#[case::silent(Fault::Answer(StatusCode::OK, "{}".to_owned()))]
#[case::nearly(Fault::Answer(StatusCode::OK, r#"{"active":1}"#.to_owned()))]
#[case::huge(Fault::Answer(StatusCode::OK, " ".repeat(70_000)))]
#[case::elsewhere(Fault::Redirect("https://evil.example/guard/v1/session-check".to_owned()))]
#[tokio::test]
async fn a_cookie_without_an_answer_is_503(#[case] fault: Fault) {
    let remote = ready().await;
    *remote.server.shared.introspection_fault.lock() = Some(fault);
    assert_eq!(by_cookie(&remote, &[]).await.refusal(), refused(503, "introspection_unavailable"));
    *remote.server.shared.introspection_fault.lock() = None;
    assert_eq!(by_cookie(&remote, &[]).await.status, 200);
}

#[tokio::test]
async fn a_secret_that_is_refused_by_the_server_counts_and_one_without_an_answer_does_not() {
    let remote = ready().await;
    *remote.server.shared.introspection_takes.lock() = Duration::ZERO;
    let import = async |n: u32| {
        let secret = issue(&Brand::default(), SecretKind::AccountSecret, &sha256(&n.to_be_bytes()));
        let value = format!("Secret {}", secret.expose());
        let request = with(Method::POST, "/import", &[("authorization", &value)]);
        remote.api.send(from(request, "192.0.2.7")).await
    };
    *remote.server.shared.introspection_fault.lock() =
        Some(Fault::Answer(StatusCode::BAD_GATEWAY, String::new()));
    for n in 0..620 {
        assert_eq!(import(n).await.refusal().0, 503);
    }
    *remote.server.shared.introspection_fault.lock() = None;
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    for n in 0..600 {
        assert_eq!(import(n).await.refusal().0, 401, "{n}");
    }
    let asked = remote.server.introspections();
    *remote.server.shared.introspection.lock() = active(&remote, "account_secret");
    assert_eq!(import(1_000).await.refusal(), refused(429, "rate_limited"));
    assert_eq!(remote.server.introspections(), asked, "nobody is asked about it");
    remote.api.issuer.clock().advance(Duration::from_secs(60));
    assert_eq!(import(1_000).await.body, "secret usr_ann");
}

/// A test's issuer that is reached over HTTP answers as one in the process does.
#[tokio::test]
async fn a_listening_test_issuer_knows_users_credentials() {
    let issuer = TestIssuer::listen().await;
    let guard = guard_with_tenant(&issuer).await;
    let api = Api { app: app(&guard), guard, issuer };
    let like = ann(&api);
    let (pat, cookie, secret) =
        (api.issuer.pat(&like), api.issuer.cookie(&like), api.issuer.account_secret(&like));
    let import = async |credential: &TestCredential| {
        let mut fields = vec![("x-csrf-token", credential.csrf_token())];
        let (name, value) = credential.header();
        fields.push((
            if name == "cookie" { "cookie" } else { "authorization" },
            value.to_str().unwrap().to_owned(),
        ));
        if name == "cookie" {
            fields.push(("sec-fetch-site", "same-origin".to_owned()));
        }
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.send(with(Method::POST, "/import", &fields)).await
    };
    for (credential, kind) in [(&pat, "pat"), (&cookie, "cookie"), (&secret, "secret")] {
        assert_eq!(import(credential).await.body, format!("{kind} ann"));
        api.issuer.end(credential, &like);
        eventually("it is heard of", async || import(credential).await.status == 401).await;
    }
    api.issuer.change(&pat, &like);
    eventually("it is back", async || import(&pat).await.status == 200).await;
}
