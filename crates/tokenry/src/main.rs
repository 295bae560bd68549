//! The one binary: server, demo and command line.

mod cli;
mod config;
mod dev;
mod env;
mod failure;
mod folder;
mod forwarded;
mod github;
mod headless;
mod host;
mod init;
mod mail;
mod outbound;
mod output;
mod peers;
mod secret_routes;
mod serve;
mod snippet;
mod supervisor;
mod telemetry;
mod tls;
mod try_at;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
