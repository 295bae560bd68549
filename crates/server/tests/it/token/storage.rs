//! A database that is away, busy, full of triggers or stolen (DB-04, DB-05, DB-07, LEAK-02, LEAK-05, LEAK-06, R16).

use std::time::Duration;

use reqwest::StatusCode;
use rstest::rstest;
use tokenry_testkit::{Answer, Engine, Log, Refusal, Refusals, TestApp};

use super::support::{another_job, break_audit, mend_audit};

async fn status(app: &TestApp, path: &str) -> StatusCode {
    Answer::to(app.http.get(app.url(path))).await.status
}

/// Storage that is gone answers 503 at what needs it; what does not is still served.
#[rstest]
#[tokio::test]
async fn db_05_without_a_database_there_is_no_token_and_still_a_key_set(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    assert_eq!(status(&app, "/readyz").await, 200);
    app.store.db().close().await;
    for _again in 0..2 {
        let answer = app.ask(&app.demo.cron, &[]).await;
        answer.must_be_error(503, "temporarily_unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    }
    let poll = app.http.get(app.url("/guard/v1/snapshot"));
    let poll = poll.basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
    assert_eq!(Answer::to(poll).await.status, 503, "never an empty directory");
    assert_eq!(status(&app, "/readyz").await, 503);
    for path in [
        "/healthz",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        assert_eq!(status(&app, path).await, 200, "{path}");
    }
}

/// A PostgreSQL that goes away in the middle, and comes back.
#[tokio::test]
async fn db_05_a_server_that_lost_its_database_says_so_and_recovers() {
    let app = TestApp::quick(Engine::Postgres).await;
    let name = app.database.execute("SELECT current_database()");
    let other = app.database.url().replace(&name, "postgres");
    let admin = |sql: &str| tokenry_testpg::execute(&other, sql).unwrap();
    admin(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    admin(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    let answer = app.ask(&app.demo.cron, &[]).await;
    answer.must_be_error(503, "temporarily_unavailable");
    assert!(!answer.body.contains(&name) && !answer.header("retry-after").is_empty(), "{answer:?}");
    assert_eq!(status(&app, "/.well-known/jwks.json").await, 200);
    assert_eq!(status(&app, "/readyz").await, 503);
    admin(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    app.token(&app.demo.cron).await;
    assert_eq!(status(&app, "/readyz").await, 200);
}

/// Another process that holds SQLite's only right to write: refused within the deadline, nothing issued, then served.
#[tokio::test]
async fn db_07_a_database_kept_busy_answers_503_in_time_and_recovers() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let job = another_job(&app).await;
    app.token(&job).await;
    let records = app.audit().await.len();
    let other = app.database.connection().unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = std::time::Instant::now();
    let answer = app.ask(&job, &[]).await;
    answer.must_be_error(503, "temporarily_unavailable");
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(status(&app, "/healthz").await, 200);
    other.execute_batch("ROLLBACK").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(app.audit().await.len(), records, "what was answered 503 did not happen later");
    app.token(&job).await;
}

/// A SQLite file that was taken away is not written to any more, and the server says that it is not ready.
#[tokio::test]
async fn db_04_a_file_that_was_removed_is_noticed() {
    let app = TestApp::quick(Engine::Sqlite).await;
    app.token(&app.demo.cron).await;
    std::fs::remove_file(app.database.folder().unwrap().join("tokenry.db")).unwrap();
    assert_eq!(status(&app, "/readyz").await, 503);
}

/// What cannot be recorded does not happen, and the answer says nothing of why.
#[rstest]
#[tokio::test]
async fn leak_06_leak_02_no_token_without_its_audit_record(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let job = another_job(&app).await;
    app.token(&job).await;
    break_audit(&app.database, engine);
    let before = app.database.dump();
    for more in [&[][..], &[("scope", "read:timesheets")]] {
        let answer = app.ask(&job, more).await;
        assert!(answer.status.is_server_error(), "{answer:?}");
        let json = answer.json();
        let code = json["error"].as_str().unwrap();
        assert!(["server_error", "temporarily_unavailable"].contains(&code), "{answer:?}");
        answer.must_be_error(
            answer.status.as_u16(),
            if code == "server_error" { "server_error" } else { "temporarily_unavailable" },
        );
        for inside in ["broken", "audit", "trigger", "INSERT"] {
            assert!(!answer.body.contains(inside), "{answer:?}");
        }
    }
    // A refusal of an authenticated client is not answered unrecorded either.
    let refused = app.ask(&job, &[("scope", "nonsense")]).await;
    assert!(refused.status.is_server_error(), "{refused:?}");
    // Nor is a change made.
    assert!(app.manager.delete_client(&job.id).await.is_err());
    assert_eq!(before, app.database.dump());
    mend_audit(&app.database, engine);
    app.token(&job).await;
}

/// The rule that a refusal changes nothing would hold of a blind look too: this one sees.
#[rstest]
#[tokio::test]
async fn g1_a_change_is_seen_and_a_last_use_is_none(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    let before = app.database.contents();
    app.token(&app.demo.cron).await;
    assert_eq!(before, app.database.contents(), "only audited");
    app.database.execute("UPDATE client_secrets SET last_used_at = 1");
    assert_eq!(before, app.database.contents());
    app.database.execute("UPDATE client_secrets SET expires_at = 1");
    let after = app.database.contents();
    let changed: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert_eq!(changed, ["client_secrets"]);
    assert!(before.len() > 10 && before["clients"].contains(&app.demo.cron.id), "{before:?}");
}

/// LEAK-05: a record that was changed behind our back shows.
#[rstest]
#[tokio::test]
async fn leak_05_a_changed_record_shows(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    app.ask(&app.demo.cron, &[("scope", "nonsense")]).await.must_be_error(400, "invalid_scope");
    let records = app.audit().await;
    assert!(records.len() > 10 && records.iter().all(tokenry_store::StoredRecord::is_intact));
    let last = records.last().unwrap();
    assert_eq!(last.outcome, "scope_undefined");
    app.database.execute(&format!("UPDATE audit SET outcome = 'success' WHERE seq = {}", last.seq));
    let records = app.audit().await;
    let changed: Vec<_> = records.iter().filter(|record| !record.is_intact()).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].seq, last.seq);
}

/// R16: whoever steals the database, its WAL or the log finds no secret and no token in it.
#[rstest]
#[tokio::test]
async fn r16_r17_r59_what_is_stored_and_logged_holds_no_secret(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (log, _guard) = Log::start();
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let mut refusals = Refusals::of(&app).await;
    let refusal = Refusal::of_client(&demo.cron, 400, "invalid_scope", "scope_undefined");
    refusals.expect(app.request(&demo.cron, &[("scope", "nonsense")]), refusal).await;
    refusals.end().await;
    let token = app.token(&demo.cron).await;
    let owners = [&demo.api, &demo.cron, &demo.globex_client, &demo.group, &demo.readonly];
    let mut secrets: Vec<&str> = owners.iter().map(|owner| owner.secret.as_str()).collect();
    let signature = token.rsplit('.').next().unwrap();
    let master = app.keyring.lines().find(|line| line.starts_with("tokenry_mk_")).unwrap();
    secrets.extend([&token, signature, master]);
    let dump = format!("{:?}", app.database.dump());
    assert!(dump.contains(&demo.cron.id), "the dump is one");
    let mut places = vec![dump, log.text()];
    if let Some(folder) = app.database.folder() {
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            places.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        assert!(places.len() >= 4, "database and WAL");
    }
    for secret in secrets {
        // The random part alone too: a prefix cut off hides nothing.
        let random = secret.trim_start_matches("tokenry_cs_").trim_start_matches("tokenry_rs_");
        for place in &places {
            assert!(!place.contains(secret) && !place.contains(random), "a secret is stored or logged");
        }
    }
}
