//! How many tokens a client got, counted in the audit trail: no index is kept for it, so what is read begins where the
//! time begins that is asked for.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::ClientId;

use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, params, statements};

/// How much earlier than by its place a record may have been made: it waited for others, or for a clock.
const SLACK: Duration = Duration::from_secs(600);

statements! {
    pub(crate) AUDIT_AT = "SELECT seq, at FROM audit WHERE seq >= $1 ORDER BY seq LIMIT 1";
    /// A token's subject is its `jti`, which begins with its handle.
    pub(crate) COUNT_MINTED =
        "SELECT count(*), count(CASE WHEN at > $4 THEN 1 END), count(DISTINCT substr(subject_id, 1, 11)) FROM audit \
         WHERE seq >= $1 AND actor_id = $2 AND actor_kind = 'client' AND event = 'token.issued' AND at > $3";
    pub(crate) LAST_MINTED =
        "SELECT at, detail FROM audit WHERE seq >= $1 AND actor_id = $2 AND actor_kind = 'client' \
         AND event = 'token.issued' ORDER BY seq DESC LIMIT 1";
}

/// How many tokens a client got.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MintedTokens {
    /// In the time that was asked for.
    pub since: u64,
    /// In the later part of it.
    pub lately: u64,
    /// Under how many handles.
    pub handles: u64,
    /// How long the last of them is valid.
    pub last_ttl: Option<Duration>,
}

impl Store {
    /// How many tokens a client got after `since`, and how many of them after `lately`.
    ///
    /// # Errors
    /// When the database does not answer in time, or a row cannot be read.
    pub async fn find_minted_tokens(
        &self,
        client_id: &ClientId,
        since: Timestamp,
        lately: Timestamp,
    ) -> Result<MintedTokens> {
        let from = self.first_seq_at(since.minus(SLACK)).await?;
        let values = params![from, client_id.as_str(), since, lately];
        let Some(row) = self.db.opt(COUNT_MINTED, &values).await? else { return Ok(MintedTokens::default()) };
        let mut read = Reader::new(&row, "audit");
        let mut count = |what| read.int(what).map(|count| u64::try_from(count).unwrap_or(0));
        let (all, late, handles) = (count("seq")?, count("at")?, count("subject_id")?);
        let last_ttl = if all == 0 { None } else { self.last_ttl(client_id, from).await? };
        Ok(MintedTokens { since: all, lately: late, handles, last_ttl })
    }

    async fn last_ttl(&self, client_id: &ClientId, from: i64) -> Result<Option<Duration>> {
        let row = self.db.opt(LAST_MINTED, &params![from, client_id.as_str()]).await?;
        let Some(row) = row else { return Ok(None) };
        let mut read = Reader::new(&row, "audit");
        let at = read.at("at")?;
        let detail: serde_json::Value = read.json("detail")?;
        let expires_at = detail["expires_at"].as_i64().map(Timestamp::from_millis);
        Ok(expires_at.map(|expires_at| expires_at.since(at)))
    }

    /// The first place from which on records were made at `at` or later, found by halving: places are in the order of time.
    async fn first_seq_at(&self, at: Timestamp) -> Result<i64> {
        let last = self.db.opt(audit::LAST_SEQ, &[]).await?;
        let (mut low, mut high) = (0, last.map_or(Ok(0), |row| row.int(0))?);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.db.opt(AUDIT_AT, &params![middle]).await? {
                None => high = middle,
                Some(row) => {
                    let mut read = Reader::new(&row, "audit");
                    let (seq, made_at) = (read.int("seq")?, read.at("at")?);
                    if made_at < at { low = seq + 1 } else { high = middle }
                }
            }
        }
        Ok(low)
    }
}
