//! How long a job, a query and a place in the queue may take.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokenry_store::db::{Error, Options};
use tokenry_store::{params, statements};

use super::super::support::*;
use super::{Held, add, queue, sqlite};

statements! {
    ENDLESS = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";
    ENDLESS_WRITE = "INSERT INTO items (id, box, n) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 'x', 'x', count(*) FROM c";
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
        Options { deadline: Duration::from_millis(500), body_limit: Duration::from_secs(5), ..options() };
    let test = TestDb::open_with(Engine::Sqlite, options).await;
    let held = Held::hold(&test.db).await;
    let late = add(&test.db, ADD_ITEM, "late").await;
    assert!(matches!(late, Err(Error::Busy)), "{late:?}");
    held.release().await.unwrap();
    test.add("after", 1).await;
    assert_eq!(test.n("late").await, None);
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
