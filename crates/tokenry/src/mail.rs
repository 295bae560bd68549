//! The mail server as the configuration has it.

use std::fs;
use std::path::Path;

use tokenry_server::{Smtp, SmtpError, SmtpSettings};

use crate::config::{Config, quoted};
use crate::failure::{Code, Failure, Result};

/// What sends mail; `None`: nothing does.
pub(crate) fn mailer(config: &Config) -> Result<Option<Smtp>> {
    let Some(url) = config.mail.url.find() else { return Ok(None) };
    let file = &config.outbound.ca_file;
    let invalid = |text: String| Failure::new(Code::Usage, text);
    let unreadable = |why: String| invalid(format!("outbound.ca_file: {}: {why}", file.display()));
    let extra_roots = if file == Path::new("") {
        None
    } else {
        Some(fs::read(file).map_err(|error| unreadable(error.to_string()))?)
    };
    let from = config.mail.from.clone();
    match Smtp::new(&SmtpSettings { url: url.clone(), from, extra_roots }) {
        Ok(smtp) => Ok(Some(smtp)),
        Err(error @ SmtpError::Authorities) => Err(unreadable(error.to_string())),
        Err(error @ SmtpError::From) => {
            Err(invalid(format!("mail.from: {}: {error}", quoted(&config.mail.from))))
        }
        Err(error @ SmtpError::Url(_)) => Err(invalid(format!("mail.url: {error}"))),
    }
}
