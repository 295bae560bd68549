//! The database layer under attack, on both engines.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod both;
mod migrations;
mod postgres;
mod races;
mod schema;
mod sqlite;
pub(crate) mod support;
mod tls;
