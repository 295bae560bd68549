//! What compiles the Rust that a page shows: with crates that the examples were built of, so that nothing is fetched, and hardly
//! anything built, for it.

use std::path::Path;

use serde_json::Value;

use crate::process::build_of_examples;

/// Crates that may be used.
const CRATES: [&str; 2] = ["reqwest", "tokio"];

/// The compiler, and what it is told beside the file and where its program goes.
pub(super) fn compiler() -> Vec<String> {
    let built = build_of_examples().args(["--message-format", "json"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let said = String::from_utf8(built.stdout).unwrap();
    let artifacts: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rustc = Path::new(env!("CARGO")).with_file_name("rustc");
    let mut command = vec![rustc.display().to_string(), "--edition".to_owned(), "2024".to_owned()];
    for name in CRATES {
        let library = library(&artifacts, name);
        let folder = library.parent().unwrap().display();
        command.extend(["-L".to_owned(), format!("dependency={folder}")]);
        command.extend(["--extern".to_owned(), format!("{name}={}", library.display())]);
    }
    command
}

/// Where cargo has put a crate's library.
fn library<'a>(artifacts: &'a [Value], name: &str) -> &'a Path {
    let of = artifacts.iter().find(|artifact| artifact["target"]["name"] == name);
    let files =
        of.and_then(|artifact| artifact["filenames"].as_array()).unwrap_or_else(|| panic!("no {name}"));
    files
        .iter()
        .map(|file| Path::new(file.as_str().unwrap()))
        .find(|file| file.extension() == Some("rlib".as_ref()))
        .unwrap()
}
