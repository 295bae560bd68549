//! The wire grammar of OAuth 2.0 and OpenID Connect as Tokenry speaks it.
//!
//! Bytes come in, values that cannot be wrong go out, or an error with its RFC code. There is no I/O here, no
//! async, no clock, no randomness and no domain: which client exists and what it may do is decided elsewhere.
//!
//! A token request takes this path: [`params::Params`] (strict parameters of a form or JSON body) and
//! [`authorization::Authorization`] (the header) → [`token::Request`] → the engine → [`token::Response`] or
//! [`error::Error`].

pub mod authorization;
pub mod basic;
pub mod challenge;
pub mod claims;
pub mod discovery;
pub mod error;
mod form;
pub mod guard;
pub mod media_type;
pub mod params;
pub mod problem;
pub mod scope;
pub mod secret;
pub mod target;
pub mod token;

pub use error::{Error, ErrorCode};
pub use params::Params;
pub use scope::Scope;
pub use secret::Secret;
