//! Every requirement and case that a Rust source names has its line in `docs/dev/requirements.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::root;

/// Families whose ids are a letter and a number, and those with a hyphen (in names of tests an underscore).
const LETTERS: [&str; 3] = ["A", "G", "R"];
const FAMILIES: [&str; 21] = [
    "ADM", "AZ", "CODE", "CON", "DB", "HTTP", "INT", "JWT", "KEY", "LEAK", "LOG", "OUT", "PAT", "PEER", "PK",
    "RT", "SEC", "SES", "TEN", "TOK", "WEB",
];

#[test]
fn every_cited_id_has_its_line() {
    let page = fs::read_to_string(root().join("docs/dev/requirements.md")).expect("the page is there");
    let explained = explained(&page);
    let mut missing: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a source is UTF-8");
        let cited = cited(&text).into_iter().filter(|id| !explained.contains(id.as_str()));
        missing.extend(cited.map(|id| (id, file.clone())));
    }
    assert!(missing.is_empty(), "ids without a line in docs/dev/requirements.md: {missing:#?}");
}

#[test]
fn no_id_is_explained_twice() {
    let page = fs::read_to_string(root().join("docs/dev/requirements.md")).expect("the page is there");
    let lines = page.lines().filter(|line| line.starts_with("- **")).count();
    assert_eq!(lines, explained(&page).len());
}

/// The table of where things are shown names the rooms whose tests have the id in their names, all and no other.
#[test]
fn what_is_said_to_be_shown_is_cited_there() {
    let page = fs::read_to_string(root().join("docs/dev/requirements.md")).expect("the page is there");
    let mut citing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a source is UTF-8");
        let within = file.strip_prefix(root()).expect("a source of the repository");
        let depth = usize::from(!within.starts_with("xtask"));
        let room = within.iter().nth(depth).expect("sources lie in rooms").to_string_lossy();
        for id in in_names(&text) {
            citing.entry(id).or_default().insert(room.to_string());
        }
    }
    let rows: Vec<_> = shown(&page).collect();
    assert!(rows.len() > 60, "the table is found");
    let wrong = rows.into_iter().filter_map(|(id, rooms)| {
        let citing: Vec<_> = citing.get(id).into_iter().flatten().map(String::as_str).collect();
        let due = if citing.is_empty() { "–".to_owned() } else { citing.join(", ") };
        (rooms != due).then(|| format!("{id}: {due}, and not {rooms}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ids_are_found_in_comments_and_in_names_of_tests() {
    let text =
        "/// Nobody (TOK-07, R31).\nfn a09_ten_01_r2_rfc_8414_says() {}\nfn utf_8() { r_7(); sha256() }";
    let expected = ["A9", "R2", "R31", "TEN-01", "TOK-07"].map(String::from);
    assert_eq!(cited(text), BTreeSet::from(expected));
}

fn explained(page: &str) -> BTreeSet<&str> {
    page.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("** ")).map(|(id, _)| id).collect()
}

/// Each row of the table: the id, and the rooms.
fn shown(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let (id_of_row, rooms) = (cells.next()?, cells.next()?);
        id(id_of_row).is_some().then_some((id_of_row, rooms))
    })
}

/// The ids that a source names, as the page spells them.
fn cited(text: &str) -> BTreeSet<String> {
    words(text).filter_map(id).chain(in_names(text)).collect()
}

/// Those of them that are in names of functions.
fn in_names(text: &str) -> BTreeSet<String> {
    let names = words(text).zip(words(text).skip(1)).filter(|(before, _name)| *before == "fn");
    names.flat_map(|(_fn, name)| named(name)).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
}

/// The ids in a function's name, if it begins with one: `a09_ten_01_…` has two.
fn named(name: &str) -> BTreeSet<String> {
    let upper = name.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split('_').collect();
    let first = parts.iter().take(2).copied().collect::<Vec<_>>().join("-");
    if id(parts[0]).or_else(|| id(&first)).is_none() {
        return BTreeSet::new();
    }
    let pairs = parts.windows(2).filter_map(|pair| id(&pair.join("-")));
    pairs.chain(parts.iter().filter_map(|part| id(part))).collect()
}

fn id(word: &str) -> Option<String> {
    if let Some((family, number)) = word.split_once('-') {
        return (FAMILIES.contains(&family) && is_number(number)).then(|| format!("{family}-{number:0>2}"));
    }
    let (letter, number) = word.split_at_checked(1)?;
    (LETTERS.contains(&letter) && is_number(number))
        .then(|| format!("{letter}{}", number.trim_start_matches('0')))
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Every Rust source of the repository but this one, which cites for practice.
fn sources() -> Vec<PathBuf> {
    let folders = ["bench", "crates", "examples", "fuzz", "tests", "xtask"];
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "the sources are found");
    files.retain(|file| !file.ends_with("xtask/tests/it/requirements.rs"));
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
