//! `audit checkpoints`: the last links of the chain, in the form in which they can be kept elsewhere.

use anyhow::Context as _;
use tokenry_engine::audit::portable;
use tokenry_jose::base64url;

use crate::cli::Global;
use crate::failure::{Code, Failure, Result};
use crate::host::Host;
use crate::output::Thing;

pub(super) async fn run(limit: i64, host: &Host, global: &Global) -> Result {
    let unreadable = "the checkpoints cannot be read";
    let last = host.store.latest_checkpoint_id().await.context(unreadable)?;
    let stored = host.store.checkpoints_after(last.saturating_sub(limit), limit).await.context(unreadable)?;
    let mut things = Vec::new();
    for stored in &stored {
        let Some(checkpoint) = stored.read() else {
            let failure = Failure::new(Code::Failure, format!("checkpoint {} cannot be read", stored.id));
            return Err(failure.hint("`tokenry audit verify` says what else is wrong"));
        };
        let thing = Thing::new()
            .with("id", checkpoint.id)
            .with("at", checkpoint.sealed_at.to_string())
            .with("records", checkpoint.rows.len())
            .with("hash", base64url::encode(&checkpoint.hash()))
            .with("checkpoint", portable(&checkpoint));
        things.push(thing);
    }
    global.output.list(&["id", "at", "records", "hash"], &things)
}
