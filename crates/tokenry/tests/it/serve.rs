//! The README's way: init, seed by command line, serve, and the demo API beside it, on both engines.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::{DemoClient, Events, claims_of};

use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{PATIENCE, Running, example, run, serve, serve_with};

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
pub(crate) fn timesheets_api(issuer: &str, api: &(String, String), folder: &Folder) -> (Running, String) {
    timesheets_api_for(issuer, api, folder, "")
}

/// The same for pages of these origins, too.
pub(crate) fn timesheets_api_for(
    issuer: &str,
    api: &(String, String),
    folder: &Folder,
    origins: &str,
) -> (Running, String) {
    let mut command = example("timesheets-api");
    command.current_dir(folder.path.path()).envs([
        ("ISSUER", issuer),
        ("AUDIENCE", AUDIENCE),
        ("NAMESPACE", "https://auth.example.com/metadata"),
        ("CLIENT_ID", &api.0),
        ("CLIENT_SECRET", &api.1),
        ("LISTEN", "127.0.0.1:0"),
        ("ALLOWED_ORIGINS", origins),
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
/// A port of this process's own: below those that the system hands out, so that nobody is given it meanwhile.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 100).unwrap() * 200;
    let own = || first + NEXT.fetch_add(1, Relaxed) % 200;
    std::iter::repeat_with(own)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
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
    let (_server, _address) = Running::listening(command);
    let (_api, api) = timesheets_api(&issuer, &seeded.api, &folder);
    let cron = token(&issuer, &seeded.cron).await.unwrap();
    assert_eq!(create_when_ready(&api, "acme", &cron).await, 201);
    assert_eq!(create(&api, "acme", Some(&cron)).await, (409, "timesheet_exists".to_owned()));
    assert_eq!(create(&api, "globex", Some(&cron)).await, (403, "tenant_mismatch".to_owned()));
    assert_eq!(create(&api, "acme", None).await, (401, "missing_credentials".to_owned()));
    let readonly = token(&issuer, &seeded.readonly).await.unwrap();
    assert_eq!(create(&api, "acme", Some(&readonly)).await, (403, "insufficient_scope".to_owned()));
}

/// The status of creating a timesheet, once the API's guard holds its keys.
pub(crate) async fn create_when_ready(api: &str, company: &str, token: &str) -> u16 {
    for _until_the_guard_holds_its_keys in 0..200 {
        match create(api, company, Some(token)).await {
            (503, _) => tokio::time::sleep(Duration::from_millis(50)).await,
            (status, _) => return status,
        }
    }
    503
}

#[rstest]
fn db_18_a_request_in_flight_is_finished_at_sigterm(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let (id, secret) = folder.client_of("Cron");
    let (mut server, url) = serve(&folder.config);
    let address = url.trim_start_matches("http://");
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let (sent, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        body.len()
    );
    let open = |text: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    // It listens before it has its keys and takes connections; the first answer says that it does.
    let mut answer = String::new();
    let asked = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    open(&asked).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let idle = open("GET /healthz HTTP/1.1\r\nho");
    let in_flight = [(); 8].map(|()| open(&format!("{head}{sent}")));
    // Until the server has read the heads; a request whose head it has not seen is not in flight.
    std::thread::sleep(Duration::from_millis(500));
    let told = Instant::now();
    server.signal("TERM");
    while TcpStream::connect(address).is_ok() {
        assert!(told.elapsed() < Duration::from_secs(2), "it still takes connections");
        std::thread::sleep(Duration::from_millis(10));
    }
    for mut stream in in_flight {
        let mut answer = String::new();
        let read = stream.write_all(rest.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
        read.unwrap_or_else(|error| panic!("{error} after {answer:?}: {}", server.stderr()));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        let body: Value = serde_json::from_str(body).unwrap();
        let claims = claims_of(body["access_token"].as_str().unwrap());
        let jti = claims["jti"].as_str().unwrap();
        assert_eq!(folder.ask(&format!("SELECT count(*) FROM audit WHERE subject_id = '{jti}'")), "1");
    }
    assert_eq!(server.wait(), Some(0), "{}", server.stderr());
    assert!(told.elapsed() < Duration::from_secs(10), "it waits for connections that ask nothing");
    drop(idle);
    let again = Instant::now();
    let (_server, _url) = serve(&folder.config);
    assert!(again.elapsed() < Duration::from_secs(2), "a restart takes {:?}", again.elapsed());
}

#[rstest]
#[tokio::test]
async fn db_18_an_open_event_stream_is_counted_and_does_not_hold_up_sigterm(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let metrics = format!("127.0.0.1:{}", free_port());
    let (mut server, url) = serve_with(&folder.config, &[("TOKENRY_METRICS_LISTEN", &metrics)]);
    let api = DemoClient { id: seeded.api.0.clone(), secret: seeded.api.1.clone() };
    assert!(token(&url, &seeded.cron).await.is_some());
    let mut events = Events::open(&url, &api, 0, "pod-1").await;
    run(&folder.config, &["clients", "disable", &seeded.cron.0]);
    events.change().await;
    let snapshot =
        Client::new().get(format!("{url}/guard/v1/snapshot")).basic_auth(&api.id, Some(&api.secret));
    assert_eq!(snapshot.send().await.unwrap().status(), 200);
    let counted = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    // The command numbers its own events, so a server need not have numbered any.
    for line in ["tokenry_guard_streams 1", "tokenry_guard_snapshots_total 1"] {
        assert!(counted.lines().any(|found| found == line), "{line} in {counted}");
    }
    server.signal("TERM");
    events.ended().await;
    assert_eq!(server.wait(), Some(0), "{}", server.stderr());
    assert!(!server.stderr().contains("connections were cut"), "{}", server.stderr());
    assert_eq!(folder.ask("SELECT COUNT(*) FROM guard_streams WHERE ended_at IS NOT NULL"), "1");
}

#[rstest]
#[tokio::test]
async fn http_10_forwarded_headers_of_strangers_are_ignored(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let (id, secret) = folder.client_of("Cron");
    let (mut server, url) = serve(&folder.config);
    let forge = |request: RequestBuilder| {
        request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-for", "203.0.113.7")
            .header("x-forwarded-port", "1")
            .header("x-forwarded-prefix", "/evil")
            .header("x-forwarded-proto", "https")
            .header("x-real-ip", "203.0.113.8")
            .header("x-request-id", "evil-request")
            .header("forwarded", "for=203.0.113.9;host=evil.example;proto=https")
    };
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let honest = reqwest::get(format!("{url}{path}")).await.unwrap().text().await.unwrap();
        let answer = forge(Client::new().get(format!("{url}{path}"))).send().await.unwrap();
        assert!(!format!("{:?}", answer.headers()).contains("evil"), "{answer:?}");
        assert!(!answer.headers().contains_key("strict-transport-security"), "HSTS over plain http");
        assert_eq!(answer.text().await.unwrap(), honest);
        assert!(honest.contains("http://127.0.0.1:8700/oauth/token"), "{honest}");
    }
    for (secret, status) in [(secret.as_str(), 200), ("a wrong one", 401)] {
        let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", secret)];
        let answer =
            forge(Client::new().post(format!("{url}/oauth/token")).form(&form)).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
    server.stop();
    assert_eq!(folder.ask("SELECT address FROM audit WHERE event = 'token.issued'"), "127.0.0.1");
    assert_eq!(folder.ask("SELECT count(*) FROM audit WHERE event = 'token.refused'"), "1");
    let audited = format!("{:?}", folder.rows());
    assert!(!audited.contains("203.0.113") && !audited.contains("evil"), "{audited}");
}

#[tokio::test]
async fn http_10_a_trusted_proxy_says_who_asks_and_nothing_else() {
    let folder = Folder::init(On::Sqlite);
    folder.set("trusted_proxies", "trusted_proxies = [\"127.0.0.0/8\"]");
    let (id, secret) = folder.client_of("Cron");
    let (mut server, url) = serve(&folder.config);
    let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let ask = Client::new().post(format!("{url}/oauth/token")).form(&form);
    let ask =
        ask.header("x-forwarded-for", "198.51.100.1, 203.0.113.7").header("x-forwarded-host", "evil.example");
    assert_eq!(ask.send().await.unwrap().status(), 200);
    server.stop();
    assert_eq!(folder.ask("SELECT address FROM audit WHERE event = 'token.issued'"), "203.0.113.7");
}

#[tokio::test]
async fn ses_10_browsers_stay_with_the_https_that_a_trusted_proxy_ends() {
    for (trusted, said, stay) in
        [("127.0.0.0/8", "https", true), ("127.0.0.0/8", "http", false), ("192.0.2.0/24", "https", false)]
    {
        let folder = Folder::init(On::Sqlite);
        folder.set("issuer", "issuer = \"https://id.example.com\"");
        folder.set("trusted_proxies", &format!("trusted_proxies = [\"{trusted}\"]"));
        let (_server, url) = serve(&folder.config);
        for path in ["/login", "/healthz", "/nothing"] {
            let ask = Client::new().get(format!("{url}{path}")).header("x-forwarded-proto", said);
            let answer = ask.send().await.unwrap();
            let sent = answer.headers().get("strict-transport-security");
            assert_eq!(sent.is_some_and(|it| it == "max-age=31536000"), stay, "{trusted} {said} {path}");
        }
    }
}

#[test]
fn http_02_half_said_requests_keep_nobody_waiting() {
    let folder = Folder::init(On::Sqlite);
    let (_server, url) = serve(&folder.config);
    let address = url.trim_start_matches("http://");
    let half = |index: usize| {
        let mut stream = TcpStream::connect(address).unwrap();
        let said = [
            "",
            "GET /healthz HTTP/1.1\r\nhost: x\r\n",
            "POST /oauth/token HTTP/1.1\r\nhost: x\r\n\
            content-type: application/x-www-form-urlencoded\r\ncontent-length: 50\r\n\r\ngrant_type=",
        ];
        stream.write_all(said[index % 3].as_bytes()).unwrap();
        stream
    };
    let _waiting: Vec<_> = (0..400).map(half).collect();
    for _ in 0..5 {
        let asked = Instant::now();
        assert_eq!(run(&folder.config, &["healthcheck", "--url", &url]).code, 0);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
}
