//! `tokens`: operators see and revoke what users have made for themselves; and the tokens of `dev`'s people.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::DemoClient;
use tokenry_testkit::Events;

use crate::dev::Dev;
use crate::folder::{Folder, On, text};
use crate::process::{json as value, run};

const USERS: [&str; 4] = ["ann", "bob", "carl", "root"];

/// A configured folder with two users, whose tokens expire in an hour.
fn with_tokens(on: On, tokens: &[(&str, &str)]) -> Folder {
    let folder = Folder::init(on);
    let now = tokenry_clock::Clock::now(&tokenry_clock::SystemClock).as_millis();
    for user in ["ann", "bob"] {
        folder.ask(&format!(
            "INSERT INTO users (id, username, version, created_at) VALUES ('usr_{user}', '{user}@acme.example', 1, 0)"
        ));
    }
    for (id, user) in tokens {
        let end = now + 3_600_000;
        let digest = match on {
            On::Postgres => format!("sha256('{id}'::bytea)"),
            On::Sqlite => "randomblob(32)".to_owned(),
        };
        folder.ask(&format!(
            "INSERT INTO pats (id, user_id, name, note, all_apis, allowed_addresses, value_ttl, created_at, ends_at) \
             VALUES ('{id}', 'usr_{user}', 'CI of {user}', '', 1, '[\"192.0.2.0/24\"]', 3600000, {now}, {end})"
        ));
        folder.ask(&format!(
            "INSERT INTO pat_values (digest, pat_id, jti, last4, created_at, expires_at) \
             VALUES ({digest}, '{id}', '{id:0<32}', 'abcd', {now}, {end})"
        ));
    }
    folder
}

fn states(folder: &Folder, more: &[&str]) -> Vec<(String, String)> {
    let listed = value(&folder.config, &[&["tokens", "list"], more].concat());
    let state = |token: &Value| (text(&token["id"]), text(&token["state"]));
    listed.as_array().unwrap().iter().map(state).collect()
}

fn pair(id: &str, state: &str) -> (String, String) {
    (id.to_owned(), state.to_owned())
}

#[rstest]
fn operators_see_and_revoke_tokens(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = with_tokens(on, &[("p1", "ann"), ("p2", "bob"), ("p3", "ann")]);
    let all = ["p1", "p2", "p3"].map(|id| pair(id, "works"));
    assert_eq!(states(&folder, &[]), all);
    assert_eq!(states(&folder, &["--user", "ANN@acme.example"]), [all[0].clone(), all[2].clone()]);
    let listed = value(&folder.config, &["tokens", "list", "--user", "usr_bob"]);
    assert_eq!((&listed[0]["name"], &listed[0]["last4"]), (&json!("CI of bob"), &json!("abcd")));
    assert_eq!(listed[0]["allowed_addresses"], json!(["192.0.2.0/24"]));
    assert!(listed[0].get("digest").is_none() && listed[0].get("apis").is_none(), "{listed}");

    let before = folder.rows();
    for (arguments, code) in [
        (&["tokens", "revoke", "p9", "--yes"][..], 4),
        (&["tokens", "revoke", "p1", "--no-input"], 2),
        (&["tokens", "revoke", "--yes"], 2),
        (&["tokens", "list", "--user", "nobody@acme.example"], 4),
    ] {
        assert_eq!(run(&folder.config, arguments).code, code, "{arguments:?}");
    }
    assert_eq!(folder.rows(), before);

    let revoked = value(&folder.config, &["tokens", "revoke", "p1"]);
    assert_eq!(revoked, json!({"id": "p1", "user_id": "usr_ann", "state": "revoked", "propagated": true}));
    assert_eq!(states(&folder, &["--user", "usr_ann"]), [pair("p1", "revoked"), pair("p3", "works")]);
    assert_eq!(
        value(&folder.config, &["tokens", "revoke", "p1"])["propagated"],
        true,
        "again changes nothing"
    );
    assert_eq!(folder.ask("SELECT COUNT(*) FROM audit WHERE event = 'pat.revoked'").trim(), "1");
    assert_eq!(folder.ask("SELECT COUNT(*) FROM mail_outbox").trim(), "1", "its owner is told");
}

