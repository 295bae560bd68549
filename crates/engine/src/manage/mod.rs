//! What operators do: clients, APIs, grants, companies, integrations, each a verb that checks, writes and records in one transaction.

mod apis;
mod audit;
mod clients;
mod companies;
mod error;
mod grants;
mod integrations;
mod secrets;

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::{Clock, Timestamp};
use tokenry_model::{Actor, Event, Record, Rng, Subject};
use tokenry_protocol::secret::Brand;
use tokenry_store::Store;

pub use apis::NewApi;
pub use audit::meaning;
pub use clients::{CreatedClient, NewClient, UpdateClient};
pub use error::{Error, Thing};
pub use integrations::{CreatedIntegration, NewIntegration};
pub use secrets::NewSecret;

/// How many characters a name or label may have.
const MAX_NAME: usize = 200;

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

/// A name for people: something to see, on one line, of a bounded length.
fn check_name(field: &'static str, name: &str) -> Result<(), Error> {
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    if fits && !name.trim().is_empty() && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Error::invalid(field, format!("it must be 1 to {MAX_NAME} characters on one line")))
    }
}

/// How long access tokens live, where an operator says so: `expires_in` counts in seconds.
fn check_ttl(ttl: Option<Duration>) -> Result<(), Error> {
    if ttl.is_some_and(|ttl| ttl.as_secs() == 0) {
        return Err(Error::invalid("access-token-ttl", "it must be at least a second"));
    }
    Ok(())
}
