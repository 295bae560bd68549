//! One schema on two engines, and statements that both understand.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use tokenry_store::{migrate, statements};

use super::support::*;

async fn migrated(engine: Engine) -> TestDb {
    let test = TestDb::empty(engine, options()).await;
    migrate::migrate(&test.db).await.unwrap();
    test
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn every_statement_is_valid(#[case] engine: Engine) {
    let test = migrated(engine).await;
    let mut wrong = Vec::new();
    for sql in statements::all() {
        if let Err(error) = test.db.prepare(sql).await {
            wrong.push(error.to_string());
        }
    }
    assert!(wrong.is_empty(), "{engine:?}: {wrong:#?}");
}

#[test]
fn every_statement_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let defined: BTreeSet<_> = [folder.join("copy"), folder]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .filter(|path| std::fs::read_to_string(path).unwrap().lines().any(|it| it.ends_with("statements! {")))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(statements::ALL.len(), defined.len(), "{defined:?}");
}

#[tokio::test]
async fn the_two_schemas_are_one() {
    let (postgres, sqlite) = (migrated(Engine::Postgres).await, migrated(Engine::Sqlite).await);
    let (postgres, sqlite) = (of_postgres(&postgres), of_sqlite(&sqlite));
    assert_eq!(postgres.keys().collect::<Vec<_>>(), sqlite.keys().collect::<Vec<_>>(), "tables");
    for (name, table) in &postgres {
        assert_eq!(table, &sqlite[name], "{name}: PostgreSQL left, SQLite right");
    }
}

/// What a table is, in words that both engines can be translated to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// Name, type, and whether null is refused, in order.
    columns: Vec<(String, String, bool)>,
    /// Name, columns, and the condition's presence, of each unique index.
    unique: BTreeSet<(String, Vec<String>, bool)>,
    /// Name and columns of the others.
    indexes: BTreeSet<(String, Vec<String>)>,
    /// Columns, table and columns referred to, and what a deletion does.
    references: BTreeSet<(Vec<String>, String, Vec<String>, String)>,
}

/// Rows of text from a query, with `|` between columns and `,` inside lists.
fn lines(test: &TestDb, sql: &str) -> Vec<Vec<String>> {
    let rows = tokenry_testpg::execute(&test.url, sql).unwrap();
    rows.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn of_postgres(test: &TestDb) -> BTreeMap<String, Table> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for it in lines(
        test,
        "SELECT table_name, column_name, data_type, is_nullable, coalesce(collation_name, '') \
         FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
    ) {
        let kind = match (it[2].as_str(), it[4].as_str()) {
            ("bigint", "") => "INTEGER",
            ("bytea", "") => "BLOB",
            ("text", "C") => "TEXT",
            other => panic!("{}.{}: {other:?} is not BIGINT, BYTEA or TEXT COLLATE \"C\"", it[0], it[1]),
        };
        let table = tables.entry(it[0].clone()).or_default();
        table.columns.push((it[1].clone(), kind.to_owned(), it[3] == "NO"));
    }
    for it in lines(
        test,
        "SELECT t.relname, i.relname, x.indisunique, x.indpred IS NOT NULL, \
         (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY AS k (num, n) \
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) \
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
         WHERE t.relnamespace = 'public'::regnamespace",
    ) {
        let table = tables.get_mut(&it[0]).unwrap();
        if it[2] == "t" {
            table.unique.insert((it[1].clone(), list(&it[4]), it[3] == "t"));
        } else {
            table.indexes.insert((it[1].clone(), list(&it[4])));
        }
    }
    for it in lines(
        test,
        "SELECT c.conrelid::regclass, c.confrelid::regclass, c.confdeltype, \
         (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k (num, n) \
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num), \
         (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k (num, n) \
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num) \
         FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace",
    ) {
        let action = match it[2].as_str() {
            "a" => "NO ACTION",
            "c" => "CASCADE",
            "n" => "SET NULL",
            "r" => "RESTRICT",
            other => panic!("ON DELETE {other}"),
        };
        let table = tables.get_mut(&it[0]).unwrap();
        table.references.insert((list(&it[3]), it[1].clone(), list(&it[4]), action.to_owned()));
    }
    tables
}

fn of_sqlite(test: &TestDb) -> BTreeMap<String, Table> {
    let connection = rusqlite::Connection::open(test.path()).unwrap();
    let query = |sql: &str, of: &str| -> Vec<Vec<String>> {
        let mut statement = connection.prepare(sql).unwrap();
        let width = statement.column_count();
        let bound = if of.is_empty() { vec![] } else { vec![of] };
        let rows = statement
            .query_map(rusqlite::params_from_iter(bound), |row| {
                (0..width).map(|i| row.get::<_, Option<String>>(i).map(Option::unwrap_or_default)).collect()
            })
            .unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut tables = BTreeMap::new();
    for it in query(
        "SELECT name, strict || '' FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB 'sqlite_*'",
        "",
    ) {
        assert_eq!(it[1], "1", "{} is not STRICT", it[0]);
        let name = &it[0];
        let mut table = Table::default();
        for it in query("SELECT name, type, \"notnull\" || '' FROM pragma_table_info(?1) ORDER BY cid", name)
        {
            table.columns.push((it[0].clone(), it[1].clone(), it[2] == "1"));
        }
        let columns =
            "SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(?1) ORDER BY seqno)";
        let mut has_key = false;
        for it in
            query("SELECT name, \"unique\" || '', origin, partial || '' FROM pragma_index_list(?1)", name)
        {
            let columns = list(&query(columns, &it[0])[0][0]);
            has_key |= it[2] == "pk";
            let index = match it[2].as_str() {
                "pk" => format!("{name}_pkey"),
                "u" => format!("{name}_{}_key", columns.join("_")),
                _ => it[0].clone(),
            };
            if it[1] == "1" {
                table.unique.insert((index, columns, it[3] == "1"));
            } else {
                table.indexes.insert((index, columns));
            }
        }
        // The row id of an INTEGER PRIMARY KEY needs no index.
        let key = query(
            "SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(?1) WHERE pk > 0)",
            name,
        );
        if !has_key && !key[0][0].is_empty() {
            table.unique.insert((format!("{name}_pkey"), list(&key[0][0]), false));
        }
        let mut references: BTreeMap<String, (Vec<String>, String, Vec<String>, String)> = BTreeMap::new();
        for it in query(
            "SELECT id || '', \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
            name,
        ) {
            let reference = references.entry(it[0].clone()).or_default();
            reference.0.push(it[1].clone());
            reference.1.clone_from(&it[2]);
            reference.2.push(it[3].clone());
            reference.3.clone_from(&it[4]);
        }
        table.references = references.into_values().collect();
        tables.insert(name.clone(), table);
    }
    tables
}
