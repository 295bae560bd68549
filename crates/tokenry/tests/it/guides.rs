//! What the guides, and the README beside its first steps, tell to paste is pasted into bash against a demo that stays.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Running, Said, example, finish, tokenry};
use crate::readme::{blocks, shell_blocks};
use crate::serve::free_port;

/// `dev` with a folder of its own, in an empty one where the lines are pasted.
pub(crate) struct Demo {
    pub(crate) folder: TempDir,
    running: Running,
    /// The line that readers paste first.
    export: String,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tokenry();
        command.args(["dev", "--data", "demo", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
        command.current_dir(folder.path());
        let mut running = Running::start(command);
        let printed = running.wait_for(|out, _err| out.contains("timesheets-api").then(|| out.to_owned()));
        let (_before, from) = printed.split_once("  export ").unwrap();
        let variables = from.split("\n  cargo run").next().unwrap();
        Self { folder, running, export: format!("export {variables}\n") }
    }

    /// Bash with the variables, and then these lines; it stops at the first that fails.
    fn bash(&self, lines: &str) -> Command {
        let programs = Path::new(example("timesheets-api").get_program()).parent().unwrap().to_owned();
        let lines = lines.replace("$PWD/target/release", &programs.display().to_string());
        let mut command = Command::new("bash");
        command.args(["-e", "-o", "pipefail", "-c", &format!("{}{lines}", self.export)]);
        command.current_dir(self.folder.path()).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("NO_COLOR", "1");
        command
    }

    pub(crate) fn paste(&self, lines: &str) -> Said {
        finish(self.bash(lines))
    }
}

/// The lines that are a status and nothing else.
pub(crate) fn statuses(said: &Said) -> Vec<&str> {
    let is_status = |line: &&str| line.len() == 3 && line.bytes().all(|byte| byte.is_ascii_digit());
    said.stdout.lines().filter(is_status).collect()
}

/// A page of `docs/`, such as `guides/client-keys`.
pub(crate) fn page(name: &str) -> String {
    fs::read_to_string(format!("{}/../../docs/{name}.md", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Lines until they succeed, for a while.
pub(crate) fn until(lines: &str) -> String {
    format!("for _ in {{1..300}}; do {lines} && break; sleep 0.1; done\n")
}

#[test]
fn revoked_is_refused_at_the_api() {
    let demo = Demo::start();
    let [dev, lines] = <[String; 2]>::try_from(blocks("Revoked is refused, at the API")).unwrap();
    assert_eq!(dev, "cargo run --release -- dev --data demo\n");
    let said = demo.paste(&lines);
    assert_eq!(statuses(&said), ["200", "401", "401"], "{said:?}");
    assert!(said.stdout.contains("propagated     true"), "{said:?}");
    assert!(said.stdout.contains("fail     handle") && said.stdout.contains("refused: 401"), "{said:?}");
    assert_eq!(said.code, 1, "what `token explain` says of a refused one: {said:?}");
}

#[test]
fn clients_with_keys() {
    let demo = Demo::start();
    let blocks = shell_blocks(&page("guides/client-keys"));
    let [functions, key, register, ask, audit, update] = <[String; 6]>::try_from(blocks).unwrap();
    let audit = until(audit.trim_end());
    let said = demo.paste(&[functions, key, register, ask, audit, update].concat());
    assert_eq!(said.code, 0, "{said:?}");
    let answers = ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized", "assertion_replayed"];
    let found: Vec<_> = answers.iter().map(|answer| said.stdout.matches(answer).count()).collect();
    assert_eq!(found, [1, 1, 1], "{said:?}");
    assert_eq!(said.stdout.matches("\"kid\":\"job-1\"").count(), 2, "made and updated: {said:?}");
}

#[test]
fn an_api_is_protected_and_keeps_its_word_when_it_is_cut_off() {
    let demo = Demo::start();
    let address = format!("127.0.0.1:{}", free_port());
    let here = |block: &String| block.replace("127.0.0.1:8712", &address);
    let protect: Vec<_> = shell_blocks(&page("tutorial/protect-an-api")).iter().map(here).collect();
    let [register, run, call, back] = <[String; 4]>::try_from(protect).unwrap();
    let see: Vec<_> = shell_blocks(&page("concepts/revocation")).iter().map(here).collect();
    let [fresh, stale, again, why] = <[String; 4]>::try_from(see).unwrap();

    let said = demo.paste(&register);
    assert_eq!(said.code, 0, "{said:?}");
    let notes = notes();
    let run = run.replace("cargo run -p tokenry-guard --example notes", &format!("exec {notes}"));
    let _api = Running::start(demo.bash(&run));

    let (token, calls) = call.split_at(call.find("curl -si").unwrap());
    let (functions, fresh) = fresh.split_at(fresh.find("notes  ").unwrap());
    let is = |status: u16| until(&format!("[ $(notes \"$@\" | tail -n 1) = {status} ]"));
    let pid = demo.running.pid();
    let lines = [
        token,
        functions,
        &is(200),
        calls,
        &back,
        functions,
        fresh,
        // A server that hangs while it writes would hold up the operator too: let it note the secret's use first.
        &format!("set -- -X DELETE; sleep 2; kill -STOP {pid}\n"),
        &is(503),
        &stale,
        &format!("set --; kill -CONT {pid}\n"),
        &is(401),
        &again,
        &why,
    ];
    let said = demo.paste(&lines.concat());
    assert_eq!(statuses(&said), ["200", "200", "200", "503", "200", "401", "401"], "{said:?}");
    for answer in ["HTTP/1.1 200", "\"tenant_mismatch\"", "\"missing_credentials\"", "\"access_data_stale\""]
    {
        assert_eq!(said.stdout.matches(answer).count(), 1, "{answer}: {said:?}");
    }
    assert!(said.stdout.contains("propagated     true"), "{said:?}");
    assert!(said.stdout.contains("propagated     false"), "{said:?}");
    assert!(said.stdout.contains("fail     handle"), "{said:?}");
    assert_eq!(said.code, 1, "what `token explain` says of a refused one: {said:?}");
}

/// The program that the guide shows.
fn notes() -> String {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "tokenry-guard", "--example", "notes"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success(), "the example does not build");
    let folder = Path::new(env!("CARGO_BIN_EXE_tokenry")).parent().unwrap();
    folder.join("examples/notes").display().to_string()
}

#[test]
fn the_guide_shows_the_program_as_it_is() {
    let program =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../guard/examples/notes.rs")).unwrap();
    let guide = page("tutorial/protect-an-api");
    let (_before, shown) = guide.split_once("```rust\n").unwrap();
    let (shown, _after) = shown.split_once("```").unwrap();
    assert!(shown.contains("Guard::builder()") && program.contains(shown), "{shown}");
}
