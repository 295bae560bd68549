//! Reads a row column by column into model types; what does not fit becomes an error that names table and column.

use std::fmt::Display;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokenry_clock::Timestamp;
use tokenry_model::Digest;
use tokenry_protocol::scope::Scope;

use crate::db::{self, Row};
use crate::error::{Error, Result};

/// Reads the columns of one row in the order in which the statement lists them.
pub(crate) struct Reader<'r> {
    row: &'r Row,
    table: &'static str,
    next: usize,
}

impl<'r> Reader<'r> {
    pub(crate) const fn new(row: &'r Row, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Goes on with the columns of another table of the same join.
    pub(crate) const fn table(&mut self, table: &'static str) {
        self.table = table;
    }

    /// What an outer join found: the next columns of the row, `width` many of which the first is never null; nothing if
    /// they all are.
    pub(crate) fn joined<T>(
        &mut self,
        width: usize,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.row.is_null(self.next) {
            self.next += width;
            return Ok(None);
        }
        read(self).map(Some)
    }

    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64> {
        self.read(column, Row::int)
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<&'r str> {
        self.read(column, Row::text)
    }

    pub(crate) fn string(&mut self, column: &'static str) -> Result<String> {
        self.text(column).map(str::to_owned)
    }

    pub(crate) fn opt_text(&mut self, column: &'static str) -> Result<Option<&'r str>> {
        self.read(column, Row::opt_text)
    }

    pub(crate) fn opt_string(&mut self, column: &'static str) -> Result<Option<String>> {
        Ok(self.opt_text(column)?.map(str::to_owned))
    }

    pub(crate) fn blob(&mut self, column: &'static str) -> Result<Vec<u8>> {
        self.read(column, Row::blob).map(<[u8]>::to_vec)
    }

    pub(crate) fn opt_blob(&mut self, column: &'static str) -> Result<Option<Vec<u8>>> {
        Ok(self.read(column, Row::opt_blob)?.map(<[u8]>::to_vec))
    }

    pub(crate) fn at(&mut self, column: &'static str) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_millis)
    }

    pub(crate) fn opt_at(&mut self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.read(column, Row::opt_int)?.map(Timestamp::from_millis))
    }

    pub(crate) fn ttl(&mut self, column: &'static str) -> Result<Duration> {
        let millis = self.int(column)?;
        self.to_ttl(column, millis)
    }

    pub(crate) fn opt_ttl(&mut self, column: &'static str) -> Result<Option<Duration>> {
        let millis = self.read(column, Row::opt_int)?;
        millis.map(|millis| self.to_ttl(column, millis)).transpose()
    }

    /// A number of things, where there is one.
    pub(crate) fn opt_count(&mut self, column: &'static str) -> Result<Option<u32>> {
        let count = self.read(column, Row::opt_int)?;
        let fits = |count| u32::try_from(count).map_err(|_| self.corrupt(column, "no number of things"));
        count.map(fits).transpose()
    }

    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.corrupt(column, format_args!("{other} is neither 0 nor 1"))),
        }
    }

    /// A word or id, read by the type that it names.
    pub(crate) fn parse<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T> {
        parse(self.text(column)?).map_err(|error| self.corrupt(column, error))
    }

    pub(crate) fn opt_parse<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>> {
        let text = self.opt_text(column)?;
        text.map(|text| parse(text).map_err(|error| self.corrupt(column, error))).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T> {
        self.parse(column, |text| serde_json::from_str(text))
    }

    pub(crate) fn scope(&mut self, column: &'static str) -> Result<Scope> {
        // An empty scope is stored as nothing at all, which the wire grammar has no form for.
        match self.text(column)? {
            "" => Ok(Scope::default()),
            text => Scope::parse(text).map_err(|error| self.corrupt(column, error)),
        }
    }

    pub(crate) fn digest(&mut self, column: &'static str) -> Result<Digest> {
        let bytes = self.read(column, Row::blob)?;
        self.to_digest(column, bytes)
    }

    pub(crate) fn opt_digest(&mut self, column: &'static str) -> Result<Option<Digest>> {
        let bytes = self.read(column, Row::opt_blob)?;
        bytes.map(|bytes| self.to_digest(column, bytes)).transpose()
    }

    /// The error for a value that was read but makes no sense.
    pub(crate) fn corrupt(&self, column: &'static str, reason: impl Display) -> Error {
        Error::Corrupt { table: self.table, column, reason: reason.to_string() }
    }

    fn to_ttl(&self, column: &'static str, millis: i64) -> Result<Duration> {
        let millis = u64::try_from(millis).map_err(|_| self.corrupt(column, "a negative duration"))?;
        Ok(Duration::from_millis(millis))
    }

    fn to_digest(&self, column: &'static str, bytes: &[u8]) -> Result<Digest> {
        let bytes = bytes.try_into().map_err(|_| self.corrupt(column, "a digest has 32 bytes"))?;
        Ok(Digest::from_bytes(bytes))
    }

    fn read<T>(
        &mut self,
        column: &'static str,
        read: impl Fn(&'r Row, usize) -> Result<T, db::Error>,
    ) -> Result<T> {
        let value = read(self.row, self.next).map_err(|error| self.corrupt(column, error))?;
        self.next += 1;
        Ok(value)
    }
}
