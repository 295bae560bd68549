//! What goes wrong with a mail server, told by what it was, and never in its own words: servers repeat names in them.

use lettre::transport::smtp::Error;
use tokenry_engine::mail::SendError;

use crate::causes::{root_cause, tls_error};

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
        } else if let Some(tls) = tls_error(error) {
            Self::Tls(tls.to_string())
        } else if error.is_timeout() {
            Self::Silent
        } else if error.is_response() {
            Self::NoSmtp
        } else if error.is_client() {
            Self::Lacking(root_cause(error))
        } else {
            Self::Unreachable(root_cause(error))
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
