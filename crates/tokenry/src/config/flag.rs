//! What is on or off: `true` or `false`; in the environment, the word.

use serde::{Deserialize, Deserializer};
use toml::Value;

use super::shown::{quoted, shown};
use super::suggest::nearest;

/// # Errors
/// When it is neither.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let written = match Value::deserialize(from)? {
        Value::Boolean(flag) => return Ok(flag),
        Value::String(text) => match text.trim().parse() {
            Ok(flag) => return Ok(flag),
            Err(_neither) => {
                let meant = nearest(&text, ["true", "false"]);
                let meant = meant.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
                format!("{} is none of true, false{meant}", quoted(&text))
            }
        },
        other => format!("{} is none of true, false", shown(&other.to_string())),
    };
    Err(serde::de::Error::custom(written))
}

#[cfg(test)]
mod tests {
    use crate::config::load::parse;

    #[test]
    fn a_word_in_the_environment_is_as_good_as_the_value() {
        let read = |line: &str, env: Option<&str>| {
            let text = format!("issuer = \"https://id.example.com\"\n[users]\n{line}\n");
            let env = |name: &str| env.filter(|_| name == "TOKENRY_USERS_SIGNUP").map(str::to_owned);
            parse(&text, &env).map(|config| config.users.signup).map_err(|error| error.to_string())
        };
        assert_eq!(read("", None), Ok(false), "off unless somebody says otherwise");
        assert_eq!(read("signup = true", None), Ok(true));
        assert_eq!(read("signup = true", Some("false")), Ok(false));
        assert_eq!(read("", Some(" true ")), Ok(true));
        assert_eq!(
            read("signup = \"ture\"", None).unwrap_err(),
            "users.signup: \"ture\" is none of true, false; did you mean true?"
        );
    }
}
