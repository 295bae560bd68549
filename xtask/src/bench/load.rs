//! wrk on the second core, and what it counted.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::server::pinned;
use crate::command::{command, output};

/// A Lua script of `bench/`, and what it is told.
pub(crate) struct Load {
    pub(crate) script: &'static str,
    pub(crate) arguments: Vec<String>,
}

/// The last line that the scripts print.
#[derive(Debug, Deserialize)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    pub(crate) micros: u64,
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
    refused: u64,
    socket_errors: u64,
}

impl Load {
    /// Loads the address for a while. A run with a refusal or a broken connection is void.
    pub(crate) fn run(
        &self,
        address: SocketAddr,
        path: &str,
        connections: u32,
        length: Duration,
    ) -> Result<Counted> {
        let mut wrk = command("wrk");
        wrk.args(["--threads=1", "--timeout=10s"]);
        wrk.arg(format!("--connections={connections}"))
            .arg(format!("--duration={}s", length.as_secs().max(1)));
        wrk.arg(format!("--script={}", self.script)).arg(format!("http://{address}{path}"));
        wrk.arg("--").args(&self.arguments);
        let mut wrk = pinned(1, &wrk);
        let said = output(&mut wrk)?;
        let counted = parse(&said)?;
        ensure!(counted.refused == 0 && counted.socket_errors == 0, "the run is void: {counted:?}");
        ensure!(counted.requests > 0, "the run is void: nothing was answered");
        Ok(counted)
    }
}

fn parse(said: &str) -> Result<Counted> {
    let line = said.lines().rfind(|line| line.starts_with('{')).context("wrk printed no summary")?;
    serde_json::from_str(line).context("reading wrk's summary")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_the_last_line_of_json() {
        let said = "Running 10s test\n  256 connections\n{\"requests\":33000,\"micros\":10000000,\"p50_micros\":74000,\"p99_micros\":91000,\"socket_errors\":0,\"refused\":2}\n";
        let counted = parse(said).unwrap();
        assert_eq!((counted.requests, counted.p99_micros, counted.refused), (33_000, 91_000, 2));
        assert!(parse("unable to connect").is_err());
    }
}
