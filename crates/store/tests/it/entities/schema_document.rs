//! The page on what the database holds, against the schema.

use std::path::Path;

use rstest::rstest;

use super::Engine::{self, Postgres, Sqlite};
use super::World;

const HOW: &[&str] = &["digest", "hash", "plaintext", "plaintext or wrapped", "wrapped"];

/// Every row of the document's tables: `table.column`, how it is kept, how long it lives.
fn documented() -> Vec<(String, String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dev/storage-schema.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut table = "";
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("### `") {
            table = name.trim_end_matches('`');
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells = row.split(" | ").collect::<Vec<_>>();
            let column = cells[0].trim_end_matches('`');
            assert_eq!(cells.len(), 4, "{table}.{column} has four cells");
            rows.push((
                format!("{table}.{column}"),
                cells[1].to_owned(),
                cells[3].trim_end_matches(" |").to_owned(),
            ));
        }
    }
    rows
}

#[rstest]
#[tokio::test]
async fn every_column_is_documented_and_nothing_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    let mut documented = documented().into_iter().map(|(column, ..)| column).collect::<Vec<_>>();
    documented.sort();
    assert_eq!(world.database.columns(), documented);
}

#[test]
fn every_column_says_how_it_is_kept_and_how_long() {
    let rows = documented();
    assert!(rows.len() > 80, "{}", rows.len());
    for (column, how, lives) in rows {
        assert!(HOW.contains(&how.as_str()), "{column}: {how}");
        assert!(lives.starts_with("as ") || lives.starts_with("until "), "{column}: {lives}");
        if column.ends_with(".digest") || column.contains(".wrapped") || column.contains(".argon2id") {
            assert_ne!(how, "plaintext", "{column}");
        }
    }
}
