//! A configured server on a port of its own, and what `doctor` finds there.

use std::process::Command;

use serde_json::Value;

use crate::folder::{Folder, On};
use crate::process::{Running, finish, tokenry};
use crate::serve::free_port;

pub(super) struct Clinic {
    pub(super) folder: Folder,
    pub(super) port: u16,
}

impl Clinic {
    pub(super) fn new(on: On) -> Self {
        let clinic = Self { folder: Folder::init(on), port: free_port() };
        clinic.folder.set("issuer", &format!("issuer = \"http://127.0.0.1:{}\"", clinic.port));
        clinic.folder.set("listen", &format!("listen = \"127.0.0.1:{}\"", clinic.port));
        clinic.folder.set("signing_alg", "signing_alg = \"EdDSA\"");
        clinic
    }

    /// A server, once it listens and has sealed what was recorded before.
    pub(super) fn serve(&self) -> Running {
        let mut command = tokenry();
        command.args(["serve", "--config"]).arg(&self.folder.config);
        self.serve_by(command)
    }

    pub(super) fn serve_by(&self, command: Command) -> Running {
        let (mut running, _address) = Running::listening(command);
        running.wait_for(|_out, err| err.contains("\"audit checkpoint\"").then_some(()));
        running
    }

    pub(super) fn examine(&self) -> Found {
        let mut command = tokenry();
        command.arg("doctor").arg("--config").arg(&self.folder.config);
        Found::by(command)
    }

    /// Runs a fix as it is printed, in a shell.
    pub(super) fn apply(&self, fix: &str) {
        let status = Command::new("sh").args(["-c", fix]).current_dir(self.folder.path.path()).status();
        assert!(status.unwrap().success(), "{fix}");
    }

    pub(super) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path.path().join(name)
    }
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) code: i32,
    findings: Vec<Value>,
}

/// One of the findings.
pub(crate) struct One(Value);

impl Found {
    /// Runs a command line that ends with `doctor`, in JSON.
    pub(crate) fn by(mut command: Command) -> Self {
        command.args(["--output", "json"]);
        let said = finish(command);
        let findings: Vec<Value> =
            serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        for finding in &findings {
            let mut members: Vec<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
            members.sort_unstable();
            assert_eq!(members, ["check", "finding", "fix", "status"]);
            let told = matches!(finding["status"].as_str().unwrap(), "warning" | "failure");
            assert_eq!(told, finding["fix"].is_string(), "{finding}");
        }
        let failed = findings.iter().any(|finding| finding["status"] == "failure");
        assert_eq!(said.code, i32::from(failed), "{said:?}");
        Self { code: said.code, findings }
    }

    #[track_caller]
    pub(crate) fn nothing_fails(&self) {
        let failed: Vec<_> = self.findings.iter().filter(|it| it["status"] == "failure").collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }

    /// The only finding of a check.
    #[track_caller]
    pub(super) fn finding(&self, check: &str) -> &Value {
        let mut of_check = self.findings.iter().filter(|finding| finding["check"] == check);
        let found = of_check.next().unwrap();
        assert!(of_check.next().is_none(), "{check} twice");
        found
    }

    pub(super) fn checks(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding["check"].as_str().unwrap()).collect()
    }

    /// The finding of that check and status; among several of the check there is one.
    #[track_caller]
    pub(crate) fn is(&self, check: &str, status: &str, says: &str) -> One {
        let of_check = self.findings.iter().filter(|finding| finding["check"] == check);
        let it = |finding: &&Value| {
            finding["status"] == status && finding["finding"].as_str().unwrap().contains(says)
        };
        match of_check.clone().find(it) {
            Some(found) => One(found.clone()),
            None => panic!("no {status} {check} with {says:?}: {:#?}", of_check.collect::<Vec<_>>()),
        }
    }

    /// Nothing is said against it, if anything is said of it.
    #[track_caller]
    pub(super) fn is_well(&self, check: &str) {
        let of_check = self.findings.iter().filter(|finding| finding["check"] == check);
        let bad: Vec<_> =
            of_check.filter(|it| it["status"] == "warning" || it["status"] == "failure").collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }

    pub(crate) fn text(&self) -> String {
        Value::from(self.findings.clone()).to_string()
    }
}

impl One {
    /// What to do, which has to contain that.
    #[track_caller]
    pub(crate) fn fixed_by(&self, says: &str) -> String {
        let fix = self.0["fix"].as_str().unwrap();
        assert!(fix.contains(says), "{fix}");
        fix.to_owned()
    }
}
