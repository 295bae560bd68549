//! How published keys are fetched: what the engine asks of whoever speaks HTTP.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use thiserror::Error;

/// A fetch that is under way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<FetchedKeys, FetchError>> + Send + 'a>>;

/// Fetches what a client publishes at an address that its operator chose: within bounds of time and size, and from
/// nowhere inside our own network.
pub trait FetchKeys: Debug + Send + Sync {
    /// Fetches the document at `uri`.
    ///
    /// # Errors
    /// Why there is none.
    fn fetch<'a>(&'a self, uri: &'a str) -> Fetching<'a>;
}

/// A document that should be a JWK Set.
#[derive(Clone, Debug)]
pub struct FetchedKeys {
    /// As it was sent, of a bounded length.
    pub body: Vec<u8>,
    /// How long its publisher says that it may be kept (RFC 9111 §5.2.2.1).
    pub max_age: Option<Duration>,
}

/// Why a document was not fetched. Says nothing of what is at a forbidden address.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum FetchError {
    /// The address is none that this server connects to.
    #[error("the address is not allowed: {0}")]
    Forbidden(String),
    /// Nobody here fetches anything.
    #[error("nothing is fetched here")]
    Nobody,
    /// Another status than 200.
    #[error("the answer was {0}")]
    Status(u16),
    /// Longer than this many bytes.
    #[error("the answer was longer than {0} bytes")]
    TooLarge(usize),
    /// It could not be reached, or not in time.
    #[error("{0}")]
    Transport(String),
}

/// Fetches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFetching;

impl FetchKeys for NoFetching {
    fn fetch<'a>(&'a self, _uri: &'a str) -> Fetching<'a> {
        Box::pin(async { Err(FetchError::Nobody) })
    }
}
