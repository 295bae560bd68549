//! What the OpenID Foundation's suite asks of a provider, module by module, over TLS and from outside: no test knows more than
//! a client does. Named after the modules; `docs/dev/openid-conformance.md` has the table.
//!
//! The clients are as the suite configures them: confidential, without PKCE unless a module sends it, and asked for consent.

mod claims;
mod codes;
mod config;
mod happy;
mod login;
mod provider;
mod requests;

use std::path::Path;

/// The plans that are covered, and how many modules each has.
const PLANS: [(&str, usize); 4] =
    [("Config", 1), ("Basic", 38), ("RP-initiated logout", 11), ("Back-channel logout", 2)];

/// Every row of the table names a test that is there.
#[test]
fn the_table_of_modules_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/dev/openid-conformance.md")).unwrap();
    for (plan, modules) in PLANS {
        let section = table.split(&format!("## {plan}\n")).nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| `oidcc-")).collect();
        assert_eq!(rows.len(), modules, "{plan}");
        for row in rows {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
            let (module, file) = (cells[1], cells[2]);
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("{row}"));
            let test = format!("async fn {}(", module.replace('-', "_"));
            assert!(text.contains(&test), "{file} has no {test}");
        }
    }
}
