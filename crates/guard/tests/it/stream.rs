//! What follows from the stream of events, and from its absence.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use rstest::rstest;
use serde_json::json;
use tokenry_guard::testing::TestToken;
use tokenry_guard::{Caller, OnStale, Requirement};
use tokenry_jose::sha256;
use tokenry_protocol::guard::{Revoked, RevokedKind};

use crate::remote::{Remote, eventually, ok, refused};
use crate::server::{Fault, change_message, message};
use crate::support::{Answer, Api, Read, request};

/// A token of a client whose handle no other test's token has.
pub(crate) fn token_of(remote: &Remote, client: &str) -> TestToken {
    let token = remote.token().client(client);
    let handle: String = sha256(client.as_bytes())[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let jti = format!("{}{}", &handle[..11], &token.token_id()[11..]);
    token.claim("jti", jti)
}

pub(crate) async fn is_refused(remote: &Remote, token: &TestToken) -> bool {
    remote.whoami(token).await == refused(401, "invalid_token")
}

#[tokio::test]
async fn r27_a_revoked_token_ends_and_no_other() {
    let remote = Remote::start().await.ready().await;
    let (revoked, sibling) = (remote.token(), remote.token());
    assert_eq!(remote.whoami(&revoked).await, ok());
    let seq = remote.server.shared.revoke("token", revoked.token_id());
    eventually("it is refused", async || is_refused(&remote, &revoked).await).await;
    assert_eq!(remote.whoami(&sibling).await, ok());
    eventually("it is acknowledged", async || remote.server.acked() == seq).await;
    assert_eq!(remote.server.streams().len(), 1);
}

#[tokio::test]
async fn r27_a_dead_handle_takes_its_tokens_along_and_no_others() {
    let remote = Remote::start().await.ready().await;
    let (first, second) = (remote.token(), remote.token());
    let other = token_of(&remote, "other");
    assert_eq!(remote.whoami(&first).await, ok());
    let seq = remote.server.shared.revoke("handle", first.handle());
    eventually("it is refused", async || is_refused(&remote, &first).await).await;
    assert!(is_refused(&remote, &second).await, "a token that was never seen");
    assert_eq!(remote.whoami(&other).await.0, 200);
    eventually("it is acknowledged", async || remote.server.acked() == seq).await;
}

#[tokio::test]
async fn key_02_a_revoked_key_stays_dead_whatever_key_set_there_is() {
    let remote = Remote::start().await.ready().await;
    let leaked = remote.token();
    assert_eq!(remote.whoami(&leaked).await, ok());
    let set = remote.api.issuer.key_set();
    let kid = serde_json::from_str::<serde_json::Value>(&set).unwrap()["keys"][0]["kid"].clone();
    remote.api.issuer.replace_key();
    let good = remote.token();
    remote.server.shared.revoke("key", kid.as_str().unwrap());
    let jwks: serde_json::Value = serde_json::from_str(&remote.api.issuer.key_set()).unwrap();
    let seq = remote.server.shared.happen(json!({ "kind": "keys", "jwks": jwks }));
    eventually("the new key is there", async || remote.server.acked() == seq).await;
    assert_eq!(remote.whoami(&good).await, ok());
    assert_eq!(remote.server.key_set_requests(), 1, "nobody asked for it");
    assert!(is_refused(&remote, &leaked).await);
    let old: serde_json::Value = serde_json::from_str(&set).unwrap();
    let seq = remote.server.shared.happen(json!({ "kind": "keys", "jwks": old }));
    eventually("the old set is back", async || remote.server.acked() == seq).await;
    assert!(is_refused(&remote, &leaked).await);
}

#[tokio::test]
async fn ten_05_nobody_acts_for_a_disabled_company() {
    let remote = Remote::start_with(|shared| {
        let companies = vec!["acme".to_owned(), "acme_labs".to_owned()];
        shared.snapshot.lock().corporations.insert("acme_group".to_owned(), companies);
    });
    let remote = remote.await.ready().await;
    let own = remote.token();
    let group = remote.token().claim(
        tokenry_guard::testing::NAMESPACE,
        json!({ "companyId": "globex", "corporationId": "acme_group" }),
    );
    let acme = "/companies/acme/timesheets";
    assert_eq!(remote.api.get(acme, &own).await.status, 200);
    assert_eq!(remote.api.get(acme, &group).await.status, 200);
    remote.server.shared.happen(json!({ "kind": "company_disabled", "company": "acme" }));
    eventually("it is refused", async || is_refused(&remote, &own).await).await;
    assert_eq!(remote.api.get(acme, &group).await.refusal(), (403, "tenant_mismatch".to_owned()));
    assert_eq!(remote.api.get("/timesheets", &group).await.body, "acme_labs globex");
    remote.server.shared.happen(json!({ "kind": "company_enabled", "company": "acme" }));
    eventually("it is back", async || remote.whoami(&own).await == ok()).await;
    assert_eq!(remote.api.get(acme, &group).await.status, 200);
}

#[tokio::test]
async fn r27_what_the_snapshot_says_holds_from_the_first_request_on() {
    let remote = Remote::start_with(|shared| {
        shared.revoke("token", "a-token-that-is-dead");
        shared.snapshot.lock().disabled_companies.push("globex".to_owned());
    });
    let remote = remote.await.ready().await;
    assert!(is_refused(&remote, &remote.token().claim("jti", "a-token-that-is-dead")).await);
    assert!(is_refused(&remote, &remote.token().company("globex")).await);
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    assert_eq!(remote.server.streams()[0].after, 1, "the stream begins where the snapshot ends");
}

#[tokio::test]
async fn a_long_snapshot_is_taken_in_whole() {
    let handle = |n: usize| format!("h{n:010}");
    let remote = Remote::start_with(|shared| {
        let revoked = |n| Revoked { what: RevokedKind::Handle, value: handle(n), expires_at: 1_900_000_000 };
        shared.snapshot.lock().revoked = (0..40_000).map(revoked).collect();
    });
    let remote = remote.await.ready().await;
    assert_eq!(remote.api.guard.status().issuers[0].revocations, 40_000);
    for n in [0, 32_767, 32_768, 39_999] {
        assert!(
            is_refused(&remote, &remote.token().claim("jti", format!("{}-token", handle(n)))).await,
            "{n}"
        );
    }
    let other = remote.token().claim("jti", format!("{}-token", handle(40_000)));
    assert_eq!(remote.whoami(&other).await, ok());
}

#[tokio::test]
async fn unknown_kinds_are_passed_over_and_counted() {
    let remote = Remote::start().await.ready().await;
    let token = remote.token();
    remote.server.shared.happen(json!({ "kind": "weather", "rain": true }));
    remote
        .server
        .shared
        .happen(json!({ "kind": "revoked", "what": "planet", "value": "x", "expires_at": 1 }));
    let seq = remote.server.shared.revoke("token", token.token_id());
    eventually("what comes after them counts", async || is_refused(&remote, &token).await).await;
    eventually("it is acknowledged", async || remote.server.acked() == seq).await;
    assert_eq!((remote.server.streams().len(), remote.server.snapshot_requests()), (1, 1));
}

#[rstest]
#[case::unknown_stream(StatusCode::NOT_FOUND, 2)]
#[case::ahead_of_the_log(StatusCode::BAD_REQUEST, 2)]
#[case::another_log(StatusCode::GONE, 2)]
#[case::out_of_order(StatusCode::SERVICE_UNAVAILABLE, 1)]
#[tokio::test]
async fn what_is_not_acknowledged_is_again(#[case] status: StatusCode, #[case] streams: usize) {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.ack_fault.lock() = Some(status);
    let seq = remote.server.shared.happen(json!({ "kind": "weather" }));
    eventually("it was refused", async || remote.server.shared.ack_fault.lock().is_none()).await;
    eventually("it came back", async || remote.server.streams().len() == streams).await;
    // What a new stream begins after is acknowledged by that.
    let last = if streams == 1 { seq } else { remote.server.shared.happen(json!({ "kind": "weather" })) };
    eventually("it is acknowledged", async || remote.server.acked() == last).await;
    assert_eq!(remote.server.streams().last().unwrap().after, if streams == 1 { 0 } else { seq });
}

/// What a broken network or server makes of two events.
#[rstest]
#[case::swapped(&[2, 1])]
#[case::second_only(&[2])]
#[case::twice(&[1, 1, 2])]
#[case::from_the_past(&[0])]
#[tokio::test]
async fn numbers_that_do_not_follow_end_the_stream_and_lose_nothing(#[case] numbers: &[usize]) {
    let remote = Remote::start().await.ready().await;
    let tokens = [token_of(&remote, "one"), token_of(&remote, "two")];
    let revoked = |token: &TestToken| json!({ "kind": "revoked", "what": "handle", "value": token.handle(), "expires_at": 1_900_000_000 });
    let nothing = json!({ "kind": "weather" });
    let script = numbers.iter().map(|number| {
        let change = number.checked_sub(1).map_or(nothing.clone(), |at| revoked(&tokens[at]));
        change_message(i64::try_from(*number).unwrap(), change)
    });
    remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    *remote.server.shared.script.lock() = Some(script.collect());
    for token in &tokens {
        remote.server.shared.happen(revoked(token));
    }
    remote.server.mend();
    for token in &tokens {
        eventually("it is refused", async || is_refused(&remote, token).await).await;
    }
    eventually("it is fresh", async || !remote.is_stale() && remote.server.acked() == 2).await;
    assert_eq!(remote.server.shared.names.lock().len(), 1, "one name");
    assert_eq!(remote.server.snapshot_requests(), 1, "the log has it all");
}

#[rstest]
#[case::gone(None)]
#[case::hole(Some(change_message(9, json!({ "kind": "weather" }))))]
#[case::ahead(Some(message("complete", &json!({ "seq": 9, "at": 0, "elapsed_ms": 1 }))))]
#[case::nonsense(Some(message("change", &json!({ "kind": "weather" }))))]
#[tokio::test]
async fn when_the_log_does_not_help_there_is_a_new_snapshot(#[case] said: Option<String>) {
    let remote = Remote::start().await.ready().await;
    let token = remote.token();
    remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    // Only the snapshot has it.
    remote.server.shared.revoke("token", token.token_id());
    let forget = match said {
        None => Fault::Answer(StatusCode::GONE, String::new()),
        Some(said) => {
            *remote.server.shared.script.lock() = Some(vec![said.clone()]);
            remote.server.mend();
            eventually("it heard that", async || remote.server.shared.script.lock().is_none()).await;
            *remote.server.shared.script.lock() = Some(vec![said]);
            eventually("and again", async || remote.server.shared.script.lock().is_none()).await;
            Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, String::new())
        }
    };
    *remote.server.shared.stream_fault.lock() = Some(forget);
    eventually("it took another", async || remote.server.snapshot_requests() > 1).await;
    eventually("it is refused", async || is_refused(&remote, &token).await).await;
    remote.server.mend();
    eventually("it is fresh", async || !remote.is_stale()).await;
}

