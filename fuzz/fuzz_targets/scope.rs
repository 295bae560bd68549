//! Scopes: written and read again they are the same, and the set algebra holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenry_protocol::Scope;

fuzz_target!(|texts: (&str, &str)| {
    let (Ok(ours), Ok(theirs)) = (Scope::parse(texts.0), Scope::parse(texts.1)) else { return };
    assert_eq!(Scope::parse(&ours.to_string()).expect("what was written can be read"), ours);
    let both = ours.intersection(&theirs);
    assert!(both.is_subset(&ours) && both.is_subset(&theirs));
    assert_eq!(ours.is_subset(&theirs), both == ours);
});
