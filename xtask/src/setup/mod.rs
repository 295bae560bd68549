//! What the tests need on a machine with nothing but Rust and a C compiler.

pub(crate) mod apt;
mod interop;

pub(crate) use self::interop::npm;

use crate::command::root;
use crate::report::Report;

/// The browser, as Debian has it.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// Environment variables that tell the tests where things are.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// Installs what is missing; `None` when something could not be had.
pub(crate) fn prepare(report: &mut Report) -> Option<Environment> {
    report.require("set-up: system packages", || apt::ensure(&apt::FOR_TESTS))?;
    let python = report.require("set-up: PyJWT, aiosmtpd", interop::python)?;
    report.require("set-up: jose (npm)", interop::node)?;
    report.require("set-up: go-oidc", interop::go)?;
    report.require("set-up: Playwright (npm)", || npm(&root().join("tests/browser")))?;
    report.require("set-up: headless-react (npm)", interop::page)?;
    let nimbus = report.require("set-up: Nimbus", interop::nimbus)?;
    Some(vec![
        ("TOKENRY_TEST_CHROMIUM", CHROMIUM.to_owned()),
        ("TOKENRY_TEST_PYTHON", python.display().to_string()),
        ("TOKENRY_TEST_NODE", "node".to_owned()),
        ("TOKENRY_TEST_GO", "go".to_owned()),
        ("TOKENRY_TEST_NIMBUS", nimbus.display().to_string()),
    ])
}
