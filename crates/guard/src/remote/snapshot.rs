//! Keeps the company directory: the snapshot of `/guard/v1/snapshot`, looked at each second.

use std::sync::Arc;
use std::time::Duration;

use http::header::ETAG;
use http::{HeaderValue, StatusCode};
use tokenry_protocol::guard::Snapshot;
use tokio::time::sleep;

use super::http::Issuer;
use super::{FetchError, Outage};
use crate::guard::Trusted;

const PATH: &str = "/guard/v1/snapshot";

/// Enough for a quarter of a million companies.
const MAX_LEN: usize = 16 * 1024 * 1024;

/// Half of the two seconds within which a change has to hold at every guard.
const INTERVAL: Duration = Duration::from_secs(1);

/// Between attempts while there is none at all.
const FIRST_RETRY: Duration = Duration::from_millis(100);

pub(super) async fn keep(issuer: Arc<Issuer>, audience: String, trusted: Arc<Trusted>) {
    let mut outage = Outage::of("snapshot");
    let mut known = None;
    loop {
        match load(&issuer, &audience, &mut known, &trusted).await {
            Ok(()) => outage.succeeded(),
            Err(error) => outage.failed(&error),
        }
        let first = !trusted.companies.is_loaded();
        let retry = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(outage.failures.min(8)));
        sleep(if first { retry.min(INTERVAL) } else { INTERVAL }).await;
    }
}

async fn load(
    issuer: &Issuer,
    audience: &str,
    known: &mut Option<HeaderValue>,
    trusted: &Trusted,
) -> Result<(), FetchError> {
    let answer = issuer.get_as_api(PATH, known.as_ref(), MAX_LEN).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return if known.is_some() { Ok(()) } else { Err(FetchError::Status(304)) };
    }
    let snapshot: Snapshot =
        serde_json::from_slice(&answer.body).map_err(|error| FetchError::Content(error.to_string()))?;
    if snapshot.audience != audience {
        let (actual, expected) = (snapshot.audience, audience.to_owned());
        return Err(FetchError::Mismatch { what: "the snapshot's audience", actual, expected });
    }
    trusted.replace_companies(snapshot);
    *known = answer.headers.get(ETAG).cloned();
    Ok(())
}
