//! The members of a body, read strictly: nothing twice, nothing unknown, and each mistake named.

use std::time::Duration;

use http::request::Parts;
use serde_json::{Map, Value};

use super::invalid;
use crate::json;
use crate::problem::Failure;

/// How much of a name that we do not know is said back.
const MAX_SAID: usize = 40;

/// The members that are there; `null` is absent.
#[derive(Debug)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Reads a body, of which `known` are the members.
    pub(super) fn parse(head: &Parts, body: &[u8], known: &[&str]) -> Result<Self, Failure> {
        json::must_be_json(&head.headers)?;
        let mut members = json::object(body)?;
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
            let said: String = unknown.chars().take(MAX_SAID).collect();
            return Err(invalid(&said, &format!("is not known; there are {}", known.join(", "))));
        }
        members.retain(|_name, value| !value.is_null());
        Ok(Self(members))
    }

    /// A text, if it is there.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Failure> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(invalid(name, "must be a string")),
        }
    }

    /// A time in seconds, which has to be there.
    pub(super) fn seconds(&self, name: &'static str) -> Result<Duration, Failure> {
        let seconds = self.0.get(name).and_then(Value::as_u64);
        seconds.map(Duration::from_secs).ok_or_else(|| invalid(name, "must be there, in whole seconds"))
    }

    /// A time in seconds, if it is there.
    pub(super) fn maybe_seconds(&self, name: &'static str) -> Result<Option<Duration>, Failure> {
        if self.0.contains_key(name) { self.seconds(name).map(Some) } else { Ok(None) }
    }

    /// A list of texts, if it is there.
    pub(super) fn texts(&self, name: &'static str) -> Result<Option<Vec<String>>, Failure> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let texts = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.map(Some).ok_or_else(|| invalid(name, "must be a list of strings"))
    }
}
