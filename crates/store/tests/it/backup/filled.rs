//! A database with a row in every table, and a way to compare two of them.

use std::collections::BTreeMap;

use tokenry_store::db::{Db, Sql, Value};
use tokenry_store::{copied_columns, migrate, params};

use crate::db::support::{Engine, TestDb, options, write_tx};

/// A migrated database.
pub(super) async fn migrated(engine: Engine) -> TestDb {
    let test = TestDb::empty(engine, options()).await;
    migrate::migrate(&test.db).await.unwrap();
    test
}

/// The columns of every table but `schema`, each with its type, as SQLite has them.
pub(super) async fn columns() -> BTreeMap<String, Vec<(String, String)>> {
    let test = migrated(Engine::Sqlite).await;
    let connection = rusqlite::Connection::open(test.path()).unwrap();
    let sql = "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND t.name NOT IN ('schema', 'sqlite_sequence')";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let mut columns = BTreeMap::<String, Vec<_>>::new();
    for row in rows {
        let (table, column, kind): (String, String, String) = row.unwrap();
        columns.entry(table).or_default().push((column, kind));
    }
    columns
}

/// A database with one row in every table, all of whose ids are `x`, and 1,200 rows more where the key has two columns.
pub(super) async fn filled(engine: Engine) -> TestDb {
    let (test, types) = (migrated(engine).await, columns().await);
    run(&test.db, "DELETE FROM change_counter", Vec::new()).await;
    for (table, columns) in copied_columns() {
        let kind = |name: &str| {
            let of_table = &types[table];
            of_table
                .iter()
                .find(|(own, _kind)| own == name)
                .unwrap_or_else(|| panic!("{table}.{name}"))
                .1
                .clone()
        };
        let values: Vec<_> = columns.iter().map(|column| value(column, &kind(column))).collect();
        run(&test.db, &insert(engine, table, &columns), values).await;
    }
    for n in 0..1_200_i64 {
        let digest = [&[1; 24][..], &n.to_be_bytes()].concat();
        let sql = insert(engine, "used_assertions", &["client_id", "jti_digest", "expires_at"]);
        run(&test.db, &sql, params!["x", digest, n].into()).await;
    }
    // As if there had been rows that were removed since.
    test.script(match engine {
        Engine::Postgres => "SELECT setval('audit_seq_seq', 41); SELECT setval('guard_events_id_seq', 51)",
        Engine::Sqlite => {
            "UPDATE sqlite_sequence SET seq = CASE name WHEN 'audit' THEN 41 ELSE 51 END \
             WHERE name IN ('audit', 'guard_events')"
        }
    });
    test
}

fn insert(engine: Engine, table: &str, columns: &[&str]) -> String {
    let marks: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let own = engine == Engine::Postgres && ["audit", "guard_events"].contains(&table);
    let own = if own { "OVERRIDING SYSTEM VALUE " } else { "" };
    format!("INSERT INTO {table} ({}) {own}VALUES ({})", columns.join(", "), marks.join(", "))
}

/// What a column takes, so that every row refers to the others.
fn value(column: &str, kind: &str) -> Value {
    match (column, kind) {
        ("argon2id", _) => Value::Null,
        ("state", _) => "active".into(),
        (_, "BLOB") => vec![7; 32].into(),
        (_, "INTEGER") => 1.into(),
        _ => "x".into(),
    }
}

async fn run(db: &Db, sql: &str, values: Vec<Value>) {
    let sql = Sql::new("RUN", Box::leak(sql.to_owned().into_boxed_str()));
    write_tx!(db, [values], |tx| { tx.exec(sql, &values).await }).await.unwrap();
}

/// Every row of every table but `schema`, in order.
pub(super) async fn rows(db: &Db) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for (table, columns) in copied_columns() {
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        let sql = Sql::new("ROWS", Box::leak(sql.into_boxed_str()));
        let mut rows: Vec<_> =
            db.list(sql, &[]).await.unwrap().iter().map(|row| content(row, columns.len())).collect();
        rows.sort();
        all.insert(table, rows);
    }
    all
}

fn content(row: &tokenry_store::db::Row, width: usize) -> String {
    let column = |i| match (row.opt_int(i), row.opt_text(i), row.opt_blob(i)) {
        (Ok(int), ..) => format!("{int:?}"),
        (_, Ok(text), _) => format!("{text:?}"),
        (.., blob) => format!("{:?}", blob.unwrap()),
    };
    (0..width).map(column).collect::<Vec<_>>().join("|")
}
