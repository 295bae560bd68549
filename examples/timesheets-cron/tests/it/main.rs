//! The program itself, against the real API and a small token endpoint.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod program;
mod support;
