//! `token explain`: what an API would answer to a token, check by check, and never more of the token than its claims.

mod agreement;
mod dialect;
mod people;
mod world;

use std::path::Path;

use rstest::rstest;
use serde_json::Value;

use crate::dev::Dev;
use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{Said, finish_with, serve, tokenry};
use crate::serve::token;

/// Explains what comes by standard input.
fn explain(config: &Path, token: &str, more: &[&str]) -> Said {
    let mut command = tokenry();
    command.args(["token", "explain", "-", "--for", AUDIENCE]).args(more).arg("--config").arg(config);
    finish_with(command, &format!("{token}\n"))
}

fn finding<'a>(answer: &'a Value, check: &str) -> (&'a str, &'a str) {
    let checks = answer["checks"].as_array().unwrap();
    let found = checks.iter().find(|finding| finding["check"] == check).unwrap();
    (found["result"].as_str().unwrap(), found["detail"].as_str().unwrap())
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

#[test]
fn a_personal_access_token_is_not_judged_by_what_it_looks_like() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(&["--data", folder.path().to_str().unwrap()]);
    let config = folder.path().join("tokenry.toml");
    let pat = text(&dev.report["users"]["ann"]["pat"]);
    let said = explain(&config, &pat, &[]);
    assert_eq!((said.code, said.stdout.as_str()), (1, ""), "{said:?}");
    assert!(
        said.stderr.contains("decided when the API asks") && said.stderr.contains("tokens list"),
        "{said:?}"
    );
    let cut = explain(&config, &pat[..30], &[]);
    assert!(cut.stdout.contains("refused: 401 invalid_token"), "what is none is refused: {cut:?}");
}

#[tokio::test]
async fn the_demos_policy_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(&["--data", folder.path().to_str().unwrap()]);
    let config = folder.path().join("tokenry.toml");
    let client = |name: &str| {
        let client = &dev.report["clients"][name];
        (text(&client["client_id"]), text(&client["client_secret"]))
    };
    let issuer = text(&dev.report["issuer"]);
    let readonly = token(&issuer, &client("readonly")).await.unwrap();
    let route = |method: &str, name: &str| {
        format!("{method} /companies/{}/timesheets", text(&dev.report["companies"][name]))
    };
    let ask = |more: &[&str]| explain(&config, &readonly, more);

    let said = ask(&["--route", &route("GET", "acme")]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
    assert!(said.stdout.trim_end().ends_with("allowed: the answer is the route's own, 2xx if all goes well"));
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    assert_eq!(said.stdout.matches(" pass ").count(), 17, "{}", said.stdout);

    let said = ask(&["--route", &route("POST", "acme")]);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (1, "error: the API would answer 403 insufficient_scope\n")
    );
    let last = said.stdout.lines().last().unwrap();
    assert_eq!(last, "refused: 403 insufficient_scope scope=\"create:timesheets\"");

    let said = ask(&["--route", &route("GET", "globex"), "--output", "yaml"]);
    assert!(said.stdout.contains("code: tenant_mismatch"), "{said:?}");
    let answer = json(&ask(&["--route", &route("POST", "globex"), "--output", "json"]));
    assert_eq!((&answer["status"], &answer["scope"]), (&403.into(), &"create:timesheets".into()));
    let (result, detail) = finding(&answer, "path_company");
    let globex = text(&dev.report["companies"]["globex"]);
    assert!(result == "fail" && detail.contains(&globex) && detail.contains("no corporation"), "{detail}");

    let late = json(&ask(&["--at", "2999-01-01T00:00:00Z", "--output", "json"]));
    assert_eq!(late["code"], "token_expired");
    assert!(finding(&late, "dates").1.starts_with("Expired "), "{late}");
    for id in [AUDIENCE, &text(&dev.report["api"]["id"])] {
        let mut command = tokenry();
        command.args(["token", "explain", "--for", id, "--config"]).arg(&config);
        let said = finish_with(command, &readonly);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.stderr.contains("depends on the route"), "{said:?}");
        assert!(said.stdout.contains("skipped  scope"), "{said:?}");
    }
}

