//! SQLite's writer, its group commit, and its file.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{fs, thread};

use futures_util::future::BoxFuture;
use tokenry_store::db::{Db, Error, Options, Sql};
use tokenry_store::{params, statements};

use super::support::*;

statements! {
    BIG = "INSERT INTO items (id, box, n, data) VALUES ($1, $2, $3, $4)";
    DROP_BOX = "DELETE FROM items WHERE box = $1";
    ENDLESS = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";
    ENDLESS_WRITE = "INSERT INTO items (id, box, n) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 'x', 'x', count(*) FROM c";
    LOOSE = "SELECT a FROM loose WHERE id = $1";
    OR_ROLLBACK = "INSERT OR ROLLBACK INTO items (id, box, n) VALUES ($1, $2, $3)";
}

async fn sqlite() -> TestDb {
    TestDb::open(Engine::Sqlite).await
}

/// Keeps the writer inside a job for longer than a group takes in others, so that the next ones meet in one group.
struct Held {
    release: mpsc::Sender<()>,
    job: tokio::task::JoinHandle<Result<(), Error>>,
}

impl Held {
    async fn hold(db: &Db) -> Self {
        let (release, released) = mpsc::channel();
        let (holding, held) = mpsc::channel();
        let released = Arc::new(std::sync::Mutex::new(released));
        let db = db.clone();
        let job = tokio::spawn(async move {
            write_tx!(db, [holding, released], |_tx| {
                holding.send(()).unwrap();
                // The sender may have gone, which releases too.
                let _ = released.lock().unwrap().recv_timeout(Duration::from_secs(10));
                Ok(())
            })
            .await
        });
        tokio::task::spawn_blocking(move || held.recv().unwrap()).await.unwrap();
        Self { release, job }
    }

    async fn release(self) -> Result<(), Error> {
        drop(self.release);
        self.job.await.unwrap()
    }
}

/// Starts writes that wait behind a held writer, in this order.
async fn queue<F>(writes: Vec<F>) -> Vec<tokio::task::JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let mut tasks = Vec::new();
    for write in writes {
        tasks.push(tokio::spawn(write));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tasks
}

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
            .args(["--exact", "db::sqlite::holds_the_lock_as_another_process", "--ignored"])
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

/// A write to be started.
fn add(db: &Db, sql: Sql, id: &str) -> BoxFuture<'static, Result<(), Error>> {
    let (db, values) = (db.clone(), params![id, "box", 1].to_vec());
    Box::pin(async move { db.write_one(sql, values).await.map(drop) })
}

#[tokio::test]
async fn db_03_a_full_database_refuses_writes_and_recovers_without_a_restart() {
    let options = Options { max_pages: Some(40), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    test.add("before", 1).await;
    let fill = |i: i32| test.db.write_one(BIG, params![format!("{i}"), "big", 1, vec![7; 10_000]].to_vec());
    let mut written = 0;
    let error = loop {
        match fill(written).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 100, "it does not fill up");
    };
    assert!(matches!(error, Error::Full), "{error}");
    assert!(error.is_unavailable());
    assert_eq!(test.n("before").await, Some(1));
    assert_eq!(test.count().await, i64::from(written) + 1);
    // Neighbours in one group: the large ones fail; whoever is told "done" is there, and nobody else.
    let held = Held::hold(&test.db).await;
    let small: Vec<_> = (0..10).map(|i| add(&test.db, ADD_ITEM, &format!("small{i}"))).collect();
    let mut tasks = queue(small).await;
    let large = tokio::spawn({
        let db = test.db.clone();
        async move { db.write_one(BIG, params!["large", "big", 1, vec![7; 90_000]].to_vec()).await.map(drop) }
    });
    tasks.push(large);
    held.release().await.ok();
    for (i, task) in tasks.into_iter().enumerate() {
        let id = if i < 10 { format!("small{i}") } else { "large".into() };
        let result = task.await.unwrap();
        assert_eq!(test.n(&id).await.is_some(), result.is_ok(), "{id}: {result:?}");
        assert!(result.is_ok() || result.unwrap_err().is_unavailable());
    }
    test.db.write_one(DROP_BOX, params!["big"].to_vec()).await.unwrap();
    fill(0).await.unwrap();
    test.db.ping().await.unwrap();
}

