//! Statements: SQL texts with a name, checked while compiling, known in one list.

use std::fmt;

use super::{Error, Result};

/// One SQL statement that means the same on SQLite and PostgreSQL. Made by [`statements!`](crate::statements).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sql {
    name: &'static str,
    text: &'static str,
}

impl Sql {
    /// A statement. Called by [`statements!`](crate::statements) only, in constants, so that its panics are errors
    /// of the compiler.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::panic, reason = "runs while compiling")]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        if !starts_with_any(text, &["DELETE ", "INSERT ", "SELECT ", "UPDATE ", "WITH "]) {
            panic!("a statement begins with DELETE, INSERT, SELECT, UPDATE or WITH: no transaction control");
        }
        if contains(text, ";") {
            panic!("one statement, without a semicolon");
        }
        if contains(text, " LIKE ") {
            panic!("LIKE differs between the engines");
        }
        Self { name, text }
    }

    /// Its name in the source.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Its text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// Refuses a statement that plainly writes. The rest is refused by the connections for reading themselves.
    pub(super) fn must_read(self) -> Result<()> {
        if starts_with_any(self.text, &["SELECT ", "WITH "]) {
            Ok(())
        } else {
            Err(Error::statement(self, "writes outside a transaction"))
        }
    }
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Defines statements as constants, and `ALL`, the list of them.
///
/// ```
/// tokenry_store::statements! {
///     /// Who they are.
///     pub(crate) FIND = "SELECT id FROM clients WHERE id = $1";
///     pub(crate) LIST = "SELECT id FROM clients ORDER BY id LIMIT $1";
/// }
/// assert_eq!(ALL.len(), 2);
/// ```
///
/// A text that begins otherwise than with `DELETE`, `INSERT`, `SELECT`, `UPDATE` or `WITH`, or holds a semicolon or
/// ` LIKE `, does not compile:
///
/// ```compile_fail
/// tokenry_store::statements! { pub(crate) END = "COMMIT "; }
/// fn main() { let _ = END; }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $text:expr;)+) => {
        $(
            $(#[$meta])*
            $vis const $name: $crate::db::Sql = $crate::db::Sql::new(stringify!($name), $text);
        )+
        /// The statements of this file.
        pub(crate) const ALL: &[$crate::db::Sql] = &[$($name),+];
    };
}

const fn starts_with_any(text: &str, starts: &[&str]) -> bool {
    let mut i = 0;
    while i < starts.len() {
        if matches_at(text.as_bytes(), 0, starts[i].as_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

const fn contains(text: &str, part: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        if matches_at(text.as_bytes(), at, part.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn matches_at(text: &[u8], at: usize, part: &[u8]) -> bool {
    if text.len() - at < part.len() {
        return false;
    }
    let mut i = 0;
    while i < part.len() {
        // A line break separates words as a space does.
        let byte = if text[at + i] == b'\n' { b' ' } else { text[at + i] };
        if byte != part[i] {
            return false;
        }
        i += 1;
    }
    true
}
