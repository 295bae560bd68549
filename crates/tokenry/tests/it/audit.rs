//! The audit trail from the command line: followed, exported, kept elsewhere, verified.

use std::fs;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use crate::folder::{Folder, On};
use crate::process::{PATIENCE, Running, Said, json, run, serve, tokenry};
use crate::serve::token;

/// The lines on stdout, each a JSON value.
fn lines(said: &Said) -> Vec<Value> {
    assert_eq!(said.code, 0, "{said:?}");
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until the servers have sealed all that there is.
fn sealed(folder: &Folder) -> Value {
    let begun = Instant::now();
    loop {
        let verified = json(&folder.config, &["audit", "verify"]);
        assert_eq!(verified["intact"], true, "{verified}");
        if verified["unsealed_records"] == 0 {
            return verified;
        }
        assert!(begun.elapsed() < PATIENCE, "{verified}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leak_05_the_trail_is_exported_with_what_proves_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (mut server, url) = serve(&folder.config);
    token(&url, &seeded.cron).await.unwrap();
    sealed(&folder);
    server.kill();

    let exported = lines(&run(&folder.config, &["audit", "export"]));
    let count = |member: &str| exported.iter().filter(|line| line[member].is_object()).count();
    assert_eq!(count("record").to_string(), folder.ask("SELECT count(*) FROM audit"));
    assert_eq!(count("checkpoint").to_string(), folder.ask("SELECT count(*) FROM audit_checkpoints"));
    let issued = exported.iter().find(|line| line["record"]["event"] == "token.issued").unwrap();
    assert_eq!(issued["record"]["actor_id"], seeded.cron.0.as_str());
    let array = run(&folder.config, &["audit", "export", "--output", "json"]).json();
    assert_eq!(array.as_array().unwrap(), &exported, "the same as one value");
    let none = lines(&run(&folder.config, &["audit", "export", "--until", "2020-01-01"]));
    assert!(none.is_empty(), "{none:?}");
    let since = issued["record"]["at"].as_str().unwrap();
    let some = lines(&run(&folder.config, &["audit", "export", "--since", since]));
    assert!(some.contains(issued) && some.len() < exported.len(), "{some:?}");
    assert_eq!(run(&folder.config, &["audit", "export", "--since", "soon"]).code, 2);

    // Each form in which checkpoints are kept is one to compare with.
    let checkpoints = run(&folder.config, &["audit", "checkpoints", "--output", "json"]);
    for (name, text) in [
        ("export", run(&folder.config, &["audit", "export"]).stdout),
        ("list", checkpoints.stdout),
        ("log", server.stderr()),
    ] {
        let file = folder.path.path().join(name);
        fs::write(&file, text).unwrap();
        let verified = json(&folder.config, &["audit", "verify", "--checkpoints", file.to_str().unwrap()]);
        assert_eq!(
            (&verified["intact"], verified["compared_checkpoints"] == 0),
            (&Value::from(true), false),
            "{name}"
        );
    }
    // What is none of this trail proves nothing.
    let strange = folder.path.path().join("strange");
    let (from, to) = (r#""id":"#, r#""id":-"#);
    fs::write(&strange, run(&folder.config, &["audit", "export"]).stdout.replace(from, to)).unwrap();
    let compared = run(&folder.config, &["audit", "verify", "--checkpoints", strange.to_str().unwrap()]);
    assert_eq!(compared.code, 1, "{compared:?}");
    assert!(compared.stderr.contains("none of the checkpoints"), "{compared:?}");
    let empty = folder.path.path().join("empty");
    fs::write(&empty, "[]").unwrap();
    let refused = run(&folder.config, &["audit", "verify", "--checkpoints", empty.to_str().unwrap()]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leak_05_verify_names_what_was_done(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let (mut server, url) = serve(&folder.config);
    token(&url, &seeded.cron).await.unwrap();
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let verified = json(&folder.config, &["audit", "verify"]);
    assert_eq!(verified["unsealed_records"], 0, "a server that stops seals what is left: {verified}");
    let kept = folder.path.path().join("kept");
    fs::write(&kept, run(&folder.config, &["audit", "checkpoints", "--output", "json"]).stdout).unwrap();
    let kept = kept.to_str().unwrap();

    let verify = |more: &[&str]| run(&folder.config, &[&["audit", "verify"], more].concat());
    folder.ask("UPDATE audit SET detail = '{}' WHERE seq = 5");
    let found = verify(&["--output", "json"]);
    assert_eq!(found.code, 1);
    assert!(found.stderr.contains("record 5 was changed"), "{found:?}");
    let value: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!((&value["intact"], &value["findings"][0]), (&false.into(), &"record 5 was changed".into()));
    folder.ask("DELETE FROM audit WHERE seq = 5");
    assert!(verify(&[]).stderr.contains("record 5, which checkpoint"), "{:?}", verify(&[]));

    folder.ask("DELETE FROM audit_checkpoints");
    folder.ask("DELETE FROM audit");
    assert_eq!(verify(&[]).code, 0, "nothing is whole in itself");
    let found = verify(&["--checkpoints", kept]);
    assert_eq!(found.code, 1);
    assert!(found.stderr.contains("it was kept elsewhere and is missing here"), "{found:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tail_is_followed_record_by_record(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let seeded = folder.seed();
    let last = run(&folder.config, &["audit", "tail", "-n", "3", "--output", "json"]);
    let last = lines(&last);
    assert_eq!(last.len(), 3);
    assert!(last.is_sorted_by_key(|record| record["seq"].as_i64()));
    assert_eq!(last[2]["event"], "grant.created");
    let plain = run(&folder.config, &["audit", "tail", "-n", "1"]).stdout;
    assert!(plain.contains("  grant.created  success  operator  grant "), "{plain}");

    let mut command = tokenry();
    command.args(["audit", "tail", "-f", "-n", "1", "--output", "json", "--config"]).arg(&folder.config);
    let mut following = Running::start(command);
    following.wait_for(|out, _err| out.contains("grant.created").then_some(()));
    let (_server, url) = serve(&folder.config);
    token(&url, &seeded.cron).await.unwrap();
    let issued = following.wait_for(|out, _err| {
        let whole = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let issued: Vec<_> = whole.filter(|record| record["event"] == "token.issued").collect();
        (!issued.is_empty()).then_some(issued)
    });
    assert_eq!((issued.len(), &issued[0]["actor_id"]), (1, &seeded.cron.0.as_str().into()));
    // Not INT: who starts the tests in the background has the shell ignore it, for all that they start.
    following.signal("TERM");
    following.wait();
}
