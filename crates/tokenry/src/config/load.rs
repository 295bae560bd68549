//! Reading the configuration: the file, then the environment over it, then one error that names what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::{Table, Value};

use super::Config;
use super::keys::{KEYS, Key};

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// A value that does not fit its key.
    #[error("{key}: {problem}")]
    Invalid {
        /// Which key.
        key: String,
        /// What is wrong, and where it says so.
        problem: String,
    },
    /// The configuration file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file that a variable names cannot be read.
    #[error("{path}, which {variable} names, cannot be read: {source}")]
    ReadValue {
        /// Which variable.
        variable: String,
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML. The line is named, not shown: it may hold a password.
    #[error("the configuration is not TOML: line {line}: {problem}")]
    Syntax {
        /// Which line, from 1.
        line: usize,
        /// What the parser missed.
        problem: String,
    },
    /// A key that does not exist.
    #[error("there is no key {key}{}", nearest.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// What was written.
        key: String,
        /// The nearest that exists.
        nearest: Option<String>,
    },
}

/// Reads `path` and lays the environment over it. Relative paths in it become relative to its folder.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.display().to_string(), source })?;
    parse_in(path.parent().unwrap_or(Path::new("")), &text, env)
}

/// Reads a configuration's text as that of a file in `folder`.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn parse_in(
    folder: &Path,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, ConfigError> {
    let mut config = parse(text, env)?;
    config.keyring_file = folder.join(&config.keyring_file);
    for file in [&mut config.outbound.ca_file, &mut config.tls.cert, &mut config.tls.key] {
        if *file != Path::new("") {
            *file = folder.join(&*file);
        }
    }
    if let Some(file) = config.database.strip_prefix("sqlite:") {
        config.database = format!("sqlite:{}", folder.join(file).display());
    }
    Ok(config)
}

/// Reads a configuration's text and lays the environment over it.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    let mut table: Table = text.parse().map_err(|error| syntax(text, &error))?;
    refuse_unknown(&table)?;
    for key in KEYS {
        if let Some(value) = from_env(key, env)? {
            put(&mut table, key.path, value)?;
        }
    }
    serde_path_to_error::deserialize(table).map_err(|error| ConfigError::Invalid {
        key: error.path().to_string(),
        problem: error.inner().message().to_owned(),
    })
}

fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    ConfigError::Syntax { line: before.matches('\n').count() + 1, problem: error.message().to_owned() }
}

fn refuse_unknown(table: &Table) -> Result<(), ConfigError> {
    let mut written = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(section) if is_section(name) => {
                written.extend(section.keys().map(|key| format!("{name}.{key}")));
            }
            _ => written.push(name.clone()),
        }
    }
    match written.into_iter().find(|path| KEYS.iter().all(|key| key.path != path)) {
        Some(key) => Err(ConfigError::Unknown { nearest: nearest(&key), key }),
        None => Ok(()),
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.path.split_once('.').is_some_and(|(section, _key)| section == name))
}

fn nearest(path: &str) -> Option<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |key: &Key| {
        strsim::damerau_levenshtein(path, key.path)
            .min(strsim::damerau_levenshtein(&last(path), &last(key.path)))
    };
    let key = KEYS.iter().min_by_key(|key| distance(key))?;
    (distance(key) <= 3).then(|| key.path.to_owned())
}

