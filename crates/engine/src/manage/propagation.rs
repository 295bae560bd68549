//! Waiting until guards know: commands that take rights away return when they do, or say that not all of them may.

use std::time::Duration;

use tokenry_clock::Clock;
use tokenry_store::{Announced, Error as StoreError, Store};
use tokio::time::{sleep, timeout};

use super::{Error, Manager};
use crate::engine::Engine;

/// How long a command waits for guards.
const WAIT: Duration = Duration::from_secs(1);
/// How often it looks whether they have acknowledged.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// How many events get their numbers at once.
const BATCH: i64 = 500;

impl Manager {
    /// Waits up to a second until every connected guard has applied what was announced, and says whether they all have.
    /// A guard whose connection broke less than ten minutes ago counts as one that has not; a database that does not
    /// answer says nothing of any.
    pub async fn propagated(&self, announced: &Announced) -> bool {
        propagated(&self.store, &*self.clock, announced).await
    }

    /// What to wait for when all was done before: who asks again may do so because guards had not confirmed then.
    pub(super) async fn announced_so_far(&self) -> Result<Announced, Error> {
        self.store.announced_so_far().await.map_err(Error::Store)
    }
}

impl Engine {
    /// As [`Manager::propagated`], of what somebody did here.
    pub async fn propagated(&self, announced: &Announced) -> bool {
        propagated(&self.store, &*self.clock, announced).await
    }
}

async fn propagated(store: &Store, clock: &dyn Clock, announced: &Announced) -> bool {
    // What is given up half done is done by the next who looks: any process may number events.
    timeout(WAIT, until_known(store, clock, announced)).await.is_ok()
}

async fn until_known(store: &Store, clock: &dyn Clock, announced: &Announced) {
    loop {
        match is_known(store, clock, announced).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "the guards' acknowledgements cannot be read");
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Any process may number events, and this one need not wait for a server to notice. It may also be too late to.
async fn is_known(store: &Store, clock: &dyn Clock, announced: &Announced) -> Result<bool, StoreError> {
    if announced.is_empty() {
        return Ok(true);
    }
    if store.any_unnumbered_guard_event().await? {
        store.number_guard_events(BATCH).await?;
    }
    store.propagated(announced, clock.now()).await
}
