//! What an error is at bottom: whoever could not reach somebody is told that, and not what was wrapped round it.

use std::error::Error;
use std::io;

/// The last cause, which says most.
#[must_use]
pub fn root_cause(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// What TLS has to say, wherever it is among the causes: an `io::Error` hides what it was made of.
#[must_use]
pub fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(tls) = inner.and_then(|inner| tls_error(inner)) {
            return Some(tls);
        }
        cause = error.source();
    }
    None
}
