//! The accept loop and the endpoints, met with raw sockets.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod app;
mod audit;
mod auth0;
mod authorize;
mod bodies;
mod docs;
mod drain;
mod guard;
mod heads;
mod http2;
mod introspect;
mod keys;
mod limits;
mod log;
mod mail;
mod manage;
mod people;
mod public;
mod revoke;
mod slow;
mod tls;
mod token;
mod wire;
