//! What the two guides tell to paste is pasted into bash, in the folder of a server.

use std::fs;

use tokenry_testpg as testpg;

use crate::folder::{Folder, On, Seeded};
use crate::process::{Running, serve};
use crate::readme::{bash, shell_blocks};
use crate::serve::token;

fn guide(name: &str) -> Vec<String> {
    let file = format!("{}/../../docs/guides/{name}.md", env!("CARGO_MANIFEST_DIR"));
    shell_blocks(&fs::read_to_string(file).unwrap())
}

/// A server on SQLite that has issued a token.
async fn serving() -> (Folder, Seeded, Running) {
    let folder = Folder::init(On::Sqlite);
    folder.set("signing_alg", "signing_alg = \"EdDSA\"");
    let seeded = folder.seed();
    let (server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
    (folder, seeded, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backing_up_and_restoring() {
    let (folder, seeded, mut server) = serving().await;
    let [backup, pipe, restore, verify, new_handles] = <[String; 5]>::try_from(guide("backup")).unwrap();
    let said = bash(&[backup, pipe].concat(), folder.path.path(), &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("engine      SQLite") && said.stdout.contains("  -\n"), "{said:?}");
    assert!(said.stderr.contains("The keyring is not in it"), "{said:?}");
    server.stop();
    let said = bash(&[restore, verify].concat(), folder.path.path(), &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("kept  ") && said.stdout.contains("intact                true"), "{said:?}");
    assert!(said.stderr.contains("live on to their exp"), "{said:?}");
    let said = bash(&new_handles, folder.path.path(), &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("Every token issued so far is ended"), "{said:?}");
    let (_server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite_to_postgresql() {
    let (mut folder, seeded, mut server) = serving().await;
    let database = testpg::Database::empty().unwrap();
    let blocks = guide("to-postgres");
    let blocks =
        blocks.iter().map(|block| block.replace("postgres://tokenry@db.example.com/tokenry", database.url()));
    let [url, checkpoints, copy, go_on] = <[String; 4]>::try_from(blocks.collect::<Vec<_>>()).unwrap();
    assert_eq!(bash(&[url, checkpoints].concat(), folder.path.path(), &[]).code, 0);
    server.stop();
    let said = bash(&[copy, go_on].concat(), folder.path.path(), &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("intact                true"), "{said:?}");
    folder.use_database(database.url());
    let (_server, url) = serve(&folder.config);
    assert!(token(&url, &seeded.cron).await.is_some());
}
