//! The binaries as their users run them: processes, ports, files, exit codes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod backup;
mod cli;
mod client_keys;
mod crash;
mod cron;
mod deploy;
mod dev;
mod explain;
mod flood;
mod folder;
mod full_disk;
mod guides;
mod interop;
mod keyring;
mod keys;
mod leaks;
mod limits;
mod manage;
mod operator;
mod outage;
mod pages;
mod process;
mod propagated;
mod quotas;
mod reach;
mod readme;
mod reference;
mod refusals;
mod serve;
mod support;
mod systemd;
mod tls;
