//! Whatever ends a session, or its user's right to act, ends the cookie and the JWTs, and is told to guards (SES-07).

use futures_util::future::BoxFuture;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_model::{Actor, CompanyId, UserState};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;

type End = for<'a> fn(&'a TestApp, &'a Person, &'a Ui) -> BoxFuture<'a, ()>;

const ENDS: &[(&str, End)] = &[
    ("signing out", |app, _ann, ui| {
        Box::pin(async move {
            let out = Answer::to(ui.proven(app, Method::DELETE, "/session")).await;
            assert_eq!(out.status, 204);
        })
    }),
    ("an operator ends the session", |app, ann, _ui| {
        Box::pin(async move {
            for session in app.store.list_sessions(Some(&ann.id), None, 10).await.unwrap() {
                app.manager.revoke_session(session.id.as_str()).await.unwrap();
            }
        })
    }),
    ("signed out everywhere", |app, ann, _ui| {
        Box::pin(async move { drop(app.manager.revoke_sessions_of(&ann.username).await.unwrap()) })
    }),
    ("another password", |app, ann, _ui| {
        Box::pin(async move {
            let password = Secret::new("other lanterns at a louder harbour".to_owned());
            app.engine.set_password(&ann.id, &password, Actor::Operator, &app.context()).await.unwrap();
        })
    }),
    ("the user is disabled", |app, ann, _ui| {
        Box::pin(async move {
            let off = UserState::Disabled { at: app.clock.now() };
            app.store.set_user_state(&ann.id, off, app.clock.now(), &[], None).await.unwrap();
        })
    }),
    ("the user is deleted", |app, ann, _ui| {
        Box::pin(async move { drop(app.store.delete_user(&ann.id, app.clock.now(), &[]).await.unwrap()) })
    }),
    ("the company is disabled", |app, _ann, _ui| {
        Box::pin(async move { drop(app.manager.disable_company(&app.demo.acme).await.unwrap()) })
    }),
];

/// Those after which the session still is one, and opens less.
const LESS: &[(&str, End)] = &[
    ("the membership ends", |app, ann, _ui| {
        Box::pin(async move {
            let acme = CompanyId::parse(&app.demo.acme).unwrap();
            app.store.remove_membership(&ann.id, &acme, app.clock.now(), &[]).await.unwrap().unwrap();
        })
    }),
    ("a role is taken away", |app, ann, _ui| {
        Box::pin(async move {
            let mut membership = app.store.list_memberships(&ann.id).await.unwrap().remove(0);
            membership.roles.clear();
            app.store.set_membership_roles(&membership, app.clock.now(), &[]).await.unwrap();
        })
    }),
];

async fn jwt_of(app: &TestApp, ui: &Ui) -> String {
    let request = ui.proven(app, Method::POST, "/session/token").json(&json!({"audience": AUDIENCE}));
    Answer::to(request).await.token()
}

/// Whether guards of the demo's API were told that a handle is dead.
async fn was_told(app: &TestApp, handle: &str) -> bool {
    app.numbered().await;
    let request =
        app.http.get(app.url("/guard/v1/snapshot")).basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
    let snapshot = Answer::to(request).await.json();
    let revoked = snapshot["revoked"].as_array().unwrap();
    revoked.iter().any(|revoked| revoked["what"] == "handle" && revoked["value"] == handle)
}

async fn ends(engine: Engine, (name, end): (&str, End), lives_on: bool) {
    let app = app_on(engine).await;
    let (ann, bob) = (employee(&app, "ann").await, app.person("bob").await);
    let ui = Ui::signed_in(&app, &ann).await;
    let jwt = jwt_of(&app, &ui).await;
    let said = checked(&app, &app.demo.api, ui.cookie(API)).await;
    assert_eq!(introspected(&app, &app.demo.api, &jwt).await["active"], true, "{name}");
    let handle = said["jti"].as_str().unwrap()[..11].to_owned();
    assert!(!was_told(&app, &handle).await);

    end(&app, &ann, &ui).await;
    assert!(was_told(&app, &handle).await, "{name}: guards");
    assert_eq!(introspected(&app, &app.demo.api, &jwt).await, json!({"active": false}), "{name}: the JWT");
    let after = checked(&app, &app.demo.api, ui.cookie(API)).await;
    assert_eq!(after.get("scope"), None, "{name}: {after}");
    let shown = ui.get(&app, "/session").await;
    if lives_on {
        assert_eq!(shown.json()["user"]["permissions"], json!([]), "{name}");
        let traded = ui.proven(&app, Method::POST, "/session/token").json(&json!({"audience": AUDIENCE}));
        assert_eq!(problem(&Answer::to(traded).await), (400, "invalid_target".to_owned()), "{name}");
        let other = after["jti"].as_str().unwrap_or_default();
        assert!(!other.starts_with(&handle), "{name}: what comes after has another handle");
    } else if name != "the company is disabled" {
        assert_eq!((after, shown.status.as_u16()), (json!({"active": false}), 401), "{name}");
    }
    Ui::signed_in(&app, &bob).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ses_07_whatever_ends_a_session_ends_cookie_and_jwt(#[values(Sqlite, Postgres)] engine: Engine) {
    for end in ENDS {
        ends(engine, *end, false).await;
    }
    for end in LESS {
        ends(engine, *end, true).await;
    }
}

#[tokio::test]
async fn ses_01_guards_forget_what_they_know_of_a_user_whose_cookie_is_another() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let mut ui = Ui::signed_in(&app, &ann).await;
    checked(&app, &app.demo.api, ui.cookie(API)).await;
    app.numbered().await;
    let request =
        app.http.get(app.url("/guard/v1/snapshot")).basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
    let seq = Answer::to(request).await.json()["seq"].as_i64().unwrap();
    let mut events = tokenry_testkit::Events::open(&app.issuer, &app.demo.api, seq, "pod-1").await;
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    let change = events.change().await.data;
    assert_eq!((&change["kind"], &change["subject"]), (&json!("subject_changed"), &json!(ann.id.as_str())));
}
