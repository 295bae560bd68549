//! `POST /oauth/token` with a code: bound to client, redirect URI and challenge, redeemed once, and what it yields.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_store::IssueCode;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{
    AUDIENCE, Answer, DemoClient, Member, NAMESPACE, TestApp, VERIFIER, claims_of, header_of,
};

const SCOPE: &str = "openid email offline_access read:timesheets create:timesheets";

async fn world(engine: Engine) -> (TestApp, Member, DemoClient) {
    let app = TestApp::quick(engine).await;
    let person = app.member("ann").await;
    let web = app.application(ClientType::Web, "Web", &[]).await;
    (app, person, web)
}

/// Asserts that a grant was refused.
#[track_caller]
fn is_refused(answer: &Answer) {
    answer.must_be_error(400, "invalid_grant");
}

/// A code that is good and not redeemed yet still is.
async fn works(app: &TestApp, web: &DemoClient, code: &str) {
    let answer = app.redeem(web, code, &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r57_the_tokens_of_a_code_say_who_acts_by_what(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let code = app.code(&ann, &web, SCOPE).await;
    let answer = app.redeem(&web, &code, &[]).await;
    answer.must_be_token_like();
    let body = answer.json();
    assert_eq!(body["scope"], "create:timesheets email offline_access openid read:timesheets");
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
    assert!(body["refresh_token"].as_str().unwrap().starts_with("tokenry_rt_"));

    let token = answer.token();
    assert_eq!(header_of(&token)["typ"], "at+jwt");
    let (claims, now) = (claims_of(&token), app.clock.now().as_secs());
    let expected = json!({
        "iss": app.issuer, "sub": ann.id.as_str(), "aud": [AUDIENCE, app.url("/userinfo")], "iat": now,
        "exp": now + 900, "jti": claims["jti"], "client_id": web.id, "azp": web.id, "auth_time": now,
        "sid": ann.session.as_str(), "scope": body["scope"], NAMESPACE: {"companyId": app.demo.acme},
    });
    assert_eq!(claims, expected, "exactly these, no gty, and nothing personal (R75)");

    let id_token = body["id_token"].as_str().unwrap();
    let header = header_of(id_token);
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("JWT")));
    let claims = claims_of(id_token);
    let expected = json!({
        "iss": app.issuer, "sub": ann.id.as_str(), "aud": web.id, "azp": web.id, "iat": now, "exp": now + 900,
        "auth_time": now, "nonce": "n-0S6_WzA2Mj", "amr": ["pwd"], "sid": ann.session.as_str(),
        "at_hash": claims["at_hash"], "email": "ann@acme.example", "email_verified": true,
    });
    assert_eq!(claims, expected);
    let hash = tokenry_jose::sha256(token.as_bytes());
    assert_eq!(claims["at_hash"], tokenry_jose::base64url::encode(&hash[..16]));
}

#[tokio::test(flavor = "multi_thread")]
async fn r67_without_openid_or_offline_access_there_is_neither_token() {
    let (app, ann, web) = world(Sqlite).await;
    let answer = app.redeem(&web, &app.code(&ann, &web, "read:timesheets").await, &[]).await;
    let body = answer.json();
    assert_eq!((&body["id_token"], &body["refresh_token"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&body["scope"], &claims_of(&answer.token())["aud"]),
        (&json!("read:timesheets"), &json!(AUDIENCE))
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_01_a_second_redemption_ends_what_the_first_one_got(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let [code, other] = [app.code(&ann, &web, SCOPE).await, app.code(&ann, &web, SCOPE).await];
    let refresh = app.redeem(&web, &code, &[]).await.json()["refresh_token"].as_str().unwrap().to_owned();
    is_refused(&app.redeem(&web, &code, &[]).await);
    is_refused(&app.refresh(&web, &refresh, &[]).await);
    is_refused(&app.redeem(&web, &code, &[]).await);
    assert!(app.audit().await.iter().any(|record| record.event == "code.replayed"));
    works(&app, &web, &other).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_02_of_twenty_at_two_replicas_one_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let (code, replica) = (app.code(&ann, &web, SCOPE).await, app.replica().await);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", tokenry_testkit::CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", &web.id),
        ("client_secret", &web.secret),
    ];
    let asks = (0..20).map(|n| {
        let url = if n % 2 == 0 { app.url("/oauth/token") } else { format!("{replica}/oauth/token") };
        let host = app.address.clone();
        tokio::spawn(Answer::to(app.http.post(url).header("Host", host).form(&form)))
    });
    let mut good = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        let answer = ask.await.unwrap();
        match answer.status.as_u16() {
            200 => good.push(answer.json()["refresh_token"].as_str().unwrap().to_owned()),
            503 => {}
            _ => is_refused(&answer),
        }
    }
    assert_eq!(good.len(), 1);
    is_refused(&app.refresh(&web, &good[0], &[]).await);
    works(&app, &web, &app.code(&ann, &web, SCOPE).await).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_03_another_clients_attempt_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let code = app.code(&ann, &web, SCOPE).await;
    let others = [
        app.application(ClientType::Web, "Other", &[]).await,
        app.application(ClientType::Spa, "Public", &[]).await,
        app.application(ClientType::ThirdParty, "Foreign", &[]).await,
    ];
    for other in &others {
        is_refused(&app.redeem(other, &code, &[]).await);
    }
    app.redeem(&app.demo.cron, &code, &[]).await.must_be_error(400, "unauthorized_client");
    works(&app, &web, &code).await;
    let replay = app.redeem(&others[0], &code, &[]).await;
    is_refused(&replay);
    assert!(
        !app.audit().await.iter().any(|record| record.event == "code.replayed"),
        "it is not theirs to end"
    );
}