#[rstest]
#[tokio::test]
async fn without_the_apis_policy_only_the_token_is_explained(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (mut server, url) = serve(&folder.config);
    let jwt = token(&url, &seeded.readonly).await.unwrap();
    server.stop();
    let before = folder.rows();
    let said = explain(&folder.config, &jwt, &["--output", "json"]);
    assert_eq!((said.code, &json(&said)["verdict"]), (0, &"allowed".into()), "{said:?}");
    for check in ["route", "scope", "path_company"] {
        assert_eq!(finding(&json(&said), check).0, "skipped");
    }
    let route = ["--route", "POST /companies/acme/timesheets"];
    let said = explain(&folder.config, &jwt, &route);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
    assert!(said.stderr.contains("serde_json::to_string(&guard.policy_table())"), "{said:?}");

    let policy = folder.path.path().join("policy.json");
    std::fs::write(&policy, timesheets_api::POLICY).unwrap();
    let policy = policy.to_str().unwrap();
    let said =
        explain(&folder.config, &jwt, &[&route[..], &["--policy", policy, "--output", "json"]].concat());
    assert_eq!((said.code, &json(&said)["scope"]), (1, &"create:timesheets".into()), "{said:?}");
    assert_eq!(folder.rows(), before, "it only reads");
}

#[test]
fn r17_what_is_no_token_is_named_and_never_repeated() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let (client, api) = (seeded.cron.1.as_str(), seeded.api.1.as_str());
    for (presented, named) in [
        (client, "This is a client secret"),
        (api, "This is an API's own secret"),
        (&client[..40], "It begins like a client secret"),
        ("tokenry_mk_Zm9vYmFyYmF6cXV4", "It begins with \"tokenry_\""),
        ("eyJhbGciOiJSUzI1NiJ9.Zm9vYmFy.Zm9vYmFy.Zm9vYmFy", "No access token"),
        ("hunter2hunter2hunter2", "No access token"),
        ("Bearer hunter2hunter2hunter2", "white space"),
    ] {
        let said = explain(&folder.config, presented, &["--output", "json"]);
        let answer = json(&said);
        assert_eq!((said.code, &answer["code"]), (1, &"invalid_token".into()), "{said:?}");
        let (result, detail) = finding(&answer, "framing");
        assert!(result == "fail" && detail.starts_with(named) || detail.contains(named), "{detail}");
        for part in presented.split(['.', ' ']).filter(|part| part.len() > 8) {
            let written = format!("{}{}", said.stdout, said.stderr);
            assert!(!written.contains(&part[part.len() - 9..]), "{written}");
        }
    }
    let mut command = tokenry();
    command.args(["token", "explain", client, "--for", AUDIENCE, "--config"]).arg(&folder.config);
    let said = finish_with(command, "");
    assert!(said.stderr.starts_with("warning: this is a secret"), "{said:?}");
    assert!(!format!("{said:?}").contains(client), "not even then");
}

#[test]
fn what_cannot_be_answered_is_no_verdict() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let code = |token: &str, more: &[&str]| {
        let said = explain(&folder.config, token, more);
        assert_eq!(said.stdout, "", "{said:?}");
        said.code
    };
    assert_eq!(code("", &[]), 2);
    assert_eq!(code("x", &["--policy", "nowhere.json"]), 2, "a policy is for a route");
    assert_eq!(code("x", &["--route", "GET /x", "--policy", "nowhere.json"]), 2);
    assert_eq!(code("x", &["--route", "/x"]), 2);
    assert_eq!(code("x", &["--at", "yesterday"]), 2);
    let mut command = tokenry();
    command.args(["token", "explain", "--for", "https://nobody.example", "--config"]).arg(&folder.config);
    assert_eq!(finish_with(command, "x").code, 4);
}
