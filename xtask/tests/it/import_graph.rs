//! Who imports whom among the workspace's own crates: printed, and held against the rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::workspace::cargo;

/// What each room imports. Rooms are packages without the prefix `tokenry-`.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Who imports whom.
const GRAPH: &str = "
bench-seed → clock model protocol store
contractors-app → web-app
engine → clock jose model protocol store
guard → clock jose protocol
leakscan → protocol
model → clock jose protocol
server → clock engine jose model protocol
store → clock jose model protocol
testkit → clock engine jose leakscan model protocol server store testpg
timesheets-api → guard timesheets-environment
timesheets-cron → timesheets-environment token-source
timesheets-web → jose web-app
token-source → clock protocol
tokenry → clock engine guard jose model protocol server store timesheets-api
web-app → clock timesheets-environment
xtask → clock leakscan testpg
";

/// Who may import whom; `*` is everything that ships.
const RULE: &str = "
    bench-floor     →
    bench-seed      → *
    clock           →
    contractors-app → guard token-source web-app
    engine          → clock jose model protocol store
    guard           → clock jose protocol
    jose            → clock
    leakscan        → protocol
    model           → clock jose protocol
    protocol        → clock
    server          → clock engine guard model protocol
    store           → model
    testkit         → * leakscan testpg
    testpg          →
    timesheets-api  → guard timesheets-environment token-source
    timesheets-cron → guard timesheets-environment token-source
    timesheets-environment →
    timesheets-web  → guard token-source web-app
    token-source    → clock jose protocol
    tokenry         → *
    web-app         → clock timesheets-environment
    xtask           → clock leakscan testpg
";

/// Leaves, whose types the rooms above show in their own signatures: who may import such a room may name them too.
const VOCABULARY: [&str; 3] = ["clock", "jose", "protocol"];

/// Rooms that no user gets. Those that ship may import them for their tests alone.
const DO_NOT_SHIP: [&str; 6] = ["bench-floor", "bench-seed", "leakscan", "testkit", "testpg", "xtask"];

#[test]
fn the_import_graph_is_this() {
    let graph = print(&imports());
    assert_eq!(
        graph.trim(),
        GRAPH.trim(),
        "the arrows changed; if that is meant, the graph is now:\n{graph}"
    );
}

#[test]
fn no_arrow_breaks_the_rule() {
    let rule = parse(RULE);
    let mut wrong = Vec::new();
    for (room, imported) in imports() {
        let allowed = allowed(&rule, &room);
        wrong.extend(imported.difference(&allowed).map(|other| format!("{room} → {other}")));
    }
    assert!(wrong.is_empty(), "arrows that no rule allows: {wrong:#?}");
}

#[test]
fn the_rule_allows_vocabulary_through_a_room_but_not_the_rooms_behind_it() {
    let rule = parse(RULE);
    assert!(allowed(&rule, "store").contains("clock"), "model shows instants");
    assert!(!allowed(&rule, "server").contains("store"), "the server knows no SQL");
    assert!(!allowed(&rule, "guard").contains("model"), "users must not inherit our insides");
    assert!(!allowed(&rule, "tokenry").contains("testkit"), "only tests import what is for tests");
}

/// What the manifests declare of normal dependencies: cargo says `null` of their kind.
fn imports() -> Graph {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version=1", "--no-deps"]))
        .expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let members: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let imported = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("a list of dependencies");
        let ours = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
        let names = ours.filter_map(|dependency| dependency["name"].as_str());
        names.filter(|name| members.contains(name)).map(room).collect()
    };
    packages
        .iter()
        .map(|package| (room(package["name"].as_str().expect("a name")), imported(package)))
        .collect()
}

fn room(package: &str) -> String {
    package.strip_prefix("tokenry-").unwrap_or(package).to_owned()
}

fn print(graph: &Graph) -> String {
    let lines = graph.iter().filter(|(_, imported)| !imported.is_empty()).map(|(room, imported)| {
        let imported: Vec<_> = imported.iter().map(String::as_str).collect();
        format!("{room} → {}", imported.join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn parse(rule: &str) -> Graph {
    let lines = rule.lines().filter_map(|line| line.split_once('→'));
    let mut graph: Graph = lines
        .map(|(room, imported)| {
            (room.trim().to_owned(), imported.split_whitespace().map(str::to_owned).collect())
        })
        .collect();
    let ships: BTreeSet<String> =
        graph.keys().filter(|room| !DO_NOT_SHIP.contains(&room.as_str())).cloned().collect();
    for (room, imported) in &mut graph {
        if imported.remove("*") {
            imported.extend(ships.iter().filter(|other| *other != room).cloned());
        }
    }
    graph
}

/// What the rule lists for a room, and the vocabulary of what it lists.
fn allowed(rule: &Graph, room: &str) -> BTreeSet<String> {
    let mut allowed = rule.get(room).cloned().unwrap_or_default();
    let mut behind: Vec<String> = allowed.iter().cloned().collect();
    while let Some(other) = behind.pop() {
        let imported = rule.get(&other).into_iter().flatten();
        for vocabulary in imported.filter(|name| VOCABULARY.contains(&name.as_str())) {
            if allowed.insert(vocabulary.clone()) {
                behind.push(vocabulary.clone());
            }
        }
    }
    allowed
}
