//! Replicas that mint, die and stop in any order, on a database of their own: never more than the quota.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;
use tempfile::TempDir;
use tokenry_model::ClientType;
use tokenry_store::db::{Db, Options};
use tokenry_store::migrate::migrate;

use super::*;

/// The beginning of a day.
const DAWN: Timestamp = Timestamp::from_secs(1_763_683_200);

struct World {
    store: Store,
    client: Client,
    _folder: TempDir,
}

impl World {
    async fn new(quota: MintQuota) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("quotas.db").display());
        let db = Db::open(&url.parse().unwrap(), Options::default()).await.unwrap();
        migrate(&db).await.unwrap();
        let store = Store::new(db);
        let client = client(quota);
        store.create_client(&client, None, &[], &[]).await.unwrap();
        Self { store, client, _folder: folder }
    }

    async fn spend(&self, replica: &Quotas, now: Timestamp) -> Result<Vec<QuotaStanding>, Refusal> {
        replica.spend(&self.store, &self.client, now).await.map(|spent| spent.standings)
    }

    async fn spend_all(&self, replica: &Quotas, now: Timestamp) -> u32 {
        let mut spent = 0;
        while self.spend(replica, now).await.is_ok() {
            spent += 1;
        }
        spent
    }

    async fn stop(&self, replica: &Quotas) {
        self.store.return_tokens(replica.take_unused().await).await.unwrap();
    }
}

fn client(quota: MintQuota) -> Client {
    Client { quota, ..Client::new(ClientType::M2m, ClientId::parse("cron").unwrap(), DAWN) }
}

const fn quota(per_hour: u32, per_day: u32) -> MintQuota {
    MintQuota { per_hour: Some(per_hour), per_day: Some(per_day) }
}

fn replica() -> Quotas {
    Quotas::new(MintQuota::default())
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// It is gone with what it had taken, and another takes its place.
    Die(usize),
    /// Asks for so many tokens, after so many seconds.
    Mint(usize, u32, u64),
    /// As dying, but in good order.
    Stop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0_usize..3).prop_map(Step::Die),
        8 => (0_usize..3, 1_u32..30, 0_u64..900).prop_map(|(who, tokens, secs)| Step::Mint(who, tokens, secs)),
        1 => (0_usize..3).prop_map(Step::Stop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn r104_no_interleaving_of_replicas_mints_more_than_the_quota(
        (per_hour, per_day) in (1_u32..200, 1_u32..500),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let minted = runtime.block_on(play(quota(per_hour, per_day), &steps));
        for ((period, beginning), count) in minted {
            let limit = if period == QuotaPeriod::Day { per_day } else { per_hour };
            prop_assert!(count <= limit, "{count} of {limit} in the {period} that began at {beginning:?}");
        }
    }
}

/// How many tokens were minted in each period.
async fn play(quota: MintQuota, steps: &[Step]) -> BTreeMap<(QuotaPeriod, Timestamp), u32> {
    let world = World::new(quota).await;
    let mut replicas = [replica(), replica(), replica()];
    let (mut now, mut minted) = (DAWN, BTreeMap::new());
    for step in steps {
        match *step {
            Step::Die(who) => replicas[who] = replica(),
            Step::Mint(who, tokens, secs) => {
                now = now.plus(Duration::from_secs(secs));
                for _ in 0..tokens {
                    if world.spend(&replicas[who], now).await.is_ok() {
                        for period in PERIODS {
                            *minted.entry((period, period.beginning(now))).or_default() += 1;
                        }
                    }
                }
            }
            Step::Stop(who) => world.stop(&replicas[who]).await,
        }
    }
    minted
}

