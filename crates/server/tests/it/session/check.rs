//! `POST /guard/v1/session-check`: what an API is told of a cookie, which is what holds at this moment.

use rstest::rstest;
use serde_json::json;
use tokenry_jose::{base64url, sha256};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{NAMESPACE, SCOPES};

use super::*;

#[rstest]
#[tokio::test]
async fn r86_a_cookie_opens_what_its_user_may_do_now(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let said = checked(&app, &app.demo.api, ui.cookie(API)).await;
    let mut scope: Vec<_> = said["scope"].as_str().unwrap().split(' ').map(str::to_owned).collect();
    scope.sort();
    let mut all: Vec<_> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    all.sort();
    assert_eq!(scope, all);
    let sessions = app.store.list_sessions(Some(&ann.id), None, 10).await.unwrap();
    let session = sessions.into_iter().find(|session| session.id.as_str() != "sid-ann").unwrap();
    for (member, expected) in [
        ("active", json!(true)),
        ("iss", json!(app.issuer)),
        ("sub", json!(ann.id.as_str())),
        ("aud", json!(tokenry_testkit::AUDIENCE)),
        ("credential", json!("session")),
        ("sid", json!(session.id.as_str())),
        ("auth_time", json!(session.auth_time.as_secs())),
        (NAMESPACE, json!({"companyId": app.demo.acme})),
        ("csrf_sha256", json!(base64url::encode(&sha256(ui.csrf.as_bytes())))),
    ] {
        assert_eq!(said[member], expected, "{member}");
    }
    assert!(said.get("client_id").is_none(), "{said}");
    let again = checked(&app, &app.demo.api, ui.cookie(API)).await;
    assert_eq!(said["jti"].as_str().unwrap()[..11], again["jti"].as_str().unwrap()[..11], "one handle");

    app.database.execute("UPDATE role_permissions SET scope = 'read:timesheets' WHERE role = 'role-of-ann'");
    let less = checked(&app, &app.demo.api, ui.cookie(API)).await;
    assert_eq!(less["scope"], "read:timesheets");
    let shown = ui.get(&app, "/session").await.json();
    assert_eq!(shown["user"]["permissions"], json!(["read:timesheets"]));
    app.database.execute("DELETE FROM role_permissions WHERE role = 'role-of-ann'");
    let nothing = checked(&app, &app.demo.api, ui.cookie(API)).await;
    assert_eq!((&nothing["active"], nothing.get("scope")), (&json!(true), None), "who, and nothing more");
}

#[tokio::test]
async fn int_07_only_apis_ask_and_a_cookie_that_is_none_has_one_answer() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let ask = |id: &str, secret: &str| {
        let request = app.http.post(app.url("/guard/v1/session-check")).basic_auth(id, Some(secret));
        request.json(&json!({"cookie": ui.cookie(API)}))
    };
    for request in [
        app.http.post(app.url("/guard/v1/session-check")).json(&json!({"cookie": ui.cookie(API)})),
        ask(&app.demo.api.id, "wrong"),
        ask(&app.demo.cron.id, &app.demo.cron.secret),
    ] {
        assert_eq!(problem(&Answer::to(request).await), (401, "invalid_client".to_owned()));
    }
    let browser = Answer::to(ask(&app.demo.api.id, &app.demo.api.secret).header("origin", UI)).await;
    assert_eq!(problem(&browser).0, 400, "no page knows an API's secret");
    for body in ["", "{}", r#"{"cookie":7}"#] {
        let request = ask(&app.demo.api.id, &app.demo.api.secret).body(body);
        assert_eq!(problem(&Answer::to(request).await), (400, "invalid_request".to_owned()), "{body}");
    }
    for nothing in ["", "x", &"A".repeat(4_096), "tokenry_pat_x"] {
        assert_eq!(checked(&app, &app.demo.api, nothing).await, json!({"active": false}));
    }
    assert_eq!(checked(&app, &app.demo.api, ui.cookie(API)).await["active"], true);
}

/// Guards say under which name they were sent it; an older one does not.
#[rstest]
#[case::of_the_host(None, "/", API, "__Secure-tokenry_api")]
#[case::of_a_domain(Some("example.com"), "/", "__Secure-tokenry_api", API)]
#[case::of_a_path(None, "/api", "__Secure-tokenry_api", API)]
#[tokio::test]
async fn ses_02_peer_35_a_cookie_under_a_name_that_is_not_set_here_is_none(
    #[case] domain: Option<&str>,
    #[case] path: &str,
    #[case] ours: &str,
    #[case] other: &str,
) {
    let headless = Headless {
        origins: vec![UI.to_owned()],
        cookie_domain: domain.map(str::to_owned),
        cookie_path: path.to_owned(),
    };
    let app = TestApp::with(Options { headless, signing_alg: Algorithm::EdDsa, ..Options::default() }).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let (id, secret) = (&app.demo.api.id, &app.demo.api.secret);
    let told = async |name: serde_json::Value| {
        let request = app.http.post(app.url("/guard/v1/session-check")).basic_auth(id, Some(secret));
        let mut body = json!({"cookie": ui.cookie(ours)});
        if !name.is_null() {
            body["name"] = name;
        }
        Answer::to(request.json(&body)).await
    };
    assert_eq!(told(json!(ours)).await.json()["active"], true);
    for wrong in [other, SID, "tokenry_api", &ours.to_lowercase(), ""] {
        assert_eq!(told(json!(wrong)).await.json(), json!({"active": false}), "{wrong:?}");
    }
    assert_eq!(problem(&told(json!(7)).await), (400, "invalid_request".to_owned()));
    assert_eq!(told(serde_json::Value::Null).await.json()["active"], true);
    assert_eq!(told(json!(ours)).await.json()["active"], true);
}
