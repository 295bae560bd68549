//! The pages of `docs/reference` are what the code says, and the code says what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Client;
use rstest::rstest;
use serde_json::Value;
use tokenry_engine::manage::UpdateClient;
use tokenry_model::ClientType;
use tokenry_testkit::{Engine, LogoutReceiver, Options, TestApp, claims_of, header_of};

use crate::dev::Dev;
use crate::process::{finish, tokenry};
use crate::serve::token;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs/reference").join(name).with_extension("md")).unwrap()
}

/// The first cells of the table under a heading, without their quotes.
fn names(page: &str, heading: &str) -> BTreeSet<String> {
    let (_before, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

/// Those of them that a dialect has: by the number of its column.
fn names_in(page: &str, heading: &str, column: usize) -> BTreeSet<String> {
    let has = |name: &String| {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` | "))).unwrap();
        row.split(" | ").nth(column).unwrap() != "no"
    };
    names(page, heading).into_iter().filter(has).collect()
}

#[test]
fn generating_leaves_the_tree_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut generate = tokenry();
    generate.arg("reference").arg(folder.path());
    let said = finish(generate);
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{said:?}");
    let mut diff = Command::new("diff");
    diff.args(["--recursive", "--new-file", "--unified"])
        .arg(root().join("docs/reference"))
        .arg(folder.path());
    let said = finish(diff);
    assert_eq!(
        said.code, 0,
        "docs/reference is not what the code says; run `cargo xtask generate`:\n{}",
        said.stdout
    );
}

#[test]
fn nothing_is_listed_without_a_meaning() {
    for name in ["claims", "command-line", "configuration", "environment", "errors", "events", "metrics"] {
        for line in page(name).lines().filter(|line| line.starts_with("| ")) {
            assert!(!line.ends_with("|  |"), "{name}: {line}");
        }
    }
    let commands = page("command-line");
    for section in commands.split("\n## ").skip(3) {
        let (name, about) = section.split_once("\n\n").unwrap();
        assert!(about.starts_with(|c: char| c.is_uppercase()), "{name} says what it does: {about}");
    }
}

#[rstest]
#[case::rfc("rfc", 1)]
#[case::auth0("auth0", 2)]
#[tokio::test]
async fn r11_tokens_say_what_the_page_of_claims_says(#[case] profile: &str, #[case] column: usize) {
    let dev = Dev::start(&["--profile", profile]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let issuer = text(&dev.report["issuer"]).trim_end_matches('/').to_owned();
    let cron = &dev.report["clients"]["cron"];
    let jwt = token(&issuer, &(text(&cron["client_id"]), text(&cron["client_secret"]))).await.unwrap();
    let members = |said: &Value| said.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let page = page("claims");
    let listed = |of: &str| names_in(&page, &format!("A client's JWT access token: {of}"), column);
    assert_eq!(members(&header_of(&jwt)), listed("header"));
    assert_eq!(members(&claims_of(&jwt)), listed("payload"));
    let api = &dev.report["api"];
    let ask = Client::new().post(format!("{issuer}/oauth/introspect")).form(&[("token", &jwt)]);
    let answer = ask.basic_auth(text(&api["id"]), Some(text(&api["secret"]))).send().await.unwrap();
    let introspected: Value = answer.json().await.unwrap();
    assert_eq!(members(&introspected), names(&page, "An access token that is introspected, JWT or opaque"));
}

#[tokio::test(flavor = "multi_thread")]
async fn r57_a_users_tokens_say_what_the_page_of_claims_says() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (ann, web) = (app.member("ann").await, app.application(ClientType::Web, "Web", &[]).await);
    let tokens = app.redeem(&web, &app.code(&ann, &web, "openid email read:timesheets").await, &[]).await;
    let id_token = tokens.json()["id_token"].as_str().unwrap().to_owned();
    let members = |jwt: &str| claims_of(jwt).as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let page = page("claims");
    let access = "A JWT access token that a user let a client have: payload";
    assert_eq!(members(&tokens.token()), names(&page, access));
    let mut said = members(&id_token);
    assert!(said.remove("email_verified"), "another claim about a user");
    assert_eq!(said, names(&page, "An ID token: payload"));
}

/// Its members, their types, and what the page names in words: type and algorithm, how long it is good, what the event is called.
#[tokio::test(flavor = "multi_thread")]
async fn web_06_a_logout_token_says_what_the_page_of_claims_says() {
    let options = Options { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() };
    let (app, receiver) = (TestApp::with(options).await, LogoutReceiver::start().await);
    let (ann, web) = (app.member("ann").await, app.application(ClientType::Web, "Web", &[]).await);
    let told = Some(Some(receiver.uri.clone()));
    let update = UpdateClient { backchannel_logout_uri: told, ..UpdateClient::default() };
    app.manager.update_client(&web.id, update).await.unwrap();
    let tokens = app.redeem(&web, &app.code(&ann, &web, "openid").await, &[]).await.json();
    app.operator().await.revoke_session(ann.session.as_str()).await.unwrap();
    let token = receiver.tokens(1).await.remove(0);

    let (header, claims, page) = (header_of(&token), claims_of(&token), page("claims"));
    for (part, said) in [("header", &header), ("payload", &claims)] {
        let heading = format!("A logout token: {part}");
        assert_eq!(
            said.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(),
            names(&page, &heading)
        );
        for (name, value) in said.as_object().unwrap() {
            let row = row(&page, &heading, name);
            assert_eq!(row[1], kind(value), "{name}");
        }
    }
    let says = |part: &str, name: &str| row(&page, &format!("A logout token: {part}"), name).remove(2);
    for name in ["alg", "typ"] {
        assert!(says("header", name).contains(&format!("`{}`", header[name].as_str().unwrap())), "{name}");
    }
    let lives = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(says("payload", "exp"), format!("`iat` + {lives}."));
    let (event, value) = claims["events"].as_object().unwrap().iter().next().unwrap();
    assert!(says("payload", "events").contains(&format!("`{event}`, whose value is `{value}`")));
    assert_eq!(claims["events"].as_object().unwrap().len(), 1);
    let id_token = claims_of(tokens["id_token"].as_str().unwrap());
    for as_in_it in ["iss", "sub", "aud", "sid"] {
        assert_eq!(claims[as_in_it], id_token[as_in_it], "{as_in_it}");
    }
}

/// The cells of the row of that name in the table under a heading.
fn row(page: &str, heading: &str, name: &str) -> Vec<String> {
    let (_before, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let row = section.lines().find(|line| line.starts_with(&format!("| `{name}` | "))).unwrap();
    row.trim_matches(['|', ' ']).split(" | ").map(str::to_owned).collect()
}

/// What the page calls a value's type.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "number",
        Value::Object(_) => "object",
        Value::String(_) => "text",
        other => panic!("{other}"),
    }
}

/// Each `counter!(…)`, `gauge!(…)` and `histogram!(…)` of what ships: its metric, and its labels.
fn counted() -> BTreeMap<String, BTreeSet<String>> {
    let mut counted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut folders: Vec<_> = ["engine", "guard", "server", "store", "tokenry"]
        .map(|room| root().join("crates").join(room).join("src"))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                for (metric, labels) in calls(&source) {
                    counted.entry(metric).or_default().extend(labels);
                }
            }
        }
    }
    counted
}

fn calls(source: &str) -> Vec<(String, Vec<String>)> {
    let constant = |name: &str| {
        let declared = source.split_once(&format!("const {name}: &str = \"")).map(|(_before, after)| after);
        declared.and_then(|after| after.split('"').next()).unwrap_or(name).to_owned()
    };
    let mut calls = Vec::new();
    for macro_name in ["counter!(", "gauge!(", "histogram!("] {
        for (place, _found) in source.match_indices(macro_name) {
            // Not `describe_counter!`, which says nothing of labels.
            if source[..place].ends_with('_') {
                continue;
            }
            let arguments = source[place + macro_name.len()..].split([';', '}']).next().unwrap();
            let arguments = arguments.split(").").next().unwrap();
            let first = arguments.split([',', ')']).next().unwrap().trim();
            let labels = arguments.split("\" =>").map(|before| before.rsplit('"').next().unwrap().to_owned());
            let count = arguments.matches("\" =>").count();
            calls.push((constant(first).trim_matches('"').to_owned(), labels.take(count).collect()));
        }
    }
    calls
}

#[test]
fn every_metric_is_on_the_page_with_its_labels() {
    let page = page("metrics");
    let mut listed = BTreeMap::new();
    for row in page.lines().filter_map(|line| line.strip_prefix("| `tokenry_")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let labels = cells[2].split(", ").map(|label| label.trim_matches(['`', ' ']).to_owned());
        let name = format!("tokenry_{}", cells[0].trim_end_matches('`'));
        listed.insert(name, labels.filter(|label| !label.is_empty()).collect::<BTreeSet<_>>());
    }
    assert!(listed.len() > 12, "{listed:?}");
    assert_eq!(counted(), listed, "what is counted, and what the registries say");
}

#[test]
fn every_command_has_a_manual_page() {
    let mut man = tokenry();
    man.args(["man", "clients", "create"]);
    let said = finish(man);
    assert!(said.code == 0 && said.stdout.contains(".TH tokenry-clients-create"), "{said:?}");
    assert!(said.stdout.contains("client\\-id"), "{said:?}");
    let mut unknown = tokenry();
    unknown.args(["man", "clients", "nonsense"]);
    assert_eq!(finish(unknown).code, 4);

    let folder = tempfile::tempdir().unwrap();
    let mut all = tokenry();
    all.args(["man", "--dir"]).arg(folder.path());
    let said = finish(all);
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{said:?}");
    for page in ["tokenry.1", "tokenry-clients-create.1", "tokenry-keys-rotate.1"] {
        assert!(folder.path().join(page).exists(), "{page}");
    }
    assert!(!folder.path().join("tokenry-reference.1").exists(), "what is hidden has no page");
}