async fn introspected(dev: &Dev, token: &str) -> Value {
    let api = &dev.report["api"];
    let url = format!("{}/oauth/introspect", text(&dev.report["issuer"]));
    let asked = reqwest::Client::new()
        .post(url)
        .basic_auth(text(&api["id"]), Some(text(&api["secret"])))
        .form(&[("token", token)]);
    asked.send().await.unwrap().json().await.unwrap()
}

/// R77: each of the demo's people has one from the first start on, of which only a digest is kept.
#[tokio::test(flavor = "multi_thread")]
async fn r77_every_one_of_the_demos_people_has_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let first = Dev::on(folder.path());
    let (report, config) = (first.report.clone(), folder.path().join("tokenry.toml"));
    let pats: std::collections::BTreeSet<_> = USERS.map(|name| text(&report["users"][name]["pat"])).into();
    assert_eq!(pats.len(), 4);
    crate::dev::assert_no_file_holds(folder.path(), &pats);
    for pat in &pats {
        assert!(pat.starts_with("tokenry_pat_") && !first.running.stderr().contains(pat));
    }
    let all = "approve:timesheets create:timesheets delete:timesheets read:timesheets";
    let some = "create:timesheets read:timesheets";
    for (name, company, scope) in [
        ("ann", "acme", json!(all)),
        ("bob", "acme", json!(some)),
        ("carl", "globex", json!(some)),
        ("root", "", json!(null)),
    ] {
        let told = introspected(&first, &text(&report["users"][name]["pat"])).await;
        assert_eq!((&told["sub"], &told["scope"]), (&report["users"][name]["id"], &scope), "{told}");
        let tenant = &told["https://auth.example.com/metadata"]["companyId"];
        assert_eq!(tenant, &report["companies"][company], "{told}");
    }

    // What a command revokes is refused by the next request, and absent from the next start.
    let bobs = value(&config, &["tokens", "list", "--user", "bob@acme.example"]);
    assert_eq!(value(&config, &["tokens", "revoke", &text(&bobs[0]["id"])])["propagated"], true);
    let pat = text(&report["users"]["bob"]["pat"]);
    assert_eq!(introspected(&first, &pat).await, json!({"active": false}));
    first.stop();
    let again = Dev::on(folder.path());
    assert_eq!(again.report["users"]["bob"].get("pat"), None);
    for name in ["ann", "carl", "root"] {
        assert_eq!(again.report["users"][name], report["users"][name]);
    }
    assert_eq!(
        value(&config, &["tokens", "list", "--user", "bob@acme.example"]).as_array().unwrap().len(),
        1
    );
}

/// A guard that is connected has heard of it when the command returns.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_and_a_lost_role_wait_for_guards() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::on(folder.path());
    let (report, config) = (dev.report.clone(), folder.path().join("tokenry.toml"));
    let api = DemoClient { id: text(&report["api"]["id"]), secret: text(&report["api"]["secret"]) };
    let issuer = text(&report["issuer"]);
    let guard = Events::open(&issuer, &api, 0, "pod-1").await.acknowledging();
    let (acme, ann) = (text(&report["companies"]["acme"]), text(&report["users"]["ann"]["id"]));
    for arguments in [
        &["companies", "members", "update", acme.as_str(), ann.as_str(), "--role", "employee"][..],
        &["users", "disable", ann.as_str()],
        &["users", "enable", ann.as_str()],
    ] {
        assert_eq!(value(&config, arguments)["propagated"], true, "{arguments:?}");
    }
    let told = introspected(&dev, &text(&report["users"]["ann"]["pat"])).await;
    assert_eq!(told["scope"], "create:timesheets read:timesheets", "{told}");
    drop(guard);
}
