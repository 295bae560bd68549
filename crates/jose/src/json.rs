//! JSON without the liberties of RFC 8259: no duplicate member at any depth, bounded nesting, nothing after
//! the value, no BOM.
//!
//! `serde_json` keeps the last of two members of one name; the next parser may keep the first. Between two
//! programs that decide on the same token, that is a way in. (`serde_json`'s own `Value` also reads the magic
//! member of its `raw_value` feature as embedded JSON; this reader leaves it a plain string.)

use std::cell::Cell;
use std::fmt::{self, Formatter};

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::{Error, Result};

/// How many arrays and objects may be open at once.
pub const MAX_DEPTH: usize = 32;

/// Reads one JSON value that fills `input` but for white space. The caller bounds the length.
///
/// # Errors
/// [`Error::JsonDuplicate`], [`Error::JsonDepth`], or [`Error::JsonSyntax`] for all else: trailing data, BOM,
/// bad UTF-8, lone surrogates, numbers out of range.
pub fn from_slice(input: &[u8]) -> Result<Value> {
    let refusal = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(input);
    Strict { depth: MAX_DEPTH, refusal: &refusal }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|_| refusal.get().unwrap_or(Error::JsonSyntax))
}

/// Reads one JSON object, as [`from_slice`] does.
///
/// # Errors
/// [`Error::JsonNotObject`] for another value, and those of [`from_slice`].
pub fn object(input: &[u8]) -> Result<Map<String, Value>> {
    match from_slice(input)? {
        Value::Object(members) => Ok(members),
        _ => Err(Error::JsonNotObject),
    }
}

/// For `#[serde(deserialize_with)]` and hand-written `Deserialize`: the same strictness inside someone else's
/// document.
///
/// # Errors
/// Those of the deserializer, and a duplicate member or too deep a nesting as its custom error.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    StrictValue::deserialize(deserializer).map(|value| value.0)
}

struct StrictValue(Value);

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Strict { depth: MAX_DEPTH, refusal: &Cell::new(None) }.deserialize(deserializer).map(Self)
    }
}

/// Builds a value, opening at most `depth` more arrays and objects. serde's errors are text, so the rule is
/// kept in `refusal`.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    refusal: &'a Cell<Option<Error>>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(self, why: Error) -> E {
        self.refusal.set(Some(why));
        E::custom(why)
    }

    fn descend<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(Error::JsonDepth)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Entry::Vacant(member) = members.entry(name) else {
                return Err(self.refuse(Error::JsonDuplicate));
            };
            member.insert(map.next_value_seed(inner)?);
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(inner)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| self.refuse(Error::JsonSyntax))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