/// Ways for a connection to be of no use.
#[derive(Clone, Copy, Debug)]
enum Break {
    End,
    Hang,
    Late,
    Silence,
}

#[rstest]
#[case(Break::End)]
#[case(Break::Hang)]
#[case(Break::Late)]
#[case(Break::Silence)]
#[tokio::test]
async fn without_the_stream_it_is_stale_and_recovers_by_itself(#[case] how: Break) {
    let remote = Remote::start().await.ready().await;
    let token = remote.token();
    assert!(!remote.is_stale());
    match how {
        Break::End => remote.server.cut(StatusCode::SERVICE_UNAVAILABLE),
        Break::Hang => {
            *remote.server.shared.stream_fault.lock() = Some(Fault::Hang);
            remote.server.end_streams();
        }
        Break::Late => *remote.server.shared.delay.lock() = Duration::from_secs(3_600),
        Break::Silence => {
            *remote.server.shared.script.lock() = Some(Vec::new());
            remote.server.end_streams();
        }
    }
    eventually("it is stale", async || remote.is_stale()).await;
    let age = remote.api.guard.status().issuers[0].stream_age.unwrap();
    assert!(age > Duration::from_secs(2), "{age:?}");
    assert_eq!(remote.whoami(&token).await, ok(), "signed tokens are served");
    remote.server.shared.revoke("token", token.token_id());
    *remote.server.shared.delay.lock() = Duration::ZERO;
    remote.server.mend();
    eventually("it is fresh", async || !remote.is_stale()).await;
    assert!(is_refused(&remote, &token).await, "fresh means that it is known");
    assert_eq!(remote.server.snapshot_requests(), 1);
}

