//! What the guide about people tells to paste, pasted against a demo.

use crate::guides::{Demo, page};
use crate::readme::shell_blocks;

#[test]
fn the_guide_about_people() {
    let demo = Demo::start();
    let blocks = shell_blocks(&page("guides/people"));
    assert_eq!(blocks.len(), 7);
    let said = demo.paste(&blocks.concat());
    assert_eq!(said.code, 0, "{said:?}");
    for told in ["auditor", "dora@acme.example", "dora@globex.example", "user.deleted", "propagated"] {
        assert!(said.stdout.contains(told), "{told}: {said:?}");
    }
    let has_password = |line: &str| line.starts_with("password ") && line.ends_with(" true");
    assert!(said.stdout.lines().any(has_password), "{said:?}");
}
