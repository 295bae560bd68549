//! What the README tells to paste is pasted, line by line, into bash.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use tokenry_testpg as testpg;

use crate::folder::On;
use crate::process::{Running, Said, example, finish, run, tokenry};
use crate::serve::{create, create_when_ready, free_port, token};

/// The shell blocks of a section of the README.
pub(crate) fn blocks(section: &str) -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_before, after) = readme.split_once(&format!("\n## {section}\n")).unwrap();
    shell_blocks(after.split("\n## ").next().unwrap())
}

/// The shell blocks of a text.
pub(crate) fn shell_blocks(text: &str) -> Vec<String> {
    text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Runs lines in bash, which stops at the first that fails.
pub(crate) fn bash(lines: &str, folder: &Path, env: &[(&str, &str)]) -> Said {
    // Built, and found where the README's `cargo build` would put them.
    let programs = Path::new(example("timesheets-api").get_program()).parent().unwrap().to_owned();
    let mut command = Command::new("bash");
    command.args(["-e", "-o", "pipefail", "-c", lines]).current_dir(folder).env_clear();
    command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()));
    command.envs(env.iter().copied());
    finish(command)
}

#[test]
fn ten_minutes_with_dev() {
    let mut command = tokenry();
    command.args(["dev", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
    let mut dev = Running::start(command);
    let printed = dev.wait_for(|out, _err| out.contains("timesheets-api").then(|| out.to_owned()));
    let (_before, from) = printed.split_once("  export ").unwrap();
    let export = from.split("\n  cargo run").next().unwrap();
    let program = example("timesheets-cron").get_program().to_string_lossy().into_owned();
    let lines =
        blocks("Ten minutes").join("\n").replace("cargo run --release -p timesheets-cron --", &program);
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let said = bash(&format!("export {export}\n{lines}"), root, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.stdout.matches("{\"access_token\":\"eyJ").count(), 2, "by form and by JSON: {said:?}");
    assert!(said.stdout.contains("HTTP/1.1 201 Created"), "{said:?}");
    assert!(said.stderr.contains("6 created, 0 existed, 0 refused"), "{said:?}");
}

#[rstest]
#[tokio::test]
async fn a_server_of_your_own(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = tempfile::tempdir().unwrap();
    let issuer = format!("http://127.0.0.1:{}", free_port());
    let env = [("TOKENRY_ISSUER", issuer.as_str()), ("TOKENRY_LISTEN", issuer.trim_start_matches("http://"))];
    let [own, api] = <[String; 2]>::try_from(blocks("A server of your own")).unwrap();
    let (_build, lines) = own.split_once('\n').unwrap();
    let (lines, serve) = lines.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(serve, "tokenry serve");
    let lines = match on {
        On::Postgres => {
            let url = testpg::Database::empty().unwrap().url().to_owned();
            lines.replacen("tokenry init ", &format!("tokenry init --database '{url}' "), 1)
        }
        On::Sqlite => lines.to_owned(),
    };
    let said = bash(&lines, folder.path(), &env);
    assert_eq!(said.code, 0, "{said:?}");
    let printed = |name: &str| {
        let of_name = |line: &&str| line.split_whitespace().next() == Some(name);
        let found: Vec<_> = said.stdout.lines().filter(of_name).collect();
        found.iter().map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [api_secret, client_secret] = <[String; 2]>::try_from(printed("client_secret")).unwrap();

    let mut command = tokenry();
    command.arg("serve").current_dir(folder.path()).envs(env);
    let (_server, _address) = Running::listening(command);
    let config = folder.path().join("tokenry.toml");
    assert_eq!(run(&config, &["healthcheck", "--url", &issuer]).code, 0);
    let lines = api
        .replace("http://127.0.0.1:8700", &issuer)
        .replace("CLIENT_ID=…", &format!("CLIENT_ID={}", printed("api_id")[0]))
        .replace("\ntimesheets-api", "\nexec timesheets-api");
    let typed = folder.path().join("typed");
    fs::write(&typed, format!("{api_secret}\n")).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-e", "-c", &lines]).current_dir(folder.path()).env("LISTEN", "127.0.0.1:0");
    bash.stdin(fs::File::open(typed).unwrap());
    let programs = Path::new(example("timesheets-api").get_program()).parent().unwrap().to_owned();
    bash.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    let mut running = Running::start(bash);
    let api = running.wait_for(|out, _err| out.lines().next().map(|line| line.trim().to_owned()));

    let cron = token(&issuer, &("acme-cron".to_owned(), client_secret)).await.unwrap();
    assert_eq!(create_when_ready(&api, "acme", &cron).await, 201);
    assert_eq!(create(&api, "globex", Some(&cron)).await, (403, "tenant_mismatch".to_owned()));
    assert_eq!(create(&api, "acme", None).await, (401, "missing_credentials".to_owned()));
}
