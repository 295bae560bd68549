//! Measures the table of revocations: how long a check takes and how much memory a million entries need.
//!
//! `cargo run --release -p tokenry-guard --example revocations [handles|tokens|single]`, on Linux. `handles` are a million
//! of them, `tokens` a million of five thousand handles, both in batches as from a snapshot; `single` comes one by one,
//! as from a stream.

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use tokenry_guard::testing::{RevocationTable, TokenNames};

const ENTRIES: usize = 1_000_000;
const HANDLES: usize = 5_000;
const BATCH: usize = 32_768;
const CHECKS: usize = 4_000_000;

fn main() {
    let what = std::env::args().nth(1).unwrap_or_else(|| "handles".to_owned());
    let table = RevocationTable::new();
    let before = resident();
    let start = Instant::now();
    for from in (0..ENTRIES).step_by(BATCH) {
        let range = from..ENTRIES.min(from + BATCH);
        match what.as_str() {
            "tokens" => {
                let ids: Vec<_> = range.map(|n| format!("{}{n:021}", handle(n % HANDLES))).collect();
                table.revoke_tokens(ids.iter().map(String::as_str));
            }
            "single" => range.for_each(|n| table.revoke_handles([handle(n).as_str()])),
            _ => {
                let handles: Vec<_> = range.map(handle).collect();
                table.revoke_handles(handles.iter().map(String::as_str));
            }
        }
    }
    let filled = start.elapsed();
    let grown = resident().saturating_sub(before);
    println!("{what}: {} entries in {filled:.2?}, {:.1} MiB", table.len(), mebibytes(grown));
    measure("another token of a handle", &table, |n| format!("{}{:021}", handle(n % HANDLES), ENTRIES + n));
    measure("live token", &table, |n| format!("{}{n:021}", handle(ENTRIES + n)));
    measure("a revoked one", &table, |n| format!("{}{n:021}", handle(n % HANDLES)));
}

/// Names are made before: a guard makes them once a token.
fn measure(what: &str, table: &RevocationTable, id: impl Fn(usize) -> String) {
    let names: Vec<_> = (0..65_536).map(|n| TokenNames::new(&id(n), "key")).collect();
    let start = Instant::now();
    let dead = (0..CHECKS).filter(|n| black_box(table.is_dead(&names[n % names.len()]))).count();
    let nanoseconds = start.elapsed().as_nanos() / CHECKS as u128;
    println!("  {what}: {nanoseconds} ns a check, {}% dead", dead * 100 / CHECKS);
}

fn handle(n: usize) -> String {
    format!("{n:011}")
}

/// Resident memory in bytes.
fn resident() -> usize {
    const PAGE: usize = 4_096;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).map_or(0, |pages: usize| pages * PAGE)
}

#[expect(clippy::cast_precision_loss, reason = "a number to look at")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / (1_024.0 * 1_024.0)
}
