//! The API over HTTP, with tokens of a test issuer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bodies;
mod browser;
mod companies;
mod lifecycle;
mod own;
mod scopes;
mod support;
