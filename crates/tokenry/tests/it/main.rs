//! The command line beside a running server: the real binary, on both databases.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod keyring;
mod keys;
mod manage;
mod support;
