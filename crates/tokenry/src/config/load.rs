//! Reading the configuration: the file, then the environment over it, then one error that names what is wrong.

use std::path::Path;

use thiserror::Error;
use toml::{Table, Value};

use super::keys::{KEYS, Key};
use super::shown::{quoted, sentence, shown};
use super::suggest::{allowed, nearest};
use super::{Config, environment};

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
    #[error("{key}: {path}, which {variable} names, cannot be read: {source}")]
    ReadValue {
        /// Which key.
        key: String,
        /// Which variable.
        variable: String,
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML. The line is named, not shown: it may hold a password.
    #[error("the configuration is not TOML: line {line}{}: {problem}", key.as_ref().map(|key| format!(" ({key})")).unwrap_or_default())]
    Syntax {
        /// The key that the line begins with, if it is one of ours.
        key: Option<String>,
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
    let text = environment::read(path)
        .map_err(|source| ConfigError::Read { path: path.display().to_string(), source })?;
    environment::check()?;
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
    if let Some(file) = config.database.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
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
    let mut variables = Vec::new();
    for key in KEYS {
        if let Some((value, variable)) = environment::value(key, env)? {
            put(&mut table, key.path, value);
            variables.push((key.path, variable));
        }
    }
    serde_path_to_error::deserialize(table.clone()).map_err(|error| {
        let path = error.path().to_string();
        let mut invalid = invalid(&table, path, error.inner().message());
        if let ConfigError::Invalid { key, problem } = &mut invalid
            && let Some((_path, variable)) = variables.iter().find(|(path, _variable)| path == key)
        {
            problem.push_str(&format!(" (as {variable} has it)"));
        }
        invalid
    })
}

/// What the parser says, with key and value where it does not say them.
fn invalid(table: &Table, path: String, message: &str) -> ConfigError {
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let problem = "it is missing, and there is no default for it".to_owned();
        return ConfigError::Invalid { key: key.to_owned(), problem };
    }
    // An item of a list is told of as the list.
    let key = path.split('[').next().unwrap_or_default().trim_end_matches('.').to_owned();
    let message = sentence(message);
    let problem = match value_at(table, &key) {
        // It may hold a password.
        _ if key == "database" => "it must be a text such as \"sqlite:data/tokenry.db\"".to_owned(),
        _ if key == "mail.url" => "it must be a text such as \"smtps://user:…@mail.example.com\"".to_owned(),
        Some(Value::String(text)) if !message.contains(&shown(text)) => {
            format!("{}: {message}", quoted(text))
        }
        _ => message,
    };
    ConfigError::Invalid { key, problem }
}

fn value_at<'t>(table: &'t Table, path: &str) -> Option<&'t Value> {
    match path.split_once('.') {
        Some((section, name)) => table.get(section)?.get(name),
        None => table.get(path),
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let key = text.lines().nth(line).and_then(|written| key_of(text.lines().take(line), written));
    ConfigError::Syntax { key, line: line + 1, problem: sentence(error.message()) }
}

/// The key that a line begins with, in the section that the lines before it have begun. Only one of ours is told: what
/// else stands there may be a secret that went astray.
fn key_of<'t>(before: impl Iterator<Item = &'t str>, line: &str) -> Option<String> {
    if let Some(section) = sections().find(|section| line.trim() == format!("[{section}]")) {
        return Some(format!("[{section}]"));
    }
    let (name, _value) = line.split_once('=')?;
    let section = before.filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']')).last();
    let path = match section {
        Some(section) => format!("{}.{}", section.trim(), name.trim()),
        None => name.trim().to_owned(),
    };
    KEYS.iter().find(|key| key.path == path).map(|key| key.path.to_owned())
}

fn refuse_unknown(table: &Table) -> Result<(), ConfigError> {
    let mut written = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(section) if is_section(name) => {
                written.extend(section.keys().map(|key| format!("{name}.{key}")));
            }
            _ if is_section(name) => {
                let problem = format!("it must be one section, which begins with the line [{name}]");
                return Err(ConfigError::Invalid { key: name.clone(), problem });
            }
            Value::Table(_) if KEYS.iter().all(|key| key.path != name) => {
                let nearest = nearest(name, sections()).map(|section| format!("[{section}]"));
                return Err(ConfigError::Unknown { key: format!("[{}]", shown(name)), nearest });
            }
            _ => written.push(name.clone()),
        }
    }
    for path in &written {
        if let Some(Value::Datetime(date)) = value_at(table, path) {
            let problem = format!("{date} is a date; write the value in quotes");
            return Err(ConfigError::Invalid { key: shown(path), problem });
        }
    }
    match written.into_iter().find(|path| KEYS.iter().all(|key| key.path != path)) {
        Some(key) => Err(ConfigError::Unknown { nearest: nearest_key(&key), key: shown(&key) }),
        None => Ok(()),
    }
}

fn sections() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter_map(|key| key.path.split_once('.').map(|(section, _key)| section))
}

fn is_section(name: &str) -> bool {
    sections().any(|section| section == name)
}

/// The key that was probably meant: by its whole path, or by its name where it stands in the wrong section.
fn nearest_key(path: &str) -> Option<String> {
    fn name(path: &str) -> &str {
        path.rsplit('.').next().unwrap_or_default()
    }
    if path.len() > 100 {
        return None;
    }
    let (path, wrong) = (path.to_lowercase(), name(path).to_lowercase());
    let far = |key: &&Key| {
        let of_name = strsim::damerau_levenshtein(&wrong, name(key.path));
        let of_path = strsim::damerau_levenshtein(&path, key.path);
        (of_name.min(of_path), of_path)
    };
    let key = KEYS.iter().min_by_key(far)?;
    (far(&key).0 <= allowed(name(key.path))).then(|| key.path.to_owned())
}

fn put(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            // What else stands there was refused before.
            if let Value::Table(section) = section {
                section.insert(key.to_owned(), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert_eq!(error, "there is no key [tsl]; did you mean [tls]?");
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
        assert!(error.starts_with("the configuration is not TOML: line 2 (database): "), "{error}");
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
