//! The cron job against `dev`: a week is uploaded, and twice is once.

use std::fs;

use crate::dev::Dev;
use crate::process::{Said, example, finish};

fn upload(dev: &Dev, client: &str, file: &str) -> Said {
    let report = &dev.report;
    let client = &report["clients"][client];
    let value = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut command = example("timesheets-cron");
    command.args(["--file", file]).envs([
        ("ISSUER", value(&report["issuer"])),
        ("AUDIENCE", value(&report["audience"])),
        ("API_URL", value(&report["api_url"])),
        ("CLIENT_ID", value(&client["client_id"])),
        ("CLIENT_SECRET", value(&client["client_secret"])),
    ]);
    finish(command)
}

#[test]
fn r60_a_week_is_uploaded_and_twice_is_once() {
    let dev = Dev::start(&[]);
    let week = concat!(env!("CARGO_MANIFEST_DIR"), "/../../week.csv");
    let sheets = fs::read_to_string(week).unwrap().lines().count() - 1;
    let first = upload(&dev, "cron", week);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stderr.contains(&format!("{sheets} created, 0 existed, 0 refused")), "{first:?}");
    let second = upload(&dev, "cron", week);
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.stderr.contains(&format!("0 created, {sheets} existed, 0 refused")), "{second:?}");
}

#[test]
fn what_is_refused_is_told_and_ends_non_zero() {
    let dev = Dev::start(&[]);
    let week = concat!(env!("CARGO_MANIFEST_DIR"), "/../../week.csv");
    let said = upload(&dev, "readonly", week);
    assert_ne!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("refused") && said.stdout.contains("create:timesheets"), "{said:?}");
}

#[test]
fn a_file_with_a_mistake_is_not_sent_at_all() {
    let dev = Dev::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("week.csv");
    fs::write(&file, "employee,week,hours\nann,2026-W47,38.5\nbob,2026-W47,many\n").unwrap();
    let said = upload(&dev, "cron", file.to_str().unwrap());
    assert_eq!((said.code, said.stdout.as_str()), (1, ""), "{said:?}");
    assert!(said.stderr.contains("line 3: hours") && said.stderr.contains("nothing was sent"), "{said:?}");
    fs::write(&file, "employee,week,hours\nann,2026-W47,38.5\nbob,2026-W99,40\n").unwrap();
    let said = upload(&dev, "cron", file.to_str().unwrap());
    assert_eq!(said.code, 1, "what the API refuses ends non-zero: {said:?}");
    assert!(said.stderr.contains("1 created, 0 existed, 1 refused"), "and the rest was sent: {said:?}");
    let refused = said.stdout.lines().find(|line| line.contains("bob")).unwrap();
    assert!(refused.contains("refused") && refused.contains("week"), "{refused}");
}
