//! Mint quotas: how many tokens a client may get in an hour and in a day, at all replicas together (decision 17).
//!
//! 1. A replica takes a block of what is left from the database, by one statement, and mints from that without asking.
//! 2. A token is of both periods. Nothing is taken of either unless there is one in each.
//! 3. Where nothing is left, the client is refused until the period ends. The database is asked again once a second at
//!    the most: a client in a retry loop costs no write each.
//! 4. A quota that an operator changes holds for the next request: a block of the old one is left to lapse.
//! 5. Only what is issued counts: what was used up for a token that then was not is put back into its block.
//! 6. A server that stops gives back what it has not used ([`give_back`]). One that dies takes its block with it, until
//!    the period ends: a sixteenth of what was left, and a thousand tokens at the most.

mod give_back;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{Client, ClientId, MintQuota, QuotaPeriod};
use tokenry_protocol::error::ErrorCode;
use tokenry_store::{Store, TokenLease};

use crate::refusal::{Cause, Exceeded, Refusal};

/// For how long nothing left is believed without asking again.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// The longer first: who is refused is told to wait for the longest.
const PERIODS: [QuotaPeriod; 2] = [QuotaPeriod::Day, QuotaPeriod::Hour];

/// How a client stands with one of its quotas.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuotaStanding {
    /// Which.
    pub period: QuotaPeriod,
    /// How many tokens it may get in such a period.
    pub limit: u32,
    /// How many are left, as far as this replica knows: what others have taken for themselves counts as used.
    pub remaining: u32,
    /// How long until the next period.
    pub resets_in: Duration,
}

/// What this replica has taken of the quotas.
#[derive(Debug)]
pub(crate) struct Quotas {
    default: MintQuota,
    clients: Mutex<HashMap<ClientId, Arc<tokio::sync::Mutex<Blocks>>>>,
}

/// What one token has used up.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    /// How the client stands with its quotas since.
    pub(crate) standings: Vec<QuotaStanding>,
    /// Of which periods, and when those began.
    of: Vec<(QuotaPeriod, Timestamp)>,
}

/// What it has taken for one client. Whoever takes more of it holds the lock, so that a burst takes one block.
#[derive(Debug, Default)]
struct Blocks {
    day: Option<Block>,
    hour: Option<Block>,
}

/// A part of a quota.
#[derive(Clone, Copy, Debug)]
struct Block {
    limit: u32,
    began: Timestamp,
    left: u32,
    /// How many all replicas had taken when the database was last asked.
    leased: i64,
    /// When the database said that nothing is left.
    none_at: Option<Timestamp>,
}

impl Quotas {
    pub(crate) fn new(default: MintQuota) -> Self {
        Self { default, clients: Mutex::default() }
    }

    /// What holds for a client that says so much itself.
    fn of(&self, client: &Client) -> MintQuota {
        client.quota.or(self.default)
    }

    /// Uses up one token of each of the client's quotas, and says how it stands then.
    ///
    /// # Errors
    /// When none is left of one of them; or when the database does not answer.
    pub(crate) async fn spend(
        &self,
        store: &Store,
        client: &Client,
        now: Timestamp,
    ) -> Result<Spent, Refusal> {
        let quota = self.of(client);
        let limited = PERIODS.map(|period| (period, quota.limit(period)));
        if limited.iter().all(|(_period, limit)| limit.is_none()) {
            return Ok(Spent::default());
        }
        let held = Arc::clone(self.clients.lock().entry(client.id.clone()).or_default());
        let mut blocks = held.lock().await;
        for (period, limit) in limited {
            let Some(limit) = limit else { continue };
            let block = blocks.of_mut(period);
            fill(block, store, &client.id, (period, limit), now).await?;
            if block.is_none_or(|block| block.left == 0) {
                return Err(exceeded(&blocks, quota, (period, limit), now));
            }
        }
        let mut of = Vec::new();
        for (period, limit) in limited {
            if let (Some(_limit), Some(block)) = (limit, blocks.of_mut(period)) {
                block.left -= 1;
                of.push((period, block.began));
            }
        }
        Ok(Spent { standings: blocks.standings(quota, now), of })
    }

    /// Puts back what was used up for a token that was not issued, unless its period is over or was given back meanwhile.
    pub(crate) async fn unspend(&self, client: &ClientId, spent: &Spent) {
        let Some(held) = self.clients.lock().get(client).map(Arc::clone) else { return };
        let mut blocks = held.lock().await;
        for (period, began) in &spent.of {
            if let Some(block) = blocks.of_mut(*period).as_mut().filter(|block| block.began == *began) {
                (block.left, block.none_at) = (block.left + 1, None);
            }
        }
    }

