//! Sealing: nothing is left out, whoever seals, and what is cut off or sealed again shows against what was kept elsewhere.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use rstest::rstest;
use tokenry_engine::audit::Finding;
use tokenry_model::SeqRanges;
use tokenry_testkit::Engine;

use super::{Trail, record};

#[rstest]
#[tokio::test]
async fn leak_05_what_is_written_is_sealed_once_and_verifies(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let trail = Trail::new(engine).await;
    assert_eq!(trail.verify().await.unsealed, 2, "keyring and audit key, and nothing seals yet");
    let mut sealer = trail.sealer().await;
    assert_eq!(sealer.tick().await.unwrap(), 2);
    assert_eq!(sealer.tick().await.unwrap(), 0, "no checkpoint without rows");
    trail.write(5).await;
    assert_eq!(sealer.tick().await.unwrap(), 5);
    trail.write(1).await;
    let found = trail.verify().await;
    assert_eq!(found.findings, []);
    assert_eq!((found.checkpoints, found.sealed, found.unsealed), (2, 7, 1));
    assert!(found.oldest_unsealed.is_some());
    let kept = trail.checkpoints().await;
    assert_eq!(trail.verify_with(&kept).await.compared, 2);
    // A backlog goes in several checkpoints at once.
    let many: Vec<_> = (0..2_500).map(|n| record(n, super::BEGIN)).collect();
    for some in many.chunks(100) {
        trail.store.record(some).await.unwrap();
    }
    assert_eq!(sealer.tick().await.unwrap(), 2_501);
    let found = trail.verify().await;
    assert_eq!((found.findings, found.checkpoints, found.unsealed), (Vec::new(), 4, 0));
}

