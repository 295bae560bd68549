//! SQLite's writer, its group commit, and its file.

mod files;
mod group;
mod lock;
mod patience;

use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokenry_store::db::{Db, Error, Sql};
use tokenry_store::params;

use super::support::*;

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

/// A write to be started.
fn add(db: &Db, sql: Sql, id: &str) -> BoxFuture<'static, Result<(), Error>> {
    let (db, values) = (db.clone(), params![id, "box", 1].to_vec());
    Box::pin(async move { db.write_one(sql, values).await.map(drop) })
}
