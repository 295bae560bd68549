//! PostgreSQL: lost connections, retries, limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokenry_store::db::{Db, Error, Options};
use tokenry_store::{params, statements};
use tokenry_testpg::{Durability, Server, execute};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::*;

statements! {
    OWN_PID = "SELECT CAST(pg_backend_pid() AS BIGINT)";
    SLEEP = "SELECT count(pg_sleep(10)::TEXT)";
    SLEEP_AND_ADD = "INSERT INTO items (id, box, n) SELECT 'slow', 'box', count(pg_sleep(10)::TEXT)";
    TYPES = "SELECT a FROM types";
}

async fn postgres() -> TestDb {
    TestDb::open(Engine::Postgres).await
}

/// Where a connection is cut when the client sends certain bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// They do not arrive.
    BeforeTheServer,
    /// They arrive, and the answer does not.
    BeforeTheClient,
}

/// A database behind a proxy that cuts, once, the connection on which `trigger` is sent.
async fn behind_proxy(test: &TestDb, trigger: &'static str, cut: Cut) -> Db {
    let address = test.url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicU32::new(1));
    let server = address.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(forward(client, server, trigger, cut, Arc::clone(&left)));
        }
    });
    let url = test.url.replace(&address, &format!("127.0.0.1:{port}"));
    Db::open(&url.parse().unwrap(), options()).await.unwrap()
}

async fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    trigger: &str,
    cut: Cut,
    left: Arc<AtomicU32>,
) {
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(n @ 1..) = read else { return };
                let hit = up[..n].windows(trigger.len()).any(|it| it == trigger.as_bytes());
                if hit && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1)).is_ok() {
                    if cut == Cut::BeforeTheClient {
                        server.write_all(&up[..n]).await.unwrap();
                        // Its answer means that the server is done.
                        let _ = server.read(&mut down).await.unwrap();
                    }
                    return;
                }
                if server.write_all(&up[..n]).await.is_err() { return }
            }
            read = server.read(&mut down) => {
                let Ok(n @ 1..) = read else { return };
                if client.write_all(&down[..n]).await.is_err() { return }
            }
        }
    }
}

#[tokio::test]
async fn a_connection_lost_at_commit_is_unknown_and_never_retried() {
    for (cut, after) in [(Cut::BeforeTheServer, 0), (Cut::BeforeTheClient, 1)] {
        let test = postgres().await;
        let db = behind_proxy(&test, "COMMIT", cut).await;
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let result = write_tx!(db, [counted], |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            tx.exec(ADD_ITEM, &params!["a", "box", 1]).await
        });
        let error = result.await.unwrap_err();
        assert!(matches!(error, Error::Unknown), "{error}");
        assert!(error.is_unavailable());
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert_eq!(test.count().await, after);
        // The next one gets a sound connection.
        db.write_one(ADD_ITEM, params!["b", "box", 1].to_vec()).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_lost_during_a_single_statement_is_unknown_and_never_retried() {
    for (cut, after) in [(Cut::BeforeTheServer, 0), (Cut::BeforeTheClient, 1)] {
        let test = postgres().await;
        let db = behind_proxy(&test, "the parameter", cut).await;
        let error = db.write_one(ADD_ITEM, params!["a", "the parameter", 1].to_vec()).await.unwrap_err();
        assert!(matches!(error, Error::Unknown), "{error}");
        assert_eq!(test.count().await, after);
    }
}

#[tokio::test]
async fn a_connection_lost_before_commit_is_replaced_and_the_body_runs_again() {
    for cut in [Cut::BeforeTheServer, Cut::BeforeTheClient] {
        let test = postgres().await;
        let db = behind_proxy(&test, "the parameter", cut).await;
        write_tx!(db, [], |tx| { tx.exec(ADD_ITEM, &params!["a", "the parameter", 1]).await }).await.unwrap();
        assert_eq!(test.count().await, 1);
        let db = behind_proxy(&test, "another parameter", cut).await;
        assert_eq!(count(&db, COUNT_BOX, &params!["another parameter"]).await, 0);
    }
}

#[tokio::test]
async fn a_backend_that_is_terminated_is_replaced() {
    let test = postgres().await;
    let runs = Arc::new(AtomicU32::new(0));
    let (url, counted) = (test.url.clone(), Arc::clone(&runs));
    write_tx!(test.db, [counted, url], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let pid = tx.rows(OWN_PID, &[]).await?[0].int(0)?;
            execute(&url, &format!("SELECT pg_terminate_backend({pid}, 5000)")).unwrap();
        }
        tx.exec(INCREMENT, &params!["a"]).await
    })
    .await
    .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(test.n("a").await, Some(2));
    // Idle ones are noticed too.
    execute(
        &test.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(test.count().await, 1);
    test.add("b", 1).await;
}

