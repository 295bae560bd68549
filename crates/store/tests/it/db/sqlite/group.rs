//! Group commit: what fails, and what fails with it.

use tokenry_store::db::{Error, Options};
use tokenry_store::{params, statements};

use super::super::support::*;
use super::{Held, add, queue, sqlite};

statements! {
    BIG = "INSERT INTO items (id, box, n, data) VALUES ($1, $2, $3, $4)";
    DROP_BOX = "DELETE FROM items WHERE box = $1";
    OR_ROLLBACK = "INSERT OR ROLLBACK INTO items (id, box, n) VALUES ($1, $2, $3)";
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
