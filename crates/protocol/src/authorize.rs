//! The authorization endpoint (RFC 6749 §3.1): what a client asks for through the browser, and what it is answered there.
//!
//! Client and redirect URI are read first and apart ([`Recipient`]): until both are known to be good, nothing may be sent
//! anywhere, and every mistake is told on a page of ours. The rest is a [`Request`], or an error that goes back in a
//! [`Response`].

mod claims;
mod pkce;
mod prompt;
mod recipient;
mod request;
mod response;

pub use claims::{ClaimsRequest, MAX_CLAIMS};
pub use pkce::CodeChallenge;
pub use prompt::{InvalidPrompt, Prompt};
pub use recipient::{MAX_REDIRECT_URI, MAX_STATE, Recipient, ResponseMode};
pub use request::{Display, MAX_HINT, MAX_NONCE, MAX_TOKEN_HINT, MAX_WORDS, Request};
pub use response::{Answer, Response};
