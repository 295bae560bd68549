//! How mail is sent: what the engine asks of whoever speaks to mail servers.

use std::fmt::Debug;
use std::pin::Pin;

use thiserror::Error;

use super::letter::Letter;

/// A mail that is being sent.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Hands mail to a server, within a bounded time.
pub trait SendMail: Debug + Send + Sync {
    /// Sends one mail to one address.
    ///
    /// # Errors
    /// Why no server took it. It is tried again.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// A mail on its way.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Names it, also if it is sent twice because nobody heard that it had been taken.
    pub id: String,
    /// The address.
    pub recipient: String,
    /// What it says.
    pub letter: Letter,
    /// Which languages its reader reads, as BCP 47 tags, best first.
    pub languages: Vec<String>,
}

/// Why no server took a mail. Says nothing of whom it was for: servers like to repeat that.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SendError {
    /// The address, or our own, is none to which mail can be sent.
    #[error("an address in it is malformed")]
    Malformed,
    /// The server said no.
    #[error("the mail server answered {0}")]
    Refused(u16),
    /// The server did not answer in time.
    #[error("the mail server took too long")]
    TimedOut,
    /// The server's certificate is not trusted, or it speaks no TLS.
    #[error("the mail server offers no TLS that can be trusted")]
    Tls,
    /// It could not be reached, or broke off.
    #[error("the mail server could not be reached, or broke off")]
    Unreachable,
}

impl SendError {
    /// The word for it in metrics.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Refused(_) => "refused",
            Self::TimedOut => "timed_out",
            Self::Tls => "tls",
            Self::Unreachable => "unreachable",
        }
    }
}
