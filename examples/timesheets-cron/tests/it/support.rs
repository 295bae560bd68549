//! The Timesheets API and a token endpoint on this machine, and the program run against them.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::json;
use tempfile::TempDir;
use timesheets_api::App;
use tokenry_guard::testing::{AUDIENCE, TestIssuer};
use tokio::net::TcpListener;
use tokio::process::Command;

pub(crate) const SECRET: &str = "tokenry_cs_do-not-print-me";

pub(crate) struct World {
    pub(crate) api_url: String,
    pub(crate) folder: TempDir,
    pub(crate) issuer_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: TestIssuer,
    mints: AtomicUsize,
    /// Statuses with which the API answers its next requests, instead of what it would.
    overload: Mutex<VecDeque<(StatusCode, &'static str)>>,
    scope: Mutex<&'static str>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared {
            issuer: TestIssuer::new(),
            mints: AtomicUsize::new(0),
            overload: Mutex::default(),
            scope: Mutex::new("create:timesheets read:timesheets"),
        });
        let guard = shared.issuer.guard_builder().build().await.unwrap();
        let clock = Arc::new(shared.issuer.clock().clone());
        let app = App::with_guard(guard, &folder.path().join("timesheets.db"), clock).unwrap();
        let api = app.router().layer(middleware::from_fn_with_state(Arc::clone(&shared), overload));
        let issuer =
            Router::new().route("/oauth/token", routing::post(token)).with_state(Arc::clone(&shared));
        Self { api_url: serve(api).await, issuer_url: serve(issuer).await, folder, shared }
    }

    pub(crate) fn mints(&self) -> usize {
        self.shared.mints.load(Ordering::SeqCst)
    }

    pub(crate) fn overload(&self, answers: impl IntoIterator<Item = (StatusCode, &'static str)>) {
        self.shared.overload.lock().unwrap().extend(answers);
    }

    pub(crate) fn grant(&self, scope: &'static str) {
        *self.shared.scope.lock().unwrap() = scope;
    }

    pub(crate) fn file(&self, lines: &str) -> PathBuf {
        let path = self.folder.path().join("sheets.csv");
        std::fs::write(&path, format!("employee,week,hours\n{lines}")).unwrap();
        path
    }

    /// The program, configured for this world.
    pub(crate) fn command(&self) -> Command {
        let mut command = bare_command();
        command.env("ISSUER", &self.issuer_url).env("AUDIENCE", AUDIENCE).env("API_URL", &self.api_url);
        command.env("CLIENT_ID", "cron").env("CLIENT_SECRET", SECRET);
        command
    }

    pub(crate) async fn upload(&self, lines: &str) -> Run {
        run(self.command().arg("--file").arg(self.file(lines))).await
    }
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stderr: String,
    pub(crate) stdout: String,
}

impl Run {
    /// The words of the table's result column.
    pub(crate) fn results(&self) -> Vec<&str> {
        let words = ["created", "existed", "refused"];
        self.stdout
            .lines()
            .skip(1)
            .filter_map(|line| words.into_iter().find(|word| line.contains(word)))
            .collect()
    }
}

/// The program, without anything in its environment.
pub(crate) fn bare_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timesheets-cron"));
    command.env_clear();
    command
}

pub(crate) async fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let run = Run {
        code: status.code().unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
    };
    assert!(!run.stderr.contains(SECRET) && !run.stdout.contains(SECRET), "{run:?}");
    run
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn overload(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let answer = shared.overload.lock().unwrap().pop_front();
    match answer {
        Some((status, retry_after)) => (status, [(header::RETRY_AFTER, retry_after)]).into_response(),
        None => next.run(request).await,
    }
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    shared.mints.fetch_add(1, Ordering::SeqCst);
    // "cron:tokenry_cs_do-not-print-me"
    if headers["authorization"] != "Basic Y3Jvbjp0b2tlbnJ5X2NzX2RvLW5vdC1wcmludC1tZQ==" {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    assert!(body.contains("grant_type=client_credentials"), "{body}");
    let scope = *shared.scope.lock().unwrap();
    let token = shared.issuer.token().client("cron").company("acme").claim("scope", scope).mint();
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": scope }))
        .into_response()
}
