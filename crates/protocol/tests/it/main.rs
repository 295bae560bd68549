//! The wire grammar against the cases of the standards, of known attacks, and of whatever proptest makes up.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, in helpers too")]

mod authorization;
mod authorize;
mod basic;
mod challenge;
mod claims;
mod discovery;
mod error;
mod form;
mod guard;
mod introspection;
mod json;
mod media_type;
mod problem;
mod revocation;
mod scope;
mod secret;
mod target;
mod token_request;
mod token_response;
