//! Mail: the words of letters, and the mail server that takes them.

pub(crate) mod letters;
mod smtp;
mod trouble;

pub use self::smtp::{Smtp, SmtpError, SmtpSettings};
pub use self::trouble::SmtpTrouble;