#[tokio::test]
async fn a_failed_commit_fails_its_whole_group_and_only_that() {
    let test = sqlite().await;
    let held = Held::hold(&test.db).await;
    let orphan = test.db.write_one(ADD_ORPHAN, params!["c", "nobody"].to_vec());
    let good = queue((0..5).map(|i| add(&test.db, ADD_ITEM, &format!("{i}"))).collect()).await;
    let (orphan, held) = tokio::join!(orphan, held.release());
    let mut failed = 0;
    for (i, task) in good.into_iter().enumerate() {
        let result = task.await.unwrap();
        assert_eq!(test.n(&i.to_string()).await.is_some(), result.is_ok());
        failed += usize::from(result.is_err());
    }
    assert!(orphan.unwrap_err().is_unavailable(), "it had neighbours");
    held.unwrap();
    assert_eq!(failed, 5, "one group");
    test.add("after", 1).await;
}

#[tokio::test]
async fn a_job_that_closes_the_transaction_fails_its_group_and_nothing_runs_after_it() {
    let test = sqlite().await;
    test.add("there", 1).await;
    let held = Held::hold(&test.db).await;
    let before = queue((0..3).map(|i| add(&test.db, ADD_ITEM, &format!("before{i}"))).collect()).await;
    let closer = queue(vec![{
        let db = test.db.clone();
        async move {
            write_tx!(db, [], |tx| {
                tx.exec(ADD_ITEM, &params!["mine", "box", 1]).await?;
                let closed = tx.exec(OR_ROLLBACK, &params!["there", "box", 1]).await;
                assert!(matches!(closed, Err(Error::Conflict(_))));
                // Would commit by itself.
                assert!(tx.exec(ADD_ITEM, &params!["escaped", "box", 1]).await.is_err());
                Ok(())
            })
            .await
        }
    }])
    .await;
    let after = queue((0..3).map(|i| add(&test.db, ADD_ITEM, &format!("after{i}"))).collect()).await;
    held.release().await.unwrap();
    for task in before {
        assert!(task.await.unwrap().unwrap_err().is_unavailable());
    }
    for task in closer {
        assert!(matches!(task.await.unwrap(), Err(Error::Aborted)));
    }
    // These had not begun: they run in the next group.
    for task in after {
        task.await.unwrap().unwrap();
    }
    assert_eq!(test.count().await, 4);
}

#[tokio::test]
async fn a_panic_leaves_its_neighbours_in_peace() {
    let test = sqlite().await;
    let held = Held::hold(&test.db).await;
    let before = queue((0..3).map(|i| add(&test.db, ADD_ITEM, &format!("before{i}"))).collect()).await;
    let panicking = queue(vec![{
        let db = test.db.clone();
        async move {
            write_tx!(db, [], |tx| {
                tx.exec(ADD_ITEM, &params!["bad", "box", 1]).await?;
                panicked()
            })
            .await
        }
    }])
    .await;
    let after = queue((0..3).map(|i| add(&test.db, ADD_ITEM, &format!("after{i}"))).collect()).await;
    held.release().await.unwrap();
    for task in before.into_iter().chain(after) {
        task.await.unwrap().unwrap();
    }
    for task in panicking {
        assert!(matches!(task.await.unwrap(), Err(Error::Panicked)));
    }
    assert_eq!(test.count().await, 6);
}

#[tokio::test]
async fn a_job_that_is_too_slow_is_ended_and_rolled_back() {
    let options = Options { body_limit: Duration::from_millis(100), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let begun = Instant::now();
    let slow_read = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        tx.rows(ENDLESS, &[]).await
    });
    assert!(matches!(slow_read.await, Err(Error::Timeout)));
    let slow_write = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        tx.exec(ENDLESS_WRITE, &[]).await
    });
    assert!(matches!(slow_write.await, Err(Error::Timeout)));
    let slow_code = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        thread::sleep(Duration::from_millis(150));
        Ok(())
    });
    assert!(matches!(slow_code.await, Err(Error::Timeout)));
    assert!(begun.elapsed() < Duration::from_secs(2));
    test.add("b", 1).await;
    assert_eq!(test.count().await, 1);
}

