//! Whatever is done to sealed rows and checkpoints behind our back, at random: it is found, and named.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rstest::rstest;
use tokenry_engine::audit::Finding;
use tokenry_model::RecordColumns;
use tokenry_store::StoredRecord;
use tokenry_testkit::Engine;

use super::Trail;

/// How many are tried of each kind.
const CASES: u32 = 12;

const COLUMNS: &[(&str, &str)] = &[
    ("at", "at + 1"),
    ("at", "0"),
    ("event", "'token.revoked'"),
    ("event", "''"),
    ("actor_kind", "'operator'"),
    ("actor_id", "NULL"),
    ("actor_id", "actor_id || 'x'"),
    ("subject_kind", "'token'"),
    ("subject_id", "'another'"),
    ("company_id", "'globex'"),
    ("company_id", "NULL"),
    ("address", "'198.51.100.1'"),
    ("request_id", "'request'"),
    ("outcome", "'wrong_secret'"),
    ("detail", "'{}'"),
    ("detail", "detail || ' '"),
    ("count", "count + 1"),
];

const BLOBS: &[&str] = &["marks", "rows_hash", "previous_hash", "signature"];

/// A sealed trail with a copy of itself.
struct Sealed {
    trail: Trail,
    rows: Vec<StoredRecord>,
    runner: TestRunner,
}

impl Sealed {
    async fn new(engine: Engine) -> Self {
        let trail = Trail::new(engine).await;
        let mut sealer = trail.sealer().await;
        for rows in [7, 1, 12, 9] {
            trail.write(rows).await;
            sealer.tick().await.unwrap();
        }
        trail.free_places();
        trail.database.execute(
            "CREATE TABLE kept_rows AS SELECT * FROM audit; \
             CREATE TABLE kept_checkpoints AS SELECT * FROM audit_checkpoints",
        );
        let rows = trail.store.list_audit(0, 1_000).await.unwrap();
        assert_eq!((trail.first().await, rows.len()), (None, 31));
        Self { trail, rows, runner: TestRunner::deterministic() }
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (0..end).new_tree(&mut self.runner).unwrap().current()
    }

    fn any_row(&mut self) -> StoredRecord {
        let index = self.below(self.rows.len());
        self.rows[index].clone()
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let hex = hex::encode(bytes);
        match self.trail.engine {
            Engine::Postgres => format!("decode('{hex}', 'hex')"),
            Engine::Sqlite => format!("x'{hex}'"),
        }
    }

