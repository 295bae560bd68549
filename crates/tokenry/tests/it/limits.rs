//! `[limits]` of a server behind a proxy: whose address counts, what metrics say, and what cannot be configured.

use reqwest::Client;
use rstest::rstest;

use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{run, serve_with};
use crate::serve::free_port;

/// Status of a token request that a proxy forwarded for these addresses.
async fn ask(url: &str, forwarded: &str, client: (&str, &str)) -> u16 {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", client.0),
        ("client_secret", client.1),
    ];
    let request = Client::new().post(format!("{url}/oauth/token")).header("x-forwarded-for", forwarded);
    request.form(&form).send().await.unwrap().status().as_u16()
}

#[rstest]
#[tokio::test]
async fn r104_http_18_behind_a_proxy_the_address_that_it_tells_counts(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let folder = Folder::init(on);
    folder.set("trusted_proxies", "trusted_proxies = [\"127.0.0.0/8\"]");
    let seeded = folder.seed();
    let metrics = format!("127.0.0.1:{}", free_port());
    let env = [("TOKENRY_METRICS_LISTEN", &*metrics), ("TOKENRY_LIMITS_FAILURES_PER_CLIENT", "3")];
    let (mut server, url) = serve_with(&folder.config, &env);
    let cron = (seeded.cron.0.as_str(), seeded.cron.1.as_str());
    for n in 0..3 {
        let forwarded = format!("198.51.100.{n}, 2001:db8::{n}");
        assert_eq!(ask(&url, &forwarded, (cron.0, "a wrong secret, and long enough for one")).await, 401);
    }
    assert_eq!(ask(&url, "2001:db8::ffff", cron).await, 429, "what stands further left is anybody's word");
    assert_eq!(ask(&url, "2001:db8::ffff, 2001:db8:0:1::1", cron).await, 200, "another subscriber");
    let counted = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    let line = "tokenry_limited_total{limit=\"failures_per_client\"} 1";
    assert!(counted.lines().any(|found| found == line), "{counted}");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0), "{}", server.stderr());
}

#[test]
fn peer_12_a_limit_that_is_no_number_is_named() {
    let folder = Folder::init(On::Sqlite);
    folder.set("failures_per_client", "failures_per_client = \"few\"");
    let said = run(&folder.config, &["config", "check"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("limits.failures_per_client: \"few\" is no whole number"), "{said:?}");
}
