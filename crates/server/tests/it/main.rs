//! The accept loop and the endpoints, met with raw sockets.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod account_secret;
mod app;
mod audit;
mod auth0;
mod authorize;
mod bodies;
mod codes;
mod consent;
mod cors;
mod developer;
mod docs;
mod drain;
mod end_session;
mod guard;
mod heads;
mod http2;
mod introspect;
mod keys;
mod languages;
mod leaks;
mod limits;
mod log;
mod logout;
mod mail;
mod manage;
mod oidcc;
mod own;
mod own_tokens;
mod passkeys;
mod people;
mod public;
mod refresh;
mod revoke;
mod session;
mod sign_in;
mod slow;
mod tls;
mod token;
mod user_tokens;
mod userinfo;
mod verifiers;
mod wire;
