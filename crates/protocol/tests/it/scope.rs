//! Scope: grammar and set algebra.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rstest::rstest;
use tokenry_protocol::scope::{InvalidScope, MAX_TOKENS, Scope, ScopeToken};

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

#[test]
fn r70_the_scopes_of_the_seed_are_scopes() {
    let all = scope("read:timesheets create:timesheets delete:timesheets approve:timesheets");
    assert_eq!(all.len(), 4);
    assert_eq!(all.to_string(), "approve:timesheets create:timesheets delete:timesheets read:timesheets");
    assert!(all.contains("read:timesheets"));
    assert!(!all.contains("read:timesheet") && !all.contains("Read:timesheets") && !all.contains(""));
}

#[test]
fn every_character_of_the_grammar_and_no_other() {
    for c in '\0'..='\u{ff}' {
        let allowed = matches!(c, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
        assert_eq!(ScopeToken::parse(&c.to_string()).is_ok(), allowed, "{c:?}");
    }
    assert_eq!(ScopeToken::parse(""), Err(InvalidScope));
    assert_eq!("a b".parse::<ScopeToken>(), Err(InvalidScope));
}

#[rstest]
#[case::empty("")]
#[case::space(" ")]
#[case::leading(" a")]
#[case::trailing("a ")]
#[case::doubled("a  b")]
#[case::tab("a\tb")]
#[case::line_break("a\nb")]
#[case::quote("a \"b\"")]
#[case::backslash("a\\b")]
#[case::control("a\x01")]
#[case::delete("a\x7f")]
#[case::non_ascii("lire:é")]
#[case::no_break_space("a\u{a0}b")]
fn tok_27_outside_the_grammar(#[case] text: &str) {
    assert_eq!(Scope::parse(text), Err(InvalidScope));
}

#[test]
fn tok_27_too_many() {
    let many = |count: usize| (0..count).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(scope(&many(MAX_TOKENS)).len(), MAX_TOKENS);
    assert_eq!(Scope::parse(&many(MAX_TOKENS + 1)), Err(InvalidScope));
    assert_eq!(Scope::parse(&many(10_000)), Err(InvalidScope));
    assert_eq!(Scope::parse(&vec!["a"; MAX_TOKENS + 1].join(" ")), Err(InvalidScope), "repetition counts");
}

#[test]
fn a_token_twice_counts_once() {
    assert_eq!(scope("b a b").to_string(), "a b");
}

#[test]
fn the_empty_set() {
    assert!(Scope::empty().is_empty());
    assert_eq!(Scope::empty(), Scope::default());
    assert_eq!(Scope::empty().to_string(), "");
    assert!(Scope::empty().is_subset(&Scope::empty()) && Scope::empty().is_subset(&scope("a")));
    assert!(!scope("a").is_subset(&Scope::empty()));
}

#[test]
fn r73_no_scope_implies_another() {
    let held = scope("create:timesheets read:timesheets:all");
    assert!(!scope("read:timesheets").is_subset(&held));
    assert!(held.intersection(&scope("read:timesheets create")).is_empty());
}

#[test]
fn json_is_a_string() {
    assert_eq!(serde_json::to_string(&scope("b a")).unwrap(), r#""a b""#);
    assert_eq!(serde_json::from_str::<Scope>(r#""b a""#).unwrap(), scope("a b"));
    assert_eq!(serde_json::from_str::<Scope>(r#""""#).unwrap(), Scope::empty());
    for json in [r#"" ""#, r#""a  b""#, r#"["a"]"#, "null"] {
        assert!(serde_json::from_str::<Scope>(json).is_err(), "{json}");
    }
}

/// Few tokens, so that sets overlap.
fn tokens() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-d]{1,2}", 0..8)
}

fn of(tokens: &BTreeSet<String>) -> Scope {
    tokens.iter().rev().map(|token| ScopeToken::parse(token).unwrap()).collect()
}

proptest! {
    #[test]
    fn the_algebra_is_that_of_sets(a in tokens(), b in tokens()) {
        let (ours, theirs) = (of(&a), of(&b));
        let both: BTreeSet<_> = a.intersection(&b).cloned().collect();
        prop_assert_eq!(ours.intersection(&theirs), of(&both));
        prop_assert_eq!(ours.intersection(&theirs), theirs.intersection(&ours));
        prop_assert_eq!(ours.is_subset(&theirs), a.is_subset(&b));
        prop_assert!(ours.intersection(&theirs).is_subset(&ours));
        prop_assert_eq!(ours.len(), a.len());
        prop_assert!(ours.iter().map(ScopeToken::as_str).eq(a.iter()));
        prop_assert!(b.iter().all(|token| ours.contains(token) == a.contains(token)));
    }

    #[test]
    fn what_is_written_is_read_back(tokens in prop::collection::vec("[!#-\\[\\]-~]{1,12}", 1..20)) {
        let scope = scope(&tokens.join(" "));
        prop_assert_eq!(Scope::parse(&scope.to_string()).unwrap(), scope);
    }

    #[test]
    fn any_text_is_a_scope_or_not(text: String) {
        let grammar = text.split(' ').all(|token| {
            !token.is_empty() && token.bytes().all(|b| b == 0x21 || (0x23..=0x7E).contains(&b) && b != 0x5C)
        });
        prop_assert_eq!(Scope::parse(&text).is_ok(), grammar && text.split(' ').count() <= MAX_TOKENS);
    }
}
