//! Other people's libraries as applications: they sign a user in, call userinfo, refresh, introspect and revoke.

use std::process::{Command, Stdio};

use rstest::rstest;
use serde_json::Value;

use super::world::{WEB_CALLBACK, World};
use crate::interop::{INTEROP, told};
use crate::process::Running;

#[rstest]
#[tokio::test]
async fn a_library_signs_a_user_in_and_out_of_its_tokens(
    #[values("openid-client", "Authlib")] library: &str,
) {
    let world = World::start();
    let mut command = match library {
        "openid-client" => program(&told("TOKENRY_TEST_NODE"), "node/sign_in.mjs"),
        _ => program(&told("TOKENRY_TEST_PYTHON"), "python/sign_in.py"),
    };
    command.envs(world.environment("web")).env("REDIRECT_URI", WEB_CALLBACK);
    let mut application = Running::start(command);
    let target = application.wait_for(|out, _err| out.split_once('\n').map(|(line, _)| line.to_owned()));
    let mut back = world.sign_in(&mut world.browser(), &target, "ann").await;
    // Browsers keep it to themselves.
    back.set_fragment(None);
    application.tell(back.as_str());
    assert_eq!(application.wait(), Some(0), "{library}: {}", application.stderr());

    let said = application.stdout();
    let got: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(got["claims"]["sub"], world.told("/users/ann/id"), "{library}: {got}");
    assert_eq!(got["claims"]["iss"], world.told("/issuer"));
    assert_eq!(got["user"]["sub"], got["claims"]["sub"]);
    assert_eq!(got["user"]["email"], world.told("/users/ann/username"));
    assert!(got["scope"].as_str().unwrap().split(' ').any(|scope| scope == "read:timesheets"), "{got}");
    assert_eq!((&got["alive"], &got["dead"]), (&true.into(), &false.into()), "{library}: {got}");
}

fn program(interpreter: &str, script: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(format!("{INTEROP}/{script}")).stdin(Stdio::piped());
    command
}
