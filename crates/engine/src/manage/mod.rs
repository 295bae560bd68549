//! What operators do: clients, APIs, grants, companies, integrations, each a verb that checks, writes and records in one transaction.

mod apis;
mod audit;
mod client_keys;
mod clients;
mod companies;
mod error;
mod grants;
mod integrations;
mod minting;
mod propagation;
mod secrets;
mod text;

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::{Clock, Timestamp};
use tokenry_model::{Actor, Event, Record, Rng, Subject};
use tokenry_protocol::secret::Brand;
use tokenry_store::Store;

pub use apis::NewApi;
pub use audit::{REASONS, meaning};
pub use client_keys::NewClientKeys;
pub use clients::{CreatedClient, NewClient, UpdateClient};
pub use companies::UpdateCompany;
pub use error::{Error, Thing};
pub use integrations::{CreatedIntegration, NewIntegration};
pub use minting::MintedTokens;
pub use secrets::NewSecret;
pub use text::misleads;
pub use tokenry_store::{Announced, OldTokens};

/// The longest lifetime of a secret that has one.
const MAX_SECRET_TTL: Duration = Duration::from_secs(3_650 * 86_400);

/// The management verbs, acting for one actor on one database.
#[derive(Clone, Debug)]
pub struct Manager {
    store: Store,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    brand: Brand,
    actor: Actor,
}

impl Manager {
    /// The verbs for `actor`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, brand: Brand, actor: Actor) -> Self {
        Self { store, clock, rng, brand, actor }
    }

    fn record(&self, now: Timestamp, event: Event, subject: Subject) -> Record {
        Record::new(now, event, self.actor.clone(), Some(subject))
    }
}

/// A lifetime within its bounds: at least a second, and not for ever by a slip of the pen.
fn check_lifetime(field: &'static str, lifetime: Option<Duration>, longest: Duration) -> Result<(), Error> {
    match lifetime {
        Some(it) if it < Duration::from_secs(1) => Err(Error::invalid(field, "it must be at least a second")),
        Some(it) if it > longest => {
            let days = longest.as_secs() / 86_400;
            Err(Error::invalid(field, format!("it must be at most {days} days")))
        }
        _ => Ok(()),
    }
}
