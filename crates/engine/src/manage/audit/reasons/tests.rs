//! Every reason that the engine has for a refusal is in the table, and the table has no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tokenry_protocol::error::ErrorCode;

use super::REASONS;

/// What takes a reason without its parameter being called so.
const TAKERS: [&str; 3] = ["Because", "Refusal::new", "Self::new"];

#[test]
fn every_reason_is_listed_and_no_other() {
    let sources: Vec<_> = files("src").iter().map(|path| without_tests(path)).collect();
    let mut takers: BTreeSet<_> = TAKERS.map(str::to_owned).into();
    takers.extend(sources.iter().flat_map(|source| takers_of(source)));
    for known in ["barred", "denied", "due", "invalid_client", "invalid_grant", "refused", "unavailable"] {
        assert!(takers.contains(known), "{known}: is it written in another way now? {takers:?}");
    }
    let mut said: BTreeSet<_> = sources.iter().flat_map(|source| said_in(source, &takers)).collect();
    said.extend(said_of_malformed_requests());
    let listed: BTreeSet<_> = REASONS.iter().map(|(reason, _meaning)| (*reason).to_owned()).collect();
    let missing: Vec<_> = said.difference(&listed).collect();
    assert!(missing.is_empty(), "reasons without a row in REASONS: {missing:?}");
    let dead: Vec<_> = listed.difference(&said).collect();
    assert!(dead.is_empty(), "rows of REASONS that no refusal has: {dead:?}");
}

#[test]
fn the_reasons_are_in_order_and_each_is_there_once() {
    assert!(REASONS.is_sorted_by(|(one, _), (next, _)| one < next));
}

/// The codes of what the parsers refuse, which are the reasons then ([`crate::Engine::note_refusal`]).
fn said_of_malformed_requests() -> impl Iterator<Item = String> {
    let parsers: Vec<_> =
        files("../protocol/src").into_iter().filter(|it| !it.ends_with("error.rs")).collect();
    let sources: String = parsers.iter().map(|path| without_tests(path)).collect();
    let used = move |code: &ErrorCode| sources.contains(&format!("ErrorCode::{code:?}"));
    ErrorCode::ALL.into_iter().filter(used).map(|code| code.as_str().to_owned())
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What the audit trail refuses is damage; what a scope was withheld for is no refusal.
            let other = ["src/audit", "policy/granted.rs", "manage/audit", "tests.rs"];
            if other.iter().any(|end| path.ends_with(end)) {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn without_tests(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    source.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned()
}

/// The functions that have a parameter `reason`, and the closures whose only one it is.
fn takers_of(source: &str) -> Vec<String> {
    let mut takers = Vec::new();
    for (place, _fn) in source.match_indices("fn ") {
        let declared = &source[place + 3..];
        let signature = declared.split(['{', ';']).next().unwrap();
        let name = signature.split(['(', '<']).next().unwrap();
        // Those named `new` are listed with their types.
        if signature.contains("reason: &'static str") && name != "new" {
            takers.push(name.to_owned());
        }
    }
    for (place, _closure) in source.match_indices(" = |reason") {
        takers.push(source[..place].rsplit(' ').next().unwrap().to_owned());
    }
    takers
}

/// The reasons that a source gives: to what takes one, as an error that is one, as the name of a variant, in a `let`, in a field,
/// in a constant that says it is "the reason of" something.
fn said_in(source: &str, takers: &BTreeSet<String>) -> Vec<String> {
    let mut said = Vec::new();
    for taker in takers {
        for (place, _call) in source.match_indices(&format!("{taker}(")) {
            let inside = source[..place].ends_with(|before: char| before.is_alphanumeric() || before == '_');
            if !inside {
                let arguments = arguments(&source[place + taker.len() + 1..]);
                said.extend(literals(arguments).next().filter(|first| is_word(first)));
            }
        }
    }
    let bodies = ["fn reason(self) -> &'static str {", ", &'static str> {"];
    for body in bodies.iter().flat_map(|head| source.split(head).skip(1)) {
        let end = ["\n    }\n", "\n}\n"].iter().filter_map(|end| body.find(end)).min();
        said.extend(literals(&body[..end.unwrap()]).filter(|word| is_word(word)));
    }
    for statement in source.split("let reason = ").skip(1) {
        let statement = statement.split(';').next().unwrap();
        said.extend(literals(statement).filter(|word| is_word(word)));
    }
    for declared in ["reason: \"", "/// The reason of "].iter().flat_map(|head| source.split(head).skip(1)) {
        let word = declared.split_once("&str = \"").filter(|(before, _word)| !before.contains('"'));
        let word = word.map_or(declared, |(_before, word)| word);
        said.push(word.split('"').next().unwrap().to_owned());
    }
    said
}

/// What stands before the parenthesis that closes a call.
fn arguments(source: &str) -> &str {
    let (mut depth, mut quoted) = (1, false);
    for (place, c) in source.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &source[..place];
        }
    }
    source
}

fn literals(source: &str) -> impl Iterator<Item = String> + '_ {
    source.split('"').skip(1).step_by(2).map(str::to_owned)
}

fn is_word(literal: &str) -> bool {
    literal.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !literal.is_empty()
}
