//! Tokenry's verbs: the only place that decides. No HTTP, no HTML, no SQL text.

mod api_auth;
mod client_auth;
mod context;
mod engine;
pub mod keyring;
mod keys;
pub mod manage;
mod mint;
mod policy;
mod refusal;
mod refusals;
pub mod seed;
mod settings;
mod slow_hash;
mod snapshot;
mod token;
mod usage;

pub use context::Context;
pub use engine::{Engine, NotReady, OpenError};
pub use refusal::Refusal;
pub use settings::Settings;
pub use token::Issued;
