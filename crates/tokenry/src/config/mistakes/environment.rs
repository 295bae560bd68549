//! The same mistakes by way of the environment, and those that only it makes possible.

use std::fs;

use super::base::{Base, Kind, kind};
use super::{PASSWORD, said};
use crate::config::keys::KEYS;

/// A value that no key of that kind can have.
fn wrong(kind: Kind) -> &'static str {
    match kind {
        Kind::Address => "nowhere",
        Kind::Database => "mysql://app:sesame123@db/x",
        Kind::Domain => "example.org",
        Kind::Duration => "24hh",
        Kind::Flag => "ture",
        Kind::File => "-----BEGIN PRIVATE KEY-----sesame123",
        Kind::Mail => "mail.example.com",
        Kind::Networks => "10.0.0.0/8, nowhere",
        Kind::Number => "many",
        Kind::Origins => "https://app.example.com, nowhere",
        Kind::Path => "nowhere",
        Kind::Profile => "auht0",
        Kind::Reveal => "ones",
        Kind::Routes => "POST https://api.example.com/import, nowhere",
        Kind::SameSite => "laxx",
        Kind::Sender => "nobody",
        Kind::Text => "No Brand",
        Kind::Trials => "https://api.example.com https://api.example.com/me, nowhere",
        Kind::Url => "nowhere",
        Kind::Word => "RS265",
    }
}

#[test]
fn a_bad_value_of_a_twin_is_told_with_key_and_value() {
    let base = Base::new();
    for key in KEYS {
        let kind = kind(key.path);
        let file = base.folder.path().join("value");
        fs::write(&file, format!("{}\n", wrong(kind))).unwrap();
        let file = file.display().to_string();
        let twin = |name: &str| (name == key.env).then(|| wrong(kind).to_owned());
        let file_form = |name: &str| (name == format!("{}_FILE", key.env)).then(|| file.clone());
        for env in [&twin as &dyn Fn(&str) -> Option<String>, &file_form] {
            let said = said(&base, &base.text, env).unwrap_or_else(|| panic!("taken for good: {}", key.path));
            assert!(said.contains(&format!("{}: ", key.path)), "{said}");
            let shown = match kind {
                Kind::Database | Kind::File | Kind::Mail => "",
                Kind::Networks | Kind::Origins | Kind::Routes | Kind::Trials => "nowhere",
                _ => wrong(kind),
            };
            assert!(said.contains(shown), "{said}");
        }
        let said = said(&base, &base.text, &|name| {
            [key.env.to_owned(), format!("{}_FILE", key.env)].contains(&name.to_owned()).then(|| file.clone())
        });
        assert!(
            said.as_ref().is_some_and(|said| said.contains("both set") && said.contains(key.env)),
            "{said:?}"
        );
    }
}

#[test]
fn what_the_environment_got_wrong_names_the_variable() {
    let base = Base::new();
    for (variable, value) in [("TOKENRY_LISTEN", "nowhere"), ("TOKENRY_KEYS_ROTATE_EVERY", "24hh")] {
        let said = said(&base, &base.text, &|name| (name == variable).then(|| value.to_owned())).unwrap();
        assert!(said.ends_with(&format!("(as {variable} has it)")), "{said}");
    }
}

#[test]
fn leak_01_a_file_form_that_names_no_file_tells_neither_key_nor_password() {
    let base = Base::new();
    let garbled = base.folder.path().join("garbled");
    fs::write(&garbled, b"line\n\xff").unwrap();
    let garbled = garbled.display().to_string();
    for key in KEYS {
        for (named, says) in [
            ("/nowhere/x", "cannot be read"),
            ("/", "cannot be read"),
            ("/dev/zero", "longer than 1 MiB"),
            (garbled.as_str(), "line 2 is not UTF-8"),
            (&format!("postgres://app:{PASSWORD}@db/x"), "cannot be read"),
            (&format!("-----BEGIN PRIVATE KEY-----\n{PASSWORD}"), "cannot be read"),
            (&"a/".repeat(100_000), "cannot be read"),
        ] {
            let variable = format!("{}_FILE", key.env);
            let said = said(&base, &base.text, &|name| (name == variable).then(|| named.to_owned())).unwrap();
            assert!(said.contains(&variable) && said.contains(key.path) && said.contains(says), "{said}");
        }
    }
}
