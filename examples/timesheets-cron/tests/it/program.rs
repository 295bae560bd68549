//! What the program uploads, prints and returns.

use std::path::Path;
use std::time::Instant;

use axum::http::StatusCode;

use crate::support::{World, bare_command, run};

#[tokio::test]
async fn r60_r44_the_cron_job_uploads_the_week_on_its_own_behalf_and_may_run_twice() {
    let world = World::start().await;
    let week = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../week.csv");
    let first = run(world.command().arg("--file").arg(&week)).await;
    assert_eq!((first.code, first.results()), (0, vec!["created"; 6]), "{first:?}");
    assert_eq!(first.stderr, "6 created, 0 existed, 0 refused\n");
    assert_eq!(world.mints(), 1, "one token for all requests");

    let second = run(world.command().arg("--file").arg(&week)).await;
    assert_eq!((second.code, second.results()), (0, vec!["existed"; 6]), "{second:?}");
    assert_eq!(second.stderr, "0 created, 6 existed, 0 refused\n");
}

#[tokio::test]
async fn refused_sheets_are_explained_and_the_others_uploaded() {
    let world = World::start().await;
    let ended = world.upload("Ann,2026-W47,40\nBob,2025-W53,40\nCarl,2026-W47,200\n").await;
    assert_eq!((ended.code, ended.results()), (1, vec!["created", "refused", "refused"]), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines[2].contains("422 invalid_timesheet: week must be an ISO week"), "{ended:?}");
    assert!(
        lines[3].contains("hours must be between 0 and 168") && lines[3].contains("(request "),
        "{ended:?}"
    );
    assert_eq!(ended.stderr, "1 created, 0 existed, 2 refused\n");
}

#[tokio::test]
async fn a_broken_file_is_not_sent_at_all() {
    let world = World::start().await;
    let ended = world.upload("Ann,2026-W47,40\nBob,2026-W47,forty\n").await;
    assert_eq!((ended.code, &*ended.stdout), (1, ""), "{ended:?}");
    assert!(
        ended.stderr.contains("sheets.csv") && ended.stderr.contains("line 3: hours is no number: \"forty\"")
    );
    assert_eq!(world.mints(), 0);
}

#[tokio::test]
async fn an_overloaded_api_is_asked_again_when_it_says() {
    let world = World::start().await;
    world.overload([(StatusCode::SERVICE_UNAVAILABLE, "1"), (StatusCode::TOO_MANY_REQUESTS, "1")]);
    let begun = Instant::now();
    let ended = world.upload("Ann,2026-W47,40\n").await;
    assert_eq!((ended.code, ended.results()), (0, vec!["created"]), "{ended:?}");
    assert!(begun.elapsed().as_millis() >= 2_000, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_wrong_secret_is_said_so() {
    let world = World::start().await;
    let file = world.file("Ann,2026-W47,40\n");
    let ended = run(world.command().env("CLIENT_SECRET", "another").arg("--file").arg(file)).await;
    assert_eq!((ended.code, &*ended.stdout), (1, ""), "{ended:?}");
    assert!(ended.stderr.contains("invalid_client"), "{ended:?}");
    assert_eq!(world.mints(), 1, "asking again would not help");
}

#[tokio::test]
async fn a23_create_alone_is_enough_if_the_company_is_named() {
    let world = World::start().await;
    world.grant("create:timesheets");
    let refused = world.upload("Ann,2026-W47,40\n").await;
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("insufficient_scope") && refused.stderr.contains("--company"),
        "{refused:?}"
    );
    let file = world.file("Ann,2026-W47,40\n");
    let ended = run(world.command().args(["--company", "acme", "--file"]).arg(&file)).await;
    assert_eq!((ended.code, ended.results()), (0, vec!["created"]), "{ended:?}");
    let foreign = run(world.command().args(["--company", "globex", "--file"]).arg(&file)).await;
    assert_eq!((foreign.code, foreign.results()), (1, vec!["refused"]), "{foreign:?}");
    assert!(foreign.stdout.contains("403 tenant_mismatch"), "{foreign:?}");
}

#[tokio::test]
async fn missing_variables_and_arguments_are_named() {
    let ended = run(bare_command().args(["--file", "week.csv"]).env("ISSUER", "http://127.0.0.1:1")).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("AUDIENCE, API_URL, CLIENT_ID, CLIENT_SECRET"), "{ended:?}");
    assert_eq!(run(&mut bare_command()).await.code, 2, "usage");
}
