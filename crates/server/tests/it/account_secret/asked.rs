//! What an API is told of an account secret that somebody shows there: what its user may do now, and nothing to anybody else.

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::{Allowance, AllowedScopes, UpdateRole};
use tokenry_model::{CompanyId, Digest, DigestDomain};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Member, NAMESPACE, SCOPES, new_pat};

use super::*;
use crate::app::basic;
use crate::introspect::{is_active, is_inactive};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r100_an_api_is_told_who_acts_and_what_they_may_do_now(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let now = server.clock.now().as_secs();
    let answer = ask(&server, &secret).await;
    is_active(&answer);
    let jti = answer.json()["jti"].clone();
    assert_eq!(jti.as_str().unwrap().len(), 32);
    let expected = json!({
        "active": true, "token_type": "Secret", "iss": server.issuer, "sub": ann.id.as_str(), "aud": AUDIENCE,
        "credential": "account_secret", "scope": SCOPES.join(" "), "iat": now, "exp": now + 3_600, "jti": jti,
        NAMESPACE: {"companyId": server.demo.acme},
    });
    assert_eq!(answer.json(), expected, "and no client, no session, no sign-in");
    for client in [&server.demo.cron, &server.demo.readonly, &server.demo.globex_client] {
        is_inactive(&introspect(&server, client, &secret).await);
    }
}

/// By construction: one function decides on both.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r81_it_opens_what_a_token_for_everything_opens(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let same = async || {
        let (one, two) = (ask(&server, &secret).await.json(), ask(&server, pat.token.expose()).await.json());
        for claim in ["active", "sub", "scope", NAMESPACE] {
            assert_eq!(one.get(claim), two.get(claim), "{claim}");
        }
        one
    };
    assert_eq!(same().await["scope"], SCOPES.join(" "));
    let scopes = AllowedScopes::Only(vec!["read:timesheets".to_owned()]);
    let allow = vec![Allowance { api: AUDIENCE.to_owned(), scopes }];
    server.manager.update_role("role-of-ann", UpdateRole { allow, ..UpdateRole::default() }).await.unwrap();
    assert_eq!(same().await["scope"], "read:timesheets");
    server.manager.disable_company(&server.demo.acme).await.unwrap();
    assert_eq!(ask(&server, &secret).await.json().get("scope"), None);
    server.manager.enable_company(&server.demo.acme).await.unwrap();
    assert_eq!(same().await["scope"], "read:timesheets");
    server.manager.disable_user(ann.id.as_str()).await.unwrap();
    assert_eq!(same().await["active"], false);
    server.manager.enable_user(ann.id.as_str()).await.unwrap();
    assert_eq!(same().await["active"], true, "only silenced: nothing was ended");
    server.manager.delete_user(ann.id.as_str()).await.unwrap();
    assert_eq!(same().await["active"], false);
}

/// It names no company, so it is for the only one, or for none: nobody acts for one that was not meant.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_06_with_two_companies_it_is_for_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, secret) = with_one(engine).await;
    let (acme, globex) = (server.demo.acme.clone(), server.demo.globex.clone());
    let told = async || {
        let told = ask(&server, &secret).await.json();
        (told["active"].clone(), told.get("scope").cloned(), told.get(NAMESPACE).cloned())
    };
    let all = Some(json!(SCOPES.join(" ")));
    assert_eq!(told().await, (json!(true), all.clone(), Some(json!({"companyId": acme}))));
    server.manager.add_member(&globex, ann.id.as_str(), &["role-of-ann".to_owned()]).await.unwrap();
    assert_eq!(told().await, (json!(true), None, None));
    server.manager.remove_member(&acme, ann.id.as_str()).await.unwrap();
    assert_eq!(told().await, (json!(true), all, Some(json!({"companyId": globex}))));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_company_may_do_nothing_by_it() {
    let server = Server::start().await;
    let person = server.person("root").await;
    let session = server.sign_in(&person.id, "sid-nobody");
    let root = Member { id: person.id, session, company: CompanyId::parse("none").unwrap() };
    let secret = server.account_secret(&root.id).await;
    let told = ask(&server, &secret).await.json();
    assert_eq!((&told["active"], told.get("scope"), told.get(NAMESPACE)), (&json!(true), None, None));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sec_08_sec_09_what_is_nearly_it_is_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, _ann, secret) = with_one(engine).await;
    let digest = Digest::of(DigestDomain::AccountSecret, &Secret::new(secret.clone()));
    let hex = hex::encode(digest.as_bytes());
    for near in [
        secret[..secret.len() - 1].to_owned(),
        format!("{secret}0"),
        secret.to_lowercase(),
        secret.to_uppercase(),
        format!("+{secret}"),
        format!("{secret}%0A"),
        format!("{secret}%CC%81"),
        secret.replace('_', "%255F"),
        secret.replace("tokenry_as_", "tokenry_pat_"),
        secret.replace("tokenry_", "other_"),
        secret.trim_start_matches("tokenry_as_").to_owned(),
        // What is stored opens nothing.
        hex,
        tokenry_jose::base64url::encode(digest.as_bytes()),
    ] {
        is_inactive(&ask(&server, &near).await);
        let near = near.replace("%0A", "").replace("%CC%81", "x");
        if near != secret {
            ask_as(&server, &format!("Secret {near}"), "x").await.is_error(401, "invalid_client");
        }
    }
    is_active(&ask(&server, &secret).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_03_it_is_no_other_credential() {
    let (server, _ann, secret) = with_one(Sqlite).await;
    let (id, before) = (&server.demo.cron.id, kept(&server));
    server
        .form(format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"), &[])
        .await
        .is_error(401, "invalid_client");
    let proof = format!("client_id={id}&client_secret={}", server.demo.cron.secret);
    for grant in [
        format!("grant_type=refresh_token&refresh_token={secret}"),
        format!("grant_type=authorization_code&code={secret}&redirect_uri=http://127.0.0.1:8702/callback"),
    ] {
        let answer = server.form(format!("{grant}&{proof}"), &[]).await;
        assert!([400, 401].contains(&answer.status), "{answer:?}");
    }
    for value in [format!("Bearer {secret}"), format!("Secret {secret}")] {
        assert_eq!(server.ask("GET /userinfo", &[("Authorization", &value)], "").await.status, 401);
    }
    // RFC 7009 §2.1: a client revokes what was issued to it.
    let authorization = basic(id, &server.demo.cron.secret);
    let fields = [FORM, ("Authorization", authorization.as_str())];
    let answer = server.ask("POST /oauth/revoke", &fields, format!("token={secret}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(kept(&server), before);
    is_active(&ask(&server, &secret).await);
    server.serves().await;
}
