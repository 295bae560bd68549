//! A browser on the pages of `tokenry dev`: each journey of `tests/browser/journeys`, with a `dev` of its own.
//!
//! A journey is a script of that folder that exports what a person does; a line below makes a test of it.

use std::process::Command;

use rstest::rstest;

use crate::dev::Dev;
use crate::process::{Said, finish_with, option};

const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/browser/run.mjs");

#[rstest]
#[case::every_page("every-page")]
fn a_journey_through_the_pages(#[case] journey: &str) {
    let dev = Dev::start(&[]);
    let said = travel(journey, &dev.report.to_string());
    assert_eq!(said.code, 0, "{journey}: {said:?}");
}

/// Goes on a journey; what `dev` reported is told on standard input, because there are passwords in it.
fn travel(journey: &str, report: &str) -> Said {
    let node = told("TOKENRY_TEST_NODE");
    let mut command = Command::new(node);
    command.args([RUN, journey]).env("TOKENRY_TEST_CHROMIUM", told("TOKENRY_TEST_CHROMIUM"));
    finish_with(command, report)
}

fn told(variable: &str) -> String {
    option(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    })
}
