//! `POST /oauth/introspect` by `Authorization: Secret …`: the account's own tokens, and nothing else anywhere.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::NewPat;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, NAMESPACE, SCOPES, new_pat};

use super::*;
use crate::introspect::{is_active, is_inactive};
use crate::session::API;

const BASIC: &str = "Basic realm=\"127.0.0.1\"";
const SECRET: &str = "Secret realm=\"127.0.0.1\"";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a18_a_developer_sees_the_accounts_own_tokens(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let (me, now) = (format!("Secret {secret}"), server.clock.now().as_secs());
    let pat = server.pat(&ann, new_pat("CI")).await;
    let told = ask_as(&server, &me, pat.token.expose()).await;
    is_active(&told);
    let jti = told.json()["jti"].clone();
    let expected = json!({
        "active": true, "token_type": "Bearer", "iss": server.issuer, "sub": ann.id.as_str(), "aud": AUDIENCE,
        "credential": "personal_access_token", "scope": SCOPES.join(" "), "iat": now, "exp": now + 30 * 86_400,
        "jti": jti, NAMESPACE: {"companyId": server.demo.acme},
    });
    assert_eq!(told.json(), expected);
    let narrow = NewPat {
        apis: Some(vec![AUDIENCE.to_owned()]),
        scopes: Some(vec!["read:timesheets".to_owned()]),
        ..new_pat("narrow")
    };
    let narrow = server.pat(&ann, narrow).await;
    assert_eq!(ask_as(&server, &me, narrow.token.expose()).await.json()["scope"], "read:timesheets");

    let web = server.application(ClientType::Web, "web", &[]).await;
    let code = server.code(&ann, &web, "read:timesheets").await;
    let users = server.redeem(&web, &code, &[]).await.token();
    let told = ask_as(&server, &me, &users).await;
    is_active(&told);
    assert_eq!(told.body, introspect(&server, &web, &users).await.body, "as the application is told");
    assert!(server.audit().await.iter().all(|record| record.event != "token.refused"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_06_and_nothing_of_anybody_elses(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let me = format!("Secret {secret}");
    let bob = server.member("bob").await;
    let bobs_secret = server.account_secret(&bob.id).await;
    let bobs = server.pat(&bob, new_pat("CI")).await;
    let web = server.application(ClientType::Web, "web", &[]).await;
    let code = server.code(&bob, &web, "read:timesheets").await;
    let bobs_token = server.redeem(&web, &code, &[]).await.token();
    let cron = server.token(&server.demo.cron).await;
    let anns_code = server.code(&ann, &web, "read:timesheets").await;
    let cookie = server.cookie(&ann);
    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    let revoked = server.pat(&ann, new_pat("revoked")).await;
    let fresh = server.fresh(&ann).await;
    server.engine.revoke_pat(&fresh, revoked.pat.id.as_str(), &server.context()).await.unwrap();
    for token in [
        bobs.token.expose(),
        &bobs_secret,
        &bobs_token,
        &cron,
        &anns_code,
        &cookie,
        revoked.token.expose(),
        "x",
        "a.b.c",
        // Nor itself, which is no token.
        &secret,
    ] {
        is_inactive(&ask_as(&server, &me, token).await);
    }
    let pat = server.pat(&ann, new_pat("CI")).await;
    is_active(&ask_as(&server, &me, pat.token.expose()).await);
    is_inactive(&ask_as(&server, &format!("Secret {bobs_secret}"), pat.token.expose()).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_01_the_word_has_no_case_and_one_space_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let token = pat.token.expose();
    for word in ["Secret", "secret", "SECRET", "sEcReT"] {
        is_active(&ask_as(&server, &format!("{word} {secret}"), token).await);
    }
    for value in [
        secret.clone(),
        format!("Bearer {secret}"),
        format!("Basic {secret}"),
        format!("Token {secret}"),
        format!("Secret  {secret}"),
        format!("Secret\t{secret}"),
        format!("Secret \t{secret}"),
        format!("Secret\u{a0}{secret}"),
        format!("Secret{secret}"),
        format!("Secret:{secret}"),
        format!("Secret \"{secret}\""),
        format!("Secret {secret},"),
        format!("Secret {secret} {secret}"),
        "Secret".to_owned(),
    ] {
        let answer = ask_as(&server, &value, token).await;
        answer.is_error(401, "invalid_client");
        is_active(&ask_as(&server, &format!("Secret {secret}"), token).await);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_02_the_challenge_tells_the_schemes_and_not_what_was_wrong(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, ann, secret) = with_one(engine).await;
    let bob = server.member("bob").await;
    let bobs = server.account_secret(&bob.id).await;
    server.manager.disable_user(bob.id.as_str()).await.unwrap();
    let dora = server.member("dora").await;
    let doras = server.account_secret(&dora.id).await;
    server.manager.revoke_account_secret(dora.id.as_str()).await.unwrap();
    let unknown = tokenry_protocol::secret::issue(
        &Default::default(),
        tokenry_protocol::secret::SecretKind::AccountSecret,
        &[7; 32],
    );
    let mut bodies = std::collections::BTreeSet::new();
    for wrong in [bobs, doras, unknown.expose().to_owned(), format!("{secret}x"), "x".to_owned()] {
        let answer = ask_as(&server, &format!("Secret {wrong}"), "x").await;
        answer.is_error(401, "invalid_client");
        assert_eq!(answer.all("www-authenticate"), [BASIC, SECRET], "{wrong}");
        bodies.insert(answer.body);
    }
    assert_eq!(bodies.len(), 1, "one answer: {bodies:?}");
    let wrong_client = ask_as(&server, &crate::app::basic(&server.demo.cron.id, "wrong"), "x").await;
    assert_eq!(wrong_client.all("www-authenticate"), [BASIC, SECRET], "either would do");
    let pat = server.pat(&ann, new_pat("CI")).await;
    is_active(&ask_as(&server, &format!("Secret {secret}"), pat.token.expose()).await);
}

#[rstest]
#[case::origin("Origin", "https://app.example.com")]
#[case::null("Origin", "null")]
#[case::same_origin("Sec-Fetch-Site", "same-origin")]
#[case::typed_in("Sec-Fetch-Site", "none")]
#[tokio::test(flavor = "multi_thread")]
async fn r105_no_browser_may_send_one(#[case] name: &str, #[case] value: &str) {
    let (server, ann, secret) = with_one(Sqlite).await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let (sent, body) = (format!("Secret {secret}"), format!("token={}", pat.token.expose()));
    let answer = server.ask(LINE, &[FORM, ("Authorization", &sent), (name, value)], &body).await;
    answer.is_error(401, "invalid_client");
    assert_eq!(answer.all("www-authenticate"), [BASIC], "no browser is asked for a secret");
    is_active(&ask_as(&server, &sent, pat.token.expose()).await);
    let preflight = server
        .ask(
            "OPTIONS /oauth/introspect",
            &[("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "POST")],
            "",
        )
        .await;
    assert_eq!(preflight.field("access-control-allow-origin"), "", "{preflight:?}");
    let refused = async || {
        let refused = server.audit().await;
        refused.iter().any(|record| record.outcome == "account_secret_from_browser")
    };
    tokenry_testkit::until("the refusal is recorded", refused).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_04_two_credentials_are_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let token = pat.token.expose();
    let (me, cookie) = (format!("Secret {secret}"), server.cookie(&server.member("bob").await));
    let client = crate::app::basic(&server.demo.api.id, &server.demo.api.secret);
    let own = ("Authorization", me.as_str());
    let (for_apis, twice) = (format!("{API}=x"), format!("{API}=x; {API}=x"));
    let cookies = [&cookie, &for_apis, &twice].map(|cookie| ("Cookie", cookie.as_str()));
    for second in [("Authorization", me.as_str()), ("Authorization", &client)].into_iter().chain(cookies) {
        let answer = server.ask(LINE, &[FORM, own, second], format!("token={token}")).await;
        answer.is_error(400, "invalid_request");
        let turned = server.ask(LINE, &[FORM, second, own], format!("token={token}")).await;
        turned.is_error(400, "invalid_request");
    }
    let (id, its) = (&server.demo.api.id, &server.demo.api.secret);
    for more in [
        format!("client_secret={its}&client_id={id}"),
        format!("client_id={id}"),
        "client_assertion=a.b.c".to_owned(),
    ] {
        let answer = server.ask(LINE, &[FORM, own], format!("token={token}&{more}")).await;
        answer.is_error(400, "invalid_request");
    }
    let joined = format!("{me}, {client}");
    ask_as(&server, &joined, token).await.is_error(401, "invalid_client");
    is_active(&ask_as(&server, &me, token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_05_elsewhere_it_is_not_looked_at() {
    let (server, ann, secret) = with_one(Sqlite).await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let token = pat.token.expose();
    let cookie = format!("secret={secret}");
    for (line, field, body) in [
        (LINE, ("Cookie", cookie.as_str()), format!("token={token}")),
        (LINE, ("X-Api-Key", &secret), format!("token={token}")),
        (LINE, ("Proxy-Authorization", &secret), format!("token={token}")),
        (LINE, ("X-None", "-"), format!("token={token}&secret={secret}")),
        (LINE, ("X-None", "-"), format!("token={token}&client_secret={secret}&client_id={}", ann.id)),
    ] {
        let answer = server.ask(line, &[FORM, field], body).await;
        assert!([400, 401].contains(&answer.status), "{answer:?}");
    }
    let line = format!("POST /oauth/introspect?secret={secret}");
    let answer = server.ask(&line, &[FORM], format!("token={token}")).await;
    assert!([400, 401].contains(&answer.status), "{answer:?}");
    is_active(&ask_as(&server, &format!("Secret {secret}"), token).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_03_it_opens_no_other_door(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let me = ("Authorization", format!("Secret {secret}"));
    let me = (me.0, me.1.as_str());
    let before = kept(&server);
    let minted = server.form("grant_type=client_credentials", &[me]).await;
    minted.is_error(401, "invalid_client");
    assert_eq!(minted.all("www-authenticate"), [BASIC]);
    server.ask("POST /oauth/revoke", &[FORM, me], "token=x").await.is_error(401, "invalid_client");
    for (line, status) in [
        ("GET /userinfo", 401),
        ("GET /guard/v1/snapshot", 401),
        ("GET /guard/v1/events", 401),
        ("POST /guard/v1/session-check", 401),
        ("POST /guard/v1/ack", 401),
        ("GET /session", 401),
        ("GET /session/csrf", 401),
        ("GET /account", 303),
        ("GET /account/security", 303),
        ("GET /account/data", 303),
        ("GET /manage/v1/users/me/tokens", 403),
        ("POST /manage/v1/users/me/tokens", 403),
        ("GET /manage/v1/users/me/secret", 403),
        ("POST /manage/v1/users/me/secret/reveal", 403),
        ("POST /manage/v1/users/me/secret/rotate", 403),
        ("POST /manage/v1/users/me/secret/revoke", 403),
    ] {
        let answer = server.ask(line, &[me], "").await;
        assert!(
            answer.status == status || (answer.status == 400 && line.starts_with("POST /guard")),
            "{line}: {answer:?}"
        );
        assert!(!answer.body.contains(&secret[..20]), "{line}");
    }
    assert_eq!(kept(&server), before);
    let pat = server.pat(&ann, new_pat("CI")).await;
    is_active(&ask_as(&server, me.1, pat.token.expose()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_12_strange_values_are_refused_and_not_echoed() {
    let (server, ann, secret) = with_one(Sqlite).await;
    let marked = "MARK-THAT-IS-NOT-ECHOED";
    for value in [
        format!("Secret {marked}{}", "a".repeat(8_192)).into_bytes(),
        [format!("Secret {marked}").as_bytes(), b"\0"].concat(),
        [format!("Secret {marked}").as_bytes(), &[0xff, 0xc3]].concat(),
        format!("Secret {marked}\u{e9}").into_bytes(),
        format!("Secret {marked}\r\nX-Injected: {secret}").into_bytes(),
    ] {
        let head = [
            b"POST /oauth/introspect HTTP/1.1\r\nHost: id.example.com\r\nConnection: close\r\n\
              Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\nAuthorization: "
                .as_slice(),
            &value,
            b"\r\n\r\ntoken=x",
        ]
        .concat();
        let answer = server.say(&head).await;
        assert!([400, 401, 431].contains(&answer.status), "{answer:?}");
        assert!(!format!("{answer:?}").contains(marked), "{answer:?}");
    }
    let pat = server.pat(&ann, new_pat("CI")).await;
    is_active(&ask_as(&server, &format!("Secret {secret}"), pat.token.expose()).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_values_of_a_token_each_is_told_its_own_end(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let (me, now) = (format!("Secret {secret}"), server.clock.now().as_secs());
    let pat = server.pat(&ann, new_pat("CI")).await;
    let (fresh, id) = (server.fresh(&ann).await, pat.pat.id.as_str());
    let overlap = Duration::from_secs(600);
    let (rolled, _announced) =
        server.engine.replace_pat(&fresh, id, Some(overlap), None, &server.context()).await.unwrap();
    let until = async |token: &str| ask_as(&server, &me, token).await.json()["exp"].clone();
    assert_eq!(until(pat.token.expose()).await, now + 600);
    assert_eq!(until(rolled.token.expose()).await, now + 30 * 86_400);
    server.clock.advance(overlap);
    is_inactive(&ask_as(&server, &me, pat.token.expose()).await);
    is_active(&ask_as(&server, &me, rolled.token.expose()).await);
}

/// Two who may see it are told the same of it, also while another value counts already.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_former_value_has_its_own_iat_and_jti(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let (me, pat) = (format!("Secret {secret}"), server.pat(&ann, new_pat("CI")).await);
    server.clock.advance(Duration::from_secs(60));
    let (fresh, id, now) = (server.fresh(&ann).await, pat.pat.id.as_str(), server.clock.now().as_secs());
    let (former, _announced) =
        server.engine.replace_pat(&fresh, id, None, None, &server.context()).await.unwrap();
    let overlap = Duration::from_secs(600);
    let (rolled, _announced) =
        server.engine.replace_pat(&fresh, id, Some(overlap), None, &server.context()).await.unwrap();
    let mut named = Vec::new();
    for (token, until) in [(former.token, now + 600), (rolled.token, now + 30 * 86_400)] {
        let told = ask_as(&server, &me, token.expose()).await.json();
        assert_eq!((told["iat"].as_i64(), told["exp"].as_i64()), (Some(now), Some(until)), "{told}");
        let api = introspect(&server, &server.demo.api, token.expose()).await.json();
        for member in ["iat", "exp", "jti"] {
            assert_eq!(told[member], api[member], "{member}");
        }
        named.push(told["jti"].as_str().unwrap().to_owned());
    }
    assert_ne!(named[0], named[1]);
}