#[rstest]
#[case::code_04_no_redirect_uri(&[("redirect_uri", "")])]
#[case::code_04_another_redirect_uri(&[("redirect_uri", "http://127.0.0.1:8702/callback/")])]
#[case::code_04_with_a_query(&[("redirect_uri", "http://127.0.0.1:8702/callback?a=b")])]
#[tokio::test(flavor = "multi_thread")]
async fn code_04_a_wrong_redirect_uri_is_refused_and_burns_nothing(#[case] other: &[(&str, &str)]) {
    let (app, ann, web) = world(Sqlite).await;
    let code = app.code(&ann, &web, SCOPE).await;
    is_refused(&app.redeem(&web, &code, other).await);
    works(&app, &web, &code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_05_a_code_lives_for_a_minute() {
    let (app, ann, web) = world(Sqlite).await;
    let [late, good] = [app.code(&ann, &web, SCOPE).await, app.code(&ann, &web, SCOPE).await];
    app.clock.advance(Duration::from_millis(59_999));
    works(&app, &web, &good).await;
    app.clock.advance(Duration::from_millis(1));
    is_refused(&app.redeem(&web, &late, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn code_06_peer_28_what_is_no_code_changes_nothing() {
    let (app, ann, web) = world(Sqlite).await;
    let [code, other] = [app.code(&ann, &web, SCOPE).await, app.code(&ann, &web, SCOPE).await];
    let flipped = if code.starts_with('a') { code.replacen('a', "b", 1) } else { format!("a{}", &code[1..]) };
    let swapped: String =
        code.chars().map(|it| if it.is_lowercase() { it.to_ascii_uppercase() } else { it }).collect();
    let tokens = app.redeem(&web, &app.code(&ann, &web, SCOPE).await, &[]).await;
    let [access, refresh] = [tokens.token(), tokens.json()["refresh_token"].as_str().unwrap().to_owned()];
    for wrong in [
        &flipped,
        &swapped,
        &code[1..],
        &code[..20],
        &format!("{code}a"),
        &format!("{code} "),
        &format!("{}{}", &code[..22], &other[22..]),
        &access,
        &refresh,
        &web.secret,
    ] {
        is_refused(&app.redeem(&web, wrong, &[]).await);
    }
    assert!(code.len() == 43 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()), "256 bits (CODE-07)");
    let stored = format!("{:?}", app.database.dump());
    assert!(
        !stored.contains(&code) && !stored.contains(&refresh),
        "only digests are stored (CODE-07, RT-14)"
    );
    works(&app, &web, &code).await;
    works(&app, &web, &other).await;
}

/// What a code rests on beside its client.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Consent,
    Membership,
    Session,
    User,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_08_a_code_dies_with_what_it_rests_on(
    #[values(Rest::Consent, Rest::Membership, Rest::Session, Rest::User)] rest: Rest,
) {
    let (app, ann, web) = world(Sqlite).await;
    let bob = app.member("bob").await;
    let (code, bobs) = (app.code(&ann, &web, SCOPE).await, app.code(&bob, &web, SCOPE).await);
    let (manager, id) = (&app.manager, ann.id.as_str());
    let ended = match rest {
        Rest::Consent => manager.revoke_consent(id, &web.id).await,
        Rest::Membership => manager.remove_member(ann.company.as_str(), id).await,
        Rest::Session => manager.revoke_session(ann.session.as_str()).await,
        Rest::User => manager.disable_user(id).await,
    };
    ended.unwrap();
    is_refused(&app.redeem(&web, &code, &[]).await);
    works(&app, &web, &bobs).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_10_a_code_outlives_a_rotation_and_another_server(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let code = app.code(&ann, &web, SCOPE).await;
    let replica = app.replica().await;
    app.keyholder()
        .await
        .rotate(tokenry_jose::Algorithm::EdDsa, tokenry_engine::keys::Outgoing::Retire, app.clock.now())
        .await
        .unwrap();
    let host = app.address.clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", tokenry_testkit::CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", &web.id),
        ("client_secret", &web.secret),
    ];
    let answer =
        Answer::to(app.http.post(format!("{replica}/oauth/token")).header("Host", host).form(&form)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    is_refused(&app.redeem(&web, &code, &[]).await);
}

#[rstest]
#[case::pk_04_none(&[("code_verifier", "")])]
#[case::pk_06_wrong(&[("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK")])]
#[case::pk_08_of_another_request(&[("code_verifier", "another-request-of-the-same-user-has-this-verifier")])]
#[tokio::test(flavor = "multi_thread")]
async fn pk_06_a_wrong_verifier_burns_the_code(#[case] other: &[(&str, &str)]) {
    let (app, ann, web) = world(Sqlite).await;
    let code = app.code(&ann, &web, SCOPE).await;
    is_refused(&app.redeem(&web, &code, other).await);
    is_refused(&app.redeem(&web, &code, &[]).await);
    assert!(app.audit().await.iter().any(|record| record.event == "code.burned"));
    works(&app, &web, &app.code(&ann, &web, SCOPE).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pk_05_a_verifier_without_a_challenge_is_refused() {
    let (app, ann, web) = world(Sqlite).await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let (mut issue, code) = app.authorization(&ann, &web, SCOPE).await;
        issue.code.code_challenge = None;
        assert_eq!(app.store.issue_code(issue).await.unwrap(), IssueCode::Issued);
        codes.push(code);
    }
    is_refused(&app.redeem(&web, &codes[0], &[]).await);
    let answer = app.redeem(&web, &codes[1], &[("code_verifier", "")]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tok_15_tok_20_who_may_not_gets_nothing() {
    let (app, ann, web) = world(Sqlite).await;
    let code = app.code(&ann, &web, SCOPE).await;
    app.redeem(&web, &code, &[("code", "")]).await.must_be_error(400, "invalid_request");
    app.redeem(&web, &code, &[("client_secret", "wrong")]).await.must_be_error(401, "invalid_client");
    app.redeem(&web, &code, &[("client_secret", "")]).await.must_be_error(401, "invalid_client");
    app.redeem(&web, &code, &[("audience", "https://other.example.com")])
        .await
        .must_be_error(400, "invalid_target");
    works(&app, &web, &code).await;
    let code = app.code(&ann, &web, SCOPE).await;
    app.manager.disable_client(&web.id).await.unwrap();
    app.redeem(&web, &code, &[]).await.must_be_error(401, "invalid_client");
}

/// A public client says who it is, and proves by the verifier that the code is its own.
#[tokio::test(flavor = "multi_thread")]
async fn code_03_a_public_client_redeems_by_its_name_alone() {
    let (app, ann, _web) = world(Sqlite).await;
    let spa = app.application(ClientType::Spa, "SPA", &[]).await;
    let answer = app.redeem(&spa, &app.code(&ann, &spa, SCOPE).await, &[]).await;
    assert_eq!(claims_of(&answer.token())["azp"], spa.id);
    let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(app.refresh(&spa, &refresh, &[]).await.status, 200);
}

#[rstest]
#[case(Dialect::Auth0, TokenFormat::Jwt)]
#[case(Dialect::Rfc, TokenFormat::Opaque)]
#[tokio::test(flavor = "multi_thread")]
async fn r57_every_kind_of_api_gets_its_kind_of_token(#[case] dialect: Dialect, #[case] format: TokenFormat) {
    let (app, ann, web) = world(Sqlite).await;
    app.database.execute(&format!(
        "UPDATE resource_servers SET dialect = '{dialect}', token_format = '{}', version = version + 1",
        format.as_str()
    ));
    let answer = app.redeem(&web, &app.code(&ann, &web, SCOPE).await, &[]).await;
    let token = answer.token();
    if format == TokenFormat::Opaque {
        assert!(!token.contains('.'), "{token}");
        return;
    }
    assert_eq!(header_of(&token)["typ"], "JWT");
    let claims = claims_of(&token);
    assert_eq!(
        (&claims["sub"], &claims["gty"], &claims["client_id"]),
        (&json!(ann.id.as_str()), &Value::Null, &Value::Null)
    );
    assert_eq!(Dialect::Auth0.confused(claims.as_object().unwrap()), None, "guards take it");
    let id_token = claims_of(answer.json()["id_token"].as_str().unwrap());
    assert!(Dialect::Auth0.confused(id_token.as_object().unwrap()).is_some(), "and no ID token for one");
}
