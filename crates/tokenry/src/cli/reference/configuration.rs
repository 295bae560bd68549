//! The page of the configuration, from the list of keys and the schema.

use schemars::schema_for;
use serde_json::Value;

use super::{code, head, table};
use crate::config::{Config, KEYS, Key};

pub(super) fn page() -> String {
    let schema = schema_for!(Config).to_value();
    let mut page = head(
        "Configuration",
        "One TOML file, `tokenry.toml` unless `--config` says otherwise; `tokenry init` writes one with every key and its \
         meaning. An unknown key is an\nerror that names the nearest known one. Relative paths are relative to the file's \
         folder. Every key has a twin in the\n[environment](environment.md), which wins. `tokenry config check` says whether a server \
         would start with it, `config print` shows it as it takes\neffect, and `config schema` prints its JSON Schema.",
    );
    let mut section = None;
    for key in KEYS {
        let here = key.path.split_once('.').map_or("", |(section, _key)| section);
        if section == Some(here) {
            continue;
        }
        section = Some(here);
        let title = if here.is_empty() { "At the top".to_owned() } else { format!("[{here}]") };
        page.push_str(&format!("\n## {title}\n"));
        let of_section =
            KEYS.iter().filter(|key| key.path.split_once('.').map_or("", |(own, _key)| own) == here);
        let rows = of_section.map(|key| row(key, &schema));
        page.push_str(&table(["key", "type", "default", "meaning"], rows));
    }
    page
}

fn row(key: &Key, schema: &Value) -> [String; 4] {
    let (parent, name) = match key.path.split_once('.') {
        Some((section, name)) => (resolved(&schema["properties"][section], schema), name),
        None => (schema, key.path),
    };
    let written = &parent["properties"][name];
    let default = match &written["default"] {
        Value::Null if required(parent, name) => "required".to_owned(),
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        default => code(default),
    };
    [code(name), kind(resolved(written, schema)), default, key.meaning.to_owned()]
}

fn required(parent: &Value, name: &str) -> bool {
    parent["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name))
}

/// What a `$ref` stands for, also one among alternatives of which the other is null.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let reference = schema["$ref"]
        .as_str()
        .or(schema["allOf"][0]["$ref"].as_str())
        .or(schema["anyOf"][0]["$ref"].as_str());
    let name = reference.and_then(|reference| reference.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &root["$defs"][name])
}

fn kind(schema: &Value) -> String {
    if schema["examples"][0] == "24h" {
        return "duration, as `24h`".to_owned();
    }
    let words = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|it| *it != "null"),
        kind => kind.as_str(),
    };
    match words {
        Some("array") => "list of strings".to_owned(),
        Some(word) => word.to_owned(),
        None => "string".to_owned(),
    }
}
