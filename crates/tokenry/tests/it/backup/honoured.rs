//! What was issued before a backup was begun is honoured by a server that was restored from it, or copied.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rstest::rstest;
use tokio::task::JoinHandle;

use super::place::{Held, Place, ask};
use crate::folder::{AUDIENCE, On};
use crate::process::{PATIENCE, json, run, serve};

/// Clients that ask for tokens without a pause, and keep them.
struct Load {
    held: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    fn begin(place: &Place) -> Self {
        let (held, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let client = |_| {
            let (held, over) = (Arc::clone(&held), Arc::clone(&over));
            let (url, cron) = (place.url.clone(), place.seeded.cron.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let token = ask(&url, &cron, AUDIENCE).await.unwrap();
                    held.lock().unwrap().push(token);
                }
            })
        };
        let clients = (0..4).map(client).collect();
        Self { held, over, clients }
    }

    /// Every seventh of those that were acknowledged so far, once there are many.
    async fn some(&self) -> Vec<String> {
        let begun = Instant::now();
        while self.held.lock().unwrap().len() < 200 {
            assert!(begun.elapsed() < PATIENCE, "hardly a token is issued");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let held = self.held.lock().unwrap();
        held.iter().rev().step_by(7).take(40).cloned().collect()
    }

    async fn end(self) -> usize {
        self.over.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        self.held.lock().unwrap().len()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_backup_under_load_honours_what_was_issued_before(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let mut place = Place::start(on).await;
    let held = place.hold().await;
    let load = Load::begin(&place);
    let held = Held { jwts: [held.jwts.clone(), load.some().await].concat(), ..held };
    let made = place.backup();
    let issued = load.end().await;
    assert!(made["audit_seq"].as_u64().unwrap() > 200 && issued > 200, "{made}");
    place.stop();

    let elsewhere = place.elsewhere();
    let file = place.file().display().to_string();
    let restored = json(&elsewhere.config, &["restore", &file]);
    assert_eq!((&restored["audit_intact"], &restored["tokens"]), (&true.into(), &"kept".into()));
    assert_eq!(restored.get("kept"), None, "there was nothing to keep");
    let (mut server, url) = serve(&elsewhere.config);
    place.must_honour(&url, &held).await;
    server.stop();
    let verified = json(&elsewhere.config, &["audit", "verify"]);
    assert_eq!((&verified["intact"], &verified["unsealed_records"]), (&true.into(), &0.into()), "{verified}");
    let last = json(&elsewhere.config, &["audit", "list", "--limit", "1000"]);
    let events: Vec<_> =
        last.as_array().unwrap().iter().map(|record| record["event"].as_str().unwrap()).collect();
    assert_eq!(events.iter().filter(|event| **event == "database.restored").count(), 1);
    assert!(place.folder.ask("SELECT event FROM audit").contains("database.backed_up"), "where it was made");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_restored_database_takes_the_place_of_the_old_one_which_is_kept(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let mut place = Place::start(on).await;
    let held = place.hold().await;
    place.backup();
    // Since then everything was lost that can be lost.
    for client in [&place.seeded.cron.0, &place.seeded.readonly.0] {
        assert_eq!(place.run(&["clients", "delete", client, "--yes"]).code, 0);
    }
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_none());
    place.stop();
    let said = place.restore(&[]);
    if let On::Sqlite = on {
        let kept = said.json()["kept"].as_str().unwrap().to_owned();
        let old = rusqlite::Connection::open(kept).unwrap();
        let clients: i64 = old.query_row("SELECT count(*) FROM clients", [], |row| row.get(0)).unwrap();
        assert_eq!(clients, 0, "the old one is as it was");
        let file = place.folder.database.strip_prefix("sqlite:").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    place.serve();
    place.must_honour(&place.url, &held).await;
    assert_eq!(run(&place.folder.config, &["audit", "verify"]).code, 0);
}
