//! The row of memory: a server with 100,000 clients, idle, and after a million tokens for all of them.
//!
//! Tokens are signed with ES256, which takes a tenth of the time and as much memory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::data::{Client, token_load};
use super::report::{Report, Row, Verdict};
use super::result::{machine, mebibytes};
use super::seed::{MANY, Seeded};
use super::tokenry::serve_at_rest;

const TOKENS: u64 = 1_000_000;
const IDLE_GOAL: f64 = 30.0;
const AFTER_GOAL: f64 = 60.0;
/// How long it may take; the row says how many tokens there were until then.
const PATIENCE: Duration = Duration::from_secs(180);
const NAME: &str = "memory";

pub(crate) fn measure(seeded: &mut Seeded) -> Result<Report> {
    let data = seeded.sqlite(MANY)?;
    let probe = Client::first_of(&data.clients())?.request();
    let (server, address) = serve_at_rest(&data, &data.sqlite(), "ES256", &probe)?;
    sleep(Duration::from_secs(2));
    let idle = mebibytes(server.resident()?);
    let load = token_load(&data.clients());
    let (begun, mut minted, mut most) = (Instant::now(), 0, idle);
    while minted < TOKENS && begun.elapsed() < PATIENCE {
        minted += load.run(address, probe.path(), 256, Duration::from_secs(20))?.requests;
        most = most.max(mebibytes(server.resident()?));
        println!("{NAME}: {minted} tokens");
    }
    sleep(Duration::from_secs(2));
    let after = mebibytes(server.resident()?);
    let reached = minted >= TOKENS && idle <= IDLE_GOAL && after.max(most) <= AFTER_GOAL;
    let what = format!("resident MiB: idle, and after {minted} tokens for 100,000 clients");
    let text = format!(
        "# {what}\n\n{}\n\n| | MiB | goal |\n|---|--:|--:|\n| idle | {idle:.1} | ≤ {IDLE_GOAL:.0} |\n\
         | between the runs, at the most | {most:.1} | ≤ {AFTER_GOAL:.0} |\n| after | {after:.1} | ≤ {AFTER_GOAL:.0} |\n",
        machine()?
    );
    let row = Row {
        name: NAME.to_owned(),
        what,
        measured: format!("{idle:.0}, {:.0} MiB", after.max(most)),
        goal: format!("≤ {IDLE_GOAL:.0}, ≤ {AFTER_GOAL:.0} MiB"),
        verdict: Verdict::of(reached),
    };
    Ok(Report { text, row })
}
