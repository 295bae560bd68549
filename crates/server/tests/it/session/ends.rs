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

/// A cookie that somebody else planted beside it keeps no session alive that was signed out.
#[rstest]
#[case::another_users_for_apis("another's")]
#[case::garbage_for_apis("garbage")]
#[case::twice("twice")]
#[case::its_user_is_leaving("leaving")]
#[tokio::test]
async fn ses_07_signing_out_ends_what_each_cookie_names(
    #[case] what: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app_on(engine).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let (ui, bobs) = (Ui::signed_in(&app, &ann).await, Ui::signed_in(&app, &bob).await);
    let shown = match what {
        "another's" => ui.with(API, bobs.cookie(API)),
        "garbage" => ui.with(API, "garbage"),
        "twice" => ui.with(SID, &format!("{0}; {SID}={0}", ui.cookie(SID))),
        _ => {
            let due = 32_503_680_000_000_u64;
            app.database.execute(&format!("UPDATE users SET delete_at = {due} WHERE id = '{}'", ann.id));
            ui.clone()
        }
    };
    let sessions = async || app.store.list_sessions(Some(&ann.id), None, 9).await.unwrap().len();
    let before = sessions().await;
    let unproven = Answer::to(shown.request(&app, Method::DELETE, "/session")).await;
    assert_eq!(problem(&unproven), (403, "csrf_failed".to_owned()));
    assert_eq!(sessions().await, before);
    let answer = Answer::to(shown.proven(&app, Method::DELETE, "/session")).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2, "both are taken back");
    assert_eq!(sessions().await, before - 1);
    assert_eq!(ui.get(&app, "/session").await.status, 401);
    assert_eq!(bobs.get(&app, "/session").await.status, 200, "without a proof of his, his goes on");
}

#[tokio::test]
async fn ses_17_a_cookie_and_an_authorization_field_are_two() {
    let app = app_on(Sqlite).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let ui = Ui::signed_in(&app, &ann).await;
    for (method, path) in [
        (Method::GET, "/session"),
        (Method::GET, "/session/csrf"),
        (Method::POST, "/session"),
        (Method::POST, "/session/token"),
        (Method::DELETE, "/session"),
    ] {
        for value in ["Bearer abc", "Secret abc", "nonsense"] {
            let body = json!({"username": bob.username, "password": bob.password, "audience": AUDIENCE});
            let request = ui.proven(&app, method.clone(), path).header("authorization", value).json(&body);
            let answer = Answer::to(request).await;
            assert_eq!(problem(&answer), (400, "invalid_request".to_owned()), "{method} {path} {value}");
        }
    }
    assert_eq!(ui.get(&app, "/session").await.json()["user"]["id"], ann.id.as_str());
}
