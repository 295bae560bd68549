//! A host whose clock is wrong for a while: nothing that was revoked comes back, and all is well again afterwards.

use std::time::Duration;

use tracing::Level;

use crate::log::record;
use crate::remote::{Remote, eventually, refused};
use crate::stream::{is_refused, token_of};

const DAY: Duration = Duration::from_secs(86_400);

fn revocations(remote: &Remote) -> usize {
    remote.api.guard.status().issuers[0].revocations
}

#[tokio::test]
async fn r27_a_clock_that_was_ahead_is_made_up_for() {
    let (log, _guard) = record(Level::WARN);
    let remote = Remote::start().await.ready().await;
    let (dead, good) = (remote.token(), token_of(&remote, "other"));
    remote.server.shared.revoke("handle", dead.handle());
    eventually("it is refused", async || is_refused(&remote, &dead).await).await;
    let clock = remote.api.issuer.clock();
    let right = tokenry_guard::Clock::now(clock);
    clock.advance(365 * DAY);
    eventually("it forgets", async || revocations(&remote) == 0).await;
    assert!(log.text().contains("the clock was set"));
    clock.set(right);
    eventually("the others are taken again", async || remote.whoami(&good).await.0 == 200).await;
    assert!(is_refused(&remote, &dead).await);
    eventually("it is fresh", async || !remote.is_stale()).await;
    assert_eq!((remote.server.snapshot_requests(), revocations(&remote)), (2, 1));
}

/// Who sets the clock back cannot be told from who sets it right, but for the server's clock.
#[tokio::test]
async fn r27_a_clock_that_is_set_back_revives_nothing() {
    let remote = Remote::start().await.ready().await;
    let dead = remote.token();
    remote.server.shared.revoke("handle", dead.handle());
    eventually("it is refused", async || is_refused(&remote, &dead).await).await;
    let clock = remote.api.issuer.clock();
    let before = tokenry_guard::Clock::now(clock);
    clock.advance(3 * DAY);
    eventually("it forgets what is over", async || revocations(&remote) == 0).await;
    {
        let mut snapshot = remote.server.shared.snapshot.lock();
        snapshot.revoked.clear();
        snapshot.issued_at = tokenry_guard::Clock::now(clock).as_millis();
    }
    clock.set(before);
    eventually("it asked the server", async || remote.server.snapshot_requests() == 2).await;
    eventually("it is fresh", async || !remote.is_stale()).await;
    for _ in 0..30 {
        assert_eq!(remote.whoami(&dead).await, refused(401, "token_expired"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(remote.server.snapshot_requests(), 2, "it does not ask all the time");
    clock.set(before.plus(3 * DAY));
    let good = token_of(&remote, "other");
    eventually("all is well again", async || remote.whoami(&good).await.0 == 200).await;
}
