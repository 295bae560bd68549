//! Values that go into statements and come out of rows.

use std::fmt;

use tokenry_clock::Timestamp;

use super::{Error, Result};

/// The longest text or blob that a parameter may be, in bytes: far beyond ours, far below what drivers count in.
pub(super) const MAX_LEN: usize = 16 * 1024 * 1024;

/// A value of a column: the four kinds that SQLite and PostgreSQL both hold without loss.
///
/// In PostgreSQL's words `BYTEA`, `BIGINT`, `NULL` and `TEXT`; other types are refused, not converted. Booleans are
/// the integers 0 and 1, instants are milliseconds since the epoch.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Bytes.
    Blob(Vec<u8>),
    /// An integer.
    Int(i64),
    /// Nothing.
    Null,
    /// Text: UTF-8 without NUL, which PostgreSQL cannot hold.
    Text(String),
}

impl Value {
    /// Refuses what one of the engines could not hold.
    pub(super) fn check(&self, number: usize) -> Result<()> {
        let problem = match self {
            Self::Text(text) if text.len() > MAX_LEN => "text is too long",
            Self::Text(text) if text.contains('\0') => "text holds a NUL",
            Self::Blob(bytes) if bytes.len() > MAX_LEN => "blob is too long",
            _ => return Ok(()),
        };
        Err(Error::Type(format!("parameter ${number}: {problem}")))
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Blob(_) => "blob",
            Self::Int(_) => "integer",
            Self::Null => "null",
            Self::Text(_) => "text",
        }
    }
}

/// The kind and size only: values may be digests or wrapped keys.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
            Self::Int(_) => f.write_str("Int"),
            Self::Null => f.write_str("Null"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_millis())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A list of [`Value`]s from anything that converts: `params![id, now, None::<i64>]` is a `[Value; 3]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", params!["sesame", b"sesame", 7_777, None::<i64>]);
        assert_eq!(shown, "[Text(6 bytes), Blob(6 bytes), Int, Null]");
    }

    #[test]
    fn what_one_engine_cannot_hold_is_refused() {
        assert!(Value::from("a\0b").check(1).is_err());
        assert!(Value::from("x".repeat(MAX_LEN + 1)).check(1).is_err());
        assert!(Value::from(vec![0; MAX_LEN + 1]).check(1).is_err());
        assert!(Value::from("x".repeat(MAX_LEN)).check(1).is_ok());
        assert!(Value::from(b"a\0b").check(1).is_ok());
    }
}
