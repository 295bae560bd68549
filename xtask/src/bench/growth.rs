//! The rows of growth: the same requests on a database with much in it, held against one with little.

use anyhow::Result;

use super::contender::Contender;
use super::data::{Client, program, token_load};
use super::seed::{Data, FEW, MANY, Seeded};
use super::tokenry::serve_at_rest;
use super::{Description, Pair};
use crate::command::run;

/// A tenth more at the most: requests per core-second then are ten elevenths.
const GOAL: f64 = 1.0 / 1.10;
const AUDIT_ROWS: u32 = 5_000_000;

/// Many clients against few; the same hundred ask.
pub(crate) fn with_clients(seeded: &mut Seeded) -> Result<(Description, Pair)> {
    let (large, small) = (seeded.sqlite(MANY)?, seeded.sqlite(FEW)?);
    let description = Description {
        name: "growth-clients",
        title: "POST /oauth/token: 100,000 clients in the database, against 100".to_owned(),
        subject: "100,000 clients",
        other: "100 clients",
        goal: Some(GOAL),
    };
    Ok((description, pair(large, small)?))
}

/// Much audited against nothing.
pub(crate) fn with_audit(seeded: &mut Seeded) -> Result<(Description, Pair)> {
    let (large, small) = (seeded.sqlite(FEW)?, seeded.sqlite(FEW)?);
    println!("making {AUDIT_ROWS} audit rows");
    run(program("tokenry-bench-seed").args(["audit", &large.sqlite(), &AUDIT_ROWS.to_string()]))?;
    let description = Description {
        name: "growth-audit",
        title: "POST /oauth/token: 5 million audit rows in the database, against none".to_owned(),
        subject: "5 million rows",
        other: "no rows",
        goal: Some(GOAL),
    };
    Ok((description, pair(large, small)?))
}

fn pair(large: Data, small: Data) -> Result<Pair> {
    let (ours, floor) = (contender(&large)?, contender(&small)?);
    Ok(Pair { ours, floor, beside: vec![Box::new(large), Box::new(small)] })
}

fn contender(data: &Data) -> Result<Contender> {
    let clients = data.some_clients(FEW)?;
    let probe = Client::first_of(&clients)?.request();
    let (server, address) = serve_at_rest(data, &data.sqlite(), "RS256", &probe)?;
    Contender::new(server, address, probe, token_load(&clients))
}
