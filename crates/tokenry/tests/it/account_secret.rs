//! Developers and the secrets of their accounts: by command line on both engines, and end to end with the demo's guard.

use std::collections::BTreeSet;

use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::until;

use crate::dev::Dev;
use crate::folder::{Folder, On, text};
use crate::process::{json as value, run};

/// Status and code of an import of ann's week at the demo's API.
async fn import(dev: &Dev, authorization: &str) -> (u16, String) {
    import_of(dev, authorization, json!({"employee": "ann", "week": "2026-W48", "hours": 38.5})).await
}

async fn import_of(dev: &Dev, authorization: &str, sheet: Value) -> (u16, String) {
    let request = Client::new().post(format!("{}/import", text(&dev.report["api_url"]))).json(&[sheet]);
    let answer = request.header("authorization", authorization).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[rstest]
fn r98_r103_operators_make_developers_and_end_their_secrets(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let config = &folder.config;
    let made = value(config, &["users", "create", "--username", "ann@acme.example", "--developer"]);
    assert_eq!(made["developer"], true);
    assert!(!made.to_string().contains("tokenry_as_"), "nobody is shown it: {made}");
    let bob = value(config, &["users", "create", "--username", "bob@acme.example"]);
    assert_eq!(bob["developer"], false);

    let shown = value(config, &["users", "secret", "show", "ann@acme.example"]);
    assert_eq!((&shown["status"], &shown["prefix"]), (&json!("works"), &json!("tokenry_as_")));
    let revealed = value(config, &["users", "secret", "reveal", "ann@acme.example"]);
    let secret = text(&revealed["client_secret"]);
    assert!(secret.starts_with("tokenry_as_") && secret.ends_with(&text(&shown["last4"])));
    let rotated = value(config, &["users", "secret", "rotate", "ann@acme.example", "--overlap", "1h"]);
    assert_eq!((&rotated["propagated"], &rotated["former"]["id"]), (&json!(true), &shown["id"]));
    assert!(!rotated.to_string().contains(&secret[..40]) && rotated.get("client_secret").is_none());
    let second = text(&value(config, &["users", "secret", "reveal", "ann@acme.example"])["client_secret"]);
    assert_ne!(second, secret);

    let before = folder.rows();
    for (arguments, code) in [
        (&["users", "secret", "show", "bob@acme.example"][..], 4),
        (&["users", "secret", "reveal", "bob@acme.example", "--yes"], 4),
        (&["users", "secret", "rotate", "bob@acme.example", "--yes"], 4),
        (&["users", "secret", "revoke", "nobody@acme.example", "--yes"], 4),
        (&["users", "secret", "revoke", "ann@acme.example", "--no-input"], 2),
        (&["users", "secret", "reveal", "ann@acme.example", "--no-input"], 2),
        (&["users", "secret", "rotate", "ann@acme.example", "--overlap", "8d"], 2),
        (&["users", "update", "bob@acme.example", "--developer", "--no-developer"], 2),
    ] {
        assert_eq!(run(config, arguments).code, code, "{arguments:?}");
    }
    assert_eq!(folder.rows(), before);

    let revoked = value(config, &["users", "secret", "revoke", "ann@acme.example"]);
    assert_eq!((&revoked["status"], &revoked["propagated"]), (&json!("revoked"), &json!(true)));
    assert_eq!(run(config, &["users", "secret", "revoke", "ann@acme.example", "--yes"]).code, 4);
    assert_eq!(value(config, &["users", "secret", "rotate", "ann@acme.example"])["status"], "works");
    let ended = value(config, &["users", "update", "ann@acme.example", "--no-developer"]);
    assert_eq!((&ended["developer"], &ended["propagated"]), (&json!(false), &json!(true)));
    assert_eq!(folder.ask("SELECT COUNT(*) FROM account_secrets").trim(), "0");
    assert_eq!(value(config, &["users", "update", "bob@acme.example", "--developer"])["developer"], true);
    let told = folder.ask("SELECT COUNT(*) FROM mail_outbox").trim().parse::<u32>().unwrap();
    assert_eq!(told, 8, "their owners are told of each");
    let actors = "SELECT COUNT(*) FROM audit WHERE event LIKE 'account_secret.%' AND actor_kind = 'operator'";
    assert_eq!(folder.ask(actors).trim(), "8");
}

#[test]
fn a15_an_operator_who_wants_it_shown_once_keeps_no_value() {
    let folder = Folder::init(On::Sqlite);
    folder.set("reveal", "reveal = \"once\"");
    let config = &folder.config;
    value(config, &["users", "create", "--username", "ann@acme.example", "--developer"]);
    assert_eq!(folder.ask("SELECT COUNT(*) FROM account_secrets WHERE wrapped IS NULL").trim(), "1");
    let refused = run(config, &["users", "secret", "reveal", "ann@acme.example", "--yes"]);
    assert!(refused.code != 0 && refused.stdout.is_empty(), "{refused:?}");
    assert!(refused.stderr.contains("not kept"), "{refused:?}");
}

/// R96, R100, SEC-03, SEC-06: the demo's guard takes it at one route, by what the server says of it.
#[tokio::test(flavor = "multi_thread")]
async fn r96_r100_the_demos_guard_takes_it_where_the_route_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::on(folder.path());
    let config = folder.path().join("tokenry.toml");
    let secret = text(&dev.report["users"]["ann"]["account_secret"]);
    for name in ["bob", "carl", "root"] {
        assert!(dev.report["users"][name].get("account_secret").is_none(), "{name} is no developer");
    }
    crate::dev::assert_no_file_holds(folder.path(), &BTreeSet::from([secret.clone()]));
    assert!(!dev.running.stderr().contains(&secret));

    assert_eq!(import(&dev, &format!("Secret {secret}")).await, (200, String::new()));
    assert_eq!(import(&dev, &format!("sEcReT {secret}")).await.0, 200, "the word has no case");
    for wrong in
        [format!("Bearer {secret}"), secret.clone(), format!("Secret  {secret}"), format!("Secret {secret}x")]
    {
        assert_eq!(import(&dev, &wrong).await.0, 401, "{}", wrong.replace(&secret, "…"));
    }
    let (api, acme, globex) = (
        text(&dev.report["api_url"]),
        text(&dev.report["companies"]["acme"]),
        text(&dev.report["companies"]["globex"]),
    );
    for path in [
        "/timesheets",
        "/whoami",
        &format!("/companies/{acme}/timesheets"),
        &format!("/companies/{globex}/timesheets"),
    ] {
        let answer =
            Client::new().get(format!("{api}{path}")).header("authorization", format!("Secret {secret}"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], "scheme_not_accepted", "{path}");
    }
    let browser = Client::new().post(format!("{api}/import")).json(&json!([]));
    let browser =
        browser.header("authorization", format!("Secret {secret}")).header("sec-fetch-site", "same-origin");
    assert_eq!(browser.send().await.unwrap().status(), 401);
    // SEC-06: another company's sheets are not hers to make.
    let foreign = json!({"employee": "ann", "week": "2026-W48", "hours": 1.0, "company_id": globex});
    let refused = import_of(&dev, &format!("Secret {secret}"), foreign).await;
    assert_eq!(refused, (403, "tenant_mismatch".to_owned()));
    assert_eq!(import(&dev, &format!("Secret {secret}")).await.0, 200, "her own company's are");

    // A disabled user, a rotation and a revocation hold at the guard when the command has said so.
    assert_eq!(value(&config, &["users", "disable", "ann@acme.example"])["propagated"], true);
    assert_eq!(import(&dev, &format!("Secret {secret}")).await, (401, "invalid_token".to_owned()));
    value(&config, &["users", "enable", "ann@acme.example"]);
    until("she may act again", async || import(&dev, &format!("Secret {secret}")).await.0 == 200).await;
    let rotated = value(&config, &["users", "secret", "rotate", "ann@acme.example", "--overlap", "1h"]);
    assert_eq!(rotated["propagated"], true);
    let second = text(&value(&config, &["users", "secret", "reveal", "ann@acme.example"])["client_secret"]);
    for works in [&secret, &second] {
        assert_eq!(import(&dev, &format!("Secret {works}")).await.0, 200, "SEC-07: both");
    }
    assert_eq!(value(&config, &["users", "secret", "revoke", "ann@acme.example"])["propagated"], true);
    for dead in [&secret, &second] {
        assert_eq!(import(&dev, &format!("Secret {dead}")).await, (401, "invalid_token".to_owned()));
    }
    let pat = text(&dev.report["users"]["ann"]["pat"]);
    assert_eq!(import(&dev, &format!("Bearer {pat}")).await.0, 200, "others are untouched");
    dev.stop();
    let again = Dev::on(folder.path());
    assert!(again.report["users"]["ann"].get("account_secret").is_none(), "what was revoked is absent");
}
