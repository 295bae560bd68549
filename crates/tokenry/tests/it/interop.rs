//! Other people's libraries verify our tokens from the discovery document alone, by the programs that `docs/guides/verify/` shows.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use tokenry_jose::base64url;
use tokenry_testkit::claims_of;

use crate::dev::Dev;
use crate::process::{Said, finish, finish_with, option};
use crate::serve::token;

pub(crate) const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");

/// A page's program, ready to run in a folder of its own.
struct Verifier {
    folder: TempDir,
    program: String,
    arguments: Vec<String>,
}

impl Verifier {
    fn new(library: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str| folder.path().join(name).display().to_string();
        let (program, arguments) = match library {
            "pyjwt" => {
                fs::write(here("verify.py"), code(library, "python")).unwrap();
                (told("TOKENRY_TEST_PYTHON"), vec![here("verify.py")])
            }
            "jose" => {
                fs::write(here("verify.mjs"), code(library, "js")).unwrap();
                let modules = fs::canonicalize(format!("{INTEROP}/node/node_modules")).unwrap();
                std::os::unix::fs::symlink(modules, here("node_modules")).unwrap();
                (told("TOKENRY_TEST_NODE"), vec![here("verify.mjs")])
            }
            "go-oidc" => {
                fs::write(here("main.go"), code(library, "go")).unwrap();
                for file in ["go.mod", "go.sum"] {
                    fs::copy(format!("{INTEROP}/go/{file}"), here(file)).unwrap();
                }
                built(Command::new(told("TOKENRY_TEST_GO")).args(["build", "-o", "verify"]), folder.path());
                (here("verify"), Vec::new())
            }
            "nimbus" => {
                fs::write(here("Verify.java"), code(library, "java")).unwrap();
                let classes = format!("{}/*:.", told("TOKENRY_TEST_NIMBUS"));
                built(Command::new("javac").args(["-cp", &classes, "Verify.java"]), folder.path());
                ("java".to_owned(), ["-cp", &classes, "Verify"].map(str::to_owned).into())
            }
            other => panic!("{other} has no page"),
        };
        Self { folder, program, arguments }
    }

    fn verify(&self, issuer: &str, audience: &str, token: &str) -> Said {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).args([issuer, audience]).current_dir(self.folder.path());
        finish_with(command, token)
    }
}

/// The one program on a library's page.
fn code(library: &str, language: &str) -> String {
    let page = format!("{}/../../docs/guides/verify/{library}.md", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page).unwrap();
    let (_before, code) = page.split_once(&format!("```{language}\n")).unwrap();
    code.split_once("```").unwrap().0.to_owned()
}

pub(crate) fn told(variable: &str) -> String {
    option(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    })
}

fn built(command: &mut Command, folder: &Path) {
    let mut building = Command::new(command.get_program());
    building.args(command.get_args()).current_dir(folder);
    let said = finish(building);
    assert_eq!(said.code, 0, "{said:?}");
}

#[rstest]
#[tokio::test]
async fn r15_verifies_from_the_discovery_document(
    #[values("pyjwt", "jose", "go-oidc", "nimbus")] library: &str,
) {
    let verifier = Verifier::new(library);
    let dev = Dev::start(&[]);
    let value = |value: &Value| value.as_str().unwrap().to_owned();
    let (issuer, audience) = (value(&dev.report["issuer"]), value(&dev.report["audience"]));
    let cron = &dev.report["clients"]["cron"];
    let jwt = token(&issuer, &(value(&cron["client_id"]), value(&cron["client_secret"]))).await.unwrap();
    let claims = verifier.verify(&issuer, &audience, &jwt).json();
    assert_eq!(claims["sub"], cron["client_id"]);
    assert_eq!(claims["https://auth.example.com/metadata"]["companyId"], cron["company_id"]);

    let refused = |token: &str, audience: &str, why: &str| {
        assert_eq!(verifier.verify(&issuer, audience, token).code, 1, "{library}: {why}");
    };
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    refused(&format!("{signed}.{flipped}{}", &signature[1..]), &audience, "a changed signature");
    let (header, claims) = signed.split_once('.').unwrap();
    let mut other: Value = claims_of(&jwt);
    other["scope"] = "everything".into();
    let other = base64url::encode(other.to_string().as_bytes());
    refused(&format!("{header}.{other}.{signature}"), &audience, "changed claims");
    let none = base64url::encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    refused(&format!("{none}.{claims}."), &audience, "no signature");
    refused(&jwt, "https://other.example", "another audience");
    let foreign = Dev::start(&[]);
    let cron = &foreign.report["clients"]["cron"];
    let pair = (value(&cron["client_id"]), value(&cron["client_secret"]));
    let theirs = token(&value(&foreign.report["issuer"]), &pair).await.unwrap();
    refused(&theirs, &audience, "another issuer's");
    assert_eq!(verifier.verify(&issuer, &audience, &jwt).code, 0, "{library}: the good one, again");
}
