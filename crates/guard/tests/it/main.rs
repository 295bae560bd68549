//! The guard through its front door.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests; clippy spares only the test functions themselves"
)]

mod asked;
mod browser;
mod cache;
mod clock;
mod decision;
mod dialect;
mod guessing;
mod issuers;
mod jwt;
mod log;
mod metrics;
mod opaque;
mod outage;
mod pat;
mod policy;
mod refusals;
mod remote;
mod restored;
mod same;
mod secret;
mod server;
mod state_dir;
mod stream;
mod support;
mod tenant;
