//! Persistence: one SQL text that runs on SQLite and on PostgreSQL.
//!
//! [`db`] is the thin layer over rusqlite and tokio-postgres, [`migrate`] brings a schema up to date, and beside
//! them stands one file per entity, whose functions are protocol events that say who won.

pub mod db;
pub mod migrate;
pub mod statements;
