//! The row of refreshing: each answer's refresh token is the next request's, with an RS256 access token and ID token.

use std::fs::File;
use std::path::Path;

use anyhow::Result;

use super::contender::Contender;
use super::data::{Client, floor, program, token_load};
use super::load::Load;
use super::seed::{Data, MANY, Seeded};
use super::tokenry::serve_at_rest;
use super::{Arguments, Description, Pair};
use crate::command::run;

/// Two signatures are due where the floor has one.
const GOAL: f64 = 0.75 / 2.0;
/// A run has as many under way as it has connections; the rest waits for wrk, which takes one more for itself.
const A_RUN: usize = 300;

pub(crate) fn start(arguments: &Arguments, seeded: &mut Seeded) -> Result<(Description, Pair)> {
    let data = seeded.sqlite(MANY)?;
    let (probe, tokens) = (Client::first_of(&data.clients())?.request(), data.path().join("refresh.tsv"));
    make_families(&data, &tokens, A_RUN * (arguments.rounds + 1))?;
    let clients = data.some_clients(1)?;
    let (floor, floor_address) = floor(&clients, "RS256")?;
    let floor = Contender::new(floor, floor_address, probe.clone(), token_load(&clients))?;
    let (server, address) = serve_at_rest(&data, &data.sqlite(), "RS256", &probe)?;
    let load = Load {
        script: "bench/refresh.lua",
        arguments: vec![tokens.display().to_string(), A_RUN.to_string()],
    };
    let ours = Contender::new(server, address, probe, load)?;
    let description = Description {
        name: "refresh",
        title: "POST /oauth/token: refresh token, RS256 access token and ID token, SQLite, audit durable before the answer"
            .to_owned(),
        subject: "tokenry",
        other: "floor",
        goal: Some(GOAL),
    };
    Ok((description, Pair { ours, floor, beside: vec![Box::new(data)] }))
}

fn make_families(data: &Data, file: &Path, count: usize) -> Result<()> {
    println!("making {count} authorizations");
    let made = File::create(file)?;
    run(program("tokenry-bench-seed").args(["families", &data.sqlite(), &count.to_string()]).stdout(made))
}
