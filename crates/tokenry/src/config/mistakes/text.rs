//! Texts that are no TOML, or hardly: cut off, with bytes that are no text, nested without end.

use std::fs;

use super::base::Base;
use super::{refused, said};
use crate::config::load;

/// A configuration that is cut off is good or bad, and never more than that; `said` looks that no secret is told.
#[test]
fn leak_01_every_beginning_of_a_configuration_is_read_or_refused() {
    let base = Base::new();
    let mut refused = 0;
    for end in (0..base.text.len()).step_by(7).filter(|end| base.text.is_char_boundary(*end)) {
        let cut = base.text.get(..end).unwrap();
        let inside_a_value = !cut.ends_with('\n')
            && cut
                .lines()
                .last()
                .is_some_and(|line| !line.starts_with('#') && line.matches('"').count() % 2 == 1);
        let said = said(&base, cut, &|_name| None);
        if inside_a_value {
            let said = said.unwrap_or_else(|| panic!("taken for good: {cut}"));
            assert!(said.contains("is not TOML: line ") && said.contains('('), "{said}");
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn a_byte_that_is_no_text_is_told_with_its_line() {
    let base = Base::new();
    let file = base.folder.path().join("tokenry.toml");
    let text = base.text.as_bytes();
    for at in (0..text.len()).step_by(101) {
        let mut broken = text.to_vec();
        broken.insert(at, 0xFF);
        fs::write(&file, broken).unwrap();
        let line = text[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let said = load(&file, &|_name| None).unwrap_err().to_string();
        assert!(said.contains(&format!("line {line} is not UTF-8")) && !said.contains("sesame123"), "{said}");
    }
}

#[test]
fn control_characters_are_refused() {
    let base = Base::new();
    for at in (0..base.text.len()).step_by(97).filter(|at| base.text.is_char_boundary(*at)) {
        for control in ["\0", "\u{1b}", "\u{7f}"] {
            let mut broken = base.text.clone();
            broken.insert_str(at, control);
            refused(&base, &broken, &["is not TOML: line "]);
        }
    }
}

#[test]
fn what_nests_without_end_is_refused() {
    let base = Base::new();
    for deep in [200, 20_000] {
        for (open, close) in [("[", "]"), ("{ a = ", " }")] {
            let value = format!("{}1{}", open.repeat(deep), close.repeat(deep));
            for key in ["issuer", "tokens.namespace", "trusted_proxies", "limits.names_per_address"] {
                super::said(&base, &base.with(key, &value), &|_name| None).unwrap();
            }
        }
        let dotted = format!("{}a = 1\n{}", "a.".repeat(deep), base.text);
        super::said(&base, &dotted, &|_name| None).unwrap();
        super::said(&base, &format!("{}[{}a]\n", base.text, "a.".repeat(deep)), &|_name| None).unwrap();
    }
}

#[test]
fn what_is_no_toml_at_all_is_refused() {
    let base = Base::new();
    for text in [
        "issuer: https://id.example.com\n",
        "{\"issuer\": \"https://id.example.com\"}",
        "issuer https://id.example.com",
        "issuer = https://id.example.com",
        "issuer = 'https://id.example.com",
        "= 1",
        "[",
        "[]",
        "[tokens",
        "issuer = \"\\x\"",
        "\u{feff}[[",
        "<html>",
        "-----BEGIN PRIVATE KEY-----\nsesame123",
    ] {
        refused(&base, text, &["is not TOML: line 1"]);
    }
}

#[test]
fn a_file_without_end_or_a_folder_is_refused() {
    let base = Base::new();
    for (file, says) in
        [("/dev/zero", "longer than 1 MiB"), ("/", "cannot be read"), ("/nowhere/x", "cannot be read")]
    {
        let said = load(file.as_ref(), &|_name| None).unwrap_err().to_string();
        assert!(said.contains(says) && said.contains(file), "{said}");
    }
    drop(base);
}
