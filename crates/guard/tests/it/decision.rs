//! The decision records.

use axum::http::{HeaderValue, Method};
use serde_json::Value;

use crate::log::record;
use crate::pat::ann;
use crate::remote::{Remote, eventually};
use crate::support::{Api, Read, from, request, with};

#[tokio::test]
async fn r75_a_refusal_says_who_where_and_why() {
    let (log, _guard) = record(tracing::Level::INFO);
    let api = Api::new().await;
    let token = api.issuer.token().client("cron").company("acme").scope(Read);
    let mut denied = request(Method::DELETE, "/timesheets/acme-1", Some(token.bearer()));
    denied.headers_mut().insert("x-request-id", HeaderValue::from_static("find-me"));
    assert_eq!(api.send(denied).await.status, 403);
    let decisions = log.decisions();
    assert_eq!(decisions.len(), 1);
    let record = &decisions[0];
    assert_eq!(record["level"], "INFO");
    let fields = &record["fields"];
    for (field, value) in [
        ("outcome", "refused"),
        ("reason", "insufficient_scope"),
        ("principal_kind", "client"),
        ("principal", "cron"),
        ("company", "acme"),
        ("method", "DELETE"),
        ("route", "/timesheets/{id}"),
        ("policy", "delete:timesheets"),
        ("request_id", "find-me"),
    ] {
        assert_eq!(fields[field], value, "{field}");
    }
}

#[tokio::test]
async fn r75_what_a_handler_refuses_is_recorded_too() {
    let (log, _guard) = record(tracing::Level::INFO);
    let api = Api::new().await;
    assert_eq!(api.get("/timesheets/globex-1", &api.token()).await.status, 404);
    let fields = &log.decisions()[0]["fields"];
    assert_eq!((&fields["reason"], &fields["principal"]), (&"not_found".into(), &"cron".into()));
    assert!(fields["why"].as_str().unwrap().contains("globex"));
}

/// A good credential in the wrong place is what a leaked one looks like.
#[tokio::test]
async fn r75_whose_credential_was_misused_is_recorded() {
    let (log, _guard) = record(tracing::Level::INFO);
    let api = Api::new().await;
    let like = ann(&api);
    let pat = api.issuer.pat(&like.clone().claim("allowed_addresses", serde_json::json!(["192.0.2.7"])));
    let bearer = format!("Bearer {}", pat.text());
    let elsewhere = from(with(Method::GET, "/whoami", &[("authorization", &bearer)]), "203.0.113.7");
    assert_eq!(api.send(elsewhere).await.status, 401);
    let cookie = format!("__Host-tokenry_api={}", api.issuer.cookie(&like).text());
    let forged =
        [("cookie", cookie.as_str()), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(api.send(with(Method::POST, "/companies/acme/timesheets", &forged)).await.status, 403);
    let decisions = log.decisions();
    let misuses = [("invalid_token", "pat", "203.0.113.7"), ("csrf_failed", "cookie", "Origin")];
    for (record, (reason, credential, why)) in decisions.iter().zip(misuses) {
        let fields = &record["fields"];
        assert_eq!((&fields["reason"], &fields["credential"]), (&reason.into(), &credential.into()));
        assert_eq!((&fields["principal_kind"], &fields["principal"]), (&"user".into(), &"ann".into()));
        assert!(fields["why"].as_str().unwrap().contains(why), "{fields}");
        assert_eq!(fields.get("client_id"), None);
    }
    assert_eq!(decisions.len(), 2);
}

#[tokio::test]
async fn allowed_requests_are_recorded_at_debug() {
    let api = Api::new().await;
    {
        let (log, _guard) = record(tracing::Level::INFO);
        assert_eq!(api.get("/whoami", &api.token()).await.status, 200);
        assert!(log.decisions().is_empty());
    }
    let (log, _guard) = record(tracing::Level::DEBUG);
    assert_eq!(api.get("/whoami", &api.token()).await.status, 200);
    let decisions = log.decisions();
    assert_eq!((decisions.len(), &decisions[0]["fields"]["outcome"]), (1, &"allowed".into()));
}

#[tokio::test]
async fn what_rests_on_stale_knowledge_says_so() {
    let (log, _guard) = record(tracing::Level::DEBUG);
    let api = Api::new().await;
    for stale in [false, true, false] {
        if stale {
            api.issuer.interrupt();
        } else {
            api.issuer.resume();
        }
        assert_eq!(api.get("/whoami", &api.token()).await.status, 200);
        assert_eq!(api.get("/whoami", &api.token().expired()).await.status, 401);
        let fields: Vec<_> = log.decisions().into_iter().map(|record| record["fields"].clone()).collect();
        let [.., allowed, refused] = fields.as_slice() else { panic!("two decisions") };
        assert_eq!((&allowed["outcome"], &allowed["stale"]), (&"allowed".into(), &stale.into()));
        assert_eq!((&refused["outcome"], &refused["stale"]), (&"refused".into(), &stale.into()));
        assert_eq!(allowed["issuer"], "https://id.example.com");
    }
}

#[tokio::test]
async fn the_alarm_is_raised_once_and_ends_with_how_long_it_was() {
    let (log, _guard) = record(tracing::Level::INFO);
    let remote = Remote::start().await.ready().await;
    let lines = |what: &str| log.text().lines().filter(|line| line.contains(what)).count();
    remote.server.cut(axum::http::StatusCode::SERVICE_UNAVAILABLE);
    eventually("it is raised", async || lines("the event stream is stale") == 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(lines("the event stream is stale"), 1);
    assert_eq!(lines("cannot be loaded"), 1);
    remote.server.mend();
    eventually("it is over", async || lines("the event stream is fresh again") == 1).await;
    let over = log.text().lines().find(|line| line.contains("fresh again")).map(str::to_owned).unwrap();
    let over: Value = serde_json::from_str(&over).unwrap();
    assert!(over["fields"]["seconds"].as_f64().unwrap() > 0.0, "{over}");
}

#[tokio::test]
async fn r17_no_token_is_in_any_record() {
    let (log, _guard) = record(tracing::Level::TRACE);
    let api = Api::new().await;
    let tokens = [api.token(), api.token().expired(), api.token().wrong_key(), api.token().audience("x")];
    for token in &tokens {
        let text = token.mint();
        let _ = api.whoami(&format!("Bearer {text}")).await;
        let _ = api.whoami(&text).await;
        let _ = api.whoami(&format!("Token {text}")).await;
        let _ = api.whoami(&format!("{text} {text}")).await;
        for part in text.split('.') {
            let part = &part[..part.len().min(20)];
            assert!(!log.text().contains(part), "{part}");
        }
    }
    assert!(log.decisions().len() >= 12);
}
