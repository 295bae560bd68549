//! A server whose database went back: the last events are gone, and others have their numbers.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tokenry_guard::testing::TestToken;

use crate::remote::{Remote, eventually};
use crate::stream::{is_refused, token_of};

/// When the guard meets a log that went back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meets {
    Alive,
    Away,
    /// Alive, at a server that does not notice it, but says where it stands.
    Unaware,
}

/// What happened last is gone, and nothing, as much or more has happened since.
#[rstest]
#[case(Meets::Alive, 0)]
#[case(Meets::Alive, 2)]
#[case(Meets::Alive, 3)]
#[case(Meets::Away, 0)]
#[case(Meets::Away, 2)]
#[case(Meets::Away, 3)]
#[case(Meets::Unaware, 0)]
#[case(Meets::Unaware, 2)]
#[tokio::test]
async fn r27_a_log_that_went_back_is_another_log(#[case] meets: Meets, #[case] others: usize) {
    let remote = Remote::start().await.ready().await;
    for company in ["a", "b", "c"] {
        remote.server.shared.happen(json!({ "kind": "company_disabled", "company": company }));
    }
    eventually("it knows all three", async || remote.server.acked() == 3).await;
    *remote.server.shared.unaware.lock() = meets == Meets::Unaware;
    if meets == Meets::Away {
        remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    }
    let tokens: Vec<_> = (0..others).map(|n| token_of(&remote, &format!("client{n}"))).collect();
    let revoked =
        |token: &TestToken| json!({ "what": "handle", "value": token.handle(), "expires_at": 1_900_000_000 });
    let entries = tokens.iter().map(|token| serde_json::from_value(revoked(token)).unwrap());
    remote.server.shared.snapshot.lock().revoked.extend(entries);
    let changes = tokens.iter().map(revoked).map(|mut change| {
        change["kind"] = "revoked".into();
        change
    });
    remote.server.shared.go_back(1, changes);
    remote.server.mend();
    for token in &tokens {
        eventually("it is refused", async || is_refused(&remote, token).await).await;
    }
    eventually("it took another snapshot", async || remote.server.snapshot_requests() > 1).await;
    *remote.server.shared.unaware.lock() = false;
    let later = token_of(&remote, "later");
    let seq = remote.server.shared.revoke("handle", later.handle());
    eventually("it follows", async || is_refused(&remote, &later).await).await;
    eventually("it is fresh", async || !remote.is_stale() && remote.server.acked() == seq).await;
}
