//! `users create --invite`, `users invite` and `users send-verification`: mail with a link, and no link on the terminal.

use rstest::rstest;

use super::{PASSWORD, events, refused, set_password};
use crate::folder::{Folder, On};
use crate::process::{json, run};

const ANN: &str = "ann@acme.example";

/// How many links of a purpose may be used.
fn live(folder: &Folder, purpose: &str) -> String {
    folder.ask(&format!("SELECT COUNT(*) FROM mail_links WHERE used_at IS NULL AND purpose = '{purpose}'"))
}

#[rstest]
fn log_17_an_operator_invites_and_sees_no_link(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let said = run(&folder.config, &["users", "create", "--username", ANN, "--invite", "--output", "json"]);
    assert_eq!(said.json()["username"], ANN);
    assert!(said.stderr.contains("mail.url"), "no mail server is configured: {said:?}");
    assert_eq!(live(&folder, "invitation"), "1");
    let again = json(&folder.config, &["users", "invite", ANN]);
    assert_eq!(again["username"], ANN);
    assert!(again["link_ends_at"].is_string());
    assert_eq!(live(&folder, "invitation"), "1", "the earlier one is dead");
    json(&folder.config, &["users", "send-verification", ANN]);
    assert_eq!(live(&folder, "verification"), "1");
    assert_eq!(folder.ask("SELECT DISTINCT recipient FROM mail_outbox"), ANN);
    assert_eq!(folder.ask("SELECT COUNT(*) FROM mail_outbox"), "3");
    assert!(!format!("{said:?}{again}").contains("token="));
    let last = events(&folder, 4);
    assert_eq!(last, ["user.created", "user.invited", "user.invited", "user.verification_sent"]);
}

#[test]
fn who_has_a_password_or_is_not_there_is_not_invited() {
    let folder = Folder::init(On::Sqlite);
    assert_eq!(refused(&folder, &["users", "invite", ANN]).0, 4);
    json(&folder.config, &["users", "create", "--username", ANN]);
    assert_eq!(set_password(&folder, ANN, PASSWORD).code, 0);
    assert_eq!(refused(&folder, &["users", "invite", ANN]).0, 2);
    json(&folder.config, &["users", "disable", ANN]);
    assert_eq!(refused(&folder, &["users", "send-verification", ANN]).0, 4);
    assert_eq!(folder.ask("SELECT COUNT(*) FROM mail_outbox"), "0");
}
