//! How the seal stands, at a glance: the last checkpoint, and what waits for the next. [`verify`](super::verify) walks all.

use tokenry_clock::Timestamp;
use tokenry_model::Checkpoint;
use tokenry_store::Store;

use super::key::{AuditKeyError, AuditKeys};
use crate::keyring::DataKey;

/// How the seal stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The last checkpoint; `None`: there is none, or it cannot be read.
    pub head: Option<Checkpoint>,
    /// What is wrong with the last checkpoint.
    pub problem: Option<&'static str>,
    /// How many records wait to be sealed; 100,000 at most are counted.
    pub unsealed: i64,
    /// When the first of them was written.
    pub oldest_unsealed: Option<Timestamp>,
}

/// Looks at the end of the trail: whether the last checkpoint is signed and follows the one before it, and what came after.
///
/// # Errors
/// When the database does not answer, or the keys do not open with this keyring.
pub async fn standing(store: &Store, data_key: &DataKey) -> Result<Standing, AuditKeyError> {
    let keys = AuditKeys::load(store, data_key).await?;
    let latest = store.latest_checkpoint_id().await?;
    let mut found = Standing::default();
    let last_two = store.checkpoints_after(latest - 2, 2).await?;
    for stored in last_two.iter().filter(|stored| stored.id <= latest) {
        let Some(checkpoint) = stored.read() else {
            found.problem = Some("it cannot be read");
            continue;
        };
        let follows = found.head.as_ref().is_none_or(|before| before.hash() == checkpoint.previous_hash);
        found.problem = match keys.verify(&checkpoint.kid, &checkpoint.statement(), &checkpoint.signature) {
            true if follows => None,
            true => Some("it does not follow the one before it"),
            false => Some("it is not what was signed"),
        };
        found.head = Some(checkpoint);
    }
    let through = found.head.as_ref().map_or(0, |head| head.through_seq);
    found.unsealed = store.count_audit_after(through).await?;
    found.oldest_unsealed = store.list_audit(through, 1).await?.first().map(|record| record.at);
    Ok(found)
}
