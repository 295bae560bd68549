//! The floor against itself: what a ratio of the other scenarios is worth on this machine, now.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::contender::Contender;
use super::data::{Client, floor, token_load};
use super::{Description, Pair};

pub(crate) const DESCRIPTION: Description = Description {
    name: "noise",
    title: "The floor against itself: how far a ratio may be trusted",
    subject: "the floor again",
    goal: 0.97,
};

pub(crate) fn start(folder: &Path) -> Result<Pair> {
    let clients = folder.join("clients.tsv");
    fs::write(&clients, made_up(1_000))?;
    Ok(Pair { ours: contender(&clients)?, floor: contender(&clients)?, beside: None })
}

fn contender(clients: &Path) -> Result<Contender> {
    let (server, address) = floor(clients)?;
    Contender::new(server, address, Client::first_of(clients)?.request(), token_load(clients))
}

fn made_up(count: u32) -> String {
    let mut lines = String::new();
    for number in 0..count {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "client{number:026}\ttokenry_cs_{number:049}");
    }
    lines
}
