//! Test support: a booted Tokenry on a port of its own, on either database, with a clock that tests move.
//!
//! Helpers here panic when they fail: a test whose ground is not there has nothing to say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test support fails by panicking")]

mod answer;
mod app;
mod authority;
mod browser;
mod database;
mod demo;
mod events;
mod link;
mod log;
mod logout_receiver;
mod mail_server;
mod member;
mod options;
mod page;
mod pats;
mod people;
mod person;
mod refusals;
mod rights;
mod token;
mod until;

pub use answer::Answer;
pub use app::{OtherEngine, TestApp, open_engine, settings};
pub use authority::{Authority, Pair};
pub use browser::Browser;
pub use database::{Database, Engine};
pub use demo::{AUDIENCE, Demo, DemoClient, NAMESPACE, SCOPES};
pub use events::{Events, Said};
pub use link::{Link, Weather};
pub use log::{Log, LogGuard};
pub use logout_receiver::LogoutReceiver;
pub use mail_server::MailServer;
pub use member::{CALLBACK, Member, VERIFIER};
pub use options::Options;
pub use page::{Form, Page};
pub use pats::new_pat;
pub use people::{DemoApp, DemoUser, People};
pub use person::{Person, totp};
pub use refusals::{Refusal, Refusals};
pub use rights::{Rights, RightsChange};
pub use token::{claims_of, header_of};
pub use until::{found, until};
