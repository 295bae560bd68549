//! What is told on a page of ours and sent nowhere: all that is wrong with client or redirect URI.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::{CALLBACK, Rig, goes_on, refused_here};

/// Whatever is not, character by character, what was registered.
const STRANGE: &[(&str, &[&str])] = &[
    ("az_01", &["https://evil.example/cb", "https://app.example.com/other", "https://app.example.com"]),
    ("az_02", &["https://app.example.com.evil.example/cb", "https://app.example.com/cb.evil.example"]),
    (
        "az_03",
        &[
            "https://app.example.com/cb/../evil",
            "https://app.example.com/cb/..%2f..%2fevil",
            "https://app.example.com/cb%252f..",
            "https://app.example.com/cb/..;/evil",
            "https://app.example.com/cb//",
            "https://app.example.com/cb/",
            "https://app.example.com/CB",
            "https://app.example.com/cb;x=1",
        ],
    ),
    (
        "az_04",
        &[
            "https://app.example.com@evil.example/cb",
            "https://app.example.com%40evil.example",
            "https://evil.example\\@app.example.com/cb",
            "https:///evil.example",
            "https:evil.example",
            "/\\evil.example",
            "/\thttps://evil.example",
        ],
    ),
    ("az_05", &["https://fooaexample.com/cb?x=1&y=2", "https://fooXexample.com/cb?x=1&y=2"]),
    (
        "az_06",
        &[
            "https://app.example.com/cb?x=1",
            "https://app.example.com/cb?",
            "https://app.example.com/cb#x",
            "https://foo.example.com/cb?y=2&x=1",
            "https://foo.example.com/cb?x=1&y=3",
            "https://foo.example.com/cb",
        ],
    ),
    (
        "az_07",
        &[
            "http://app.example.com/cb",
            "HTTPS://app.example.com/cb",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "com.example.app:/cb",
        ],
    ),
    (
        "az_08",
        &[
            "https://app.example.com./cb",
            "https://APP.example.com/cb",
            "https://app.example.com:443/cb",
            "https://xn--app-example.com/cb",
            "https://2130706433/cb",
            "https://[fe80::1%25eth0]/cb",
            "https://app\u{ff0e}example.com/cb",
        ],
    ),
    (
        "az_13",
        &[
            "https://app.example.com/cb\r\nSet-Cookie: a=b",
            "https://app.example.com/cb\0",
            "https://app.example.com/cb%0d%0a",
        ],
    ),
];

#[rstest]
#[tokio::test]
async fn az_01_to_az_08_and_az_25_only_a_registered_uri_is_sent_anything(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    for (case, uris) in STRANGE {
        for uri in *uris {
            let answer = rig.ask(&[("redirect_uri", Some(uri))]).await;
            assert_eq!(answer.status.as_u16(), 400, "{case} {uri:?}: {answer:?}");
            refused_here(&answer, 400);
        }
    }
    rig.must_work().await;
}

#[tokio::test]
async fn az_09_a_native_applications_port_on_loopback_may_differ() {
    let rig = Rig::on(Sqlite).await;
    let native = ("client_id", Some(rig.native.as_str()));
    for uri in ["http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "com.example.app:/cb"] {
        goes_on(&rig.ask(&[native, ("redirect_uri", Some(uri))]).await);
    }
    for uri in [
        "http://localhost:51004/cb",
        "http://[::1]:51004/cb",
        "https://127.0.0.1:51004/cb",
        "http://127.0.0.1:51004/x",
    ] {
        refused_here(&rig.ask(&[native, ("redirect_uri", Some(uri))]).await, 400);
    }
}

#[tokio::test]
async fn az_10_az_11_az_12_who_asks_is_named_once_and_known() {
    let rig = Rig::on(Sqlite).await;
    let cron = rig.app.demo.cron.id.clone();
    for changes in [
        [("redirect_uri", None)],
        [("client_id", None)],
        [("client_id", Some("nobody"))],
        [("client_id", Some("usr_ann"))],
        [("client_id", Some("'; DROP TABLE clients; --"))],
        [("client_id", Some(cron.as_str()))],
    ] {
        refused_here(&rig.ask(&changes).await, 400);
    }
    let honest = rig.query(&[]);
    for twice in [
        "&client_id=x",
        "&redirect_uri=https%3A%2F%2Fevil.example",
        "&state=2",
        "&scope=a",
        "&response_mode=query&response_mode=query",
    ] {
        refused_here(&rig.get(&format!("{honest}{twice}")).await, 400);
        let twice = twice.trim_start_matches('&');
        refused_here(&rig.get(&format!("{twice}&{honest}")).await, 400);
    }
    refused_here(&rig.post("/authorize?client_id=other", honest.clone()).await, 400);
    goes_on(&rig.post("/authorize", honest).await);
    rig.app.manager.disable_client(&rig.web).await.unwrap();
    refused_here(&rig.ask(&[]).await, 400);
    rig.app.manager.enable_client(&rig.web).await.unwrap();
    rig.must_work().await;
}

#[tokio::test]
async fn az_12_an_m2m_client_is_told_that_it_signs_nobody_in() {
    let rig = Rig::on(Sqlite).await;
    let answer = rig.ask(&[("client_id", Some(&rig.app.demo.cron.id))]).await;
    refused_here(&answer, 400);
    assert!(answer.body.contains("unauthorized_client"), "{answer:?}");
}

#[tokio::test]
async fn az_13_a_redirect_uri_far_too_long_goes_nowhere() {
    let rig = Rig::on(Sqlite).await;
    let long = format!("{CALLBACK}?{}", "a".repeat(60_000));
    refused_here(&rig.post("/authorize", rig.query(&[("redirect_uri", Some(&long))])).await, 400);
    assert_eq!(rig.ask(&[("redirect_uri", Some(&long))]).await.status.as_u16(), 431);
    rig.must_work().await;
}
