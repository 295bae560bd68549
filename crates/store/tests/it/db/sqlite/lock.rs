//! The file's write lock, while another process holds it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tokenry_store::db::{Error, Options};

use super::super::support::*;
use super::{add, queue, sqlite};

/// A second process that holds the file's write lock.
struct Holder {
    process: Child,
    release: std::path::PathBuf,
}

const HOLD: &str = "TOKENRY_TEST_HOLD";

impl Holder {
    fn start(test: &TestDb) -> Self {
        let path = test.path();
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "db::sqlite::lock::holds_the_lock_as_another_process", "--ignored"])
            .env(HOLD, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let held = path.with_extension("held");
        let end = Instant::now() + Duration::from_secs(10);
        while !held.exists() {
            assert!(Instant::now() < end, "the other process does not hold the lock");
            thread::sleep(Duration::from_millis(5));
        }
        Self { process, release: path.with_extension("release") }
    }

    fn release(mut self) {
        fs::write(&self.release, "").unwrap();
        assert!(self.process.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
#[ignore = "the other process of the tests below"]
#[expect(clippy::disallowed_methods, reason = "how the test tells its other process what to do")]
fn holds_the_lock_as_another_process() {
    let Some(path) = std::env::var_os(HOLD).map(std::path::PathBuf::from) else { return };
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO items (id, box, n) VALUES ('theirs', 'box', 1)")
        .unwrap();
    fs::write(path.with_extension("held"), "").unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !path.with_extension("release").exists() && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    connection.execute_batch("COMMIT").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_another_process_holds_is_waited_for() {
    let test = sqlite().await;
    let holder = Holder::start(&test);
    let write = tokio::spawn(add(&test.db, ADD_ITEM, "ours"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!write.is_finished());
    assert_eq!(test.count().await, 0, "reads go on");
    holder.release();
    write.await.unwrap().unwrap();
    assert_eq!(test.count().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_another_process_keeps_is_busy_and_nothing_ran() {
    let options = Options { deadline: Duration::from_millis(300), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let holder = Holder::start(&test);
    let begun = Instant::now();
    let writes: Vec<_> = (0..20).map(|i| add(&test.db, ADD_ITEM, &format!("{i}"))).collect();
    for write in queue(writes).await {
        let error = write.await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Busy), "{error}");
        assert!(error.is_unavailable());
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(test.count().await, 0);
    // It dies without a word, and its transaction with it.
    holder.kill();
    test.add("ours", 1).await;
    assert_eq!(test.count().await, 1);
}
