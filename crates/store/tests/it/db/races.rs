//! Several at once want what only one can have. Two handles stand for two processes.

use std::time::Duration;

use rstest::rstest;
use tokenry_store::db::{Db, Error, Options};
use tokenry_store::params;

use super::support::*;

/// Runs `racers` of `race` at once, on two handles in turn.
async fn race<T, F>(test: &TestDb, racers: usize, race: impl Fn(Db, usize) -> F) -> Vec<Result<T, Error>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let handles = [test.db.clone(), test.another().await];
    let racers: Vec<_> = (0..racers).map(|i| tokio::spawn(race(handles[i % 2].clone(), i))).collect();
    let mut results = Vec::new();
    for racer in racers {
        results.push(racer.await.unwrap());
    }
    results
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_redeemers_one_wins(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    for round in 0..5 {
        let (alone, inside) = (format!("alone{round}"), format!("inside{round}"));
        test.add(&alone, 0).await;
        test.add(&inside, 0).await;
        let by_statement = race(&test, 8, |db, i| {
            let values = params![alone.as_str(), i as i64 + 1].to_vec();
            async move { db.write_one(REDEEM, values).await }
        });
        let by_reading = race(&test, 8, |db, i| {
            let id = inside.clone();
            async move {
                write_tx!(db, [id], |tx| {
                    let found = tx.opt(FIND_N, &params![id.as_str()]).await?;
                    if found.is_none_or(|row| row.int(0).ok() != Some(0)) {
                        return Ok(false);
                    }
                    tx.exec(SET_N, &params![id.as_str(), i as i64 + 1]).await?;
                    Ok(true)
                })
                .await
            }
        });
        let by_statement: Vec<_> = by_statement.await.into_iter().map(Result::unwrap).collect();
        let by_reading: Vec<_> = by_reading.await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<_> = (1..).zip(&by_statement).filter(|(_, rows)| !rows.is_empty()).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(test.n(&alone).await, Some(winners[0].0));
        assert_eq!(by_reading.iter().filter(|won| **won).count(), 1);
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.add("a", 0).await;
    let results = race(&test, 8, |db, _| async move {
        for _ in 0..10 {
            let increment = write_tx!(db, [], |tx| {
                let n = tx.opt(FIND_N, &params!["a"]).await?.map_or(Ok(0), |row| row.int(0))?;
                tx.exec(SET_N, &params!["a", n + 1]).await
            });
            increment.await?;
        }
        Ok(())
    });
    for result in results.await {
        result.unwrap();
    }
    assert_eq!(test.n("a").await, Some(80));
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_counted_before_an_insert_stays_counted(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let results = race(&test, 8, |db, i| async move {
        write_tx!(db, [], |tx| {
            let there = tx.rows(COUNT_BOX, &params!["box"]).await?[0].int(0)?;
            if there >= 3 {
                return Ok(0);
            }
            tx.exec(ADD_ITEM, &params![format!("{i}"), "box", 1]).await
        })
        .await
    });
    let added: u64 = results.await.into_iter().map(Result::unwrap).sum();
    assert_eq!((added, test.count().await), (3, 3));
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_two_cannot_both_leave(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    for round in 0..5 {
        let (a, b) = (format!("{round}a"), format!("{round}b"));
        for id in [&a, &b] {
            test.db.write_one(ADD_ITEM, params![id, format!("{round}"), 1].to_vec()).await.unwrap();
        }
        let results = race(&test, 2, |db, i| {
            let (leaver, keeper) = if i == 0 { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
            async move {
                write_tx!(db, [keeper, leaver], |tx| {
                    let other = tx.rows(FIND_N, &params![keeper.as_str()]).await?[0].int(0)?;
                    if other == 1 { tx.exec(SET_N, &params![leaver.as_str(), 0]).await } else { Ok(0) }
                })
                .await
            }
        });
        let left: u64 = results.await.into_iter().map(Result::unwrap).sum();
        assert_eq!(left, 1, "write skew");
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_07_two_hundred_writers_succeed_or_change_nothing(#[case] engine: Engine) {
    let options = Options { deadline: Duration::from_secs(3), ..options() };
    let test = TestDb::open_with(engine, options).await;
    test.add("shared", 0).await;
    let results = race(&test, 200, |db, i| async move {
        write_tx!(db, [], |tx| {
            tx.exec(ADD_ITEM, &params![format!("{i}"), "box", 1]).await?;
            tx.exec(INCREMENT, &params!["shared"]).await
        })
        .await
    });
    let mut done = 0;
    for (i, result) in results.await.into_iter().enumerate() {
        let there = test.n(&i.to_string()).await.is_some();
        match result {
            Ok(_) => {
                assert!(there, "{i}");
                done += 1;
            }
            Err(error) => {
                assert!(error.is_unavailable() && !matches!(error, Error::Unknown), "{error}");
                assert!(!there, "{i}");
            }
        }
    }
    assert!(done > 0);
    assert_eq!(test.n("shared").await, Some(done));
    if engine == Engine::Sqlite {
        assert_eq!(done, 200);
    }
}
