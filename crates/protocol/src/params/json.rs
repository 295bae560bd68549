//! Parameters in a JSON body: keeps its strings, refuses what two parsers might read differently.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::{Building, Error, ErrorCode, Params, invalid, is_known};

/// How deep arrays and objects may nest, the outermost object included.
const MAX_DEPTH: usize = 16;

pub(super) fn read(body: &[u8]) -> Result<Params, Error> {
    // Unescaping never lengthens, so the buffer never moves and leaves no copy behind.
    let mut parameters =
        Parameters { building: Building::with_capacity(body.len(), super::MAX_PARAMETERS), refusal: None };
    let mut text = serde_json::Deserializer::from_slice(body);
    let outcome = text.deserialize_map(&mut parameters).and_then(|()| text.end());
    match (outcome, parameters.refusal) {
        (Ok(()), _) => parameters.building.finish(),
        (Err(_), Some(refusal)) => Err(refusal),
        // serde_json's own words could quote the body, secrets and all.
        (Err(_), None) => Err(invalid("The request body is not a well-formed JSON object")),
    }
}

/// The outermost object. What it refuses, it notes: serde's errors have no room for ours.
struct Parameters {
    building: Building,
    refusal: Option<Error>,
}

impl Parameters {
    /// Adds a member. An absent or ignored value still counts as one occurrence of its name.
    fn add(&mut self, name: &str, value: &Value<'_>) -> Result<(), Error> {
        let value = match value {
            Value::Copied(text) => text.as_str(),
            Value::InPlace(text) => text,
            Value::Other if is_known(name) => {
                let text = format!("The parameter {name} must be a string");
                return Err(Error::new(ErrorCode::InvalidRequest, text));
            }
            Value::Null | Value::Other => "",
        };
        let append = |part: &str, text: &mut Vec<u8>| {
            text.extend_from_slice(part.as_bytes());
            Ok(())
        };
        self.building.pair(|text| append(name, text), |text| append(value, text))
    }
}

impl<'de> Visitor<'de> for &mut Parameters {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Walk { depth: 2 })?;
            if let Err(refusal) = self.add(&name, &value) {
                self.refusal = Some(refusal);
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// What a member's value turned out to be.
enum Value<'de> {
    /// A string with escapes.
    Copied(Zeroizing<String>),
    /// A string that stands in the body as it is.
    InPlace(&'de str),
    Null,
    /// Neither a string nor `null`, but well-formed.
    Other,
}

/// Reads one value to its end and checks all of it; `depth` counts its own level.
#[derive(Clone, Copy)]
struct Walk {
    depth: usize,
}

impl Walk {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth > MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::InPlace(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Copied(Zeroizing::new(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value<'de>, A::Error> {
        let inside = self.inside()?;
        while elements.next_element_seed(inside)?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(serde::de::Error::custom("a member stands twice"));
            }
            members.next_value_seed(inside)?;
        }
        Ok(Value::Other)
    }
}
