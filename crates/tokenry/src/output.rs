//! What commands print: data on stdout as a table, JSON or YAML; talk on stderr.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use tokenry_engine::manage::misleads;

use crate::failure::Result;

/// How data is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON value: an object for a thing, an array for a list.
    Json,
    /// For people.
    #[default]
    Table,
    /// YAML.
    Yaml,
}

/// One thing, its members in the order in which people read them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thing(Vec<(&'static str, Value)>);

impl Thing {
    /// A thing without members.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a member.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Adds a member, unless there is nothing to say.
    #[must_use]
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn member(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|(own, _value)| *own == name)
            .map(|(_name, value)| plain(value))
            .unwrap_or_default()
    }
}

impl Serialize for Thing {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Format {
    /// Prints one thing.
    pub(crate) fn thing(self, thing: &Thing) -> Result {
        match self {
            Self::Table => {
                let width = thing.0.iter().map(|(name, _value)| name.len()).max().unwrap_or(0);
                let lines = thing.0.iter().map(|(name, value)| format!("{name:width$}  {}\n", plain(value)));
                write_out(&lines.collect::<String>())
            }
            Self::Json | Self::Yaml => self.value(thing),
        }
    }

    /// Prints a list; as a table with these columns.
    pub(crate) fn list(self, columns: &[&str], things: &[Thing]) -> Result {
        match self {
            Self::Table => {
                let mut table = Table::new();
                table.load_style(presets::NOTHING).set_header(columns);
                for thing in things {
                    table.add_row(columns.iter().map(|column| thing.member(column)));
                }
                write_out(&format!("{}\n", table.trim_fmt()))
            }
            Self::Json | Self::Yaml => self.value(&things),
        }
    }

    fn value(self, value: &impl Serialize) -> Result {
        if self == Self::Yaml {
            let text = serde_saphyr::to_string(value).map_err(anyhow::Error::from)?;
            if visible(&text) == text {
                return write_out(&text);
            }
            // JSON is YAML too, and can escape whatever stands in it.
        }
        let text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
        write_out(&format!("{}\n", escaped(&text, json_escape)))
    }
}

/// Writes data. A reader that has gone away is no failure: `tokenry clients list | head` ends in silence.
pub(crate) fn write_out(text: &str) -> Result {
    write_on(text).map(|_read| ())
}

/// Writes data, and says whether anybody is left to read more of it.
pub(crate) fn write_on(text: &str) -> Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(anyhow::Error::from(error).into()),
        Ok(()) => Ok(true),
    }
}

/// A value as JSON in one line, without its end.
pub(crate) fn json_line(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    Ok(escaped(&text, json_escape).into_owned())
}

/// Writes talk. Where nobody listens there is nothing to do about it.
pub(crate) fn talk(text: &str) {
    let _unheard = writeln!(io::stderr().lock(), "{}", visible(text));
}

/// The text with what does more to a terminal than show, or shows as something else, written as an escape. Lines stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |c, out| {
        let _infallible = write!(out, "{}", c.escape_default());
    })
}

/// As a string of JSON may say it (RFC 8259 §7).
fn json_escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _infallible = write!(out, "\\u{unit:04x}");
    }
}

fn escaped(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let harmless = |c: char| c == '\n' || !misleads(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmless(c) { out.push(c) } else { escape(c, &mut out) }
    }
    Cow::Owned(out)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        Value::String(text) => visible(text).replace('\n', "\\n"),
        other => visible(&other.to_string()).into_owned(),
    }
}

/// A length of time as people say it, rounded down.
pub(crate) fn spoken(duration: Duration) -> String {
    let secs = duration.as_secs();
    let (count, unit) = match secs {
        0..120 => (secs, "second"),
        120..7_200 => (secs / 60, "minute"),
        7_200..172_800 => (secs / 3_600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_as_people_say_them() {
        for (secs, says) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(spoken(Duration::from_secs(secs)), says);
        }
    }
}
