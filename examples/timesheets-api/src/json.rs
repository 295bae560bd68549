//! JSON bodies, read strictly: one value, no member twice, nothing nested deeper than anyone means.
//!
//! serde_json alone keeps the last of two members of one name, while the next program may keep the first: a
//! body could mean two things. Numbers stay text here, so that one too large for a double is a value out of
//! range and not a broken document.

use std::fmt::{self, Formatter};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

const MAX_DEPTH: usize = 16;

/// Not the JSON that was due; says where. Quotes nothing of the body.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) String);

/// The members of an object, in order, their values unread.
#[derive(Debug)]
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

/// Reads one object.
pub(crate) fn object(body: &[u8]) -> Result<Members<'_>, Broken> {
    read(body)
}

/// Reads an array of objects, at most 5,000.
pub(crate) fn array(body: &[u8]) -> Result<Vec<Members<'_>>, Broken> {
    read(body).map(|Objects(objects)| objects)
}

/// The text of a string; `None` if the value is something else.
pub(crate) fn string(value: &RawValue) -> Result<Option<String>, Broken> {
    if !value.get().starts_with('"') {
        return Ok(None);
    }
    // Fails for half a surrogate pair, which the scan of the object does not look at.
    let text: String =
        serde_json::from_str(value.get()).map_err(|_| Broken("a string is no Unicode".into()))?;
    if text.contains('\0') {
        return Err(Broken("a string contains NUL".into()));
    }
    Ok(Some(text))
}

/// A number, infinite if it is too large for a double; `None` if the value is something else.
pub(crate) fn number(value: &RawValue) -> Option<f64> {
    let is_number = value.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    // What serde_json accepted as a number is also one to Rust.
    if is_number { value.get().parse().ok() } else { None }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Broken> {
    let text = str::from_utf8(body).map_err(|_| Broken("it is no UTF-8".into()))?;
    if depth(text) > MAX_DEPTH {
        return Err(Broken(format!("it is nested deeper than {MAX_DEPTH}")));
    }
    serde_json::from_str(text).map_err(|error| Broken(error.to_string()))
}

/// How many arrays and objects are open at once, at most.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => open += 1,
            b']' | b'}' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member stands there twice"));
            }
            // An honest body has three or four members; comparing each with each must stay cheap.
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom("an object has too many members"));
            }
            members.push((name, map.next_value()?));
        }
        Ok(members)
    }
}

const MAX_MEMBERS: usize = 64;

/// Objects in an array. A megabyte holds more empty ones than anybody means to send.
struct Objects<'a>(Vec<Members<'a>>);

const MAX_OBJECTS: usize = 5_000;

impl<'de: 'a, 'a> Deserialize<'de> for Objects<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ObjectsVisitor).map(Objects)
    }
}

struct ObjectsVisitor;

impl<'de> Visitor<'de> for ObjectsVisitor {
    type Value = Vec<Members<'de>>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(object) = objects.next_element()? {
            if read.len() == MAX_OBJECTS {
                return Err(A::Error::custom("it has more than 5000 objects"));
            }
            read.push(object);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_14_what_is_not_one_strict_object_is_broken() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(5_000), "1");
        for body in [
            "",
            " ",
            "null",
            "[]",
            "1",
            "\"a\"",
            "{",
            "{}{}",
            "{} x",
            "\u{feff}{}",
            r#"{"a":1,"a":1}"#,
            "{'a':1}",
            r#"{"a":1,}"#,
            r#"{"a":NaN}"#,
            r#"{"a":Infinity}"#,
            r#"{"a":+1}"#,
            r#"{"a":01}"#,
            r#"{"a":.5}"#,
            r#"{"a":"\ud800"}x"#,
            "{\"a\":\"\n\"}",
            "{\"a\":1}\0",
            "// c\n{}",
            &deep,
        ] {
            assert!(object(body.as_bytes()).is_err(), "{body:?}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_err(), "invalid UTF-8");
        assert!(object(b"{\"a\":\"\xc0\x80\"}").is_err(), "overlong");
        for body in ["null", "{}", "[null]", "[[]]", "[1]", "[{}", "[{},]"] {
            assert!(array(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn escapes_do_not_hide_a_second_member() {
        assert!(object(br#"{"hours":1,"h\u006furs":2}"#).is_err());
    }

    #[test]
    fn http_13_strings_are_unicode_without_nul() {
        for value in [r#""\ud800""#, r#""\udc00\ud800""#, r#""a\u0000""#] {
            let body = format!(r#"{{"a":{value}}}"#);
            let members = object(body.as_bytes()).unwrap();
            assert!(string(members.0[0].1).is_err(), "{value}");
        }
    }

    #[test]
    fn numbers_keep_their_range() {
        let value = |text: &str| {
            let body = format!(r#"{{"a":{text}}}"#);
            number(object(body.as_bytes()).unwrap().0[0].1)
        };
        assert_eq!(value("38.5"), Some(38.5));
        assert_eq!(value("1e400"), Some(f64::INFINITY));
        assert_eq!(value(&"9".repeat(400)), Some(f64::INFINITY));
        assert_eq!(value("-0"), Some(0.0));
        assert_eq!(value("\"38.5\""), None);
        assert_eq!(value("null"), None);
    }

    #[test]
    fn brackets_inside_strings_are_no_nesting() {
        assert_eq!(depth(r#"{"a":"[[[\"[[["}"#), 1);
        assert_eq!(depth("[[1],[[2]]]"), 3);
    }
}
