//! Mint quotas by configuration and command line, at two real servers; and how a client shows that keeps no token.

use reqwest::Client;
use rstest::rstest;

use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{json, run, serve_with};
use crate::serve::{free_port, token};

/// Status and `Retry-After` of a token request.
async fn ask(url: &str, client: &(String, String)) -> (u16, Option<u64>) {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", client.0.as_str()),
        ("client_secret", client.1.as_str()),
    ];
    let answer = Client::new().post(format!("{url}/oauth/token")).form(&form).send().await.unwrap();
    let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse().unwrap());
    (answer.status().as_u16(), wait)
}

/// How many tokens in a row a client gets at these servers, in turns.
async fn mint(urls: &[&str], client: &(String, String), most: u32) -> u32 {
    let mut minted = 0;
    for url in urls.iter().cycle() {
        match ask(url, client).await {
            (200, None) => minted += 1,
            (429, Some(wait)) => {
                assert!((1..=86_400).contains(&wait), "{wait}");
                return minted;
            }
            other => panic!("{other:?}"),
        }
        assert!(minted <= most, "it has no end");
    }
    panic!("no server");
}

/// A day, because an hour may begin while the test runs; should a day begin, it is a test of two days.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r104_two_servers_share_a_quota(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let limit = ("TOKENRY_LIMITS_TOKENS_PER_DAY", "40");
    let ((mut one, first), (mut two, second)) =
        (serve_with(&folder.config, &[limit]), serve_with(&folder.config, &[limit]));
    let both = [first.as_str(), second.as_str()];
    // A server that finds nothing left may leave a block with the other, whose turn is next.
    let minted = mint(&both, &seeded.cron, 80).await;
    let rest = mint(&both[1..], &seeded.cron, 80).await + mint(&both[..1], &seeded.cron, 80).await;
    assert!([40, 80].contains(&(minted + rest)), "{minted} and {rest}");
    let more = json(&folder.config, &["clients", "update", &seeded.cron.0, "--tokens-per-day", "none"]);
    assert_eq!(more["tokens_per_day"], "none");
    assert_eq!(ask(&first, &seeded.cron).await.0, 200);

    // What a server that stops has not used is there for the other.
    assert_eq!(ask(&first, &seeded.readonly).await.0, 200);
    one.stop();
    let rest = mint(&both[1..], &seeded.readonly, 80).await;
    assert!([39, 40, 79].contains(&rest), "{rest}");
    two.stop();
    let issued = format!("FROM audit WHERE event = 'token.issued' AND actor_id = '{}'", seeded.readonly.0);
    let issued: u32 = folder.ask(&format!("SELECT count(*) {issued}")).parse().unwrap();
    assert_eq!(issued, rest + 1);
    let refused = format!("outcome = 'quota_exceeded' AND actor_id = '{}'", seeded.readonly.0);
    let refused = folder.ask(&format!("SELECT coalesce(sum(count), 0) FROM audit WHERE {refused}"));
    assert_ne!(refused, "0", "a refusal that was answered is recorded");
}

#[test]
fn a_quota_is_set_shown_and_taken_away_by_command() {
    let folder = Folder::init(On::Sqlite);
    let made = ["clients", "create", "--type", "m2m", "--name", "Cron", "--tokens-per-hour", "50"];
    let made = json(&folder.config, &made);
    assert_eq!((&made["tokens_per_hour"], &made["tokens_per_day"]), (&50.into(), &serde_json::Value::Null));
    let id = made["client_id"].as_str().unwrap();
    let update = |more: &[&str]| json(&folder.config, &[&["clients", "update", id], more].concat());
    let updated = update(&["--tokens-per-hour", "default", "--tokens-per-day", "600"]);
    assert_eq!(
        (&updated["tokens_per_hour"], &updated["tokens_per_day"]),
        (&serde_json::Value::Null, &600.into())
    );
    assert_eq!(json(&folder.config, &["clients", "show", id])["tokens_per_day"], 600);
    for wrong in ["0", "-5", "many", "4294967296"] {
        let said = run(&folder.config, &["clients", "update", id, &format!("--tokens-per-day={wrong}")]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("\"none\" or \"default\""), "{said:?}");
    }
    let audited = folder.ask("SELECT detail FROM audit WHERE event = 'client.updated'");
    assert!(audited.contains("\"tokens_per_day\":600"), "{audited}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_keeps_no_token_is_named_with_what_to_do(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let metrics = format!("127.0.0.1:{}", free_port());
    let (_server, url) = serve_with(&folder.config, &[("TOKENRY_METRICS_LISTEN", &metrics)]);
    for _ in 0..30 {
        token(&url, &seeded.cron).await.unwrap();
    }
    token(&url, &seeded.readonly).await.unwrap();
    let careless = json(&folder.config, &["clients", "show", &seeded.cron.0]);
    assert_eq!((&careless["tokens_last_hour"], &careless["tokens_last_24h"]), (&30.into(), &30.into()));
    let warning = careless["warning"].as_str().unwrap();
    assert!(
        warning.starts_with("30 tokens in the last 24 h, each valid for 24 hours: it does not cache"),
        "{warning}"
    );
    let careful = json(&folder.config, &["clients", "show", &seeded.readonly.0]);
    assert_eq!((&careful["tokens_last_24h"], &careful["warning"]), (&1.into(), &serde_json::Value::Null));
    let begun = std::time::Instant::now();
    loop {
        let shown = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
        if shown.lines().any(|line| line == "tokenry_over_minting_clients 1") {
            break;
        }
        assert!(begun.elapsed() < crate::process::PATIENCE, "{shown}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
