//! The binaries as their users run them: processes, ports, files, exit codes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod auth0;
mod cli;
mod client_keys;
mod crash;
mod cron;
mod deploy;
mod dev;
mod explain;
mod folder;
mod guides;
mod interop;
mod keyring;
mod keys;
mod leaks;
mod limits;
mod manage;
mod operator;
mod outage;
mod process;
mod propagated;
mod reach;
mod readme;
mod refusals;
mod serve;
mod support;
mod systemd;
mod tls;