    /// Forgets blocks whose period is over.
    pub(crate) fn forget(&self, now: Timestamp) {
        let is_held = |held: &mut Blocks| {
            PERIODS
                .into_iter()
                .any(|period| held.of_mut(period).is_some_and(|block| block.is_of(period, now)))
        };
        // Whoever has it in hand is about to take a block, which would be forgotten with it.
        self.clients.lock().retain(|_id, held| Arc::get_mut(held).is_none_or(|held| is_held(held.get_mut())));
    }
}

/// Sees to it that there is one token left, if there can be.
async fn fill(
    block: &mut Option<Block>,
    store: &Store,
    client: &ClientId,
    (period, limit): (QuotaPeriod, u32),
    now: Timestamp,
) -> Result<(), Refusal> {
    let current = block.filter(|block| block.limit == limit && block.is_of(period, now));
    let knows = current.is_some_and(|block| block.left > 0 || block.has_just_asked(now));
    if !knows {
        let lease = store.lease_tokens(client, period, limit, now).await?;
        *block = Some(Block::taken(lease, current, limit, period.beginning(now), now));
    }
    Ok(())
}

impl Block {
    fn taken(
        lease: Option<TokenLease>,
        before: Option<Self>,
        limit: u32,
        beginning: Timestamp,
        now: Timestamp,
    ) -> Self {
        match lease {
            Some(lease) => Self {
                limit,
                began: lease.began_at,
                left: u32::try_from(lease.tokens).unwrap_or(0),
                leased: lease.leased,
                none_at: None,
            },
            None => {
                let began = before.map_or(beginning, |before| before.began);
                Self { limit, began, left: 0, leased: i64::from(limit), none_at: Some(now) }
            }
        }
    }

    /// Whether it is of the period that `now` is in, or of the one after, in which a clock that is ahead may be. The
    /// database draws the same line.
    fn is_of(&self, period: QuotaPeriod, now: Timestamp) -> bool {
        let beginning = period.beginning(now);
        self.began >= beginning && self.began <= beginning.plus(period.length())
    }

    fn has_just_asked(&self, now: Timestamp) -> bool {
        self.none_at.is_some_and(|then| then <= now && now.since(then) < ASK_AGAIN)
    }
}

impl Blocks {
    const fn of_mut(&mut self, period: QuotaPeriod) -> &mut Option<Block> {
        match period {
            QuotaPeriod::Day => &mut self.day,
            QuotaPeriod::Hour => &mut self.hour,
        }
    }

    /// The shorter period first, as Auth0 tells them.
    fn standings(&self, quota: MintQuota, now: Timestamp) -> Vec<QuotaStanding> {
        let blocks = [(QuotaPeriod::Hour, self.hour), (QuotaPeriod::Day, self.day)];
        let standing = |(period, block): (QuotaPeriod, Option<Block>)| {
            let (limit, block) = (quota.limit(period)?, block?);
            let open = i64::from(limit).saturating_sub(block.leased).max(0);
            let remaining = u32::try_from(open).unwrap_or(u32::MAX).saturating_add(block.left);
            Some(QuotaStanding { period, limit, remaining, resets_in: resets_in(period, now) })
        };
        blocks.into_iter().filter_map(standing).collect()
    }
}

fn resets_in(period: QuotaPeriod, now: Timestamp) -> Duration {
    period.length().saturating_sub(now.since(period.beginning(now)))
}

fn exceeded(
    blocks: &Blocks,
    quota: MintQuota,
    (period, limit): (QuotaPeriod, u32),
    now: Timestamp,
) -> Refusal {
    let name = match period {
        QuotaPeriod::Day => "tokens_per_day",
        QuotaPeriod::Hour => "tokens_per_hour",
    };
    metrics::counter!("tokenry_limited_total", "limit" => name).increment(1);
    let text = "This client has got all the tokens that it may get for now. Try again later, and keep a token \
                until shortly before it expires.";
    let wait = resets_in(period, now);
    let resets_at = now.plus(wait);
    let standing = Exceeded { limit, resets_at, quotas: blocks.standings(quota, now) };
    let refusal = Refusal::new(ErrorCode::TemporarilyUnavailable, "quota_exceeded", text);
    Refusal { retry_after: Some(wait), ..refusal.caused_by(Cause::QuotaExceeded(standing)) }
}

#[cfg(test)]
mod tests;
