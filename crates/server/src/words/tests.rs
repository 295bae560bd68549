//! The catalogues: the same messages in every language, told the same, each of them used, none with markup.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Each message of a language, with what it is told.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (_room, text) in rooms(language) {
        let mut message = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _text)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key.clone_into(&mut message);
                assert!(all.insert(message.clone(), BTreeSet::new()).is_none(), "{message} is there twice");
            }
            let told = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
            });
            all.entry(message.clone()).or_default().extend(told);
        }
    }
    all.remove("");
    all
}

/// Each file of a language.
fn rooms(language: Language) -> Vec<(String, String)> {
    let folder = Path::new(HERE).join("locales").join(language.tag());
    let mut rooms: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    rooms.sort();
    rooms
}

#[test]
fn every_language_has_the_same_messages_and_tells_them_the_same() {
    let english = messages(Language::En);
    assert!(english.len() > 100, "messages were read");
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{language:?}");
        let names = |language| rooms(language).into_iter().map(|(name, _text)| name).collect::<Vec<_>>();
        assert_eq!(names(language), names(Language::En), "{language:?} has the same files");
    }
}

#[test]
fn messages_are_text_and_no_markup() {
    for language in Language::ALL {
        for (room, text) in rooms(language) {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                // `->` begins the cases of a message.
                let said = line.replace("->", "");
                assert!(
                    !said.contains(['<', '>', '&', '\u{2068}', '\u{2069}']),
                    "{language:?}/{room}: {line}"
                );
                assert!(
                    !said.contains(['\t', '\'', '"']),
                    "{language:?}/{room} has typewriter's marks: {line}"
                );
            }
        }
    }
}

#[test]
fn every_message_is_used() {
    let mut used = String::new();
    for folder in ["src", "templates"] {
        read_all(&Path::new(HERE).join(folder), &mut used);
    }
    for key in messages(Language::En).keys() {
        let call = format!(".{}(", key.replace('-', "_"));
        assert!(used.contains(&call), "nobody says {key}");
    }
}

fn read_all(path: &PathBuf, into: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read_all(&entry.unwrap().path(), into);
        }
    } else {
        into.push_str(&fs::read_to_string(path).unwrap_or_default());
    }
}

#[test]
fn every_language_speaks() {
    for language in [Language::De, Language::En, Language::Es, Language::Fr, Language::Pseudo] {
        let words = Words::of(language);
        assert!(!words.login_title().is_empty());
        assert_eq!(words.lang(), language.tag());
    }
    assert_eq!(Words::of(Language::De).factor_codes_left(1), "Noch 1 Wiederherstellungscode übrig.");
    assert_eq!(Words::of(Language::Fr).factor_codes_left(8), "Il reste 8 codes de récupération.");
}

#[test]
fn the_pseudo_language_is_english_that_looks_foreign() {
    let words = Words::of(Language::Pseudo);
    assert_eq!((words.login_title().as_str(), words.dir()), ("Šííǧń ííń", "rtl"));
    assert!(words.sessions_line("192.0.2.7", "x", "y").contains("192.0.2.7"), "what is told stays as it is");
}
