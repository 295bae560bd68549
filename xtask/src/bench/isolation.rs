//! The row of isolation: how long token requests take while people sign in as fast as their lane lets them.
//!
//! Server, wrk and those who sign in have the machine's two cores as in every scenario: the server one, all others the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Arguments;
use super::client::{Request, escape};
use super::contender::Contender;
use super::data::{Client, token_load};
use super::report::{Report, Row, Verdict};
use super::result::{machine, median};
use super::seed::{MANY, Seeded};
use super::tokenry::serve_unlimited_at_rest;

const NAME: &str = "isolation";
/// How many times its quiet p99 a token request may take.
const GOAL: f64 = 3.0;
/// How many sign in at once: more than the lane takes and lets wait.
const PEOPLE: usize = 32;
/// Token requests at once: few enough that their time is the server's and not a queue's.
const CONNECTIONS: u32 = 16;

pub(crate) fn measure(arguments: &Arguments, seeded: &mut Seeded) -> Result<Report> {
    let data = seeded.sqlite(MANY)?;
    let clients = data.some_clients(1)?;
    let probe = Client::first_of(&clients)?.request();
    let (server, address) = serve_unlimited_at_rest(&data, "RS256", &probe)?;
    let contender = Contender::new(server, address, probe, token_load(&clients))?;
    let length = Duration::from_secs(arguments.seconds);
    let (mut quiet, mut crowded, mut hashed) = (Vec::new(), Vec::new(), 0);
    for round in 1..=arguments.rounds {
        println!("{NAME}: round {round} of {}", arguments.rounds);
        quiet.push(contender.measure(CONNECTIONS, length)?.p99.as_secs_f64() * 1e3);
        let people = People::come(address)?;
        crowded.push(contender.measure(CONNECTIONS, length)?.p99.as_secs_f64() * 1e3);
        hashed += people.go()?;
    }
    ensure!(hashed > 0, "the run is void: nobody's password was hashed");
    let (of_quiet, of_crowded) = (median(quiet.into_iter()), median(crowded.into_iter()));
    let ratio = of_crowded / of_quiet;
    let verdict = Verdict::of(ratio <= GOAL);
    let what = format!("p99 of POST /oauth/token, RS256, while {PEOPLE} sign in, against its quiet p99");
    let text = format!(
        "# {what}\n\n{}\n\n| {CONNECTIONS} connections | ms |\n|---|--:|\n| quiet | {of_quiet:.2} |\n| while {hashed} passwords were hashed | \
         {of_crowded:.2} |\n| **ratio** | **{ratio:.2}**, goal ≤ {GOAL:.1}: {} |\n",
        machine()?,
        verdict.as_str()
    );
    let row = Row {
        name: NAME.to_owned(),
        what,
        measured: format!("{ratio:.2} ×"),
        goal: format!("≤ {GOAL:.1} ×"),
        verdict,
    };
    Ok(Report { text, row })
}

/// People who sign in, each again as soon as they are answered, with names that nobody has: their passwords cost as much as
/// others'.
struct People {
    over: Arc<AtomicBool>,
    hashed: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl People {
    fn come(address: SocketAddr) -> Result<Self> {
        let (over, hashed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut threads = Vec::new();
        for number in 0..PEOPLE {
            let request = sign_in(address, number)?;
            let (over, hashed) = (Arc::clone(&over), Arc::clone(&hashed));
            threads.push(std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // Who finds the lane full is told so, and comes again.
                    if request.ask(address).is_ok_and(|answer| answer.status < 429) {
                        hashed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }));
        }
        Ok(Self { over, hashed, threads })
    }

    /// How many passwords were hashed meanwhile.
    fn go(self) -> Result<u64> {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().ok().context("somebody who signed in panicked")?;
        }
        Ok(self.hashed.load(Ordering::Relaxed))
    }
}

/// The sign-in form as our page has it, filled in.
fn sign_in(address: SocketAddr, number: usize) -> Result<Request> {
    let page = Request::page("/login").ask(address)?;
    let cookies = page.head.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap_or_default())
    });
    let cookie = cookies.collect::<Vec<_>>().join("; ");
    let csrf = page.body.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
    let csrf = escape(csrf.context("the sign-in page has no csrf field")?);
    let body = format!("csrf={csrf}&username=nobody{number}%40example.com&password=a+wrong+password");
    let request = Request::form("/login", body).with_field("Cookie", &cookie);
    Ok(request.with_field("Sec-Fetch-Site", "same-origin"))
}