/// The value of a key's twin, or of the file that its `_FILE` form names.
fn from_env(key: &Key, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Value>, ConfigError> {
    let file_form = format!("{}_FILE", key.env);
    let file = env(&file_form).map(PathBuf::from);
    let text = match (env(key.env), file) {
        (Some(_), Some(_)) => {
            let problem = format!("{} and {file_form} are both set; keep one", key.env);
            return Err(ConfigError::Invalid { key: key.path.to_owned(), problem });
        }
        (Some(text), None) => text,
        (None, Some(file)) => fs::read_to_string(&file)
            .map_err(|source| ConfigError::ReadValue {
                variable: file_form.clone(),
                path: file.display().to_string(),
                source,
            })?
            .trim_end()
            .to_owned(),
        (None, None) => return Ok(None),
    };
    Ok(Some(if key.list {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
    } else {
        Value::String(text)
    }))
}

fn put(table: &mut Table, path: &str, value: Value) -> Result<(), ConfigError> {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(section) = section else {
                let problem = "it must be a section".to_owned();
                return Err(ConfigError::Invalid { key: path.to_owned(), problem });
            };
            section.insert(key.to_owned(), value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "issuer = \"https://id.example.com\"\n";

    fn bare(text: &str) -> Result<Config, ConfigError> {
        parse(text, &|_name| None)
    }

    #[test]
    fn peer_12_an_unknown_key_is_named_with_the_nearest() {
        let error = bare("isuer = \"https://id.example.com\"\n").unwrap_err().to_string();
        assert_eq!(error, "there is no key isuer; did you mean issuer?");
        let error = bare(&format!("{MINIMAL}[tokens]\nacess_token_ttl = \"1h\"\n")).unwrap_err().to_string();
        assert_eq!(error, "there is no key tokens.acess_token_ttl; did you mean tokens.access_token_ttl?");
        let error = bare(&format!("{MINIMAL}[tsl]\ncert = \"x\"\n")).unwrap_err().to_string();
        assert!(error.starts_with("there is no key tsl"), "{error}");
    }

    #[test]
    fn a_value_that_does_not_fit_is_named() {
        let error =
            bare(&format!("{MINIMAL}[tokens]\naccess_token_ttl = \"soon\"\n")).unwrap_err().to_string();
        assert_eq!(error, "tokens.access_token_ttl: \"soon\" is no duration; write it as 15m, 24h or 90d");
        let error = bare("listen = \"127.0.0.1:8700\"\n").unwrap_err().to_string();
        assert!(error.contains("issuer"), "{error}");
        let error = bare(&format!("{MINIMAL}listen = \"nowhere\"\n")).unwrap_err().to_string();
        assert!(error.starts_with("listen: "), "{error}");
    }

    #[test]
    fn leak_01_a_syntax_error_shows_no_line() {
        let text = format!("{MINIMAL}database = \"postgres://app:sesame123@db.example/x\n");
        let error = bare(&text).unwrap_err().to_string();
        assert!(error.starts_with("the configuration is not TOML: line 2: "), "{error}");
        assert!(!error.contains("sesame123"), "{error}");
    }

    #[test]
    fn leak_01_a_key_in_place_of_its_files_name_is_not_repeated() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n";
        let env = |name: &str| (name == "TOKENRY_TLS_KEY").then(|| pem.to_owned());
        let error = parse(MINIMAL, &env).unwrap_err().to_string();
        assert!(error.starts_with("tls.key: ") && error.contains("leave _FILE away"), "{error}");
        assert!(!error.contains("MC4CAQ"), "{error}");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let env = |name: &str| match name {
            "TOKENRY_TOKENS_NAMESPACE" => Some("https://n.example/m".to_owned()),
            "TOKENRY_TRUSTED_PROXIES" => Some("10.0.0.0/8, 192.168.1.1/32".to_owned()),
            _ => None,
        };
        let config = parse(MINIMAL, &env).unwrap();
        assert_eq!(config.tokens.namespace, "https://n.example/m");
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn a_twin_may_name_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        fs::write(&file, "postgres://u@h/n\n").unwrap();
        let name = file.display().to_string();
        let one = |n: &str| (n == "TOKENRY_DATABASE_FILE").then(|| name.clone());
        assert_eq!(parse(MINIMAL, &one).unwrap().database, "postgres://u@h/n");
        let both = |n: &str| n.starts_with("TOKENRY_DATABASE").then(|| name.clone());
        assert!(parse(MINIMAL, &both).unwrap_err().to_string().contains("both set"));
    }

    #[test]
    fn every_key_of_the_struct_is_in_the_list() {
        let schema = schemars::schema_for!(Config).to_value();
        let mut paths = Vec::new();
        for (name, property) in schema["properties"].as_object().unwrap() {
            let section = property["$ref"].as_str().or(property["allOf"][0]["$ref"].as_str());
            match section.and_then(|path| path.strip_prefix("#/$defs/")).filter(|_| is_section(name)) {
                Some(section) => {
                    let keys = schema["$defs"][section]["properties"].as_object().unwrap();
                    paths.extend(keys.keys().map(|key| format!("{name}.{key}")));
                }
                None => paths.push(name.clone()),
            }
        }
        let mut listed: Vec<_> = KEYS.iter().map(|key| key.path.to_owned()).collect();
        paths.sort();
        listed.sort();
        assert_eq!(paths, listed);
    }
}
