//! One of the two programs compared: its server, its load, and what a run of one against the other comes to.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};

use super::client::Request;
use super::load::Load;
use super::server::Server;

pub(crate) struct Contender {
    pub(crate) server: Server,
    pub(crate) resident_idle: u64,
    address: SocketAddr,
    probe: Request,
    load: Load,
}

/// One run under load.
pub(crate) struct Measured {
    /// CPU time of the process per request, in microseconds.
    pub(crate) cpu_micros: f64,
    pub(crate) per_second: f64,
    /// Share of its core that the process used; below 0.95 it was not saturated.
    pub(crate) busy: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Contender {
    pub(crate) fn new(server: Server, address: SocketAddr, probe: Request, load: Load) -> Result<Self> {
        let resident_idle = server.resident()?;
        Ok(Self { server, resident_idle, address, probe, load })
    }

    pub(crate) fn measure(&self, connections: u32, length: Duration) -> Result<Measured> {
        self.probe.send(self.address).context("before the load")?;
        let before = self.server.cpu()?;
        let counted = self.load.run(self.address, self.probe.path(), connections, length)?;
        let cpu = (self.server.cpu()? - before).as_secs_f64();
        self.probe.send(self.address).context("after the load")?;
        let (requests, seconds) = (counted.requests as f64, counted.micros as f64 / 1e6);
        Ok(Measured {
            cpu_micros: cpu * 1e6 / requests,
            per_second: requests / seconds,
            busy: cpu / seconds,
            p50: Duration::from_micros(counted.p50_micros),
            p99: Duration::from_micros(counted.p99_micros),
        })
    }
}
