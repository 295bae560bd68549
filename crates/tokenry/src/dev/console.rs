//! The mail of a `dev` that is exposed, on the console: a page of it would be everybody's.

use tokenry_engine::mail::{Mail, SendMail, Sending};
use tokenry_server::letter_subject;

use crate::output::talk;

/// Shows mail to the person at the terminal.
#[derive(Debug)]
pub(super) struct Console;

impl SendMail for Console {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let link = mail.letter.link.as_ref().map(|link| format!(": {}", link.expose()));
            talk(&format!(
                "Mail to {}, {}{}",
                mail.recipient,
                letter_subject(mail),
                link.unwrap_or_default()
            ));
            Ok(())
        })
    }
}
