//! `apis create|update --scope`: what an API defines, in whose words, and that nothing that is granted goes.

use rstest::rstest;
use serde_json::{Value, json};

use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{Said, json, run};

/// `apis update` of the API.
fn update(folder: &Folder, more: &[&str]) -> Value {
    json(&folder.config, &[&["apis", "update", AUDIENCE], more].concat())
}

/// Exit code and error of an update that is refused; nothing has changed then.
fn refused(folder: &Folder, more: &[&str]) -> (i32, String) {
    let before = folder.rows();
    let Said { code, stderr, .. } = run(&folder.config, &[&["apis", "update", AUDIENCE], more].concat());
    assert_eq!(folder.rows(), before);
    (code, stderr)
}

#[rstest]
fn scopes_are_added_and_described_anew(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let words = "read:t=Read timesheets = hours";
    let create =
        ["apis", "create", "--name", "T", "--audience", AUDIENCE, "--scope", words, "--scope", "create:t"];
    assert_eq!(json(&folder.config, &create)["scopes"], json!(["read:t", "create:t"]));
    let shown = json(&folder.config, &["apis", "show", AUDIENCE]);
    assert_eq!(shown["scope_words"], json!({"read:t": "Read timesheets = hours"}));

    let updated = update(
        &folder,
        &["--scope", "create:t=Write timesheets", "--scope", "approve:t", "--scope", "read:t"],
    );
    assert_eq!(updated["scopes"], json!(["read:t", "create:t", "approve:t"]));
    let words = json!({"read:t": "Read timesheets = hours", "create:t": "Write timesheets"});
    assert_eq!(updated["scope_words"], words, "without words it keeps its own");
    assert_eq!(
        update(&folder, &["--scope", "read:t="])["scope_words"],
        json!({"create:t": "Write timesheets"})
    );
    let last = json(&folder.config, &["audit", "list", "--limit", "1"]);
    assert!(last.to_string().contains("\"scopes\":\"read:t\""), "{last}");

    for (bad, code, says) in [
        (&["--scope", "read t=Read"][..], 2, "scope: \"read t\""),
        (&["--scope", "a:t=One", "--scope", "a:t=Two"], 2, "named twice"),
        (&["--scope", "a:t=Line\nbreak"], 2, "scope: "),
        (&["--scope", "read:t=Read", "--remove-scope", "read:t"], 2, "named by scope too"),
        (&["--remove-scope", "delete:t"], 4, "there is no scope \"delete:t\""),
        (&[], 2, "required arguments"),
    ] {
        let (found, error) = refused(&folder, bad);
        assert!(found == code && error.contains(says), "{bad:?}: {found} {error}");
    }
}

#[rstest]
fn a_scope_goes_once_no_client_and_no_role_has_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let role = ["--api", AUDIENCE, "--scope", "approve:timesheets"];
    json(&folder.config, &[&["roles", "create", "--name", "manager"], &role[..]].concat());
    let (code, error) = refused(&folder, &["--remove-scope", "approve:timesheets"]);
    let by = format!("still granted: client {}, role manager; take it from them first", seeded.cron.0);
    assert!(code == 5 && error.contains(&by), "{error}");

    let grants = json(&folder.config, &["grants", "list", "--client", &seeded.cron.0]);
    run(&folder.config, &["grants", "delete", grants[0]["id"].as_str().unwrap(), "--yes"]);
    let (code, error) = refused(&folder, &["--remove-scope", "approve:timesheets", "--scope", "a:t"]);
    assert!(code == 5 && error.contains("still granted: role manager;"), "{error}");
    json(&folder.config, &["roles", "update", "manager", "--api", AUDIENCE, "--scope", "read:timesheets"]);
    let left = update(&folder, &["--remove-scope", "approve:timesheets"]);
    assert_eq!(left["scopes"], json!(["read:timesheets", "create:timesheets", "delete:timesheets"]));
    let (code, error) = refused(&folder, &["--remove-scope", "read:timesheets"]);
    assert!(code == 5 && error.contains(&format!("client {}", seeded.readonly.0)), "{error}");
}