#[tokio::test]
async fn a_query_that_is_too_slow_is_ended() {
    let options = Options { deadline: Duration::from_millis(200), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    assert!(matches!(test.db.rows(ENDLESS, &[]).await, Err(Error::Timeout)));
    assert!(matches!(test.db.list(ENDLESS, &[]).await, Err(Error::Timeout)));
    assert_eq!(test.count().await, 0);
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_is_rolled_back() {
    let test = sqlite().await;
    let result = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        tokio::task::yield_now().await;
        Ok(())
    });
    assert!(matches!(result.await, Err(Error::Pending)));
    test.add("b", 1).await;
    assert_eq!(test.count().await, 1);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let options = Options { queue: 4, ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let held = Held::hold(&test.db).await;
    let tasks = queue((0..4).map(|i| add(&test.db, ADD_ITEM, &format!("{i}"))).collect()).await;
    let begun = Instant::now();
    let refused = add(&test.db, ADD_ITEM, "refused").await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
    assert!(begun.elapsed() < Duration::from_millis(100));
    held.release().await.unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(test.count().await, 4);
}

#[tokio::test]
async fn who_gave_up_waiting_is_not_served_later() {
    let options =
        Options { deadline: Duration::from_millis(150), body_limit: Duration::from_secs(5), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let held = Held::hold(&test.db).await;
    let late = add(&test.db, ADD_ITEM, "late").await;
    assert!(matches!(late, Err(Error::Busy)), "{late:?}");
    held.release().await.unwrap();
    test.add("after", 1).await;
    assert_eq!(test.n("late").await, None);
}

#[tokio::test]
async fn a_value_of_a_type_that_we_do_not_store_is_never_guessed() {
    let test = sqlite().await;
    let outside = rusqlite::Connection::open(test.path()).unwrap();
    outside
        .execute_batch(
            "CREATE TABLE loose (id, a);
            INSERT INTO loose VALUES ('real', 1.0), ('utf8', CAST(x'ff61' AS TEXT)), ('int', 1);",
        )
        .unwrap();
    for id in ["real", "utf8"] {
        type_error(test.db.rows(LOOSE, &params![id]).await);
        type_error(write_tx!(test.db, [id], |tx| { tx.rows(LOOSE, &params![id]).await }).await);
    }
    assert_eq!(ints(&test.db.rows(LOOSE, &params!["int"]).await.unwrap()), [1]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let test = sqlite().await;
    test.add("a", 1).await;
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{}{suffix}", test.path().display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn db_04_a_file_that_was_removed_fails_closed() {
    let test = sqlite().await;
    test.add("a", 1).await;
    test.db.ping().await.unwrap();
    fs::remove_file(test.path()).unwrap();
    let error = test.db.ping().await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("removed or replaced"), "{error}");
    assert!(add(&test.db, ADD_ITEM, "lost").await.unwrap_err().is_unavailable());
    assert!(test.db.rows(COUNT_ITEMS, &[]).await.unwrap_err().is_unavailable());
    // Not even if another takes its place.
    fs::write(test.path(), "").unwrap();
    assert!(test.db.ping().await.is_err());
    assert!(add(&test.db, ADD_ITEM, "lost").await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn db_04_a_write_notices_by_itself_that_the_file_was_replaced() {
    let test = sqlite().await;
    test.add("a", 1).await;
    fs::rename(test.path(), test.path().with_extension("old")).unwrap();
    fs::copy(test.path().with_extension("old"), test.path()).unwrap();
    assert!(add(&test.db, ADD_ITEM, "lost").await.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn db_11_what_is_no_database_is_not_opened() {
    let folder = tempfile::TempDir::new().unwrap();
    let open = |name: &str| {
        let url = format!("sqlite:{}", folder.path().join(name).display());
        async move { Db::open(&url.parse().unwrap(), Options::default()).await.map(drop).unwrap_err() }
    };
    fs::write(folder.path().join("garbage.db"), "no database ".repeat(1_000)).unwrap();
    assert!(matches!(open("garbage.db").await, Error::Corrupt(_)));
    fs::create_dir(folder.path().join("folder.db")).unwrap();
    assert!(matches!(open("folder.db").await, Error::Unavailable(_)));
    assert!(matches!(open("no/such/folder.db").await, Error::Unavailable(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists_do_not_starve_short_reads() {
    let options = Options { connections: 1, deadline: Duration::from_secs(1), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let db = Arc::new(test.db.clone());
    let lists: Vec<_> = (0..3)
        .map(|_| {
            let db = Arc::clone(&db);
            tokio::spawn(async move { db.list(ENDLESS, &[]).await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    assert_eq!(test.count().await, 0);
    assert!(begun.elapsed() < Duration::from_millis(500));
    for list in lists {
        assert!(list.await.unwrap().unwrap_err().is_unavailable());
    }
}
