//! Who is told, of what, by what token.

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::NewClient;
use tokenry_model::{ClientType, LogoutOutcome};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, claims_of};

use super::{LogoutReceiver, World};

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let world = World::on(Sqlite).await;
    let address = world.app.url("/.well-known/openid-configuration");
    let said = Answer::to(world.app.http.get(address)).await.json();
    let supported = (&said["backchannel_logout_supported"], &said["backchannel_logout_session_supported"]);
    assert_eq!(supported, (&json!(true), &json!(true)));
    assert_eq!(said["end_session_endpoint"], world.app.url("/oidc/logout"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_backchannel_rp_initiated_logout(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let receiver = LogoutReceiver::start().await;
    let (client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    let tokens = receiver.tokens(1).await;
    let mut said = world.read(&tokens[0]).await;
    let jti = said["jti"].take();
    assert!(jti.as_str().is_some_and(|jti| jti.len() >= 22), "{jti}");
    let now = world.app.clock.now().as_secs();
    let expected = json!({
        "iss": world.app.issuer,
        "sub": claims_of(&id_token)["sub"],
        "aud": client.id,
        "iat": now,
        "exp": now + 120,
        "jti": null,
        "sid": claims_of(&id_token)["sid"],
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    assert_eq!(said, expected, "and no nonce");
    let listed = world.ended(1, LogoutOutcome::Delivered).await;
    assert_eq!((listed[0].logout.attempts, listed[0].logout.last_answer.as_deref()), (1, Some("200")));
    assert_eq!(receiver.so_far().len(), 1, "once");
    let recorded = world.recorded("logout.delivered").await;
    let due = json!({ "answer": "200", "attempts": 1, "client": client.id, "user": world.ann.id.as_str() });
    assert_eq!(recorded, [due]);
}

/// Each of them, also who says 204; nobody who has not signed in to it, and nobody else's session.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn out_07_every_application_of_the_session_is_told_and_no_other(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let [one, two, none] =
        [LogoutReceiver::start().await, LogoutReceiver::start().await, LogoutReceiver::start().await];
    two.answers(204);
    let (first, id_token) = world.signed_in_at("One", &one.uri).await;
    world.signed_in_at("Two", &two.uri).await;
    let new = NewClient {
        backchannel_logout_uri: Some(none.uri.clone()),
        ..NewClient::new(ClientType::Web, "Not signed in to")
    };
    world.app.manager.create_client(new).await.unwrap();
    let bob = world.app.member("bob").await;
    world.sign_in(&bob, &first).await;
    world.sign_out(&id_token).await;
    world.ended(2, LogoutOutcome::Delivered).await;
    for told in [&one, &two] {
        let tokens = told.so_far();
        assert_eq!(tokens.len(), 1);
        assert_eq!(claims_of(&tokens[0])["sub"], world.ann.id.as_str());
    }
    assert_eq!(none.so_far().len(), 0);
}

/// Who got no ID token has signed nobody in and knows no session: its tokens end, and that is all it has.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_was_issued_no_id_token_is_told_of_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let [told, plain] = [LogoutReceiver::start().await, LogoutReceiver::start().await];
    let (_client, id_token) = world.signed_in_at("Web", &told.uri).await;
    let client = world.application("Plain", &plain.uri).await;
    let code = world.app.code(&world.ann, &client, "offline_access read:timesheets").await;
    let tokens = world.app.redeem(&client, &code, &[]).await.json();
    assert!(tokens.get("id_token").is_none(), "{tokens}");
    world.sign_out(&id_token).await;
    let listed = world.ended(1, LogoutOutcome::Delivered).await;
    assert_eq!((listed.len(), told.so_far().len(), plain.so_far().len()), (1, 1, 0), "{listed:?}");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    world.app.refresh(&client, refresh, &[]).await.must_be_error(400, "invalid_grant");

    // One that got an ID token once is told, also if it has asked for none since.
    let session = world.app.sign_in(&world.ann.id, "sid-again");
    let ann = tokenry_testkit::Member { session, ..world.ann.clone() };
    world.sign_in(&ann, &client).await;
    let code = world.app.code(&ann, &client, "read:timesheets").await;
    assert!(!world.app.redeem(&client, &code, &[]).await.token().is_empty());
    world.app.operator().await.revoke_session(ann.session.as_str()).await.unwrap();
    let said = claims_of(&plain.tokens(1).await[0]);
    assert_eq!((&said["aud"], &said["sid"]), (&json!(client.id), &json!("sid-again")));
}

/// By whatever way: the operator's commands work in another process, so their sessions are found by looking.
#[rstest]
#[case::one_session("revoke")]
#[case::everywhere("everywhere")]
#[case::disabled("disable")]
#[case::removed("delete")]
#[tokio::test(flavor = "multi_thread")]
async fn ses_07_what_an_operator_ends_applications_hear_of(#[case] way: &str) {
    let world = World::on(Sqlite).await;
    let receiver = LogoutReceiver::start().await;
    world.signed_in_at("Web", &receiver.uri).await;
    let (operator, ann) = (world.app.operator().await, world.ann.id.as_str());
    match way {
        "revoke" => drop(operator.revoke_session(world.ann.session.as_str()).await.unwrap()),
        "everywhere" => drop(operator.revoke_sessions_of(ann).await.unwrap()),
        "disable" => drop(operator.disable_user(ann).await.unwrap()),
        _ => drop(operator.delete_user(ann).await.unwrap()),
    }
    let tokens = receiver.tokens(1).await;
    let said = claims_of(&tokens[0]);
    assert_eq!((&said["sub"], &said["sid"]), (&json!(ann), &json!(world.ann.session.as_str())));
}

/// It opens nothing that the other tokens of the same client and session open, and is no hint of who is to be signed out,
/// although all that it says is true.
#[tokio::test(flavor = "multi_thread")]
async fn jwt_14_web_06_a_logout_token_is_nothing_else() {
    let world = World::on(Sqlite).await;
    let receiver = LogoutReceiver::start().await;
    let (client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    let logout_token = receiver.tokens(1).await.remove(0);
    // The very session that it names lives again, in this browser, with tokens of the same client.
    world.app.sign_in(&world.ann.id, world.ann.session.as_str());
    let code = world.app.code(&world.ann, &client, super::SCOPE).await;
    let access = world.app.redeem(&client, &code, &[]).await.token();
    let [ours, theirs] = [&access, &logout_token].map(|token| claims_of(token));
    assert_eq!((&theirs["sub"], &theirs["sid"]), (&ours["sub"], &ours["sid"]));

    for (token, status, active) in [(&access, 200, true), (&logout_token, 401, false)] {
        let userinfo = world.app.http.get(world.app.url("/userinfo")).bearer_auth(token);
        assert_eq!(Answer::to(userinfo).await.status.as_u16(), status, "{active}");
        let api = &world.app.demo.api;
        for (id, secret) in [(&client.id, &client.secret), (&api.id, &api.secret)] {
            let ask = world.app.http.post(world.app.url("/oauth/introspect")).basic_auth(id, Some(secret));
            let said = Answer::to(ask.form(&[("token", token)])).await.json();
            assert_eq!(said["active"], active, "{id}: {said}");
        }
        let own = [("client_id", client.id.as_str()), ("client_secret", &client.secret), ("token", token)];
        let revoke = world.app.http.post(world.app.url("/oauth/revoke")).form(&own);
        if !active {
            assert_eq!(Answer::to(revoke).await.status, 200);
        }
    }
    let userinfo = world.app.http.get(world.app.url("/userinfo")).bearer_auth(&access);
    assert_eq!(Answer::to(userinfo).await.status, 200, "and it revokes nothing");

    let hinted = |token: &str| {
        let form = [("id_token_hint", token.to_owned())];
        Answer::to(world.app.http.post(world.app.url("/oidc/logout")).form(&form))
    };
    let page = |location: &str| {
        let page = world.app.http.get(world.app.url(location));
        Answer::to(page.header("cookie", world.app.cookie(&world.ann)))
    };
    let asked = hinted(&logout_token).await;
    assert_eq!((asked.status.as_u16(), asked.header("location")), (303, "/logout"), "it names nobody");
    assert_eq!(page("/logout").await.status, 200, "the user is asked");
    assert_eq!(page("/account").await.status, 200, "and is signed in still");
    let asked = hinted(&id_token).await;
    assert_eq!(page(asked.header("location")).await.status, 303, "an ID token of that session is a hint");
    assert_eq!(page("/account").await.status, 303);
}
