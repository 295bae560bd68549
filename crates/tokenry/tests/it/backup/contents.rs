//! What a backup file shows to whoever finds it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use rstest::rstest;
use tokenry_store::archive;

use super::place::Place;
use crate::folder::On;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_leak_01_neither_keyring_nor_secrets_are_in_a_backup(#[values(On::Sqlite, On::Postgres)] on: On) {
    let place = Place::start(on).await;
    let held = place.hold().await;
    let made = place.backup();
    let file = place.file();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let beside: Vec<_> = fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".tokenry-"))
        .collect();
    assert!(beside.is_empty(), "{beside:?} is left over");

    let mut payload = Vec::new();
    archive::read(&mut fs::File::open(&file).unwrap(), &mut payload).unwrap();
    let mut shown = fs::read(&file).unwrap();
    if let On::Postgres = on {
        // It is compressed: what it holds shows when it is unpacked.
        let dump = place.folder.path.path().join("dump");
        fs::write(&dump, &payload).unwrap();
        let script =
            Command::new("pg_restore").arg("--file=-").arg(&dump).stdin(Stdio::null()).output().unwrap();
        assert!(script.status.success(), "{script:?}");
        shown.extend(script.stdout);
    }
    let keyring = fs::read_to_string(place.folder.keyring()).unwrap();
    let keys = keyring.lines().filter_map(|line| line.strip_prefix("tokenry_mk_")).map(str::to_owned);
    let signatures = held.jwts.iter().map(|jwt| jwt.rsplit('.').next().unwrap().to_owned());
    let branded = held.secrets.iter().map(|(_id, secret)| secret.clone());
    let apis = [place.seeded.api.1.clone(), place.opaque.1.clone()];
    let all: BTreeSet<_> =
        branded.chain(apis).chain(held.opaque.clone()).chain(signatures).chain(keys).collect();
    assert!(all.len() > 8, "{}", all.len());
    for secret in &all {
        // Without prefix and checksum, so that a part of it shows too.
        let core = &secret.as_bytes()[secret.len().saturating_sub(40)..secret.len() - 7];
        assert!(
            !shown.windows(core.len()).any(|window| window == core),
            "a secret of {} bytes",
            secret.len()
        );
    }
    let known = place.seeded.cron.0.as_bytes();
    assert!(shown.windows(known.len()).any(|window| window == known), "it was the right file to look at");
    assert_eq!(made["clients"], 2);
}
