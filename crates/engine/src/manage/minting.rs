//! How many tokens a client got, from the audit trail, and whether that is far more than their lifetime calls for.

use std::time::Duration;

use tokenry_model::Client;

use super::Manager;
use super::error::Error;
use crate::policy::over_minting::over_mints;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// How many tokens a client got lately, at all replicas.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MintedTokens {
    /// In the last hour.
    pub last_hour: u64,
    /// In the last 24 hours.
    pub last_day: u64,
    /// How long the last of them is valid, if these are so many that the client cannot be keeping any.
    pub kept_none_for: Option<Duration>,
}

impl Manager {
    /// How many tokens a client got in the last hour and the last 24 hours.
    ///
    /// # Errors
    /// When the database fails, or does not answer in time because there are too many.
    pub async fn minted_tokens(&self, client: &Client) -> Result<MintedTokens, Error> {
        let now = self.clock.now();
        let minted = self.store.find_minted_tokens(&client.id, now.minus(DAY), now.minus(HOUR)).await;
        let minted = minted.map_err(Error::Store)?;
        let over = |ttl: &Duration| over_mints(minted.since, minted.handles, *ttl, DAY);
        Ok(MintedTokens {
            last_hour: minted.lately,
            last_day: minted.since,
            kept_none_for: minted.last_ttl.filter(over),
        })
    }
}
