//! The wire grammar of OAuth 2.0 and OpenID Connect as Tokenry speaks it.
//!
//! Bytes come in, values that cannot be wrong go out, or an error with its RFC code. There is no I/O here, no
//! async, no clock, no randomness and no domain: which client exists and what it may do is decided elsewhere.
//!
//! A token request takes this path: [`params::Params`] (strict parameters of a form or JSON body) and
//! [`authorization::Authorization`] (the header) → [`token::Request`] → the engine → [`token::Response`] or
//! [`error::Error`].
//!
//! ```
//! use tokenry_protocol::{ErrorCode, Params, token::Request};
//!
//! let params = Params::from_body(
//!     Some(b"application/x-www-form-urlencoded"),
//!     b"grant_type=client_credentials&client_id=cron&client_secret=s3cret&scope=read:timesheets",
//! )?;
//! let request = Request::parse(None, &params)?;
//! assert_eq!(request.client.client_id(), Some("cron"));
//!
//! let twice = Params::from_form(b"scope=a&scope=b").unwrap_err();
//! assert_eq!(twice.code, ErrorCode::InvalidRequest);
//! # Ok::<(), tokenry_protocol::Error>(())
//! ```

pub mod authorization;
pub mod authorize;
pub mod basic;
pub mod bearer;
pub mod challenge;
pub mod claims;
pub mod dialect;
pub mod discovery;
pub mod end_session;
pub mod error;
mod form;
pub mod forwarded;
pub mod guard;
pub mod introspection;
pub mod media_type;
pub mod params;
pub mod problem;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod target;
pub mod token;

pub use dialect::Dialect;
pub use error::{Error, ErrorCode};
pub use params::Params;
pub use scope::Scope;
pub use secret::Secret;
