//! Keeps the issuer's key set: as often as it asks for, and when a token names a key that is not in it.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::CACHE_CONTROL;
use reqwest::Url;
use tokenry_jose::JwkSet;
use tokio::time::sleep;
use tracing::info;

use super::http::Remote;
use super::{FetchError, Outage, discovery};
use crate::authority::Authority;

/// JWK Sets are cut off at this length.
const MAX_LEN: usize = 256 * 1024;

/// How long a set is kept if the issuer does not say, and within which bounds what it says is believed.
const USUAL_AGE: Duration = Duration::from_secs(300);
const MIN_AGE: Duration = Duration::from_secs(5);
const MAX_AGE: Duration = Duration::from_secs(3_600);

/// Between attempts while there are no keys at all, and while there are.
const FIRST_RETRIES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
const LATER_RETRIES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

pub(super) async fn keep(remote: Arc<Remote>, authority: Arc<Authority>) {
    let mut outage = Outage::of("key set", &remote);
    let mut location = None;
    let mut reason = Reason::Time;
    loop {
        let wait = match load(&remote, &mut location, &authority).await {
            Ok(age) => {
                outage.succeeded();
                age
            }
            Err(error) => {
                outage.failed(&error);
                // The keys may have moved.
                location = None;
                retry_after(&authority, outage.failures)
            }
        };
        if let (Reason::UnknownKey, Some(refetch)) = (reason, authority.keys.refetch()) {
            refetch.finish();
        }
        reason = next_reason(wait, &authority).await;
    }
}

/// Why there is another look.
#[derive(Clone, Copy)]
enum Reason {
    Time,
    UnknownKey,
}

/// Waits until it is time, or until an unknown `kid` asks for a look, which is not often.
async fn next_reason(wait: Duration, authority: &Authority) -> Reason {
    let Some(refetch) = authority.keys.refetch() else {
        sleep(wait).await;
        return Reason::Time;
    };
    tokio::select! {
        () = sleep(wait) => Reason::Time,
        () = refetch.asked() => Reason::UnknownKey,
    }
}

/// One look at the key set. Returns how long it may be used without another.
async fn load(
    remote: &Remote,
    location: &mut Option<Url>,
    authority: &Authority,
) -> Result<Duration, FetchError> {
    let url = match location {
        Some(url) => url.clone(),
        None => location.insert(discovery::jwks_uri(remote).await?).clone(),
    };
    let announced = authority.keys.announced();
    let answer = remote.get(url, MAX_LEN).await?;
    let set = JwkSet::parse(&answer.body).map_err(|error| FetchError::Content(error.to_string()))?;
    let changed = authority
        .replace_fetched_keys(set, announced)
        .map_err(|error| FetchError::Content(error.to_string()))?;
    if changed {
        info!(issuer = remote.identifier, "new verification keys");
    }
    Ok(max_age(&answer.headers))
}

fn retry_after(authority: &Authority, failures: u32) -> Duration {
    let (first, most) = if authority.keys.current().is_none() { FIRST_RETRIES } else { LATER_RETRIES };
    first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(most)
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1), within bounds.
fn max_age(headers: &HeaderMap) -> Duration {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    directives
        .flat_map(|value| value.split(','))
        .find_map(|directive| {
            let (name, seconds) = directive.trim().split_once('=')?;
            name.eq_ignore_ascii_case("max-age").then(|| seconds.trim_matches('"').parse().ok())?
        })
        .map_or(USUAL_AGE, Duration::from_secs)
        .clamp(MIN_AGE, MAX_AGE)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none("", 300)]
    #[case::plain("max-age=60", 60)]
    #[case::among_others("public, Max-Age=60, must-revalidate", 60)]
    #[case::too_short("max-age=0", 5)]
    #[case::too_long("max-age=86400", 3_600)]
    #[case::malformed("max-age=soon", 300)]
    fn the_issuer_says_how_long_within_bounds(#[case] value: &str, #[case] seconds: u64) {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, value.parse().unwrap());
        assert_eq!(max_age(&headers), Duration::from_secs(seconds));
    }
}
