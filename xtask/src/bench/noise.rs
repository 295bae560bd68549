//! The floor against itself: what a ratio of the other scenarios is worth on this machine, now.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::contender::Contender;
use super::data::{Client, floor, token_load};
use super::{Description, Pair};

pub(crate) fn start() -> Result<(Description, Pair)> {
    let folder = tempfile::tempdir()?;
    let clients = folder.path().join("clients.tsv");
    fs::write(&clients, made_up(1_000))?;
    let description = Description {
        name: "noise",
        title: "The floor against itself: how far a ratio may be trusted".to_owned(),
        subject: "the floor again",
        other: "floor",
        goal: Some(0.97),
    };
    let (ours, floor) = (contender(&clients)?, contender(&clients)?);
    Ok((description, Pair { ours, floor, beside: vec![Box::new(folder)] }))
}

fn contender(clients: &Path) -> Result<Contender> {
    let (server, address) = floor(clients, "RS256")?;
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
