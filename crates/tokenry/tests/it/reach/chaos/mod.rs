//! A minute of cuts, delays, silence and disorder between guards and server, under load, while rights are taken away.
//!
//! 1. Clients get tokens from the server, signed and opaque ones, and call two guarded APIs with them, dead ones too.
//! 2. Operators take away single tokens, secrets, clients and companies, and give clients and companies back.
//! 3. The weather between the guards and the server changes every 0.5 to 3 seconds.
//! 4. Each answer of an API is held against what was promised (`oracle.rs`). There is no slack in it: a guard that calls
//!    itself fresh answers for all that was revoked two seconds ago by its own clock, which is this process's.
//! 5. Then the weather clears, and soon all that is dead is refused and all else is served.

mod load;
mod operator;
mod oracle;
mod rng;
mod tokens;
mod weather;
mod world;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::Weather;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::rng::Rng;
use self::tokens::Kind;
use self::world::World;
use crate::process::option;

const QUICK: Duration = Duration::from_secs(10);
/// By when everything is as it should be after the weather cleared: at most six seconds as a rule, on a busy machine more.
const RECOVERY: Duration = Duration::from_secs(20);
/// For how long it then has to stay so, and by when: a machine under load may pause in between.
const STEADY: Duration = Duration::from_secs(4);
const STEADY_BY: Duration = Duration::from_secs(30);

#[rstest]
#[case(Sqlite, 60)]
#[case(Postgres, 20)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_no_revoked_token_passes_outside_the_bound_in_any_weather(
    #[case] engine: Engine,
    #[case] seconds: u64,
) {
    let quick = option("TOKENRY_TEST_QUICK").is_some();
    let length = if quick { QUICK } else { Duration::from_secs(seconds) };
    let given = option("TOKENRY_TEST_CHAOS_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("to see this weather again: TOKENRY_TEST_CHAOS_SEED={seed}");

    let world = Arc::new(World::begin(engine).await);
    let mut rngs = (0..).map(|task| Rng::new(seed, task));
    let mut rng = || rngs.next().unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        tasks.spawn(load::fetch(Arc::clone(&world), rng()));
        tasks.spawn(operator::work(Arc::clone(&world), rng()));
    }
    for kind in [Kind::Signed, Kind::Signed, Kind::Opaque, Kind::Opaque, Kind::Opaque, Kind::Opaque] {
        tasks.spawn(load::call(Arc::clone(&world), rng(), kind));
    }
    weather::change(&world.link, rng(), length).await;
    world.end();
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    world.link.turn(Weather::Clear);
    let recovered = recovers(&world).await;
    println!("recovered after {recovered:?}; {}", world.findings);
    world.findings.must_be_good();
    stays_fresh(&world).await;
}

/// Waits until every dead token is refused and every other one served, and tells how long that took.
async fn recovers(world: &World) -> Duration {
    let cleared = Instant::now();
    loop {
        match load::look_at_all(world).await {
            Ok(()) => return cleared.elapsed(),
            Err(what) if cleared.elapsed() > RECOVERY => {
                world.findings.must_be_good();
                panic!("{:?} after the weather cleared: {what}; {}", cleared.elapsed(), world.findings);
            }
            Err(_not_yet) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Waits until the guards have been fresh for a while without a break.
async fn stays_fresh(world: &World) {
    let begun = Instant::now();
    let mut fresh_since = begun;
    while fresh_since.elapsed() < STEADY {
        for status in [Kind::Signed, Kind::Opaque].map(|kind| world.api(kind).status()) {
            if status.stale {
                assert!(begun.elapsed() < STEADY_BY, "it becomes stale again and again: {status:?}");
                fresh_since = Instant::now();
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
}
