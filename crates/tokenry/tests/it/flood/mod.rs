//! A flood of garbage, as fast as this machine makes it: a partner is served all the while, and neither audit, log nor
//! memory grow with it (R104, HTTP-02).

mod garbage;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use reqwest::Client;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use self::garbage::{EVERYTHING, Kind, NAMELESS};
use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{PATIENCE, Running, option, serve};

/// How many connections the strangers have open at once.
const CONNECTIONS: usize = 64;
/// How many requests a connection brings, one behind the other without waiting for answers.
const PIPELINED: usize = 16;
/// How often a partner asks.
const PAUSE: Duration = Duration::from_millis(100);
/// How long its answer may take, on a machine that makes the flood as well.
const PROMPT: Duration = Duration::from_secs(30);
/// How many rows of refusals may be written at once, and the rest at one a second (`engine/refusals.rs`).
const ROWS_AT_ONCE: u64 = 1_000;

fn length() -> Duration {
    Duration::from_secs(if option("TOKENRY_TEST_QUICK").is_some() { 2 } else { 10 })
}

/// What strangers have done.
#[derive(Debug, Default)]
struct Flood {
    offered: AtomicU64,
    answered: AtomicU64,
}

/// From another address garbage may be of any kind, also with the partner's own name. From the partner's own, as all
/// have behind a proxy that is not trusted, it must not name too many: else the address is turned away as a whole.
#[rstest]
#[case::elsewhere(On::Sqlite, 2, EVERYTHING)]
#[case::elsewhere_on_postgres(On::Postgres, 2, EVERYTHING)]
#[case::beside_the_partner(On::Sqlite, 1, NAMELESS)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r104_http_02_a_partner_is_served_in_a_flood_of_garbage(
    #[case] on: On,
    #[case] host: u8,
    #[case] kinds: &'static [Kind],
) {
    let folder = Folder::init(on);
    let partner = folder.client_of("Partner");
    let (mut server, url) = serve(&folder.config);
    ask(&Client::new(), &url, &partner).await;
    let before = resident(&server);
    let (begun, flood) = (Instant::now(), Arc::new(Flood::default()));
    let strangers: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let (flood, address) = (Arc::clone(&flood), url.replace("http://", ""));
            let name = partner.0.clone();
            tokio::spawn(async move {
                for turn in (n..).take_while(|_| begun.elapsed() < length()) {
                    pour(&flood, &address, host, kinds[turn % kinds.len()], &name).await;
                }
            })
        })
        .collect();
    let (kept, mut served, mut slowest) = (Client::new(), 0_u32, Duration::ZERO);
    while begun.elapsed() < length() {
        let asked = Instant::now();
        let http = if served.is_multiple_of(2) { kept.clone() } else { Client::new() };
        ask(&http, &url, &partner).await;
        (served, slowest) = (served + 1, slowest.max(asked.elapsed()));
        sleep(PAUSE).await;
    }
    for stranger in strangers {
        timeout(PATIENCE, stranger).await.unwrap().unwrap();
    }
    let (offered, answered, seconds) =
        (flood.offered.load(Relaxed), flood.answered.load(Relaxed), begun.elapsed().as_secs());
    let grown = resident(&server).saturating_sub(before);
    println!(
        "{offered} offered and {answered} answered in {seconds} s, {served} tokens, the slowest in {slowest:?}, {grown} KiB more"
    );
    assert!(offered > 200 * seconds && answered > 0, "{offered} are no flood, {answered} answered");
    assert!(grown < 128 * 1_024, "{grown} KiB more than before");
    assert!(server.stderr().len() < 500_000, "the log grows: {} bytes", server.stderr().len());
    ask(&kept, &url, &partner).await;
    server.stop();
    let strangers = "FROM audit WHERE actor_kind = 'anonymous'";
    let number = |what: &str| folder.ask(&format!("SELECT {what} {strangers}")).parse::<u64>().unwrap();
    let (rows, counted) = (number("count(*)"), number("coalesce(sum(count), 0)"));
    assert!(rows <= ROWS_AT_ONCE + seconds + 5, "{rows} rows for {counted} refusals");
    assert!(counted > rows, "{rows} rows for {counted} refusals");
}

/// One connection full of garbage.
async fn pour(flood: &Flood, address: &str, host: u8, kind: Kind, name: &str) {
    let Ok(mut stream) = connect(address, host).await else { return sleep(Duration::from_millis(1)).await };
    let mut bytes = Vec::new();
    for _ in 0..PIPELINED {
        bytes.extend(kind.bytes(name));
    }
    let count = u64::try_from(PIPELINED).unwrap();
    let exchange = async {
        // The server may end it at any byte, and should.
        if stream.write_all(&bytes).await.is_ok() {
            flood.offered.fetch_add(count, Relaxed);
        }
        if kind.breaks_off() {
            return;
        }
        let _half_closed = stream.shutdown().await;
        let mut answers = Vec::new();
        let _cut = stream.read_to_end(&mut answers).await;
        let answered = answers.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
        flood.answered.fetch_add(u64::try_from(answered).unwrap(), Relaxed);
    };
    let _late = timeout(Duration::from_secs(5), exchange).await;
}

async fn connect(address: &str, host: u8) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, host], 0).into())?;
    socket.connect(address.parse().unwrap()).await
}

async fn ask(http: &Client, url: &str, partner: &(String, String)) {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", partner.0.as_str()),
        ("client_secret", partner.1.as_str()),
    ];
    let request = http.post(format!("{url}/oauth/token")).timeout(PROMPT).form(&form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
}

/// How much memory the server has, in KiB.
fn resident(server: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