/// Several servers make one chain, and while one seals the others leave it to it.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leak_05_several_sealers_make_one_chain(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let trail = Trail::new(engine).await;
    let mut sealing = Vec::new();
    for _server in 0..3 {
        let mut sealer = trail.sealer().await;
        sealing.push(tokio::spawn(async move {
            let mut sealed = 0;
            for _tick in 0..40 {
                // Not in turns: all of them want each link.
                sealed += sealer.seal().await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            sealed
        }));
    }
    let writing: Vec<_> = (0..4)
        .map(|writer| {
            let store = trail.store.clone();
            tokio::spawn(async move {
                for n in 0..50 {
                    store.record(&[record(writer * 100 + n, super::BEGIN)]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    let mut sealed = 0;
    for sealer in sealing {
        sealed += sealer.await.unwrap();
    }
    // Whatever came after the last look of all of them, or late.
    sealed += trail.sealer().await.seal().await.unwrap();
    let found = trail.verify().await;
    assert_eq!((found.findings, found.unsealed, found.sealed), (Vec::new(), 0, 202));
    assert_eq!(sealed, 202, "no row twice, none left out");
    let ids: Vec<_> = trail.checkpoints().await.iter().map(|checkpoint| checkpoint.id).collect();
    assert!(ids.iter().copied().eq(1..=i64::try_from(ids.len()).unwrap()));
}

#[tokio::test]
async fn leak_05_who_sees_another_seal_leaves_it_to_it() {
    let trail = Trail::new(Engine::Sqlite).await;
    let (mut one, mut other) = (trail.sealer().await, trail.sealer().await);
    assert_eq!(one.tick().await.unwrap(), 2);
    assert_eq!(other.tick().await.unwrap(), 0);
    for _second in 0..3 {
        trail.write(2).await;
        assert_eq!(one.tick().await.unwrap(), 2);
        trail.write(1).await;
        assert_eq!(other.tick().await.unwrap(), 0, "somebody seals");
        assert_eq!(one.tick().await.unwrap(), 1);
    }
    drop(one);
    trail.write(1).await;
    other.tick().await.unwrap();
    assert_eq!(other.tick().await.unwrap(), 1, "nobody seals any more");
    assert_eq!(trail.first().await, None);
}

/// PostgreSQL shows a row after one with a higher place: it is sealed later, and never left out.
#[tokio::test]
async fn leak_05_a_row_that_comes_late_is_sealed_later() {
    let trail = Trail::new(Engine::Postgres).await;
    let mut sealer = trail.sealer().await;
    sealer.tick().await.unwrap();
    trail.database.execute(
        "CREATE TABLE late AS SELECT nextval(pg_get_serial_sequence('audit', 'seq')) AS seq \
         FROM generate_series(1, 20)",
    );
    trail.write(3).await;
    assert_eq!(sealer.tick().await.unwrap(), 3);
    assert_eq!(trail.first().await, None, "places that are never taken are no finding");
    let places = trail.database.execute("SELECT seq FROM late ORDER BY seq LIMIT 12");
    let places: Vec<i64> = places.lines().map(|line| line.parse().unwrap()).collect();
    trail.database.execute(
        "INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT l.seq, a.at, a.event, a.actor_kind, a.actor_id, \
         a.subject_kind, a.subject_id, a.company_id, a.address, a.request_id, a.outcome, a.detail, a.count, \
         a.content_hash FROM (SELECT seq FROM late ORDER BY seq LIMIT 12) l, \
         (SELECT * FROM audit ORDER BY seq LIMIT 1) a",
    );
    let found = trail.verify().await;
    assert_eq!((found.findings, found.unsealed), (Vec::new(), 12));
    trail.write(1).await;
    // By another process that begins now, too.
    assert_eq!(trail.sealer().await.tick().await.unwrap(), 13);
    let last = trail.checkpoints().await.pop().unwrap();
    assert_eq!(last.rows.between(1, places[11]), SeqRanges::of(places.iter().copied()));
    let found = trail.verify().await;
    assert_eq!((found.findings, found.unsealed), (Vec::new(), 0));
    trail.database.execute(&format!("DELETE FROM audit WHERE seq = {}", places[3]));
    let removed = Finding::RowRemoved { seq: places[3], checkpoint: last.id };
    assert_eq!(trail.first().await, Some(removed));
}

/// Whoever has the database alone cannot hide that its end is gone, nor whoever has the keyring too that all is new, from
/// those who kept a checkpoint.
#[rstest]
#[tokio::test]
async fn leak_05_what_was_cut_off_or_sealed_again_shows(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let trail = Trail::new(engine).await;
    let mut sealer = trail.sealer().await;
    for _checkpoint in 0..4 {
        trail.write(3).await;
        sealer.tick().await.unwrap();
    }
    let kept = trail.checkpoints().await;
    assert_eq!(trail.verify_with(&kept[2..]).await.findings, []);
    let cut = format!("DELETE FROM audit WHERE seq > {}", kept[2].through_seq);
    trail.database.execute(&format!("{cut}; DELETE FROM audit_checkpoints WHERE id = 4"));
    assert_eq!(trail.first().await, None, "a shorter trail is whole in itself");
    let found = trail.verify_with(&kept[3..]).await.findings;
    assert!(matches!(found[..], [Finding::Checkpoint { id: 4, .. }]), "{found:?}");

    assert_eq!(trail.verify().await.sealed_late, 0);
    trail.database.execute("DELETE FROM audit_checkpoints");
    trail.clock.advance(Duration::from_secs(3_601));
    trail.sealer().await.seal().await.unwrap();
    let found = trail.verify().await;
    assert_eq!(found.findings, []);
    assert_eq!(found.sealed_late, found.sealed, "what they say of when they were written gives it away");
    let found = trail.verify_with(&kept[..1]).await.findings;
    assert!(
        matches!(found[..], [Finding::Checkpoint { id: 1, problem }] if problem.contains("again")),
        "{found:?}"
    );
}

/// Whoever watches the gauge learns that nothing is sealed, above all when it cannot be.
#[tokio::test]
async fn leak_06_a_trail_that_cannot_be_sealed_shows_in_the_metrics() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let shows = |rows: &str| {
        let line = format!("tokenry_audit_unsealed_rows {rows}");
        let text = recorder.handle().render();
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    };
    let trail = Trail::new(Engine::Sqlite).await;
    let mut sealer = trail.sealer().await;
    sealer.tick().await.unwrap();
    shows("0");
    trail.database.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'broken by the test'); END",
    );
    trail.write(3).await;
    sealer.tick().await.unwrap_err();
    shows("3");
    trail.database.execute("DROP TRIGGER broken");
    assert_eq!(sealer.tick().await.unwrap(), 3);
    shows("0");
}

/// A checkpoint that says that everything is sealed, or is gone, is told of at once, and nothing is sealed upon it.
#[rstest]
#[tokio::test]
async fn leak_05_nothing_is_sealed_upon_what_was_not_signed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let trail = Trail::new(engine).await;
    let mut sealer = trail.sealer().await;
    for _checkpoint in 0..3 {
        trail.write(2).await;
        sealer.tick().await.unwrap();
    }
    trail.write(1).await;
    trail.database.execute("UPDATE audit_checkpoints SET through_seq = 9223372036854775807 WHERE id = 3");
    let mut late = trail.sealer().await;
    let refused = late.tick().await.unwrap_err().to_string();
    assert!(refused.contains("checkpoint 3 is gone or not what was signed"), "{refused}");
    trail.database.execute("DELETE FROM audit_checkpoints WHERE id = 3");
    sealer.tick().await.unwrap_err();
    assert_eq!(trail.checkpoints().await.len(), 2, "nobody went on");
    // Who begins anew knows no better than the database, and seals what it finds.
    assert_eq!(trail.sealer().await.tick().await.unwrap(), 3);
    assert_eq!(trail.first().await, None);
}