    fn flipped(&mut self, bytes: &[u8]) -> String {
        let mut bytes = bytes.to_vec();
        let bit = self.below(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        self.blob(&bytes)
    }

    /// Tampers, looks, and undoes it.
    async fn tampered(&self, sql: &str) -> Finding {
        self.trail.database.execute(sql);
        let first = self.trail.first().await;
        self.trail.database.execute(
            "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept_rows; \
             DELETE FROM audit_checkpoints; INSERT INTO audit_checkpoints SELECT * FROM kept_checkpoints",
        );
        first.unwrap_or_else(|| panic!("not found: {sql}"))
    }
}

#[rstest]
#[tokio::test]
async fn leak_05_a_changed_record_is_named(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let mut sealed = Sealed::new(engine).await;
    for (column, forged) in COLUMNS {
        let seq = loop {
            let row = sealed.any_row();
            if row.event == "token.issued" {
                break row.seq;
            }
        };
        let sql = format!("UPDATE audit SET {column} = {forged} WHERE seq = {seq}");
        assert_eq!(sealed.tampered(&sql).await, Finding::RowChanged { seq }, "{sql}");
    }
    for _case in 0..CASES {
        let row = sealed.any_row();
        let hash = sealed.flipped(&row.content_hash);
        let sql = format!("UPDATE audit SET content_hash = {hash} WHERE seq = {}", row.seq);
        assert_eq!(sealed.tampered(&sql).await, Finding::RowChanged { seq: row.seq }, "{sql}");
        // By somebody who knows how it is hashed.
        let forged = RecordColumns { outcome: "wrong_secret", ..columns(&row) }.content_hash();
        let hash = sealed.blob(&forged);
        let sql = format!(
            "UPDATE audit SET outcome = 'wrong_secret', content_hash = {hash} WHERE seq = {}",
            row.seq
        );
        assert_eq!(sealed.tampered(&sql).await, Finding::RowChanged { seq: row.seq }, "{sql}");
    }
    assert_eq!(sealed.trail.first().await, None);
}

#[rstest]
#[tokio::test]
async fn leak_05_a_removed_inserted_or_reordered_record_is_named(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let mut sealed = Sealed::new(engine).await;
    for _case in 0..CASES {
        let row = sealed.any_row();
        let found = sealed.tampered(&format!("DELETE FROM audit WHERE seq = {}", row.seq)).await;
        assert!(matches!(found, Finding::RowRemoved { seq, .. } if seq == row.seq), "{found:?}");

        let place = -i64::try_from(sealed.below(1_000)).unwrap();
        let insert = format!(
            "INSERT INTO audit SELECT {place}, at, event, actor_kind, actor_id, subject_kind, subject_id, company_id, \
             address, request_id, outcome, detail, count, content_hash FROM kept_rows WHERE seq = {}",
            row.seq
        );
        assert_eq!(sealed.tampered(&insert).await, Finding::RowInserted { seq: place });

        let other = sealed.any_row();
        let (first, last) = (row.seq.min(other.seq), row.seq.max(other.seq));
        if first < last {
            let swap = format!(
                "UPDATE audit SET seq = -1 WHERE seq = {first}; UPDATE audit SET seq = {first} WHERE seq = {last}; \
                 UPDATE audit SET seq = {last} WHERE seq = -1"
            );
            let found = sealed.tampered(&swap).await;
            let named = match found {
                Finding::RowMoved { seq, from } => from == last && seq == first,
                Finding::RowChanged { seq } => seq == first,
                _ => false,
            };
            assert!(named, "{first} and {last}: {found:?}");
        }
    }
    let found = sealed.tampered("UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -1").await;
    assert_eq!(found, Finding::RowMoved { seq: 3, from: 4 });
    assert_eq!(sealed.trail.first().await, None);
}

#[rstest]
#[tokio::test]
async fn leak_05_a_changed_checkpoint_is_named(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let mut sealed = Sealed::new(engine).await;
    let checkpoints = sealed.trail.store.checkpoints_after(0, 10).await.unwrap();
    for checkpoint in &checkpoints {
        let id = checkpoint.id;
        for forged in [
            "sealed_at = sealed_at + 1",
            "rows_sealed = rows_sealed || ',9999'",
            "rows_sealed = 'none'",
            "rows_sealed = ''",
            "through_seq = through_seq + 1",
            "kid = kid || 'x'",
        ] {
            let sql = format!("UPDATE audit_checkpoints SET {forged} WHERE id = {id}");
            let found = sealed.tampered(&sql).await;
            assert!(
                matches!(found, Finding::Checkpoint { id: named, .. } if named == id),
                "{sql}: {found:?}"
            );
        }
        for (column, bytes) in BLOBS.iter().zip([
            &checkpoint.marks,
            &checkpoint.rows_hash,
            &checkpoint.previous_hash,
            &checkpoint.signature,
        ]) {
            let flipped = sealed.flipped(bytes);
            let sql = format!("UPDATE audit_checkpoints SET {column} = {flipped} WHERE id = {id}");
            let found = sealed.tampered(&sql).await;
            assert!(
                matches!(found, Finding::Checkpoint { id: named, .. } if named == id),
                "{sql}: {found:?}"
            );
        }
        if id < 4 {
            let found = sealed.tampered(&format!("DELETE FROM audit_checkpoints WHERE id = {id}")).await;
            assert!(matches!(found, Finding::Checkpoint { id: named, .. } if named == id), "{id}: {found:?}");
        }
    }
    assert_eq!(sealed.trail.first().await, None);
}

/// A key that somebody puts into the database without the keyring signs nothing.
#[tokio::test]
async fn leak_05_a_foreign_key_does_not_open() {
    let (trail, foreign) = (Trail::new(Engine::Sqlite).await, Trail::new(Engine::Sqlite).await);
    trail.sealer().await.tick().await.unwrap();
    let row = foreign.store.list_audit_keys().await.unwrap().remove(0);
    let hex = hex::encode(&row.wrapped_private);
    trail.database.execute(&format!("UPDATE audit_keys SET kid = '{}', wrapped_private = x'{hex}'", row.kid));
    assert!(tokenry_engine::audit::verify(&trail.store, &trail.data_key, &[]).await.is_err());
}

fn columns(row: &StoredRecord) -> RecordColumns<'_> {
    RecordColumns {
        at: row.at.as_millis(),
        event: &row.event,
        actor_kind: &row.actor_kind,
        actor_id: row.actor_id.as_deref(),
        subject_kind: row.subject_kind.as_deref(),
        subject_id: row.subject_id.as_deref(),
        company_id: row.company_id.as_deref(),
        address: row.address.as_deref(),
        request_id: row.request_id.as_deref(),
        outcome: &row.outcome,
        detail: &row.detail,
        count: row.count,
    }
}
