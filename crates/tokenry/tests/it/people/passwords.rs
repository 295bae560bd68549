//! `users set-password`: from standard input, never from an argument, and none that is guessed first.

use std::fs;

use rstest::rstest;
use serde_json::json;

use super::{PASSWORD, events, refused, set_password, show};
use crate::folder::{Folder, On};
use crate::process::json as run_json;

const ANN: &str = "ann@acme.example";

fn folder_with_ann(on: On) -> Folder {
    let folder = Folder::init(on);
    run_json(&folder.config, &["users", "create", "--username", ANN, "--name", "Ann"]);
    folder
}

#[rstest]
fn log_10_weak_passwords_are_refused_with_a_reason(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = folder_with_ann(on);
    let before = folder.rows();
    for (weak, why) in [
        ("aB3$xY9", "at least 15 characters"),
        ("passwordpassword", "among the first that are guessed"),
        ("ann@acme.example", "among the first that are guessed"),
        (&"x y".repeat(100), "at most 128 characters"),
    ] {
        let said = set_password(&folder, ANN, weak);
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{weak}: {said:?}");
        assert!(said.stderr.contains(why), "{weak}: {said:?}");
        assert!(!said.stderr.contains(weak) || weak == ANN, "it is not shown: {said:?}");
    }
    for nothing in ["\n", "\r\n"] {
        let said = set_password(&folder, ANN, nothing);
        assert!(said.code == 2 && said.stderr.contains("the password is missing"), "{said:?}");
    }
    assert_eq!(folder.rows(), before, "nothing was changed");
    assert_eq!(show(&folder, ANN)["password"], json!(false));
}

#[rstest]
fn adm_07_a_password_is_kept_as_its_hash_alone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = folder_with_ann(on);
    let said = set_password(&folder, ANN, &format!("{PASSWORD}\n"));
    assert_eq!(said.json()["propagated"], json!(true));
    assert!(!said.stdout.contains(PASSWORD) && !said.stderr.contains(PASSWORD), "{said:?}");
    assert_eq!(show(&folder, ANN)["password"], json!(true));
    assert_eq!(events(&folder, 1), ["user.password_set"]);
    assert!(folder.ask("SELECT hash FROM passwords").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!format!("{:?}", folder.rows()).contains(PASSWORD), "no row says it");
    for file in folder.files() {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
        assert!(!found, "{} says it", file.display());
    }
}

#[test]
fn no_argument_is_taken_for_a_password() {
    let folder = folder_with_ann(On::Sqlite);
    assert_eq!(refused(&folder, &["users", "set-password", ANN, PASSWORD]).0, 2);
    assert_eq!(refused(&folder, &["users", "set-password", ANN, "--password", PASSWORD]).0, 2);
    let (code, said) = refused(&folder, &["users", "set-password", ANN]);
    assert!(code == 2 && said.contains("standard input"), "{said}");
    assert_eq!(refused(&folder, &["users", "set-password", "bob@acme.example"]).0, 4, "before it is read");
    assert_eq!(show(&folder, ANN)["password"], json!(false));
}
