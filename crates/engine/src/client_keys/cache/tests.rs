//! The cache with a publisher that tests command.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;
use crate::client_keys::fetch::{FetchError, Fetching};

const URI: &str = "https://a.example/jwks.json";
const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// Publishes what it was told to last, once it may.
#[derive(Debug)]
struct Publisher {
    document: Mutex<Result<FetchedKeys, FetchError>>,
    looks: AtomicUsize,
    held_back: Mutex<Option<Arc<Notify>>>,
}

impl FetchKeys for Publisher {
    fn fetch<'a>(&'a self, _uri: &'a str) -> Fetching<'a> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        let held_back = self.held_back.lock().clone();
        Box::pin(async move {
            if let Some(held_back) = held_back {
                held_back.notified().await;
            }
            self.document.lock().clone()
        })
    }
}

impl Publisher {
    fn of(kids: &[&str]) -> Arc<Self> {
        let (looks, held_back) = (AtomicUsize::new(0), Mutex::default());
        Arc::new(Self { document: Mutex::new(Ok(set(kids))), looks, held_back })
    }

    fn publish(&self, document: Result<FetchedKeys, FetchError>) {
        *self.document.lock() = document;
    }

    fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }
}

fn set(kids: &[&str]) -> FetchedKeys {
    let key = |kid: &&str| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{X}"}}"#);
    let keys: Vec<_> = kids.iter().map(key).collect();
    FetchedKeys { body: format!(r#"{{"keys":[{}]}}"#, keys.join(",")).into_bytes(), max_age: None }
}

fn later(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

fn cron() -> ClientId {
    ClientId::parse("cron").unwrap()
}

/// Whether the key called `kid` is to be had.
async fn has(cache: &KeyCache, kid: &str, now: Timestamp) -> bool {
    cache.keys(&cron(), URI, Some(kid), now).await.is_some_and(|set| set.find(kid).is_some())
}

#[tokio::test]
async fn key_08_a_set_serves_five_minutes_or_as_long_as_it_says_within_bounds() {
    for (max_age, serves) in [(None, 300), (Some(1), 60), (Some(600), 600), (Some(86_400), 3_600)] {
        let publisher = Publisher::of(&["a"]);
        publisher.publish(Ok(FetchedKeys { max_age: max_age.map(Duration::from_secs), ..set(&["a"]) }));
        let cache = KeyCache::new(publisher.clone());
        assert!(has(&cache, "a", NOW).await);
        assert!(has(&cache, "a", later(serves - 1)).await);
        assert_eq!(publisher.looks(), 1, "{max_age:?}");
        assert!(has(&cache, "a", later(serves)).await);
        assert_eq!(publisher.looks(), 2, "{max_age:?}");
    }
}

#[tokio::test]
async fn key_08_an_unknown_kid_is_looked_for_once_a_minute() {
    let publisher = Publisher::of(&["a"]);
    let cache = KeyCache::new(publisher.clone());
    assert!(has(&cache, "a", NOW).await);
    publisher.publish(Ok(set(&["a", "b"])));
    for n in 0..50 {
        assert!(!has(&cache, &format!("x{n}"), later(59)).await);
    }
    assert_eq!(publisher.looks(), 1);
    assert!(has(&cache, "b", later(60)).await);
    for n in 0..50 {
        assert!(!has(&cache, &format!("y{n}"), later(119)).await);
    }
    assert_eq!(publisher.looks(), 2);
}

#[tokio::test]
async fn key_08_what_fails_leaves_the_last_good_set_for_a_day() {
    let publisher = Publisher::of(&["a"]);
    let cache = KeyCache::new(publisher.clone());
    assert!(has(&cache, "a", NOW).await);
    let html = || FetchedKeys { body: b"<html>".to_vec(), max_age: None };
    let private = FetchedKeys {
        body: format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","d":"AA","x":"{X}"}}]}}"#).into_bytes(),
        max_age: None,
    };
    let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    let many = set(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let failures = [Err(FetchError::Status(500)), Ok(html()), Ok(private), Ok(many)];
    for (n, failure) in (1..).zip(failures) {
        publisher.publish(failure);
        assert!(has(&cache, "a", later(300 * n)).await, "{n}");
    }
    assert_eq!(publisher.looks(), 5);
    assert!(has(&cache, "a", later(86_399)).await);
    assert!(!has(&cache, "a", later(86_400 + 60)).await, "no set is good for ever");
    publisher.publish(Ok(set(&["b"])));
    assert!(has(&cache, "b", later(86_400 + 120)).await);
    assert!(!has(&cache, "a", later(86_400 + 120)).await);
}

#[tokio::test]
async fn without_any_set_another_look_comes_sooner() {
    let publisher = Publisher::of(&[]);
    publisher.publish(Err(FetchError::Status(503)));
    let cache = KeyCache::new(publisher.clone());
    assert!(!has(&cache, "a", NOW).await && !has(&cache, "a", later(9)).await);
    assert_eq!(publisher.looks(), 1);
    publisher.publish(Ok(set(&["a"])));
    assert!(has(&cache, "a", later(10)).await);
}

#[tokio::test]
async fn a_hundred_at_once_cause_one_look_which_goes_on_when_they_hang_up() {
    let publisher = Publisher::of(&["a"]);
    let go = Arc::new(Notify::new());
    *publisher.held_back.lock() = Some(Arc::clone(&go));
    let cache = Arc::new(KeyCache::new(publisher.clone()));
    let ask = || {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { has(&cache, "a", NOW).await })
    };
    let first = ask();
    while publisher.looks() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    let asking: Vec<_> = (0..100).map(|_| ask()).collect();
    tokio::task::yield_now().await;
    go.notify_one();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    assert_eq!(publisher.looks(), 1);
}

#[tokio::test]
async fn another_address_begins_anew() {
    let publisher = Publisher::of(&["a"]);
    let cache = KeyCache::new(publisher.clone());
    assert!(has(&cache, "a", NOW).await);
    publisher.publish(Ok(set(&["b"])));
    let elsewhere = cache.keys(&cron(), "https://b.example/", Some("b"), NOW).await.unwrap();
    assert!(elsewhere.find("b").is_some() && elsewhere.find("a").is_none());
    assert_eq!(publisher.looks(), 2);
}

#[tokio::test]
async fn no_more_sets_are_kept_than_there_is_room_for() {
    let publisher = Publisher::of(&["a"]);
    let cache = KeyCache::new(publisher.clone());
    for n in 0..MAX_ENTRIES + 10 {
        let client = ClientId::parse(&format!("c{n}")).unwrap();
        let now = later(u64::try_from(n).unwrap());
        assert!(cache.keys(&client, URI, Some("a"), now).await.is_some());
    }
    let entries = cache.entries.lock();
    assert_eq!(entries.len(), MAX_ENTRIES);
    assert!(!entries.contains_key(&ClientId::parse("c0").unwrap()), "the oldest made room");
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_end_the_looking() {
    let publisher = Publisher::of(&["a"]);
    let cache = KeyCache::new(publisher.clone());
    assert!(has(&cache, "a", later(7_200)).await);
    publisher.publish(Ok(set(&["b"])));
    assert!(has(&cache, "b", NOW).await);
}
