//! `sessions`: operators see who is signed in where, and end it; and the ends that `[sessions]` sets.

use rstest::rstest;
use tokenry_clock::{Clock as _, SystemClock};

use crate::folder::{Folder, On};
use crate::process::{json, run};

/// A configured folder with two users, and sessions that were used so many seconds ago.
fn with_sessions(on: On, sessions: &[(&str, &str, u64)]) -> Folder {
    let folder = Folder::init(on);
    let now = SystemClock.now().as_secs().unsigned_abs();
    for user in ["ann", "bob"] {
        folder.ask(&format!(
            "INSERT INTO users (id, username, version, created_at) VALUES ('usr_{user}', '{user}@acme.example', 1, 0)"
        ));
    }
    for (id, user, ago) in sessions {
        let used = (now - ago) * 1_000;
        let digest = match on {
            On::Postgres => format!("sha256('{id}'::bytea)"),
            On::Sqlite => "randomblob(32)".to_owned(),
        };
        folder.ask(&format!(
            "INSERT INTO sessions (id, digest, user_id, auth_time, amr, address, user_agent, created_at, \
             last_seen_at, expires_at) VALUES ('{id}', {digest}, 'usr_{user}', {used}, '[\"pwd\"]', '192.0.2.7', \
             'Firefox/140.0', {used}, {used}, {})",
            used + 30 * 86_400_000
        ));
    }
    folder
}

fn ids(folder: &Folder, more: &[&str]) -> Vec<String> {
    let listed = json(&folder.config, &[&["sessions", "list"], more].concat());
    let id = |session: &serde_json::Value| session["id"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(id).collect()
}

#[rstest]
fn ses_13_operators_see_and_end_sessions(#[values(On::Sqlite, On::Postgres)] on: On) {
    let all = [("s1", "ann", 60), ("s2", "bob", 60), ("s3", "ann", 60), ("s4", "ann", 13 * 3_600)];
    let folder = with_sessions(on, &all);
    assert_eq!(ids(&folder, &[]), ["s1", "s2", "s3"], "s4 was not used for too long");
    assert_eq!(ids(&folder, &["--user", "ANN@acme.example"]), ["s1", "s3"]);
    assert_eq!(ids(&folder, &["--user", "usr_bob"]), ["s2"]);
    let listed = json(&folder.config, &["sessions", "list", "--user", "usr_bob"]);
    assert_eq!(listed[0]["user_id"], "usr_bob");
    assert_eq!(listed[0]["address"], "192.0.2.7");
    assert_eq!(listed[0]["methods"], serde_json::json!(["pwd"]));
    assert!(listed[0].get("digest").is_none(), "{listed}");

    let before = folder.rows();
    for (arguments, code) in [
        (&["sessions", "revoke", "s9", "--yes"][..], 4),
        (&["sessions", "revoke", "--user", "usr_nobody", "--yes"], 4),
        (&["sessions", "list", "--user", "nobody@acme.example"], 4),
        (&["sessions", "revoke", "--yes"], 2),
        (&["sessions", "revoke", "s1", "--user", "usr_ann", "--yes"], 2),
        (&["sessions", "revoke", "s1", "--no-input"], 2),
    ] {
        assert_eq!(run(&folder.config, arguments).code, code, "{arguments:?}");
    }
    assert_eq!(folder.rows(), before);

    let revoked = json(&folder.config, &["sessions", "revoke", "s2"]);
    assert_eq!((&revoked["id"], &revoked["status"]), (&"s2".into(), &"revoked".into()));
    assert_eq!(revoked["propagated"], true);
    assert_eq!(ids(&folder, &[]), ["s1", "s3"]);
    let revoked = json(&folder.config, &["sessions", "revoke", "--user", "ann@acme.example"]);
    assert_eq!((&revoked["revoked"], &revoked["propagated"]), (&3.into(), &true.into()));
    assert!(ids(&folder, &[]).is_empty());
    for event in ["session.ended", "user.signed_out"] {
        let told = folder.ask(&format!("SELECT COUNT(*) FROM audit WHERE event = '{event}'"));
        assert_eq!(told.trim(), "1", "{event}");
    }
}

#[test]
fn ses_08_a_shorter_end_holds_for_sessions_from_before() {
    let folder = with_sessions(On::Sqlite, &[("s1", "ann", 3 * 3_600), ("s2", "bob", 60)]);
    assert_eq!(ids(&folder, &[]), ["s1", "s2"]);
    folder.set("idle_ttl", "idle_ttl = \"2h\"");
    assert_eq!(ids(&folder, &[]), ["s2"]);
    folder.set("idle_ttl", "idle_ttl = \"30s\"");
    assert!(ids(&folder, &[]).is_empty());
}
