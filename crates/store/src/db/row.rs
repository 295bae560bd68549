//! A row that was read. Its columns are asked for by place and type; another type is an error, never a guess.

use tokenry_clock::Timestamp;

use super::{Error, Result, Value};

/// A row that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// The bytes of column `i`, counted from 0.
    pub fn blob(&self, i: usize) -> Result<&[u8]> {
        self.opt_blob(i)?.ok_or_else(|| self.mismatch(i, "blob"))
    }

    /// The truth in column `i`: 0 or 1, no other number.
    pub fn bool(&self, i: usize) -> Result<bool> {
        match self.int(i)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.mismatch(i, "0 or 1")),
        }
    }

    /// The instant in column `i`.
    pub fn instant(&self, i: usize) -> Result<Timestamp> {
        self.int(i).map(Timestamp::from_millis)
    }

    /// The integer in column `i`.
    pub fn int(&self, i: usize) -> Result<i64> {
        self.opt_int(i)?.ok_or_else(|| self.mismatch(i, "integer"))
    }

    /// The bytes of column `i`, if it is not null.
    pub fn opt_blob(&self, i: usize) -> Result<Option<&[u8]>> {
        match self.0.get(i) {
            Some(Value::Blob(bytes)) => Ok(Some(bytes)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.mismatch(i, "blob")),
        }
    }

    /// The instant in column `i`, if it is not null.
    pub fn opt_instant(&self, i: usize) -> Result<Option<Timestamp>> {
        self.opt_int(i).map(|millis| millis.map(Timestamp::from_millis))
    }

    /// Whether there is nothing in column `i`.
    #[must_use]
    pub fn is_null(&self, i: usize) -> bool {
        matches!(self.0.get(i), Some(Value::Null))
    }

    /// The integer in column `i`, if it is not null.
    pub fn opt_int(&self, i: usize) -> Result<Option<i64>> {
        match self.0.get(i) {
            Some(Value::Int(int)) => Ok(Some(*int)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.mismatch(i, "integer")),
        }
    }

    /// The text in column `i`, if it is not null.
    pub fn opt_text(&self, i: usize) -> Result<Option<&str>> {
        match self.0.get(i) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.mismatch(i, "text")),
        }
    }

    /// The text in column `i`.
    pub fn text(&self, i: usize) -> Result<&str> {
        self.opt_text(i)?.ok_or_else(|| self.mismatch(i, "text"))
    }

    /// All columns, in order.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.0
    }

    fn mismatch(&self, i: usize, due: &str) -> Error {
        let is = self.0.get(i).map_or("missing", Value::kind);
        Error::Type(format!("column {i}: {due} is due, it is {is}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn another_type_is_an_error_and_never_a_guess() {
        let row = Row::new(params![1, "1", b"1", None::<i64>, 2].to_vec());
        assert_eq!(row.int(0).unwrap(), 1);
        assert_eq!(row.text(1).unwrap(), "1");
        assert_eq!(row.blob(2).unwrap(), b"1");
        assert_eq!(row.opt_int(3).unwrap(), None);
        assert!(row.bool(0).unwrap());
        for error in [
            row.int(1).unwrap_err(),
            row.int(2).unwrap_err(),
            row.int(3).unwrap_err(),
            row.text(0).map(drop).unwrap_err(),
            row.text(2).map(drop).unwrap_err(),
            row.blob(1).map(drop).unwrap_err(),
            row.opt_text(0).map(drop).unwrap_err(),
            row.bool(4).unwrap_err(),
            row.int(5).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Type(_)), "{error}");
        }
    }
}