#[tokio::test]
async fn bytes_that_come_late_are_old_however_many_there_are() {
    let remote =
        Remote::start_with(|shared| *shared.delay.lock() = Duration::from_millis(2_200)).await.ready().await;
    eventually("messages come", async || remote.api.guard.status().issuers[0].stream_age.is_some()).await;
    for _ in 0..10 {
        assert!(remote.is_stale(), "{:?}", remote.api.guard.status());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    *remote.server.shared.delay.lock() = Duration::ZERO;
    remote.server.end_streams();
    eventually("it is fresh", async || !remote.is_stale()).await;
}

#[tokio::test]
async fn a_route_may_refuse_what_rests_on_stale_knowledge() {
    let api = Api::new().await;
    let app: Router = api
        .guard
        .router()
        .route("/strict", get(async |_: Caller<Read>| "in"), Read.on_stale(OnStale::Deny))
        .route("/usual", get(async |_: Caller<Read>| "in"), Read)
        .build();
    let api = Api { app, ..api };
    let token = api.token();
    assert_eq!(api.get("/strict", &token).await.status, 200);
    api.issuer.interrupt();
    let answer = api.get("/strict", &token).await;
    assert_eq!(answer.refusal(), (503, "access_data_stale".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(api.get("/usual", &token).await.status, 200);
    assert_eq!(
        api.get("/strict", &token.expired()).await.status,
        401,
        "what is refused anyway is refused as ever"
    );
    api.issuer.resume();
    assert_eq!(api.get("/strict", &api.token()).await.status, 200);
    let table = api.guard.policy_table();
    let strict = table.rows().find(|row| row.path() == "/strict").unwrap().rule();
    assert_eq!(strict.to_string(), "read:timesheets, stale = deny");
}

#[tokio::test]
async fn above_the_cap_it_fails_closed_until_there_is_room() {
    let remote = Remote::configured(|_| {}, |builder| builder.revocation_cap(2)).await.ready().await;
    let token = remote.token();
    for name in ["aaaaaaaaaaa", "bbbbbbbbbbb"] {
        remote.server.shared.revoke("handle", name);
    }
    eventually("both are there", async || remote.api.guard.status().issuers[0].revocations == 2).await;
    assert_eq!(remote.whoami(&token).await, ok());
    remote.server.shared.revoke("handle", token.handle());
    let closed = refused(503, "revocations_unavailable");
    eventually("it is closed", async || remote.whoami(&token).await == closed).await;
    assert!(!remote.api.guard.is_ready() && remote.api.guard.status().issuers[0].overflowing);
    // The others have expired, as the server tells.
    remote.server.shared.snapshot.lock().revoked.drain(..2);
    remote.api.issuer.clock().advance(Duration::from_secs(3 * 24 * 3_600));
    remote.server.shared.snapshot.lock().revoked[0].expires_at += 10 * 24 * 3_600;
    let later = |client| token_of(&remote, client).claim("exp", 2_000_000_000_i64);
    let (dead, good) = (remote.token().claim("exp", 2_000_000_000_i64), later("other"));
    eventually("there is room", async || remote.whoami(&good).await.0 == 200).await;
    assert!(is_refused(&remote, &dead).await);
    assert_eq!(remote.api.guard.status().issuers[0].revocations, 1);
}

#[tokio::test]
async fn signing_off_refuses_everything_and_says_so() {
    let remote = Remote::start().await.ready().await;
    let seq = remote.server.shared.happen(json!({ "kind": "weather" }));
    eventually("it is acknowledged", async || remote.server.acked() == seq).await;
    let name = remote.server.streams()[0].guard.clone();
    remote.api.guard.shutdown().await;
    assert_eq!(remote.whoami(&remote.token()).await, refused(503, "shutting_down"));
    assert!(!remote.api.guard.is_ready());
    let healthz = request(axum::http::Method::GET, "/healthz", None);
    assert_eq!(remote.api.send(healthz).await.status, 200);
    let last = remote.server.shared.acks.lock().last().cloned().unwrap();
    assert_eq!((last.stream, last.seq, last.signed_off), (format!("stream-of-{name}"), seq, true));
    eventually("its stream ends", async || remote.server.open_streams() == 0).await;
    remote.api.guard.shutdown().await;
    assert_eq!(remote.server.shared.acks.lock().iter().filter(|ack| ack.signed_off).count(), 1);
    assert_eq!(remote.server.streams().len(), 1, "no other begins");
}

#[tokio::test]
async fn r27_a_connection_that_stays_open_hears_of_it() {
    let remote = Remote::start().await.ready().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/whoami", listener.local_addr().unwrap());
    let app = remote.api.app.clone();
    tokio::spawn(async { axum::serve(listener, app).await });
    let client = reqwest::Client::new();
    let token = remote.token();
    let status = async || client.get(&url).bearer_auth(token.mint()).send().await.unwrap().status().as_u16();
    assert_eq!(status().await, 200);
    remote.server.shared.revoke("handle", token.handle());
    eventually("it is refused", async || status().await == 401).await;
}

#[tokio::test]
async fn a_listening_test_issuer_tells_what_happens() {
    let issuer = tokenry_guard::testing::TestIssuer::listen().await;
    let guard = crate::support::guard_with_tenant(&issuer).await;
    let api = Api { app: crate::support::app(&guard), guard, issuer };
    let (token, other) = (api.token(), api.issuer.token().company("acme").scope(Read));
    let whoami = async |token: &TestToken| -> Answer { api.get("/whoami", token).await };
    assert_eq!(whoami(&token).await.status, 200);
    api.issuer.revoke_handle(&token);
    eventually("it is refused", async || whoami(&token).await.status == 401).await;
    assert_eq!(whoami(&other).await.status, 200);
    api.issuer.disable_company("acme");
    eventually("nobody may act for it", async || whoami(&other).await.status == 401).await;
    api.issuer.enable_company("acme");
    eventually("it is back", async || whoami(&other).await.status == 200).await;
    let stale = || api.guard.status().issuers[0].stale;
    api.issuer.interrupt();
    eventually("it is stale", async || stale()).await;
    api.issuer.revoke(&other);
    assert_eq!(whoami(&other).await.status, 200);
    api.issuer.resume();
    eventually("it is refused", async || whoami(&other).await.status == 401).await;
    eventually("it is fresh", async || !stale()).await;
}
