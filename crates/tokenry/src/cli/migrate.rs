//! `migrate`: brings the database's schema up to date, while servers run on it too.

use super::Global;
use crate::failure::Result;
use crate::host::{migrate_database, read_config};

/// Migrates the configured database.
pub(crate) async fn run(global: &Global) -> Result {
    let config = read_config(&global.config)?;
    migrate_database(&config).await?;
    global.say("The database is up to date.");
    Ok(())
}
