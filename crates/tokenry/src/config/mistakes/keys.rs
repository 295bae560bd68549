//! Misspelt, misplaced and repeated keys and sections.

use std::collections::BTreeSet;

use super::base::Base;
use super::refused;
use crate::config::keys::KEYS;

/// Slips of the fingers: a letter left out, doubled, exchanged with the next, or another one.
fn slips(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut slips = BTreeSet::new();
    let places = if letters.len() > 4 {
        vec![1, letters.len() / 2, letters.len() - 2]
    } else {
        vec![1, letters.len() - 2]
    };
    for at in places {
        let mut made = [letters.clone(), letters.clone(), letters.clone(), letters.clone()];
        made[0].remove(at);
        made[1].insert(at, letters[at]);
        made[2].swap(at, at + 1);
        made[3][at] = 'q';
        slips.extend(made.map(String::from_iter));
    }
    slips.insert(word.to_uppercase());
    slips.remove(word);
    slips.into_iter().collect()
}

#[test]
fn peer_12_a_misspelt_key_is_told_with_the_right_one() {
    let base = Base::new();
    let mut count = 0;
    for key in KEYS {
        let (section, name) =
            key.path.rsplit_once('.').map_or(("", key.path), |(section, name)| (section, name));
        for slip in slips(name) {
            let wrong = if section.is_empty() { slip.clone() } else { format!("{section}.{slip}") };
            let text = base.with_line(key.path, &base.line(key.path).replacen(name, &slip, 1));
            refused(
                &base,
                &text,
                &[&format!("there is no key {wrong}"), &format!("did you mean {}?", key.path)],
            );
            count += 1;
        }
    }
    assert!(count > 180, "{count}");
}

#[test]
fn peer_12_a_misspelt_section_is_told_with_the_right_one() {
    let base = Base::new();
    let sections: BTreeSet<_> =
        KEYS.iter().filter_map(|key| key.path.split_once('.').map(|(section, _name)| section)).collect();
    for section in &sections {
        for slip in
            slips(section).into_iter().filter(|slip| slip.len() > 2 && !sections.contains(slip.as_str()))
        {
            let text = base.text.replace(&format!("[{section}]"), &format!("[{slip}]"));
            refused(
                &base,
                &text,
                &[&format!("there is no key [{slip}]"), &format!("did you mean [{section}]?")],
            );
        }
        for value in ["5", "\"on\"", "[]", "true"] {
            let text = format!("{section} = {value}\nissuer = \"https://id.example.com\"\n");
            refused(&base, &text, &[&format!("{section}: it must be one section"), &format!("[{section}]")]);
        }
        let text = format!("issuer = \"https://id.example.com\"\n[[{section}]]\n");
        refused(&base, &text, &[&format!("{section}: it must be one section")]);
    }
}

#[test]
fn peer_12_a_key_in_another_section_is_told_with_its_own() {
    let base = Base::new();
    for key in KEYS.iter().filter(|key| key.path.contains('.')) {
        let (_section, name) = key.path.split_once('.').unwrap();
        let text = format!("{}\n{}", base.line(key.path), base.with_line(key.path, ""));
        refused(&base, &text, &[&format!("there is no key {name}; did you mean {}?", key.path)]);
    }
}

#[test]
fn what_is_nothing_like_a_key_is_told_without_a_guess() {
    let base = Base::new();
    for wrong in ["banana", "a", "\"\"", "x.y.z", "\"a b\""] {
        let text = format!("{wrong} = 1\n{}", base.text);
        let said = super::said(&base, &text, &|_name| None).unwrap();
        assert!(said.starts_with("there is no key ") && !said.contains("did you mean"), "{said}");
    }
}

#[test]
fn a_repeated_key_or_section_is_told() {
    let base = Base::new();
    for key in KEYS {
        let line = base.line(key.path);
        let text = base.with_line(key.path, &format!("{line}\n{line}"));
        refused(&base, &text, &["duplicate key", &format!("({})", key.path)]);
        let section = key.path.split_once('.').map(|(section, _name)| section);
        if let Some(section) = section {
            refused(
                &base,
                &format!("{}[{section}]\n", base.text),
                &["duplicate key", &format!("[{section}]")],
            );
        }
    }
}

#[test]
fn a_missing_issuer_is_told() {
    let base = Base::new();
    refused(&base, &base.with_line("issuer", ""), &["issuer: it is missing"]);
    refused(&base, "", &["issuer: it is missing"]);
}
