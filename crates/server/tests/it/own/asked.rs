//! What is said of a personal access token: all to an API that it is for, and nothing to anybody else.

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::NewPat;
use tokenry_model::{Digest, DigestDomain, TokenFormat};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, NAMESPACE, SCOPES, new_pat};

use super::{ask, with_one};
use crate::app::basic;
use crate::introspect::{another_api, introspect, is_active, is_inactive};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r77_an_api_is_told_who_acts_and_what_they_may_do_now(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let now = server.clock.now().as_secs();
    let answer = ask(&server, issued.token.expose()).await;
    is_active(&answer);
    let jti = answer.json()["jti"].clone();
    assert_eq!(jti.as_str().unwrap().len(), 32);
    let expected = json!({
        "active": true, "token_type": "Bearer", "iss": server.issuer, "sub": ann.id.as_str(), "aud": AUDIENCE,
        "credential": "personal_access_token", "scope": SCOPES.join(" "), "iat": now, "exp": now + 30 * 86_400,
        "jti": jti, NAMESPACE: {"companyId": server.demo.acme},
    });
    assert_eq!(answer.json(), expected, "and no client, no session, no sign-in");

    let narrow = NewPat {
        apis: Some(vec![AUDIENCE.to_owned()]),
        scopes: Some(vec!["read:timesheets".to_owned()]),
        allowed_addresses: vec!["192.0.2.99/24".to_owned(), "2001:db8::1".to_owned()],
        ..new_pat("narrow")
    };
    let narrow = server.pat(&ann, narrow).await;
    let told = ask(&server, narrow.token.expose()).await.json();
    assert_eq!(told["scope"], "read:timesheets");
    assert_eq!(told["allowed_addresses"], json!(["192.0.2.0/24", "2001:db8::1/128"]));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_06_strangers_learn_nothing_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, everywhere) = with_one(engine).await;
    let other = another_api(&server, "payroll", TokenFormat::Jwt).await;
    let here = NewPat { apis: Some(vec![AUDIENCE.to_owned()]), ..new_pat("here") };
    let here = server.pat(&ann, here).await;
    for token in [everywhere.token.expose(), here.token.expose()] {
        for client in [&server.demo.cron, &server.demo.globex_client, &server.demo.readonly] {
            is_inactive(&introspect(&server, client, token).await);
        }
    }
    is_inactive(&introspect(&server, &other, here.token.expose()).await);
    // One for every API is for this one, too: who acts is told, and that they may do nothing here.
    let told = introspect(&server, &other, everywhere.token.expose()).await;
    is_active(&told);
    assert_eq!((told.json().get("scope"), &told.json()["sub"]), (None, &json!(ann.id.as_str())));
    is_active(&ask(&server, here.token.expose()).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_02_what_is_nearly_it_is_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, _ann, issued) = with_one(engine).await;
    let token = issued.token.expose();
    let other = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for near in [
        token[..token.len() - 1].to_owned(),
        format!("{token}0"),
        token.to_lowercase(),
        token.to_uppercase(),
        format!("+{token}"),
        format!("{token}%0A"),
        token.replace('_', "%255F"),
        token.replace("tokenry_pat_", "tokenry_as_"),
        token.replace("tokenry_", "other_"),
        token.trim_start_matches("tokenry_pat_").to_owned(),
        other,
    ] {
        is_inactive(&ask(&server, &near).await);
    }
    is_active(&ask(&server, token).await);
    let hint = ("token_type_hint", "refresh_token");
    let authorization = basic(&server.demo.api.id, &server.demo.api.secret);
    let body = format!("token={token}&{}={}", hint.0, hint.1);
    let answer = server.ask("POST /oauth/introspect", &[FORM, ("Authorization", &authorization)], body).await;
    is_active(&answer);
}

