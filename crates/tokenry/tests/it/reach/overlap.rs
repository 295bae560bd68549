//! A value in whose place another is ends at APIs when its overlap does, however lately it was used there (A14).

use std::time::Duration;

use axum::routing::get;
use rstest::rstest;
use tokenry_guard::{Requirement as _, Secret};
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{Answer, Engine, TestApp, new_pat};

use super::api::{Api, Registered};

tokenry_guard::scopes! {
    Read = "read:timesheets";
}

const OVERLAP: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
enum Kind {
    AccountSecret,
    PersonalAccessToken,
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_sec_07_what_was_used_just_now_ends_with_its_overlap(
    #[values(Kind::AccountSecret, Kind::PersonalAccessToken)] kind: Kind,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let api = Api::serving(Registered::of(&app), app.clock.clone(), |router| {
        router.route("/any", get(async || "ok"), Read.accept(Secret))
    })
    .await;
    let (ann, context) = (app.member("ann").await, app.context());
    let (first, second, announced) = match kind {
        Kind::AccountSecret => {
            let first = app.account_secret(&ann.id).await;
            called(&app, &api, kind, &first, 200).await;
            let fresh = app.fresh(&ann).await;
            let rotated = app.engine.rotate_account_secret(&fresh, Some(OVERLAP), None, &context).await;
            let (second, announced) = rotated.unwrap();
            (first, second.expose().to_owned(), announced)
        }
        Kind::PersonalAccessToken => {
            let issued = app.pat(&ann, new_pat("CI")).await;
            let (first, fresh) = (issued.token.expose().to_owned(), app.fresh(&ann).await);
            called(&app, &api, kind, &first, 200).await;
            let id = issued.pat.id.as_str();
            let rolled = app.engine.replace_pat(&fresh, id, Some(OVERLAP), None, &context).await;
            let (second, announced) = rolled.unwrap();
            (first, second.token.expose().to_owned(), announced)
        }
    };
    assert!(app.engine.propagated(&announced).await);
    for value in [&first, &second] {
        called(&app, &api, kind, value, 200).await;
    }
    app.clock.advance(OVERLAP);
    called(&app, &api, kind, &first, 401).await;
    called(&app, &api, kind, &second, 200).await;
}

async fn called(app: &TestApp, api: &Api, kind: Kind, value: &str, status: u16) {
    let request = app.http.get(format!("{}/any", api.url));
    let request = match kind {
        Kind::AccountSecret => request.header("authorization", format!("Secret {value}")),
        Kind::PersonalAccessToken => request.bearer_auth(value),
    };
    assert_eq!(Answer::to(request).await.status.as_u16(), status, "{kind:?}");
}