#[tokio::test]
async fn a_swallowed_serialization_failure_is_retried_all_the_same() {
    let test = postgres().await;
    test.add("a", 0).await;
    let runs = Arc::new(AtomicU32::new(0));
    let (other, counted) = (test.another().await, Arc::clone(&runs));
    let result = write_tx!(test.db, [counted, other], |tx| {
        let n = tx.rows(FIND_N, &params!["a"]).await?[0].int(0)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            other.write_one(SET_N, params!["a", 10].to_vec()).await?;
        }
        Ok(tx.exec(SET_N, &params!["a", n + 1]).await.is_ok())
    })
    .await;
    assert!(result.unwrap());
    assert_eq!((runs.load(Ordering::SeqCst), test.n("a").await), (2, Some(11)));
}

#[tokio::test]
async fn a_row_that_stays_locked_is_busy_at_the_deadline() {
    let options = Options {
        deadline: Duration::from_millis(700),
        lock_timeout: Duration::from_millis(100),
        ..options()
    };
    let test = TestDb::open_with(Engine::Postgres, options).await;
    test.add("a", 0).await;
    let (mut client, connection) = tokio_postgres::connect(&test.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let lock = client.transaction().await.unwrap();
    lock.execute("UPDATE items SET n = 5 WHERE id = 'a'", &[]).await.unwrap();
    let begun = Instant::now();
    let alone = test.db.write_one(INCREMENT, params!["a"].to_vec()).await;
    assert!(matches!(alone, Err(Error::Busy)), "{alone:?}");
    let inside = write_tx!(test.db, [], |tx| { tx.exec(INCREMENT, &params!["a"]).await }).await;
    assert!(matches!(inside, Err(Error::Busy)), "{inside:?}");
    assert!(begun.elapsed() < Duration::from_secs(4));
    lock.rollback().await.unwrap();
    test.db.write_one(INCREMENT, params!["a"].to_vec()).await.unwrap();
    assert_eq!(test.n("a").await, Some(1));
}

#[tokio::test]
async fn db_06_what_is_too_slow_is_ended_and_changes_nothing() {
    let options = Options {
        deadline: Duration::from_millis(300),
        body_limit: Duration::from_millis(200),
        lock_timeout: Duration::from_millis(100),
        connections: 2,
        ..options()
    };
    let test = TestDb::open_with(Engine::Postgres, options).await;
    let begun = Instant::now();
    assert!(matches!(test.db.rows(SLEEP, &[]).await, Err(Error::Timeout)));
    assert!(matches!(test.db.write_one(SLEEP_AND_ADD, vec![]).await, Err(Error::Timeout)));
    let statement = write_tx!(test.db, [], |tx| { tx.exec(SLEEP_AND_ADD, &[]).await }).await;
    assert!(matches!(statement, Err(Error::Timeout)), "{statement:?}");
    let idle = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        tokio::time::sleep(Duration::from_secs(10)).await;
        Ok(())
    });
    assert!(matches!(idle.await, Err(Error::Timeout)));
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    // More callers than connections: each has its answer at the deadline.
    let begun = Instant::now();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let db = test.db.clone();
            tokio::spawn(async move { db.rows(SLEEP, &[]).await.map(drop) })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap().unwrap_err().is_unavailable());
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(test.count().await, 0);
}

