//! The test issuer's stream of events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{self, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::{Deserialize, Serialize};
use tokenry_protocol::guard::{Change, Complete, Event, Open, event_name};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::State;
use super::listen::authenticate;

/// Between two words that nothing is missing.
const COMPLETE_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
pub(super) struct Start {
    after: usize,
}

pub(super) async fn events(
    Shared(state): Shared<Arc<State>>,
    Query(Start { after }): Query<Start>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, StatusCode> {
    authenticate(&state, &headers)?;
    if *state.interrupted.borrow() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    if after > state.log.borrow().len() {
        return Err(StatusCode::GONE);
    }
    let sender = Sender {
        log: state.log.subscribe(),
        interrupted: state.interrupted.subscribe(),
        opened: Instant::now(),
        sent: after,
        next: Next::Open,
    };
    Ok(Sse::new(unfold(sender, async |mut sender| Some((Ok(sender.next().await?), sender)))))
}

struct Sender {
    log: watch::Receiver<Vec<Change>>,
    interrupted: watch::Receiver<bool>,
    opened: Instant,
    sent: usize,
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    Open,
    Complete,
    Whatever,
}

impl Sender {
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if *self.interrupted.borrow() {
                return None;
            }
            // Before the look: what happens after it is not told yet.
            let elapsed = self.opened.elapsed();
            let change = self.log.borrow_and_update().get(self.sent).cloned();
            match (self.next, change) {
                (Next::Open, _) => {
                    self.next = Next::Complete;
                    let open = Open { stream: "test".to_owned(), guard: "test".to_owned() };
                    return Some(message(event_name::OPEN, &open));
                }
                (_, Some(change)) => {
                    self.sent += 1;
                    self.next = Next::Complete;
                    let event = Event { seq: number(self.sent), tag: String::new(), change };
                    return Some(message(event_name::CHANGE, &event));
                }
                (Next::Complete, None) => {
                    self.next = Next::Whatever;
                    return Some(message(event_name::COMPLETE, &self.complete(elapsed)));
                }
                (Next::Whatever, None) => self.wait().await,
            }
        }
    }

    /// For something new, or until it is time to say that there is nothing.
    async fn wait(&mut self) {
        let new = async {
            tokio::select! {
                changed = self.log.changed() => changed,
                changed = self.interrupted.changed() => changed,
            }
        };
        if timeout(COMPLETE_INTERVAL, new).await.is_err() {
            self.next = Next::Complete;
        }
    }

    fn complete(&self, elapsed: Duration) -> Complete {
        let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        Complete { seq: number(self.sent), tag: String::new(), at: 0, elapsed_ms: elapsed }
    }
}

fn number(sent: usize) -> i64 {
    i64::try_from(sent).expect("a test is short")
}

fn message(name: &str, content: &impl Serialize) -> sse::Event {
    sse::Event::default().event(name).json_data(content).expect("our own messages are JSON")
}
