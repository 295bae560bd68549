//! The strict JSON reader.

use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};
use tokenry_jose::Error;
use tokenry_jose::json::{MAX_DEPTH, deserialize, from_slice, object};

#[test]
fn every_kind_of_value() {
    let text = r#" {"a":[null,true,-1,18446744073709551615,1.5,"\u00e9\n",{}],"b":{"a":1,"":2}} "#;
    let expected = json!({"a": [null, true, -1, u64::MAX, 1.5, "é\n", {}], "b": {"a": 1, "": 2}});
    assert_eq!(from_slice(text.as_bytes()), Ok(expected));
}

#[rstest]
#[case("[", "]")]
#[case("{\"a\":", "}")]
fn nesting_is_bounded(#[case] open: &str, #[case] close: &str) {
    let nested = |depth: usize| format!("{}{}", open.repeat(depth), "1") + &close.repeat(depth);
    assert!(from_slice(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(from_slice(nested(MAX_DEPTH + 1).as_bytes()), Err(Error::JsonDepth));
    assert_eq!(from_slice(open.repeat(1_000_000).as_bytes()), Err(Error::JsonDepth));
}

#[test]
fn breadth_is_not_depth() {
    let wide = format!("[{}[]]", "[],{\"a\":[]},".repeat(1000));
    assert!(from_slice(wide.as_bytes()).is_ok());
}

#[test]
fn equal_names_in_different_objects_are_no_duplicates() {
    assert!(from_slice(br#"{"a":{"a":[{"a":1},{"a":1}]}}"#).is_ok());
}

#[rstest]
#[case(r#"{"a":1,"a":1}"#)]
#[case(r#"{"a":1,"b":2,"a":null}"#)]
#[case(r#"[{"":1,"":1}]"#)]
#[case(r#"{"é":1,"\u00e9":1}"#)]
fn jwt_16_duplicates(#[case] text: &str) {
    assert_eq!(from_slice(text.as_bytes()), Err(Error::JsonDuplicate));
    assert_eq!(object(text.as_bytes()), Err(Error::JsonDuplicate));
}

#[rstest]
#[case("")]
#[case(" ")]
#[case("1 2")]
#[case("{}x")]
#[case("\u{feff}1")]
#[case("[1,]")]
#[case("nul")]
#[case("\"\t\"")]
#[case("\"\\x\"")]
#[case("1e999")]
#[case(".5")]
#[case("/*c*/1")]
fn no_json_text(#[case] text: &str) {
    assert_eq!(from_slice(text.as_bytes()), Err(Error::JsonSyntax));
}

/// `serde_json`'s own `Value` would read the string as JSON, and so find another `sub` than everybody else.
#[test]
fn the_magic_member_of_raw_value_is_an_ordinary_member() {
    const NAME: &str = "$serde_json::private::RawValue";
    let text = json!({ NAME: r#"{"sub":"admin"}"# }).to_string();
    let value = from_slice(text.as_bytes()).unwrap();
    assert_eq!(value.get("sub"), None);
    assert_eq!(value.get(NAME).and_then(Value::as_str), Some(r#"{"sub":"admin"}"#));
}

#[test]
fn only_objects_are_objects() {
    assert_eq!(object(b"[]"), Err(Error::JsonNotObject));
    assert_eq!(object(b"{}").map(|members| members.len()), Ok(0));
}

#[test]
fn strictness_inside_a_derived_type() {
    #[derive(Debug, Deserialize)]
    struct Document {
        #[serde(deserialize_with = "deserialize")]
        extra: Value,
    }
    let read = serde_json::from_str::<Document>;
    assert_eq!(read(r#"{"extra":{"a":[1]}}"#).unwrap().extra, json!({"a": [1]}));
    assert!(read(r#"{"extra":{"a":1,"a":1}}"#).unwrap_err().to_string().contains("twice"));
    assert!(read(&format!(r#"{{"extra":{}1{}}}"#, "[".repeat(33), "]".repeat(33))).is_err());
}
