//! The guard through its front door.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests; clippy spares only the test functions themselves"
)]

mod cache;
mod decision;
mod jwt;
mod outage;
mod policy;
mod refusals;
mod support;
mod tenant;