/// What is looked up is the digest of the whole value, of this kind of credential; and whoever has read it has nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_12_what_is_stored_is_a_digest_of_all_of_it_and_opens_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, _ann, issued) = with_one(engine).await;
    let token = issued.token.expose();
    let of = |domain, text: &str| Digest::of(domain, &Secret::new(text.to_owned()));
    let digest = of(DigestDomain::PersonalAccessToken, token);
    let found = server.store.find_pat_by_value(&digest).await.unwrap();
    assert!(found.is_some_and(|found| found.pat.id == issued.pat.id));
    let random = token.trim_start_matches("tokenry_pat_");
    for other in [
        of(DigestDomain::AccountSecret, token),
        of(DigestDomain::PersonalAccessToken, random),
        of(DigestDomain::PersonalAccessToken, &random[..43]),
        of(DigestDomain::PersonalAccessToken, &token[..token.len() - 6]),
    ] {
        assert!(server.store.find_pat_by_value(&other).await.unwrap().is_none());
    }
    let (bytes, base64) = (digest.as_bytes(), tokenry_jose::base64url::encode(digest.as_bytes()));
    for stored in [
        hex::encode(bytes),
        hex::encode_upper(bytes),
        base64.clone(),
        format!("tokenry_pat_{base64}"),
        format!("tokenry_pat_{base64}{}", &token[token.len() - 6..]),
        String::from_utf8_lossy(bytes).replace(['&', '=', '+', '%', '\0', '\r', '\n'], "x"),
    ] {
        is_inactive(&ask(&server, &stored).await);
    }
    is_active(&ask(&server, token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pat_10_it_is_no_other_credential() {
    let (server, _ann, issued) = with_one(Sqlite).await;
    let (token, cron) = (issued.token.expose(), &server.demo.cron);
    let id = &cron.id;
    server
        .form(format!("grant_type=client_credentials&client_id={id}&client_secret={token}"), &[])
        .await
        .is_error(401, "invalid_client");
    let proof = format!("client_id={id}&client_secret={}", cron.secret);
    for grant in [
        format!("grant_type=refresh_token&refresh_token={token}"),
        format!("grant_type=authorization_code&code={token}&redirect_uri=http://127.0.0.1:8702/callback"),
    ] {
        let answer = server.form(format!("{grant}&{proof}"), &[]).await;
        assert!([400, 401].contains(&answer.status), "{answer:?}");
    }
    let bearer = format!("Bearer {token}");
    let told = server.ask("GET /userinfo", &[("Authorization", &bearer)], "").await;
    assert_eq!(told.status, 401, "{told:?}");
    // RFC 7009 §2.1: a client revokes what was issued to it.
    let authorization = basic(id, &cron.secret);
    let fields = [FORM, ("Authorization", authorization.as_str())];
    let answer = server.ask("POST /oauth/revoke", &fields, format!("token={token}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    is_active(&ask(&server, token).await);
    server.serves().await;
}

/// 256 bits of 62 digits that leak into nothing that is kept.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_07_nothing_that_is_kept_or_shown_has_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, issued) = with_one(engine).await;
    let token = issued.token.expose();
    is_active(&ask(&server, token).await);
    let (replaced, _announced) = server
        .engine
        .replace_pat(&server.fresh(&ann).await, issued.pat.id.as_str(), None, None, &server.context())
        .await
        .unwrap();
    let values = [token, replaced.token.expose()];
    let pats = server.engine.pats_of(&ann.id, server.clock.now()).await.unwrap();
    let audit = server.audit().await;
    let mut letters = Vec::new();
    for mail in server.engine.mailbox().await.unwrap() {
        letters.push(server.engine.open_mail(&mail.id).await.unwrap().unwrap().mail);
    }
    assert_eq!(letters.len(), 2);
    let listed = server.manager.pats(None, None, 9).await.unwrap();
    for text in [
        format!("{pats:?}"),
        format!("{audit:?}"),
        format!("{letters:?}"),
        format!("{listed:?}"),
        format!("{issued:?}"),
    ] {
        for value in values {
            assert!(!text.contains(value) && !text.contains(&value[12..54]), "{text}");
        }
    }
    assert_eq!((pats[0].prefix.as_str(), pats[0].last4.as_str()), ("tokenry_pat_", replaced.token.last4()));
    let Some(folder) = server.database.folder() else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for value in values {
            assert!(
                !bytes.windows(value.len()).any(|window| window == value.as_bytes()),
                "{}",
                path.display()
            );
        }
    }
}

/// What is refused counts against whose address asks, and against no API.
#[tokio::test(flavor = "multi_thread")]
async fn int_07_an_api_that_asks_about_nonsense_still_hears_of_what_works() {
    let (server, _ann, issued) = with_one(Sqlite).await;
    for _time in 0..30 {
        is_inactive(&ask(&server, "tokenry_pat_nonsense").await);
    }
    is_active(&ask(&server, issued.token.expose()).await);
}
