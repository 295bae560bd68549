//! Reading a new password: asked for twice where somebody can be asked, else a line of standard input; never an argument.

use std::io::{BufRead, IsTerminal, Read, stdin};

use tokenry_protocol::secret::Secret;
use zeroize::Zeroizing;

use super::{Global, prompt};
use crate::failure::{Code, Failure, Result};

/// More than any password may be long, in bytes.
const MAX_LINE: u64 = 4_096;

/// What the password shall be.
pub(super) fn read(global: &Global) -> Result<Secret> {
    if global.may_ask() {
        return prompt::new_password("New password").map(Secret::new);
    }
    let missing = || {
        let hint = "type it on a terminal, or give one line on standard input: … set-password ID < file";
        Failure::new(Code::Usage, "the password is missing").hint(hint)
    };
    if stdin().is_terminal() {
        return Err(missing());
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin().lock().take(MAX_LINE).read_line(&mut line);
    read.map_err(|error| Failure::new(Code::Usage, format!("the password cannot be read: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() { Err(missing()) } else { Ok(Secret::new(password.to_owned())) }
}
