//! What is not restored, and leaves everything as it was.

use std::fs;
use std::path::Path;

use rstest::rstest;
use rustix::fs::{FlockOperation, fcntl_lock};
use tokenry_store::archive::{self, Manifest};
use tokenry_store::db::Kind;
use tokenry_testpg as testpg;

use super::place::{Place, ask};
use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{Said, run};

/// Restores `file` into a database that is not to be touched.
struct Untouched<'a> {
    folder: &'a Folder,
    empty: bool,
}

impl Untouched<'_> {
    /// The refusal, which changes nothing.
    fn refuses(&self, file: &Path, more: &[&str]) -> Said {
        let before = (self.files(), self.rows());
        let said = run(&self.folder.config, &[&["restore", file.to_str().unwrap()], more].concat());
        assert_ne!(said.code, 0, "{said:?}");
        assert_eq!(said.stdout, "", "{said:?}");
        assert_eq!((self.files(), self.rows()), before, "{said:?}");
        said
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        self.folder.files()
    }

    fn rows(&self) -> Option<std::collections::BTreeMap<String, Vec<String>>> {
        (!self.empty).then(|| self.folder.rows())
    }
}

/// A backup with another manifest and a digest that fits.
fn forged(file: &Path, to: &Path, change: impl Fn(&mut Manifest)) {
    let mut payload = Vec::new();
    let mut manifest = archive::read(&mut fs::File::open(file).unwrap(), &mut payload).unwrap();
    change(&mut manifest);
    archive::write(&mut fs::File::create(to).unwrap(), &manifest, &mut payload.as_slice()).unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_what_is_damaged_or_foreign_touches_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let mut place = Place::start(on).await;
    place.backup();
    place.stop();
    let file = place.file();
    let bytes = fs::read(&file).unwrap();
    let target = match on {
        // The old one is there: whatever is refused, it is not even looked at.
        On::Sqlite => None,
        On::Postgres => Some(place.elsewhere()),
    };
    let untouched = Untouched { folder: target.as_ref().unwrap_or(&place.folder), empty: target.is_some() };
    let odd = untouched.folder.path.path().join("odd.backup");
    fs::write(&odd, "").unwrap();
    let refuses = |bytes: &[u8], word: &str| {
        fs::write(&odd, bytes).unwrap();
        let said = untouched.refuses(&odd, &["--yes"]);
        assert!(said.stderr.contains(word), "{word}: {said:?}");
    };
    for length in [0, 1, 16, 17, 200, bytes.len() / 2, bytes.len() - 33, bytes.len() - 1] {
        refuses(&bytes[..length], "cut off");
    }
    refuses(&[&bytes[..], b"x"].concat(), "damaged");
    for at in [60, 400, bytes.len() / 2, bytes.len() - 40, bytes.len() - 1] {
        let mut turned = bytes.clone();
        turned[at] ^= 4;
        refuses(&turned, "damaged");
    }
    refuses(b"no backup at all, but as long as one begins", "not a backup");
    refuses(&[b"tokenry backup 9\n", &bytes[17..]].concat(), "format");
    forged(&file, &odd, |manifest| (manifest.schema, manifest.oldest_compatible) = (999, 999));
    assert!(untouched.refuses(&odd, &["--yes"]).stderr.contains("run a newer tokenry"));
    let other = if let On::Sqlite = on { Kind::Postgres } else { Kind::Sqlite };
    forged(&file, &odd, |manifest| manifest.engine = other);
    assert!(untouched.refuses(&odd, &["--yes"]).stderr.contains("`tokenry copy`"));
    assert_eq!(untouched.refuses(Path::new("/nowhere/at/all"), &["--yes"]).code, 4);

    let own = fs::read(untouched.folder.keyring()).unwrap();
    let foreign = Folder::init(On::Sqlite);
    fs::copy(foreign.keyring(), untouched.folder.keyring()).unwrap();
    let said = untouched.refuses(&file, &["--yes"]);
    assert!(said.stderr.contains("this keyring is not the one") && said.stderr.contains("bring the keyring"));
    fs::write(untouched.folder.keyring(), own).unwrap();
    let restored = run(&untouched.folder.config, &["restore", file.to_str().unwrap(), "--yes"]);
    assert_eq!(restored.code, 0, "and what is whole is restored: {restored:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_database_that_is_there_is_not_replaced_unasked() {
    let mut place = Place::start(On::Sqlite).await;
    place.backup();
    let file = place.file();
    let running = place.run(&["restore", file.to_str().unwrap(), "--yes"]);
    assert_eq!(running.code, 5, "{running:?}");
    assert!(running.stderr.contains("stop every server"), "{running:?}");
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_some(), "and it goes on");
    place.stop();
    let untouched = Untouched { folder: &place.folder, empty: false };
    let said = untouched.refuses(&file, &["--no-input"]);
    assert!(said.code == 2 && said.stderr.contains("add --yes"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_server_that_holds_anything_is_not_filled() {
    let mut place = Place::start(On::Postgres).await;
    place.backup();
    let file = place.file();
    place.stop();
    let untouched = Untouched { folder: &place.folder, empty: false };
    let said = untouched.refuses(&file, &["--yes"]);
    assert!(said.code == 5 && said.stderr.contains("createdb"), "{said:?}");
    // What fails in the middle leaves nothing.
    let target = place.elsewhere();
    testpg::execute(&target.database, "CREATE VIEW clients AS SELECT 1").unwrap();
    let said = run(&target.config, &["restore", file.to_str().unwrap(), "--yes"]);
    assert!(said.code == 1 && said.stderr.contains("pg_restore failed"), "{said:?}");
    testpg::execute(&target.database, "DROP VIEW clients").unwrap();
    let said = run(&target.config, &["restore", file.to_str().unwrap(), "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
}

/// A server works on with what it remembers of a file that was damaged under it: what it says it has written must not be lost.
/// Whatever the file holds, it is locked as SQLite locks what it has open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_what_is_open_is_not_replaced_though_it_is_damaged() {
    let mut place = Place::start(On::Sqlite).await;
    place.backup();
    place.stop();
    let file = place.file();
    let database = place.folder.database.strip_prefix("sqlite:").unwrap().to_owned();
    fs::write(&database, [0xa5; 4_096]).unwrap();
    let server = fs::File::open(&database).unwrap();
    fcntl_lock(&server, FlockOperation::NonBlockingLockShared).unwrap();
    let running = place.run(&["restore", file.to_str().unwrap(), "--yes"]);
    assert!(running.code == 5 && running.stderr.contains("stop every server"), "{running:?}");
    assert_eq!(fs::read(&database).unwrap(), [0xa5; 4_096]);
    drop(server);
    let restored = place.run(&["restore", file.to_str().unwrap(), "--yes"]);
    assert_eq!(restored.code, 0, "{restored:?}");
    place.serve();
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_some());
}
