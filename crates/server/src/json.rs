//! What JSON bodies have in common, and those whose members are strings: of these `null` is absent, and unknown ones are passed
//! over.

use std::borrow::Cow;
use std::fmt;

use axum::extract::Request;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::secret::Secret;

use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::problem::Failure;

/// The members of a body.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// Reads the body of a request.
    pub(crate) async fn read(state: &State, request: Request) -> Result<(Parts, Self), Failure> {
        let (head, body) = request.into_parts();
        let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await?;
        must_be_json(&head.headers)?;
        Ok((head, Self(object(&body)?)))
    }

    /// A member, if it is there.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("{name} must be a string."))),
        }
    }

    /// A member that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)?.ok_or_else(|| invalid(format!("{name} is missing.")))
    }

    /// The same of what nobody may see.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<Secret>, Failure> {
        Ok(self.text(name)?.map(|text| Secret::new(text.to_owned())))
    }
}

/// The members of a JSON object, of which none is there twice: which of two counts is another thing to whoever else reads it.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    let read = serde_json::from_slice(body).map(|Object(members)| members);
    read.map_err(|error| {
        invalid(match error.classify() {
            Category::Data => "The body must be a JSON object with no member twice.",
            _ => "The body must be JSON.",
        })
    })
}

/// Refuses what does not say that it is JSON: all that a form can send.
pub(crate) fn must_be_json(headers: &HeaderMap) -> Result<(), Failure> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let json = match (types.next(), types.next()) {
        (Some(one), None) => MediaType::parse(Some(one.as_bytes())) == Ok(MediaType::Json),
        _ => false,
    };
    if json && !headers.contains_key(CONTENT_ENCODING) {
        return Ok(());
    }
    Err(invalid("The body must be application/json, as it is."))
}

pub(crate) fn invalid(description: impl Into<Cow<'static, str>>) -> Failure {
    Error::new(ErrorCode::InvalidRequest, description).into()
}

/// An object without a member that is there twice.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Object;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member twice"));
                    }
                }
                Ok(Object(members))
            }
        }

        from.deserialize_map(Reader)
    }
}
