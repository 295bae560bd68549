//! Outbound requests as the configuration has them.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use ipnet::IpNet;
use tokenry_server::{Outbound, OutboundSettings};

use crate::config::Config;
use crate::failure::{Code, Failure, Result};

/// This very host, which `dev` may connect to.
pub(crate) const LOOPBACK: [IpNet; 2] = [
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];

/// What makes outbound requests.
pub(crate) fn outbound(config: &Config) -> Result<Outbound> {
    let file = &config.outbound.ca_file;
    let invalid =
        |why: String| Failure::new(Code::Usage, format!("outbound.ca_file: {}: {why}", file.display()));
    let extra_roots = if file == Path::new("") {
        None
    } else {
        Some(fs::read(file).map_err(|error| invalid(error.to_string()))?)
    };
    let allowed_networks = config.outbound.allowed_networks.clone();
    let made = Outbound::new(OutboundSettings { allowed_networks, extra_roots });
    made.map_err(|error| invalid(format!("{:#}", anyhow::Error::from(error))))
}
