//! The README's way: init, seed by command line, serve, and the demo API beside it, on both engines.

use reqwest::{Client, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{Running, example, serve};

/// A token by form; `None` if it was refused.
pub(crate) async fn token(issuer: &str, client: &(String, String)) -> Option<String> {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", client.0.as_str()),
        ("client_secret", client.1.as_str()),
    ];
    let answer = Client::new().post(format!("{issuer}/oauth/token")).form(&form).send().await.unwrap();
    match answer.status() {
        StatusCode::OK => {
            let body: Value = answer.json().await.unwrap();
            Some(text(&body["access_token"]))
        }
        StatusCode::UNAUTHORIZED => None,
        other => panic!("{other}: {}", answer.text().await.unwrap()),
    }
}

/// Starts the demo API beside a server and tells its address.
fn timesheets_api(issuer: &str, api: &(String, String), folder: &Folder) -> (Running, String) {
    let mut command = example("timesheets-api");
    command.current_dir(folder.path.path()).envs([
        ("ISSUER", issuer),
        ("AUDIENCE", AUDIENCE),
        ("NAMESPACE", "https://auth.example.com/metadata"),
        ("CLIENT_ID", &api.0),
        ("CLIENT_SECRET", &api.1),
        ("LISTEN", "127.0.0.1:0"),
    ]);
    let mut running = Running::start(command);
    let url = running.wait_for(|out, _err| out.lines().next().map(|line| line.trim().to_owned()));
    (running, url)
}

/// Status and code of creating a timesheet.
pub(crate) async fn create(api: &str, company: &str, token: Option<&str>) -> (u16, String) {
    let sheet = json!({"employee": "ann", "week": "2026-W47", "hours": 38.5});
    let mut request = Client::new().post(format!("{api}/companies/{company}/timesheets")).json(&sheet);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// Issuers name their port, and a free one is known only once it is bound: bind, let go, and take it again.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[rstest]
#[tokio::test]
async fn r60_a_partners_job_gets_a_token_and_creates_a_timesheet(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let issuer = format!("http://127.0.0.1:{}", free_port());
    folder.set("issuer", &format!("issuer = \"{issuer}\""));
    let seeded = folder.seed();
    let mut command = crate::process::tokenry();
    command.args(["serve", "--listen", issuer.trim_start_matches("http://"), "--config"]).arg(&folder.config);
    let mut server = Running::start(command);
    server.wait_for(|_out, err| err.contains("\"listening\"").then_some(()));
    let (_api, api) = timesheets_api(&issuer, &seeded.api, &folder);
    let cron = token(&issuer, &seeded.cron).await.unwrap();
    for _until_the_guard_holds_its_keys in 0..100 {
        match create(&api, "acme", Some(&cron)).await {
            (503, _) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            (status, _) => {
                assert_eq!(status, 201);
                break;
            }
        }
    }
    assert_eq!(create(&api, "acme", Some(&cron)).await, (409, "timesheet_exists".to_owned()));
    assert_eq!(create(&api, "globex", Some(&cron)).await, (403, "tenant_mismatch".to_owned()));
    assert_eq!(create(&api, "acme", None).await, (401, "missing_credentials".to_owned()));
    let readonly = token(&issuer, &seeded.readonly).await.unwrap();
    assert_eq!(create(&api, "acme", Some(&readonly)).await, (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn db_18_a_request_in_flight_is_finished_at_sigterm() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let (mut server, url) = serve(&folder.config);
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let (url, cron) = (url.clone(), seeded.cron.clone());
            tokio::spawn(async move {
                let form = [
                    ("grant_type", "client_credentials"),
                    ("client_id", &cron.0),
                    ("client_secret", &cron.1),
                ];
                Client::new().post(format!("{url}/oauth/token")).form(&form).send().await.map(|a| a.status())
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    server.signal("TERM");
    for asked in asking {
        // Refused to connect, or served: nothing in between.
        match asked.await.unwrap() {
            Ok(status) => assert_eq!(status, 200),
            Err(error) => assert!(error.is_connect() || error.is_request(), "{error:?}"),
        }
    }
    assert_eq!(server.wait(), Some(0), "{}", server.stderr());
}

#[tokio::test]
async fn http_10_forwarded_headers_of_strangers_are_ignored() {
    let folder = Folder::init(On::Sqlite);
    let (_server, url) = serve(&folder.config);
    let ask = |path: &str| {
        Client::new()
            .get(format!("{url}{path}"))
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.example;proto=https")
            .send()
    };
    let document = ask("/.well-known/openid-configuration").await.unwrap().text().await.unwrap();
    assert!(!document.contains("evil"), "{document}");
    assert!(document.contains("http://127.0.0.1:8700/oauth/token"), "{document}");
}

#[tokio::test]
async fn db_05_without_its_database_the_server_issues_nothing_and_says_so() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let (_server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
    std::fs::remove_dir_all(folder.path.path().join("data")).unwrap();
    let status = |path: &'static str| {
        let url = url.clone();
        async move { Client::new().get(format!("{url}{path}")).send().await.unwrap().status().as_u16() }
    };
    assert_eq!(status("/readyz").await, 503);
    assert_eq!(status("/healthz").await, 200);
    assert_eq!(status("/.well-known/jwks.json").await, 200);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &seeded.cron.0),
        ("client_secret", &seeded.cron.1),
    ];
    let answer = Client::new().post(format!("{url}/oauth/token")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "temporarily_unavailable");
}