#[rstest]
#[case(1, 1)]
#[case(100, 1_000)]
#[case(1_000, 100)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_one_replica_alone_mints_all_of_it(#[case] per_hour: u32, #[case] per_day: u32) {
    let (world, alone) = (World::new(quota(per_hour, per_day)).await, replica());
    assert_eq!(world.spend_all(&alone, DAWN).await, per_hour.min(per_day));
    let refusal = world.spend(&alone, DAWN.plus(Duration::from_secs(60))).await.unwrap_err();
    let wait = if per_hour <= per_day { 3_540 } else { 86_340 };
    let wait = if per_hour == per_day { 86_340 } else { wait };
    assert_eq!((refusal.reason, refusal.retry_after), ("quota_exceeded", Some(Duration::from_secs(wait))));
    let left_of_day = per_day.saturating_sub(per_hour);
    let next_hour = DAWN.plus(QuotaPeriod::Hour.length());
    assert_eq!(world.spend_all(&alone, next_hour).await, per_hour.min(left_of_day));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_a_replica_that_dies_takes_a_sixteenth_with_it_and_one_that_stops_nothing() {
    let world = World::new(quota(160, 0)).await;
    let (dying, stopping, last) = (replica(), replica(), replica());
    assert!(world.spend(&dying, DAWN).await.is_ok());
    assert!(world.spend(&stopping, DAWN).await.is_ok());
    world.stop(&stopping).await;
    assert_eq!(world.spend_all(&last, DAWN).await, 160 - 10 - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_what_an_operator_changes_holds_for_the_next_request() {
    let mut world = World::new(quota(160, 0)).await;
    let alone = replica();
    assert!(world.spend(&alone, DAWN).await.is_ok());
    world.client.quota = quota(5, 0);
    assert!(world.spend(&alone, DAWN).await.is_err(), "ten were taken, which is more than five");
    world.client.quota = quota(20, 0);
    assert_eq!(world.spend_all(&alone, DAWN).await, 10);
    world.client.quota = quota(0, 0);
    assert_eq!(world.spend(&alone, DAWN).await.unwrap(), []);
}

/// The loop of a client that does not understand its refusal.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_who_asks_in_vain_costs_a_statement_a_second() {
    let world = World::new(quota(1, 0)).await;
    let (alone, other) = (replica(), replica());
    assert!(world.spend(&other, DAWN).await.is_ok());
    assert!(world.spend(&alone, DAWN).await.is_err());
    world.store.return_tokens(unused_by_hand()).await.unwrap();
    for millis in [0, 500, 999] {
        assert!(
            world.spend(&alone, DAWN.plus(Duration::from_millis(millis))).await.is_err(),
            "it has just asked"
        );
    }
    assert!(world.spend(&alone, DAWN.plus(ASK_AGAIN)).await.is_ok());
}

fn unused_by_hand() -> Vec<tokenry_store::UnusedTokens> {
    let client_id = ClientId::parse("cron").unwrap();
    vec![tokenry_store::UnusedTokens { client_id, period: QuotaPeriod::Hour, began_at: DAWN, tokens: 1 }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_a_burst_takes_one_block() {
    let world = Arc::new(World::new(quota(160, 0)).await);
    let alone = Arc::new(replica());
    let burst: Vec<_> = (0..10)
        .map(|_| {
            let (world, alone) = (Arc::clone(&world), Arc::clone(&alone));
            tokio::spawn(async move { world.spend(&alone, DAWN).await.is_ok() })
        })
        .collect();
    for one in burst {
        assert!(one.await.unwrap());
    }
    assert_eq!(world.spend_all(&replica(), DAWN).await, 150, "ten were taken, and ten used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn standing_is_told_the_shorter_period_first_and_old_blocks_are_forgotten() {
    let world = World::new(quota(10, 100)).await;
    let alone = replica();
    let at = DAWN.plus(Duration::from_secs(60));
    let standing = world.spend(&alone, at).await.unwrap();
    let hour = QuotaStanding {
        period: QuotaPeriod::Hour,
        limit: 10,
        remaining: 9,
        resets_in: Duration::from_secs(3_540),
    };
    let day = QuotaStanding {
        period: QuotaPeriod::Day,
        limit: 100,
        remaining: 99,
        resets_in: Duration::from_secs(86_340),
    };
    assert_eq!(standing, [hour, day]);
    alone.forget(at.plus(QuotaPeriod::Hour.length()));
    assert_eq!(alone.clients.lock().len(), 1, "the day is not over");
    alone.forget(at.plus(QuotaPeriod::Day.length()));
    assert_eq!(alone.clients.lock().len(), 0);
}

/// Only what is issued counts: whoever retries through an outage of the audit trail finds its quota there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn r104_what_was_not_issued_is_put_back() {
    let world = World::new(quota(3, 0)).await;
    let alone = replica();
    for _retry in 0..20 {
        let spent = alone.spend(&world.store, &world.client, DAWN).await.unwrap();
        alone.unspend(&world.client.id, &spent).await;
    }
    let late = alone.spend(&world.store, &world.client, DAWN).await.unwrap();
    assert_eq!(world.spend_all(&alone, DAWN).await, 2);
    let next = DAWN.plus(QuotaPeriod::Hour.length());
    assert_eq!(world.spend_all(&alone, next).await, 3);
    alone.unspend(&world.client.id, &late).await;
    assert!(world.spend(&alone, next).await.is_err(), "its period is over");
    world.stop(&alone).await;
    alone.unspend(&world.client.id, &late).await;
    assert!(alone.clients.lock().is_empty(), "given back with the rest");
}
