//! The source against a token endpoint on this machine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod api;
mod endpoint;
mod errors;
mod renewal;
mod single_flight;
