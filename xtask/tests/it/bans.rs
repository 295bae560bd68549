//! What must not be in what ships: a second TLS or crypto library, or one of the system's.

use crate::workspace::cargo;

/// `deny.toml` says the same to cargo-deny, for whoever has it.
const BANNED: [&str; 3] = ["native-tls", "openssl-sys", "ring"];

/// Members that no user gets.
const DO_NOT_SHIP: [&str; 5] =
    ["tokenry-bench-floor", "tokenry-bench-seed", "tokenry-testkit", "tokenry-testpg", "xtask"];

#[test]
fn nothing_banned_is_in_what_ships() {
    let shipped = shipped();
    let found: Vec<_> = BANNED.iter().filter(|name| shipped.iter().any(|crate_| crate_ == **name)).collect();
    assert!(
        found.is_empty(),
        "{found:?} ship: find out by whom with cargo tree --invert <name> --edges normal"
    );
}

#[test]
fn what_ships_is_looked_at_whole() {
    let shipped = shipped();
    for name in ["aws-lc-rs", "rustls", "tokenry-guard", "tokio-postgres"] {
        assert!(
            shipped.iter().any(|crate_| crate_ == name),
            "{name} is not among the {} crates seen",
            shipped.len()
        );
    }
}

/// Names of the crates that what ships is built of.
fn shipped() -> Vec<String> {
    let mut arguments =
        vec!["tree", "--workspace", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    for member in DO_NOT_SHIP {
        arguments.extend(["--exclude", member]);
    }
    let tree = cargo(&arguments);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
