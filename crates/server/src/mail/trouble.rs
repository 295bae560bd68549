//! What goes wrong with a mail server, told by what it was, and never in its own words: servers repeat names in them.

use std::error::Error as StdError;
use std::io;

use lettre::transport::smtp::Error;
use tokenry_engine::mail::SendError;

/// Why a mail server does nothing for us.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SmtpTrouble {
    /// It does not offer what we do not go on without: TLS, or a way to show a password.
    #[error("it does not offer what is needed: {0}")]
    Lacking(String),
    /// What it said is no SMTP.
    #[error("what answers there speaks no SMTP")]
    NoSmtp,
    /// It said no, by this code.
    #[error("it answered {0}")]
    Refused(u16),
    /// It did not answer in time.
    #[error("no answer came in time")]
    Silent,
    /// There is no TLS with it.
    #[error("TLS with it fails: {0}")]
    Tls(String),
    /// Nobody could be reached, or who was reached broke off.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
}

impl SmtpTrouble {
    pub(super) fn of(error: &Error) -> Self {
        if let Some(code) = error.status() {
            Self::Refused(code.into())
        } else if let Some(tls) = of_tls(error) {
            Self::Tls(tls.to_string())
        } else if error.is_timeout() {
            Self::Silent
        } else if error.is_response() {
            Self::NoSmtp
        } else if error.is_client() {
            Self::Lacking(cause(error))
        } else {
            Self::Unreachable(cause(error))
        }
    }
}

impl From<SmtpTrouble> for SendError {
    fn from(trouble: SmtpTrouble) -> Self {
        match trouble {
            SmtpTrouble::Lacking(_) | SmtpTrouble::NoSmtp | SmtpTrouble::Unreachable(_) => Self::Unreachable,
            SmtpTrouble::Refused(code) => Self::Refused(code),
            SmtpTrouble::Silent => Self::TimedOut,
            SmtpTrouble::Tls(_) => Self::Tls,
        }
    }
}

/// The last cause, which says most.
fn cause(error: &Error) -> String {
    let mut last: &dyn StdError = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// What TLS has to say, wherever it is among the causes: an `io::Error` hides what it was made of.
fn of_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(tls) = inner.and_then(|inner| of_tls(inner)) {
            return Some(tls);
        }
        cause = error.source();
    }
    None
}
