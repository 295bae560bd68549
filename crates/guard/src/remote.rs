//! What the authorization server tells a guard, fetched and kept fresh in the background.
//!
//! Two tasks, which end with the guard: [`jwks`] keeps the key set, [`snapshot`] the company directory. Both keep the last
//! good answer whatever comes after it, and say in the log when they begin to fail and when that is over.

mod discovery;
mod http;
mod jwks;
mod snapshot;

use std::sync::Arc;

use tokio::task::AbortHandle;
use tracing::{info, warn};

pub(crate) use self::http::{HttpSettings, Issuer};
use crate::guard::Trusted;

/// The background tasks of a guard; they end when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Background(Vec<AbortHandle>);

impl Background {
    /// Starts both tasks.
    pub(crate) fn start(issuer: Issuer, audience: String, trusted: &Arc<Trusted>) -> Self {
        let issuer = Arc::new(issuer);
        let keys = tokio::spawn(jwks::keep(Arc::clone(&issuer), Arc::clone(trusted)));
        let companies = tokio::spawn(snapshot::keep(issuer, audience, Arc::clone(trusted)));
        Self(vec![keys.abort_handle(), companies.abort_handle()])
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// Logs the beginning and the end of an outage, not each failure.
struct Outage {
    what: &'static str,
    failures: u32,
}

impl Outage {
    fn of(what: &'static str) -> Self {
        Self { what, failures: 0 }
    }

    fn failed(&mut self, error: &FetchError) {
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 {
            warn!(what = self.what, %error, "cannot be loaded from the authorization server; what is known stays in use");
        }
    }

    fn succeeded(&mut self) {
        if self.failures > 0 {
            info!(what = self.what, failures = self.failures, "loaded from the authorization server again");
        }
        self.failures = 0;
    }
}

/// Why the authorization server's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the answer is not what it should be: {0}")]
    Content(String),
    #[error("{what} is {actual:?}, expected is {expected:?}")]
    Mismatch { what: &'static str, actual: String, expected: String },
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("no answer: {0}")]
    Transport(String),
}
