//! The database goes away: nothing is issued, everybody is told, and what needs no database is still served.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::{Client, Response};
use rstest::rstest;
use serde_json::Value;
use tokenry_testpg as testpg;

use crate::folder::{Folder, On};
use crate::process::{PATIENCE, run, serve};
use crate::serve::token;

/// How long an answer may take while the database is away.
const PROMPT: Duration = Duration::from_secs(15);

/// Made once: to read the machine's certificates takes longer than some answers.
fn http() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| Client::builder().pool_max_idle_per_host(0).timeout(PROMPT).build().unwrap())
        .clone()
}

async fn ask(url: &str, path: &str) -> Response {
    http().get(format!("{url}{path}")).send().await.unwrap()
}

async fn ask_token(url: &str, client: &(String, String)) -> Response {
    let form = [("grant_type", "client_credentials"), ("client_id", &client.0), ("client_secret", &client.1)];
    http().post(format!("{url}/oauth/token")).form(&form).send().await.unwrap()
}

/// What must hold while there is no database. `keys` are those published before.
async fn assert_honest(url: &str, client: &(String, String), api: &(String, String), keys: &str) {
    let stranger = ("nobody".to_owned(), "wrong".to_owned());
    let wrong = (client.0.clone(), "wrong".to_owned());
    for asking in [client, &wrong, &stranger] {
        let answer = ask_token(url, asking).await;
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "temporarily_unavailable");
        assert!(!body.to_string().contains("sql") && !body.to_string().contains("postgres"), "{body}");
    }
    let snapshot = http().get(format!("{url}/guard/v1/snapshot")).basic_auth(&api.0, Some(&api.1));
    assert_eq!(snapshot.send().await.unwrap().status(), 503, "a guard must keep what it has");
    assert_eq!(ask(url, "/readyz").await.status(), 503);
    assert_eq!(ask(url, "/healthz").await.status(), 200);
    assert_eq!(ask(url, "/.well-known/openid-configuration").await.status(), 200);
    assert_eq!(ask(url, "/.well-known/jwks.json").await.text().await.unwrap(), keys);
}

#[tokio::test]
async fn db_04_a_database_file_that_is_removed() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let (server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
    let keys = ask(&url, "/.well-known/jwks.json").await.text().await.unwrap();
    std::fs::remove_dir_all(folder.path.path().join("data")).unwrap();
    assert_honest(&url, &seeded.cron, &seeded.api, &keys).await;
    assert_eq!(run(&folder.config, &["healthcheck", "--url", &url]).code, 1);
    assert!(server.stderr().contains("removed or replaced while open; restart"), "{}", server.stderr());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_05_a_postgres_that_goes_and_comes_back() {
    let mut postgres = testpg::Server::start().unwrap();
    let folder = Folder::at(postgres.url());
    let seeded = folder.seed();
    let (server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
    let keys = ask(&url, "/.well-known/jwks.json").await.text().await.unwrap();
    for _twice in 0..2 {
        postgres.crash().unwrap();
        assert_honest(&url, &seeded.cron, &seeded.api, &keys).await;
        let said = run(&folder.config, &["clients", "list"]);
        assert_eq!((said.code, said.stdout.as_str()), (1, ""), "{said:?}");
        assert!(said.stderr.contains("postgres://"), "{said:?}");

        postgres.resume().unwrap();
        let begun = Instant::now();
        while ask_token(&url, &seeded.cron).await.status() != 200 {
            assert!(begun.elapsed() < PATIENCE, "it does not recover: {}", server.stderr());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(ask(&url, "/readyz").await.status(), 200);
        let wrong = (seeded.cron.0.clone(), "wrong".to_owned());
        assert_eq!(ask_token(&url, &wrong).await.status(), 401);
    }
    assert!(!server.stderr().contains(&seeded.cron.1));
}

/// Another session holds a lock on what every token request reads, for a while.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_06_a_database_that_is_slow_holds_up_nobody_else() {
    let folder = Folder::init(On::Postgres);
    let client = folder.client_of("Cron");
    let (_server, url) = serve(&folder.config);
    assert_eq!(ask_token(&url, &client).await.status(), 200);
    let (database, slow) = (folder.database.clone(), Duration::from_secs(6));
    let locking = thread::spawn(move || {
        let sql = format!(
            "BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({}); COMMIT",
            slow.as_secs()
        );
        testpg::execute(&database, &sql)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let (url, client) = (url.clone(), client.clone());
            tokio::spawn(async move { ask_token(&url, &client).await.status().as_u16() })
        })
        .collect();
    while begun.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        assert_eq!(ask(&url, "/healthz").await.status(), 200);
        assert_eq!(ask(&url, "/.well-known/jwks.json").await.status(), 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for asked in asking {
        let status = asked.await.unwrap();
        assert!([200, 503].contains(&status), "{status}");
    }
    locking.join().unwrap().unwrap();
    assert_eq!(ask_token(&url, &client).await.status(), 200);
}
