//! The environment's side of the configuration: each key's twin, the file that its `_FILE` form names, and near misses.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use toml::Value;

use super::keys::{KEYS, Key};
use super::load::ConfigError;
use super::shown::shown;
use super::suggest::nearest;
use crate::env;

/// No value is longer, and a device may have no end.
pub(super) const MAX_LEN: u64 = 1024 * 1024;
/// What else we read, and must not be taken for a misspelt key.
const OTHERS: [&str; 1] = [env::LOG];

/// Refuses what is in the environment and could only be meant for a key: one that is misspelt, or is no text.
pub(super) fn check() -> Result<(), ConfigError> {
    for name in env::names("TOKENRY_") {
        let Some(name) = name.to_str() else { continue };
        match of(name) {
            Some(key) if env::read(name).is_none() && env::is_garbled(name) => {
                let problem = format!("the value of {name} is not UTF-8");
                return Err(ConfigError::Invalid { key: key.path.to_owned(), problem });
            }
            None if !OTHERS.contains(&name) => {
                if let Some(meant) = misspelt(name) {
                    return Err(ConfigError::Unknown { key: shown(name), nearest: Some(meant) });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The key whose twin a variable is, or names a file for.
fn of(name: &str) -> Option<&'static Key> {
    let bare = name.strip_suffix("_FILE");
    KEYS.iter().find(|key| key.env == name || bare == Some(key.env))
}

/// The twin that was meant by a variable that is none. Other programs may have variables of our prefix, so that only
/// slips count.
fn misspelt(name: &str) -> Option<String> {
    let twins: Vec<_> =
        KEYS.iter().flat_map(|key| [key.env.to_owned(), format!("{}_FILE", key.env)]).collect();
    let meant = nearest(name, twins.iter().map(String::as_str))?;
    (strsim::damerau_levenshtein(name, meant) <= 2).then(|| meant.to_owned())
}

/// The value of a key's twin, or of the file that its `_FILE` form names, and the variable that it comes from.
pub(super) fn value(
    key: &Key,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<(Value, String)>, ConfigError> {
    let file_form = format!("{}_FILE", key.env);
    let file = env(&file_form).map(PathBuf::from);
    let (text, variable) = match (env(key.env), file) {
        (Some(_), Some(_)) => {
            let problem = format!("{} and {file_form} are both set; keep one", key.env);
            return Err(ConfigError::Invalid { key: key.path.to_owned(), problem });
        }
        (Some(text), None) => (text, key.env.to_owned()),
        (None, Some(file)) => {
            let text = read(&file).map_err(|source| ConfigError::ReadValue {
                key: key.path.to_owned(),
                variable: file_form.clone(),
                path: shown(&file.display().to_string()),
                source,
            })?;
            (text.trim_end().to_owned(), file_form)
        }
        (None, None) => return Ok(None),
    };
    let value = if key.list {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
    } else {
        Value::String(text)
    };
    Ok(Some((value, variable)))
}

/// Reads a text that is not endless.
pub(super) fn read(file: &std::path::Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_LEN + 1).read_to_end(&mut bytes)?;
    let invalid = |problem: String| io::Error::new(io::ErrorKind::InvalidData, problem);
    if bytes.len() as u64 > MAX_LEN {
        return Err(invalid("it is longer than 1 MiB".to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        invalid(format!("line {line} is not UTF-8"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_variables_are_mended_and_other_programs_variables_left_alone() {
        for (name, meant) in [
            ("TOKENRY_ISUER", Some("TOKENRY_ISSUER")),
            ("TOKENRY_DATABSE_FILE", Some("TOKENRY_DATABASE_FILE")),
            ("TOKENRY_KEYS_ROTATEEVERY", Some("TOKENRY_KEYS_ROTATE_EVERY")),
            ("TOKENRY_PORT_8700_TCP_ADDR", None),
            ("TOKENRY_SERVICE_HOST", None),
            ("TOKENRY_CLIENT_SECRET", None),
            ("TOKENRY_TEST_PYTHON", None),
        ] {
            assert_eq!(of(name).map(|key| key.path), None, "{name}");
            assert_eq!(misspelt(name).as_deref(), meant, "{name}");
        }
        for key in KEYS {
            assert_eq!(of(key.env).map(|key| key.path), Some(key.path));
            assert_eq!(of(&format!("{}_FILE", key.env)).map(|key| key.path), Some(key.path));
        }
    }
}
