//! `audit verify`: whether the trail is what was written, and what is not.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use tokenry_engine::audit::{Finding, Verification, read_portable, verify};
use tokenry_jose::base64url;
use tokenry_model::Checkpoint;

use crate::cli::Global;
use crate::failure::{Code, Failure, Result};
use crate::host::Host;
use crate::output::Thing;

/// What to compare with.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Checkpoints that were kept elsewhere: from `audit export`, `audit checkpoints`, or the server's log in JSON.
    /// Without them, a trail that was cut off at its end looks whole, and so does one that was changed and sealed again:
    /// by whoever has the keyring, or by a server that started after the cut.
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
}

pub(super) async fn run(options: &Options, host: &Host, global: &Global) -> Result {
    let kept = options.checkpoints.as_deref().map(read).transpose()?.unwrap_or_default();
    let found = verify(&host.store, &host.data_key, &kept).await.context("the audit trail cannot be read")?;
    global.output.thing(&thing(&found))?;
    match found.findings.first() {
        Some(first) => Err(Failure::new(Code::Failure, first.to_string())),
        None if found.compared == 0 && !kept.is_empty() => {
            let text = "none of the checkpoints that were kept elsewhere could be compared";
            Err(Failure::new(Code::Failure, text).hint("their records have been removed; give younger ones"))
        }
        None => Ok(()),
    }
}

fn read(file: &Path) -> Result<Vec<Checkpoint>> {
    let shown = file.display();
    let invalid = |problem: String| Failure::new(Code::Usage, format!("{shown}: {problem}"));
    let text = fs::read_to_string(file).map_err(|error| invalid(error.to_string()))?;
    let kept = read_portable(&text).map_err(|error| invalid(error.to_string()))?;
    if kept.is_empty() { Err(invalid("there is no checkpoint in it".to_owned())) } else { Ok(kept) }
}

fn thing(found: &Verification) -> Thing {
    let findings: Vec<_> = found.findings.iter().map(Finding::to_string).collect();
    Thing::new()
        .with("intact", findings.is_empty())
        .with("checkpoints", found.checkpoints)
        .with("sealed_records", found.sealed)
        .with("sealed_late_records", found.sealed_late)
        .with("unsealed_records", found.unsealed)
        .maybe("oldest_unsealed", found.oldest_unsealed.map(|at| at.to_string()))
        .maybe("removed_through_checkpoint", found.removed_through)
        .maybe("last_checkpoint", found.head.as_ref().map(|head| head.id))
        .maybe("last_checkpoint_at", found.head.as_ref().map(|head| head.sealed_at.to_string()))
        .maybe("last_checkpoint_hash", found.head.as_ref().map(|head| base64url::encode(&head.hash())))
        .with("compared_checkpoints", found.compared)
        .with("findings", findings)
}