#[tokio::test]
async fn a_type_that_we_do_not_store_is_never_guessed() {
    let test = postgres().await;
    for (kind, value) in [
        ("INTEGER", "1"),
        ("REAL", "1"),
        ("NUMERIC", "1"),
        ("BOOLEAN", "true"),
        ("VARCHAR(5)", "'a'"),
        ("JSONB", "'{}'"),
    ] {
        test.script(&format!(
            "DROP TABLE IF EXISTS types; CREATE TABLE types (a {kind}); INSERT INTO types VALUES ({value})"
        ));
        let db = test.another().await;
        let error = db.rows(TYPES, &[]).await.unwrap_err();
        assert!(matches!(error, Error::Statement { .. }), "{kind}: {error}");
    }
}

#[tokio::test]
async fn a_statement_prepared_before_a_migration_works_after_it() {
    let test = postgres().await;
    test.script("CREATE TABLE types (a TEXT); INSERT INTO types VALUES ('1')");
    for _ in 0..3 {
        assert_eq!(test.db.rows(TYPES, &[]).await.unwrap()[0].text(0).unwrap(), "1");
        write_tx!(test.db, [], |tx| { tx.rows(TYPES, &[]).await }).await.unwrap();
    }
    test.script("ALTER TABLE types ALTER COLUMN a TYPE BIGINT USING a::BIGINT");
    assert_eq!(test.db.rows(TYPES, &[]).await.unwrap()[0].int(0).unwrap(), 1);
    let inside = write_tx!(test.db, [], |tx| { tx.rows(TYPES, &[]).await }).await.unwrap();
    assert_eq!(inside[0].int(0).unwrap(), 1);
    assert_eq!(test.db.write_one(TYPES, vec![]).await.unwrap()[0].int(0).unwrap(), 1);
}

#[tokio::test]
async fn db_05_a_server_that_is_gone_is_unavailable_and_comes_back() {
    let mut server = Server::start_with(Durability::Lasting).unwrap();
    let db = Db::open(&server.url().parse().unwrap(), options()).await.unwrap();
    execute(server.url(), "CREATE TABLE items (id TEXT PRIMARY KEY, box TEXT NOT NULL, n BIGINT NOT NULL)")
        .unwrap();
    db.ping().await.unwrap();
    db.write_one(ADD_ITEM, params!["a", "box", 1].to_vec()).await.unwrap();
    server.crash().unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    for error in [
        db.ping().await.unwrap_err(),
        db.rows(COUNT_ITEMS, &[]).await.unwrap_err(),
        db.write_one(ADD_ITEM, params!["b", "box", 1].to_vec()).await.unwrap_err(),
        write_tx!(db, [], |tx| { tx.exec(INCREMENT, &params!["a"]).await }).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(2));
    server.resume().unwrap();
    db.ping().await.unwrap();
    assert_eq!(count(&db, COUNT_ITEMS, &[]).await, 1);
    db.write_one(ADD_ITEM, params!["b", "box", 1].to_vec()).await.unwrap();
}

#[tokio::test]
async fn a_refused_connection_names_no_password() {
    let test = postgres().await;
    let address = test.url.split('@').nth(1).unwrap();
    for url in [
        format!("postgres://nobody:sesame@{address}"),
        format!("postgres://postgres:sesame@{}", address.replace("sslmode=disable", "sslmode=require")),
        "postgres://postgres:sesame@127.0.0.1:1/x".to_owned(),
    ] {
        let db = Db::open(&url.parse().unwrap(), options()).await.unwrap();
        let error = db.ping().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
        assert!(!format!("{error} {error:?} {db:?}").contains("sesame"), "{error:?}");
    }
}
