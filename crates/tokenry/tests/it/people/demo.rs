//! The people of `dev`, and the applications that act for them.

use serde_json::{Value, json};

use super::PASSWORD;
use crate::dev::Dev;
use crate::folder::text;
use crate::process::{finish_with, json as run_json, run, tokenry};

const USERS: [&str; 4] = ["ann", "bob", "carl", "root"];

fn passwords(report: &Value) -> Vec<String> {
    USERS.map(|name| text(&report["users"][name]["password"])).to_vec()
}

#[test]
fn r61_employees_and_contractors_have_each_their_application() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::on(folder.path());
    let (report, config) = (&dev.report, folder.path().join("tokenry.toml"));
    for (name, company, roles) in [
        ("ann", "acme", json!(["manager"])),
        ("bob", "acme", json!(["employee"])),
        ("carl", "globex", json!(["contractor"])),
    ] {
        let user = run_json(&config, &["users", "show", &text(&report["users"][name]["id"])]);
        assert_eq!(user["username"], report["users"][name]["username"]);
        let company = &report["companies"][company];
        assert_eq!(user["memberships"], json!([{"company_id": company, "roles": roles}]), "{name}");
        assert_eq!((&user["password"], &user["email_verified"]), (&json!(true), &json!(true)));
    }
    let root = run_json(&config, &["users", "show", &text(&report["users"]["root"]["username"])]);
    assert_eq!(root["memberships"], json!([]));

    let all = "approve:timesheets create:timesheets delete:timesheets read:timesheets";
    for (name, port, kind, asked, ceiling) in [
        ("web", 8702, "web", false, all),
        ("contractors", 8703, "third-party", true, "create:timesheets read:timesheets"),
        ("spa", 8704, "spa", true, all),
    ] {
        let app = &report["clients"][name];
        assert_eq!(app["redirect_uris"], json!([format!("http://127.0.0.1:{port}/callback")]));
        assert_eq!(app["client_secret"].is_string(), name != "spa");
        let client = run_json(&config, &["clients", "show", &text(&app["client_id"])]);
        assert_eq!((&client["type"], &client["skip_consent"]), (&json!(kind), &json!(!asked)), "{name}");
        assert_eq!(client["first_party"], json!(name != "contractors"));
        let grants = run_json(&config, &["grants", "list", "--client", &text(&app["client_id"])]);
        assert_eq!(grants[0]["scope"], ceiling, "{name}");
    }
    for password in passwords(report) {
        assert!(!dev.running.stderr().contains(&password), "a password on stderr");
    }
}

#[test]
fn r16_what_was_changed_is_absent_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = Dev::on(folder.path());
    let (report, config) = (first.report.clone(), folder.path().join("tokenry.toml"));
    for password in passwords(&report) {
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = if path.is_dir() { Vec::new() } else { std::fs::read(&path).unwrap() };
            let found = bytes.windows(password.len()).any(|window| window == password.as_bytes());
            assert!(!found, "{} holds a password", path.display());
        }
    }
    let mut set = tokenry();
    set.args(["users", "set-password", "bob@acme.example", "--config"]).arg(&config);
    let said = finish_with(set, PASSWORD);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(run(&config, &["users", "delete", "root@tokenry.example", "--yes"]).code, 0);
    first.stop();
    let again = Dev::on(folder.path());
    let users = &again.report["users"];
    assert_eq!((&users["ann"], &users["carl"]), (&report["users"]["ann"], &report["users"]["carl"]));
    assert_eq!(users["bob"].get("password"), None, "it is another one now");
    assert_eq!(users["bob"]["id"], report["users"]["bob"]["id"]);
    assert_eq!(users.get("root"), None, "who was removed stays away");
}
