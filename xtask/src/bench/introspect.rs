//! The rows of introspection: an API asks about a JWT or a personal access token (RFC 7662). There is no floor for it, the
//! goal is a number.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Arguments;
use super::client::Request;
use super::contender::Contender;
use super::data::{AUDIENCE, Client, program};
use super::load::Load;
use super::report::{Report, Row, Verdict};
use super::result::{machine, median};
use super::seed::{Data, MANY, Seeded};
use super::tokenry::serve_at_rest;
use crate::command::output;

/// What the API asks about.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    Jwt,
    Pat,
}

impl Asked {
    /// The row's name, what it is about, and what it must reach a core-second.
    const fn row(self) -> (&'static str, &'static str, f64) {
        match self {
            Self::Jwt => ("introspect", "an RS256 JWT", 25_000.0),
            Self::Pat => ("introspect-pat", "a personal access token", 60_000.0),
        }
    }
}

pub(crate) fn measure(asked: Asked, arguments: &Arguments, seeded: &mut Seeded) -> Result<Report> {
    let (name, about, goal) = asked.row();
    let data = seeded.sqlite(MANY)?;
    let authorization = api_credential(&data)?;
    let client = Client::first_of(&data.clients())?;
    let pat = match asked {
        Asked::Jwt => None,
        Asked::Pat => Some(output(program("tokenry-bench-seed").args(["pats", &data.sqlite(), "1"]))?),
    };
    let (server, address) = serve_at_rest(&data, &data.sqlite(), "RS256", &client.request())?;
    let token = match pat {
        None => client.token(address)?,
        Some(pat) => pat.trim().to_owned(),
    };
    let file = data.path().join("token.jwt");
    fs::write(&file, &token)?;
    let probe =
        Request::form("/oauth/introspect", format!("token={token}")).with_authorization(&authorization);
    let load =
        Load { script: "bench/introspect.lua", arguments: vec![authorization, file.display().to_string()] };
    let contender = Contender::new(server, address, probe, load)?;
    let mut rounds = Vec::new();
    for round in 1..=arguments.rounds {
        println!("{name}: round {round} of {}", arguments.rounds);
        rounds.push(contender.measure(256, Duration::from_secs(arguments.seconds))?);
    }
    let micros = median(rounds.iter().map(|run| run.cpu_micros));
    let per_core_second = 1e6 / micros;
    let verdict = Verdict::of(per_core_second >= goal);
    let what = format!("POST /oauth/introspect of {about}, by its API");
    let each: Vec<_> = rounds.iter().map(|run| format!("{:.1}", run.cpu_micros)).collect();
    let text = format!(
        "# {what}\n\n{}\n\n| 256 connections | tokenry |\n|---|--:|\n| CPU µs per request | {micros:.1} ({}) |\n\
         | **requests per core-second** | **{per_core_second:.0}**, goal ≥ {goal:.0}: {} |\n",
        machine()?,
        each.join(", "),
        verdict.as_str()
    );
    let row = Row {
        name: name.to_owned(),
        what,
        measured: format!("{per_core_second:.0} a core-second"),
        goal: format!("≥ {goal:.0}"),
        verdict,
    };
    Ok(Report { text, row })
}

/// The value of `Authorization` for the seeded API, which gets a secret.
fn api_credential(data: &Data) -> Result<String> {
    let ask = |arguments: &[&str]| -> Result<Value> {
        let mut tokenry = program("tokenry");
        tokenry.args(arguments).args(["--output", "json", "--config"]).arg(data.config());
        tokenry.env("TOKENRY_DATABASE", data.sqlite());
        Ok(serde_json::from_str(&output(&mut tokenry)?)?)
    };
    let apis = ask(&["apis", "list"])?;
    let api = apis.as_array().and_then(|apis| apis.first()).context("there is no API")?;
    let id = api["id"].as_str().context("an API without an id")?;
    let made = ask(&["apis", "secrets", "add", AUDIENCE])?;
    let secret = made["client_secret"].as_str().context("no secret was made")?;
    Ok(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
}
