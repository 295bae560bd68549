//! Test support: a booted Tokenry on a port of its own, on either database, with a clock that tests move.
//!
//! Helpers here panic when they fail: a test whose ground is not there has nothing to say.
#![expect(clippy::unwrap_used, reason = "test support fails by panicking")]

mod app;
mod database;
mod demo;
mod token;

pub use app::{Options, OtherEngine, TestApp};
pub use database::{Database, Engine};
pub use demo::{AUDIENCE, Demo, DemoClient, NAMESPACE, SCOPES};
pub use token::{claims_of, header_of};
