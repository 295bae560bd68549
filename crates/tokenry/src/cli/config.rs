//! `config`: check, print, schema.

use clap::Subcommand;
use schemars::schema_for;

use super::Global;
use crate::config::Config;
use crate::failure::Result;
use crate::host::{masked, read_config};
use crate::output::{Format, write_out};
use crate::serve::check_config;
use crate::tls::{certificate, foreign_host};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says whether a server would start with it.
    Check,
    /// Prints it as it takes effect, the environment included and passwords masked.
    Print,
    /// Prints its JSON Schema.
    Schema,
}

/// Runs the command.
pub(crate) fn run(command: &Command, global: &Global) -> Result {
    match command {
        Command::Check => {
            let config = read_config(&global.config)?;
            check_config(&config)?;
            let certificate = certificate(&config)?;
            if let Some(host) = certificate.and_then(|certificate| foreign_host(&config, &certificate)) {
                global.say(&format!(
                    "tls.cert: it is not for {host}, the issuer's host: clients that ask for it there refuse it"
                ));
            }
            global.say("The configuration is good.");
            Ok(())
        }
        Command::Print => {
            let mut config = read_config(&global.config)?;
            config.database = masked(&config.database);
            write_out(&match global.output {
                Format::Json => {
                    format!("{}\n", serde_json::to_string_pretty(&config).map_err(anyhow::Error::from)?)
                }
                Format::Table => toml::to_string(&config).map_err(anyhow::Error::from)?,
                Format::Yaml => serde_saphyr::to_string(&config).map_err(anyhow::Error::from)?,
            })
        }
        Command::Schema => {
            let schema = serde_json::to_string_pretty(&schema_for!(Config)).map_err(anyhow::Error::from)?;
            write_out(&format!("{schema}\n"))
        }
    }
}
