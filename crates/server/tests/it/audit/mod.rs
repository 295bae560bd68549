//! The seal of the audit trail: made by several at once, kept from the path of tokens, and broken by whoever changes a row.

mod removal;
mod seal;
mod tampering;

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::{Clock, MockClock, Timestamp};
use tokenry_engine::audit::{AuditKey, Finding, Sealer, Verification, verify};
use tokenry_engine::keyring::{DataKey, MasterKeys, unlock};
use tokenry_model::{Actor, Checkpoint, ClientId, Event, Record, Subject, SystemRng};
use tokenry_store::Store;
use tokenry_testkit::{Database, Engine};

const BEGIN: Timestamp = Timestamp::from_secs(1_795_161_600);

/// A database with an audit key, and no server.
struct Trail {
    engine: Engine,
    database: Database,
    store: Store,
    data_key: DataKey,
    key: Arc<AuditKey>,
    clock: MockClock,
}

impl Trail {
    async fn new(engine: Engine) -> Self {
        let database = Database::new(engine).await;
        let store = database.store().await;
        let master = MasterKeys::parse(&MasterKeys::generate(&SystemRng)).unwrap();
        let data_key = unlock(&store, &master, BEGIN, &SystemRng).await.unwrap();
        let key = Arc::new(AuditKey::open(&store, &data_key, BEGIN, &SystemRng).await.unwrap());
        Self { engine, database, store, data_key, key, clock: MockClock::new(BEGIN) }
    }

    async fn sealer(&self) -> Sealer {
        Sealer::new(self.database.store().await, Arc::clone(&self.key), Arc::new(self.clock.clone()))
    }

    /// Writes so many records, no two alike.
    async fn write(&self, count: i64) {
        for n in 0..count {
            self.clock.advance(Duration::from_millis(1));
            self.store.record(&[record(n, self.clock.now())]).await.unwrap();
        }
    }

    async fn verify(&self) -> Verification {
        self.verify_with(&[]).await
    }

    async fn verify_with(&self, kept: &[Checkpoint]) -> Verification {
        verify(&self.store, &self.data_key, kept).await.unwrap()
    }

    /// What is wrong first.
    async fn first(&self) -> Option<Finding> {
        self.verify().await.findings.into_iter().next()
    }

    /// Every checkpoint, as it would be kept elsewhere.
    async fn checkpoints(&self) -> Vec<Checkpoint> {
        let stored = self.store.checkpoints_after(0, 100_000).await.unwrap();
        stored.iter().map(|stored| stored.read().unwrap()).collect()
    }

    /// Lets the test put rows where it likes.
    fn free_places(&self) {
        if self.engine == Engine::Postgres {
            self.database.execute("ALTER TABLE audit ALTER COLUMN seq DROP IDENTITY");
        }
    }
}

/// A record whose every column says something.
fn record(n: i64, at: Timestamp) -> Record {
    let client = ClientId::parse(&format!("client{n}")).unwrap();
    let mut record =
        Record::new(at, Event::TokenIssued, Actor::Client(client.clone()), Some(Subject::Client(client)));
    record.address = Some("203.0.113.7".to_owned());
    record.request_id = Some(format!("request{n}"));
    record.company = Some(tokenry_model::CompanyId::parse("acme").unwrap());
    record.with("n", n)
}
