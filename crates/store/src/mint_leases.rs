//! Mint quotas, of which replicas take blocks: what is taken in a period never exceeds the quota, whoever takes it.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, QuotaPeriod};

use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

/// Which part of what is left is taken at once: small enough that what a replica takes with it into its grave is little,
/// and that the last tokens are there for whoever asks.
const SHARE: i64 = 16;
/// How many are taken at once at the most.
const MAX_BLOCK: i64 = 1_000;

/// Whether the stored period is over, or began so far in the future that a clock has been set back since.
macro_rules! is_another_period {
    () => {
        "(mint_leases.began_at < excluded.began_at OR mint_leases.began_at > excluded.began_at + $5)"
    };
}

/// As [`block_of`], of what is left.
macro_rules! next_block {
    () => {
        "CASE WHEN ($4 - mint_leases.leased - 1) / $7 + 1 > $8 THEN $8 \
         ELSE ($4 - mint_leases.leased - 1) / $7 + 1 END"
    };
}

statements! {
    /// $4 is the quota, $5 how long a period is, $6 the first block of a period. A row if and only if a block was taken.
    /// Only for a client that there is.
    pub(crate) LEASE_TOKENS = concat!(
        "INSERT INTO mint_leases (client_id, period, began_at, leased, block) \
         SELECT id, $2, $3, $6, $6 FROM clients WHERE id = $1 \
         ON CONFLICT (client_id, period) DO UPDATE SET began_at = CASE WHEN ", is_another_period!(),
        " THEN excluded.began_at ELSE mint_leases.began_at END, leased = CASE WHEN ", is_another_period!(),
        " THEN excluded.leased ELSE mint_leases.leased + ", next_block!(),
        " END, block = CASE WHEN ", is_another_period!(), " THEN excluded.block ELSE ", next_block!(),
        " END WHERE ", is_another_period!(), " OR mint_leases.leased < $4 RETURNING began_at, leased, block"
    );
    pub(crate) RETURN_TOKENS =
        "UPDATE mint_leases SET leased = leased - $4 \
         WHERE client_id = $1 AND period = $2 AND began_at = $3 AND leased >= $4";
}

/// A block of a client's quota that one replica has taken, for tokens that it alone may mint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenLease {
    /// When the period began that the block is of.
    pub began_at: Timestamp,
    /// How many tokens.
    pub tokens: i64,
    /// How many of the quota all replicas have taken in this period, this block included.
    pub leased: i64,
}

/// What a replica took and does not need.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnusedTokens {
    /// Whose.
    pub client_id: ClientId,
    /// Of which quota.
    pub period: QuotaPeriod,
    /// When the period began.
    pub began_at: Timestamp,
    /// How many.
    pub tokens: i64,
}

impl Store {
    /// Takes a block of what is left of a client's quota in the period that `now` is in; `None`: nothing is left, or
    /// there is no such client.
    ///
    /// # Errors
    /// When the database does not answer: then a block may have been taken that nobody uses.
    pub async fn lease_tokens(
        &self,
        client_id: &ClientId,
        period: QuotaPeriod,
        quota: u32,
        now: Timestamp,
    ) -> Result<Option<TokenLease>> {
        let quota = i64::from(quota);
        let length = i64::try_from(period.length().as_millis()).unwrap_or(i64::MAX);
        let values = params![
            client_id.as_str(),
            period.as_str(),
            period.beginning(now),
            quota,
            length,
            block_of(quota),
            SHARE,
            MAX_BLOCK,
        ];
        let rows = self.db.write_one(LEASE_TOKENS, values.into()).await?;
        rows.first().map(read).transpose()
    }

    /// Gives back what a replica took and will not use.
    ///
    /// # Errors
    /// When the database does not answer: then it may be lost until the period ends.
    pub async fn return_tokens(&self, unused: Vec<UnusedTokens>) -> Result<()> {
        self.change(unused, |tx, unused| {
            Box::pin(async move {
                for it in unused {
                    let values = params![it.client_id.as_str(), it.period.as_str(), it.began_at, it.tokens];
                    tx.exec(RETURN_TOKENS, &values).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// How many are taken at once while so many are left, which is one at the least.
fn block_of(left: i64) -> i64 {
    ((left - 1) / SHARE + 1).min(MAX_BLOCK)
}

fn read(row: &Row) -> Result<TokenLease> {
    let mut read = Reader::new(row, "mint_leases");
    Ok(TokenLease { began_at: read.at("began_at")?, leased: read.int("leased")?, tokens: read.int("block")? })
}
