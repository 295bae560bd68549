//! The row of the cold start: from exec to the first token, with 100,000 clients in the database.

use anyhow::Result;

use super::data::Client;
use super::report::{Report, Row, Verdict};
use super::result::{machine, median, millis};
use super::seed::{MANY, Seeded};
use super::tokenry::serve;

const GOAL: f64 = 150.0;
const STARTS: usize = 7;
const NAME: &str = "cold-start";

pub(crate) fn measure(seeded: &mut Seeded) -> Result<Report> {
    let data = seeded.sqlite(MANY)?;
    let probe = Client::first_of(&data.clients())?.request();
    let mut times = Vec::new();
    // The first start makes what a new database lacks: its keys.
    for start in 0..=STARTS {
        let (server, _address) = serve(&data, &data.sqlite(), "RS256", &probe)?;
        if start > 0 {
            times.push(millis(server.ready_after));
        }
    }
    let each: Vec<_> = times.iter().map(|time| format!("{time:.0}")).collect();
    let taken = median(times.iter().copied());
    let verdict = Verdict::of(taken <= GOAL);
    let what = "serve from exec to the first token, 100,000 clients in the database".to_owned();
    let text = format!(
        "# {what}\n\n{}\n\nMedian {taken:.0} ms, goal ≤ {GOAL:.0} ms: {}. Each start: {} ms.\n",
        machine()?,
        verdict.as_str(),
        each.join(", ")
    );
    let row = Row {
        name: NAME.to_owned(),
        what,
        measured: format!("{taken:.0} ms"),
        goal: format!("≤ {GOAL:.0} ms"),
        verdict,
    };
    Ok(Report { text, row })
}
