//! How logout tokens are posted: what the engine asks of whoever speaks HTTP.

use std::fmt::Debug;
use std::pin::Pin;

use thiserror::Error;
use tokenry_protocol::secret::Secret;

/// A logout token that is being posted.
pub type Posting<'a> = Pin<Box<dyn Future<Output = Result<u16, PostError>> + Send + 'a>>;

/// Posts logout tokens to addresses that operators chose: within a bounded time, and to nowhere inside our own network.
pub trait PostLogout: Debug + Send + Sync {
    /// Posts the form `logout_token=…` to `uri` (Back-Channel Logout §2.5), and yields the status of the answer.
    ///
    /// # Errors
    /// Why there is no answer.
    fn post<'a>(&'a self, uri: &'a str, logout_token: &'a Secret) -> Posting<'a>;
}

/// Why nobody answered. Says nothing of what is at a forbidden address.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum PostError {
    /// The address is none that this server connects to.
    #[error("the address is not allowed: {0}")]
    Forbidden(String),
    /// It did not answer in time.
    #[error("it took too long")]
    TimedOut,
    /// It could not be reached, or broke off.
    #[error("it could not be reached: {0}")]
    Unreachable(String),
}

impl PostError {
    /// The word for it in metrics and lists.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Forbidden(_) => "forbidden",
            Self::TimedOut => "timed_out",
            Self::Unreachable(_) => "unreachable",
        }
    }
}
