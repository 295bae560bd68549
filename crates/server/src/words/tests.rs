//! The catalogues: the same messages in every language, told the same, each of them used, none with markup.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

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
    let (mut said, mut words) = (String::new(), String::new());
    for folder in ["src", "templates"] {
        read_all(&Path::new(HERE).join(folder), &mut said);
    }
    read_all(&Path::new(HERE).join("src/words.rs"), &mut words);
    read_all(&Path::new(HERE).join("src/words"), &mut words);
    for key in messages(Language::En).keys() {
        let name = key.replace('-', "_");
        assert!(says(&said, "words", &name) || says(&words, "self", &name), "nobody says {key}");
    }
}

/// What is called like a message and is none does not count.
#[test]
fn a_message_is_used_where_words_say_it() {
    for used in ["words.username()", "self.words.username()", "Words::to(&visitor.context).username()"] {
        assert!(says(used, "words", "username"), "{used}");
    }
    assert!(says("{self.busy()}", "self", "busy"));
    for other in
        ["user.username()", "crosswords.username()", "posted(words).username()", "words.username_hint()"]
    {
        assert!(!says(other, "words", "username"), "{other}");
    }
}

/// Whether `text`, which has no spaces, has `receiver`, or the words that something has, say the message.
fn says(text: &str, receiver: &str, name: &str) -> bool {
    let call = format!(".{name}(");
    text.match_indices(&call).any(|(at, _call)| {
        let before = &text[..at];
        let named = before
            .strip_suffix(receiver)
            .is_some_and(|rest| !rest.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_'));
        named || ["Words::to(", "Words::of("].iter().any(|of| ends_with_call(before, of))
    })
}

/// Whether `text` ends with a call that begins with `opening`.
fn ends_with_call(text: &str, opening: &str) -> bool {
    let Some(inner) =
        text.strip_suffix(')').and_then(|text| Some(&text[text.rfind(opening)? + opening.len()..]))
    else {
        return false;
    };
    let mut open = 0_usize;
    inner.chars().all(|letter| {
        match letter {
            '(' => open += 1,
            ')' if open == 0 => return false,
            ')' => open -= 1,
            _ => {}
        }
        true
    }) && open == 0
}

/// All that is written in a folder, but for tests, without spaces.
fn read_all(path: &Path, into: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read_all(&entry.unwrap().path(), into);
        }
    } else if path.file_name().is_none_or(|name| name != "tests.rs") {
        let text = fs::read_to_string(path).unwrap_or_default();
        into.extend(text.split_whitespace());
        into.push('\n');
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
