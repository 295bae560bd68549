//! Access tokens for programs that act on their own behalf (client credentials, RFC 6749 §4.4).
//!
//! ```no_run
//! use tokenry_token_source::{Secret, TokenSource};
//!
//! # async fn run(client_secret: String) -> Result<(), Box<dyn std::error::Error>> {
//! let source = TokenSource::builder("https://id.example.com", "my-client", Secret::new(client_secret))
//!     .audience("https://timesheets.example.com")
//!     .build()?;
//!
//! let http = reqwest::Client::new();
//! let answer = source.authorize(http.get("https://timesheets.example.com/whoami")).send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Keep one [`TokenSource`] for the life of the program and clone it freely: clones share one token. It
//!
//! 1. mints the first token when somebody asks for it, and only one, however many ask at once;
//! 2. serves it from memory until a little before it expires, and renews it in the background from then on,
//!    at a moment that differs from process to process;
//! 3. keeps serving it for as long as it is valid when the authorization server is away;
//! 4. after a failure rests for about a second, doubling up to half a minute, or for as long as `Retry-After`
//!    says;
//! 5. replaces it at once when an API refused it ([`TokenSource::invalidate`]).
//!
//! The token is opaque to the client (RFC 6749 §1.4): nothing here looks into it, and neither should you.

mod access_token;
mod authorized;
mod builder;
mod confidential;
mod error;
mod mint;
mod retry_after;
mod schedule;
mod source;
mod state;

pub use access_token::AccessToken;
pub use authorized::{Authorized, SendError};
pub use builder::{Builder, ConfigError};
pub use error::{Error, ErrorKind};
pub use retry_after::retry_after;
pub use source::TokenSource;
pub use tokenry_clock::{Clock, SystemClock, Timestamp};
pub use tokenry_protocol::{Scope, Secret};
