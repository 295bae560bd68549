//! What the guides, and the README beside its first steps, tell to paste is pasted into bash against a demo that stays.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
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
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tokenry();
        command.args(["dev", "--data", "demo", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
        command.args(more).current_dir(folder.path());
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

/// Whether a line of a table says so, however wide the table is.
fn says(said: &Said, name: &str, value: &str) -> bool {
    said.stdout.lines().any(|line| line.split_whitespace().eq([name, value]))
}

#[test]
fn revoked_is_refused_at_the_api() {
    let demo = Demo::start();
    let [dev, lines] = <[String; 2]>::try_from(blocks("Revoked is refused, at the API")).unwrap();
    assert_eq!(dev, "cargo run --release -- dev --data demo\n");
    let said = demo.paste(&lines);
    assert_eq!(statuses(&said), ["200", "401", "401"], "{said:?}");
    assert!(says(&said, "propagated", "true"), "{said:?}");
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
fn signing_out_everywhere() {
    let demo = Demo::start();
    let said = demo.paste(&shell_blocks(&page("guides/sign-out")).concat());
    assert_eq!(said.code, 0, "{said:?}");
    assert!(says(&said, "backchannel_logout_uri", "https://shop.example.com/backchannel-logout"), "{said:?}");
}

#[test]
fn your_name_on_the_pages() {
    let demo = Demo::start();
    let [path, all, one, plain] = <[String; 4]>::try_from(shell_blocks(&page("guides/themes"))).unwrap();
    let said = demo.paste(&format!("{path}{all}{one}"));
    assert!(says(&said, "name", "Acme") && says(&said, "accent_dark", "#c9a3ff"), "{said:?}");
    assert!(says(&said, "of", "hours") && says(&said, "accent", "#b8443d"), "{said:?}");
    let said = demo.paste(&format!("{path}{plain}tokenry themes list --config demo/tokenry.toml"));
    assert!(said.code == 0 && said.stdout.contains("hours"), "what was listed before: {said:?}");
    assert_eq!(said.stdout.matches("server").count(), 1, "nothing is listed any more: {said:?}");
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
    let notes = guard_example("notes");
    let run = run.replace("cargo run --release -p tokenry-guard --example notes", &format!("exec {notes}"));
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
    assert!(says(&said, "propagated", "true"), "{said:?}");
    assert!(says(&said, "propagated", "false"), "{said:?}");
    assert!(said.stdout.contains("fail     handle"), "{said:?}");
    assert_eq!(said.code, 1, "what `token explain` says of a refused one: {said:?}");
}

#[test]
fn moving_from_auth0() {
    let demo = Demo::with(&["--profile", "auth0"]);
    let mut tenant = crate::process::tokenry();
    tenant.args(["dev", "--json", "--profile", "auth0", "--data", "tenant", "--listen", "127.0.0.1:0"]);
    tenant.args(["--api-listen", "127.0.0.1:0"]).current_dir(demo.folder.path());
    let mut tenant = Running::start(tenant);
    let line = tenant.wait_for(|out, _err| out.contains('\n').then(|| out.to_owned()));
    let report: serde_json::Value = serde_json::from_str(&line).unwrap();
    let tenant_url = report["issuer"].as_str().unwrap();

    let guide = page("guides/from-auth0");
    assert!(guide.contains("dev --data tenant --profile auth0 --listen 127.0.0.1:8720"), "whom TENANT names");
    let address = format!("127.0.0.1:{}", free_port());
    let here = |block: &String| {
        block.replace("http://127.0.0.1:8720/", tenant_url).replace("127.0.0.1:8713", &address)
    };
    let blocks: Vec<_> = shell_blocks(&guide).iter().map(here).collect();
    let [ask, bring, run, both] = <[String; 4]>::try_from(blocks).unwrap();

    let said = demo.paste(&[ask.clone(), bring.clone()].concat());
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.stdout.matches("\"token_type\":\"Bearer\"").count(), 2, "{said:?}");
    let refused = "{\"error\":\"access_denied\",\"error_description\":\"Unauthorized\"}";
    assert_eq!(said.stdout.matches(refused).count(), 1, "{said:?}");

    let program = guard_example("two_issuers");
    let run =
        run.replace("cargo run --release -p tokenry-guard --example two_issuers", &format!("exec {program}"));
    let path = "export PATH=\"$PWD/target/release:$PATH\"\n";
    let mut api = Running::start(demo.bash(&[path, &run].concat()));
    api.wait_for(|_out, err| err.contains("serving").then_some(()));
    // The reader's shell of before: the function and the old secret are still there.
    let (function, _rest) = ask.split_at(ask.find("ask $ISSUER").unwrap());
    let old: String =
        bring.lines().filter(|line| line.starts_with("OLD_")).map(|line| format!("{line}\n")).collect();
    let wait = until("[ $(orders $ISSUER | tail -n 1) = 200 ] && [ $(orders $TENANT | tail -n 1) = 200 ]");
    let (defined, calls) = both.split_at(both.find("orders $TENANT").unwrap());
    let old = old.replace("$(openssl rand -hex 32)", "$(cat demo/old-secret)");
    let said = demo.paste(&[function, &old, defined, &wait, calls].concat());
    assert_eq!(statuses(&said), ["200", "200"], "{said:?}");
    for issuer in [tenant_url, "of this Tokenry"] {
        assert_eq!(said.stdout.matches(issuer).count(), 1, "{said:?}");
    }
}

/// A program that a guide shows.
fn guard_example(name: &str) -> String {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "tokenry-guard", "--example", name])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success(), "the example does not build");
    let folder = Path::new(env!("CARGO_BIN_EXE_tokenry")).parent().unwrap();
    folder.join("examples").join(name).display().to_string()
}

#[rstest]
#[case("tutorial/protect-an-api", "notes")]
#[case("guides/from-auth0", "two_issuers")]
fn a_guide_shows_its_program_as_it_is(#[case] name: &str, #[case] program: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../guard/examples");
    let program = fs::read_to_string(format!("{folder}/{program}.rs")).unwrap();
    let guide = page(name);
    let (_before, shown) = guide.split_once("```rust\n").unwrap();
    let (shown, _after) = shown.split_once("```").unwrap();
    assert!(shown.contains("Guard::builder()") && program.contains(shown), "{shown}");
}
