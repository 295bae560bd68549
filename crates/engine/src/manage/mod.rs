//! What operators do: clients, APIs, grants, companies, people, integrations, each a verb that checks, writes and records in one transaction.

mod account_secrets;
mod apis;
mod audit;
mod client_checks;
mod client_keys;
mod client_update;
mod clients;
mod companies;
mod consents;
mod error;
mod grants;
mod integrations;
mod logouts;
mod memberships;
mod minting;
mod pats;
mod propagation;
mod roles;
mod secrets;
mod sessions;
mod text;
mod themes;
mod user_claims;
mod users;

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::{Clock, Timestamp};
use tokenry_model::{Actor, Client, ErrorStyle, Event, OutboxMail, PatId, Record, Rng, Subject, User};
use tokenry_protocol::secret::Brand;
use tokenry_store::Store;

use crate::mail::{About, Notices, pat_page};
use crate::settings::Reveal;

pub use apis::{NewApi, UpdateApi};
pub use audit::{REASONS, meaning};
pub use client_keys::{NewClientKeys, check_outbound_uri};
pub use client_update::UpdateClient;
pub use clients::{CreatedClient, NewClient};
pub use companies::UpdateCompany;
pub use consents::{ScopeAnswer, ScopeQuestion};
pub use error::{Error, Thing};
pub use integrations::{CreatedIntegration, NewIntegration};
pub use minting::MintedTokens;
pub use pats::ImportPat;
pub use roles::{Allowance, AllowedScopes, NewRole, UpdateRole};
pub use secrets::NewSecret;
pub use text::misleads;
pub(crate) use text::{MAX_NAME, composed};
pub use themes::SetTheme;
pub use tokenry_store::{Announced, ListedPat, Member, OldTokens};
pub(crate) use user_claims::check_user_claims;
pub use users::{Factors, NewAddress, NewUser, UpdateUser};

/// The longest lifetime of a secret that has one.
const MAX_SECRET_TTL: Duration = Duration::from_secs(3_650 * 86_400);

/// What the management verbs work with.
#[derive(Clone, Debug)]
pub struct Means {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub rng: Arc<dyn Rng>,
    /// What secrets begin with.
    pub brand: Brand,
    /// What tells users by mail what operators change about how they sign in. Its key also seals account secrets that can be seen
    /// again.
    pub notices: Notices,
}

/// The management verbs, acting for one actor on one database.
#[derive(Clone, Debug)]
pub struct Manager {
    store: Store,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    brand: Brand,
    actor: Actor,
    error_style: ErrorStyle,
    notices: Notices,
    reveal: Reveal,
}

impl Manager {
    /// The verbs for `actor`.
    #[must_use]
    pub fn new(means: Means, actor: Actor) -> Self {
        let Means { store, clock, rng, brand, notices } = means;
        let (error_style, reveal) = (ErrorStyle::Rfc, Reveal::default());
        Self { store, clock, rng, brand, actor, error_style, notices, reveal }
    }

    /// The same verbs; new clients get refusals in this style unless they are made with another.
    #[must_use]
    pub fn with_error_style(self, error_style: ErrorStyle) -> Self {
        Self { error_style, ..self }
    }

    /// The same verbs; account secrets can be seen again, or not.
    #[must_use]
    pub fn with_reveal(self, reveal: Reveal) -> Self {
        Self { reveal, ..self }
    }

    fn notice(&self, about: About, user: &User, now: Timestamp) -> OutboxMail {
        self.notices.write(about, user, None, now, &*self.rng)
    }

    /// The same of a personal access token, with the page where its owner sees it.
    fn pat_notice(&self, about: About, user: &User, pat: &PatId, now: Timestamp) -> OutboxMail {
        let page = pat_page(&self.notices.issuer, pat);
        self.notices.write(about, user, Some(page), now, &*self.rng)
    }

    fn record(&self, now: Timestamp, event: Event, subject: Subject) -> Record {
        let company = match &subject {
            Subject::Company(id) => Some(id.clone()),
            _ => None,
        };
        Record { company, ..Record::new(now, event, self.actor.clone(), Some(subject)) }
    }

    /// A record of what concerns a client, and so the company that it acts for.
    fn record_of(&self, client: &Client, now: Timestamp, event: Event, subject: Subject) -> Record {
        Record { company: client.binding.home().cloned(), ..self.record(now, event, subject) }
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
