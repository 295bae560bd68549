//! Renewal before the end, outages, and tokens that an API refused.

use std::time::Duration;

use crate::endpoint::{Endpoint, Reply, START, oauth_error};

const DAY: u64 = 86_400;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn away() -> Reply {
    Reply::Raw(503, Vec::new(), String::new())
}

#[tokio::test]
async fn r42_it_renews_in_the_background_within_the_jitter_bounds() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.source();
    source.token().await.unwrap();

    endpoint.clock.advance(secs(DAY - 1_801));
    assert_eq!(source.token().await.unwrap().expose(), "t1", "more than half an hour is left");
    endpoint.mints_become(1).await;

    endpoint.delay(secs(1));
    endpoint.clock.advance(secs(1_801 - 899));
    let asked = std::time::Instant::now();
    assert_eq!(source.token().await.unwrap().expose(), "t1", "less than 15 minutes are left: still good");
    assert!(asked.elapsed() < Duration::from_millis(500), "the caller waited for the renewal");
    for _ in 0..20 {
        source.token().await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    endpoint.mints_become(2).await;
    assert_eq!(source.token().await.unwrap().expose(), "t2");
}

#[tokio::test]
async fn r42_processes_renew_at_different_moments() {
    let mut moments = Vec::new();
    for seed in 0..8 {
        let endpoint = Endpoint::start().await;
        let source = endpoint.builder().jitter_seed(seed).build().unwrap();
        source.token().await.unwrap();
        // Half an hour to a quarter of an hour before the end, in steps of a minute.
        endpoint.clock.advance(secs(DAY - 1_801));
        let mut minute = 0;
        while endpoint.mints() == 1 {
            assert!(minute <= 16, "no renewal");
            endpoint.clock.advance(secs(60));
            source.token().await.unwrap();
            tokio::time::sleep(Duration::from_millis(30)).await;
            minute += 1;
        }
        moments.push(minute);
    }
    moments.sort_unstable();
    moments.dedup();
    assert!(moments.len() >= 4, "{moments:?}");
}

#[tokio::test]
async fn an_outage_is_not_noticed_while_the_old_token_is_valid() {
    let endpoint = Endpoint::start().await;
    endpoint.reply([Reply::Token(3_600), away(), away(), away()]);
    let source = endpoint.source();
    source.token().await.unwrap();

    endpoint.clock.advance(secs(3_300));
    for mints in 2..=4 {
        assert_eq!(source.token().await.unwrap().expose(), "t1");
        endpoint.mints_become(mints).await;
        assert_eq!(source.token().await.unwrap().expose(), "t1", "a failed renewal rests");
        endpoint.mints_become(mints).await;
        endpoint.clock.advance(secs(31));
    }
    assert_eq!(source.token().await.unwrap().expose(), "t1");
    endpoint.mints_become(5).await;
    assert_eq!(source.token().await.unwrap().expose(), "t5");
}

#[tokio::test]
async fn an_expired_token_is_never_served() {
    let endpoint = Endpoint::start().await;
    endpoint.reply([Reply::Token(100), away()]);
    let source = endpoint.source();
    source.token().await.unwrap();
    endpoint.clock.advance(secs(96));
    let error = source.token().await.unwrap_err();
    assert!(error.is_temporary());
    endpoint.clock.advance(error.retry_after().unwrap());
    assert_eq!(source.token().await.unwrap().expose(), "t3");
}

#[tokio::test]
async fn failures_are_remembered_for_a_second_only() {
    let endpoint = Endpoint::start().await;
    endpoint.reply([away()]);
    let source = endpoint.source();
    let first = source.token().await.unwrap_err();
    assert!((Duration::from_millis(500)..=secs(1)).contains(&first.retry_after().unwrap()));
    endpoint.clock.advance(Duration::from_millis(100));
    let second = source.token().await.unwrap_err();
    assert_eq!(second.retry_after(), first.retry_after().map(|rest| rest - Duration::from_millis(100)));
    assert_eq!(endpoint.mints(), 1);
    endpoint.clock.advance(secs(1));
    assert_eq!(source.token().await.unwrap().expose(), "t2");
}

#[tokio::test]
async fn r43_retry_after_is_honoured_on_429_and_503() {
    for status in [429, 503] {
        let endpoint = Endpoint::start().await;
        endpoint.reply([Reply::Raw(status, vec![("retry-after", "40".into())], String::new())]);
        let source = endpoint.source();
        assert_eq!(source.token().await.unwrap_err().retry_after(), Some(secs(40)));
        endpoint.clock.advance(secs(39));
        source.token().await.unwrap_err();
        assert_eq!(endpoint.mints(), 1);
        endpoint.clock.advance(secs(1));
        assert_eq!(source.token().await.unwrap().expose(), "t2");
    }
}

#[tokio::test]
async fn a_refused_client_rests_longer_each_time() {
    let endpoint = Endpoint::start().await;
    endpoint.reply(std::iter::repeat_n(oauth_error(401, "invalid_client"), 8));
    let source = endpoint.source();
    let mut rests = Vec::new();
    for _ in 0..8 {
        let rest = source.token().await.unwrap_err().retry_after().unwrap();
        rests.push(rest.as_secs_f64().ceil());
        endpoint.clock.advance(rest);
    }
    let bounds = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0];
    let fits = |(rest, bound): (&f64, &f64)| *rest <= *bound && *rest >= bound / 2.0;
    assert!(rests.iter().zip(&bounds).all(fits), "{rests:?}");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_however_many_saw_it_refused() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.source();
    let old = source.token().await.unwrap();
    for _ in 0..5 {
        source.invalidate(&old);
        assert_eq!(source.token().await.unwrap().expose(), "t2");
    }
    assert_eq!(endpoint.mints(), 2);
}

#[tokio::test]
async fn an_api_that_refuses_every_token_does_not_cause_a_storm_of_mints() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.source();
    for _ in 0..50 {
        let token = source.token().await.unwrap();
        source.invalidate(&token);
    }
    assert_eq!(endpoint.mints(), 2, "the replacement stays for 30 seconds");
    endpoint.clock.advance(secs(30));
    source.invalidate(&source.token().await.unwrap());
    assert_eq!(source.token().await.unwrap().expose(), "t3");
}

#[tokio::test]
async fn a_clock_set_back_does_not_stretch_a_token_or_a_rest() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.source();
    source.token().await.unwrap();
    endpoint.clock.set(START.minus(secs(DAY)));
    source.token().await.unwrap();
    endpoint.mints_become(2).await;

    let other = Endpoint::start().await;
    other.reply([Reply::Raw(503, vec![("retry-after", "3600".into())], String::new())]);
    let source = other.source();
    source.token().await.unwrap_err();
    other.clock.set(START.minus(secs(1)));
    assert_eq!(source.token().await.unwrap().expose(), "t2");
}
