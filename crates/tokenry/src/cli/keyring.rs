//! `keyring`: rewrap.

use clap::Subcommand;
use tokenry_engine::keyring::rewrap;
use tokenry_model::Actor;

use super::Global;
use crate::failure::{Code, Failure, Result};
use crate::output::Thing;

/// What to do with the keyring.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Seals the database's keys anew, with the first key of the keyring file.
    ///
    /// To change the master key: put the new one first into the keyring file of every server, keep the old one below
    /// it, and start the servers again. Then rewrap. Then take the old one out.
    Rewrap,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::Rewrap => {
            let host = global.host().await?;
            let rewrapped =
                rewrap(&host.store, &host.master, host.clock.now(), &*host.rng, Actor::Operator).await;
            let count = rewrapped.map_err(|error| Failure::new(Code::Failure, error.to_string()))?;
            global.output.thing(&Thing::new().with("rewrapped", count))?;
            global.say(if count == 0 {
                "Everything is sealed with the first key already; nothing was changed."
            } else {
                "Everything is sealed with the first key: the others may leave the keyring file."
            });
            Ok(())
        }
    }
}
