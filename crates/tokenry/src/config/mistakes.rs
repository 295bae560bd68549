//! Hundreds of mistakes in a good configuration: none panics, each is told with its key, its value and the nearest right
//! word, and no secret is told.

mod base;
mod environment;
mod keys;
mod text;
mod values;

use std::path::Path;

use super::load::parse_in;
use crate::serve::check_config;

use base::Base;

/// What must not be in any error: it stands in the database's address, and in whatever looks like one.
const PASSWORD: &str = "sesame123";
/// An error is for a terminal.
const LONGEST: usize = 700;

/// What is said of a configuration; `None`: it is good.
fn said(base: &Base, text: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    said_in(base.folder.path(), text, env)
}

fn said_in(folder: &Path, text: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let said = match parse_in(folder, text, env) {
        Err(error) => error.to_string(),
        Ok(config) => check_config(&config).err()?.to_string(),
    };
    assert!(!said.contains(PASSWORD), "a secret is told: {said}");
    assert!(said.len() <= LONGEST, "{} bytes are too many: {said}", said.len());
    let harmless = |c: char| c == '\n' || !c.is_control();
    assert!(said.chars().all(harmless), "{said:?}");
    Some(said)
}

/// That a text is refused, and what the refusal says.
#[track_caller]
fn refused(base: &Base, text: &str, says: &[&str]) {
    let said =
        said(base, text, &|_name| None).unwrap_or_else(|| panic!("taken for good: {}", brief(base, text)));
    for part in says {
        assert!(said.contains(part), "{part:?} is not in {said:?}, said of {}", brief(base, text));
    }
}

/// What is not as in the good configuration.
fn brief(base: &Base, text: &str) -> String {
    let changed = text.lines().filter(|line| !base.text.contains(line));
    changed
        .collect::<Vec<_>>()
        .join(
            "
",
        )
        .chars()
        .take(500)
        .collect()
}
