//! A folder with a configuration, and the real binary run in it.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokenry_testkit::{Database, Engine};

/// An initialised Tokenry.
pub(crate) struct Site {
    folder: TempDir,
    port: u16,
    pub(crate) database: Database,
}

impl Site {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let site = Self { folder, port, database: Database::new(engine).await };
        site.run(&["init", "--database", site.database.url()]).ok();
        site
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.command(arguments).output().unwrap())
    }

    /// Starts a server and waits until it answers.
    pub(crate) async fn serve(&self) -> Serving {
        let child = self.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let serving = Serving { child, issuer: self.issuer(), http: reqwest::Client::new() };
        for _ in 0..200 {
            if serving.http.get(serving.url("/readyz")).send().await.is_ok() {
                return serving;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not answer within ten seconds");
    }

    /// Writes a file and yields its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.path().join("keyring/master.keys")
    }

    /// Changes a line of the configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let file = self.folder.path().join("tokenry.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(file, text.replace(from, to)).unwrap();
    }

    /// The line of the keyring file that holds a key.
    pub(crate) fn master_key(&self) -> String {
        let text = fs::read_to_string(self.keyring()).unwrap();
        text.lines().find(|line| line.starts_with("tokenry_mk_")).unwrap().to_owned()
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenry"));
        command
            .args(arguments)
            .args(["--output", "json", "--no-input"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env("TOKENRY_ISSUER", self.issuer())
            .env("TOKENRY_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("TOKENRY_TOKENS_SIGNING_ALG", "EdDSA");
        command
    }
}

/// A command that has ended.
pub(crate) struct Ended(Output);

impl Ended {
    /// What it printed, if it succeeded.
    #[track_caller]
    pub(crate) fn ok(&self) -> String {
        assert!(self.0.status.success(), "{}", self.said());
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// What it said to the person at the terminal.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.0.status.code()
    }
}

/// A running server; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    issuer: String,
    http: reqwest::Client,
}

impl Serving {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The `kid`s in the published set.
    pub(crate) async fn kids(&self) -> Vec<String> {
        let answer = self.http.get(self.url("/.well-known/jwks.json")).send().await.unwrap();
        let set: Value = answer.json().await.unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    /// The `kid`s in the published set, once they are as wanted.
    pub(crate) async fn kids_become(&self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        for _ in 0..200 {
            let kids = self.kids().await;
            if wanted(&kids) {
                return kids;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the keys do not change within ten seconds");
    }

    /// The `kid` that signs a client's next token.
    pub(crate) async fn signs(&self, client: &Value) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client["client_id"].as_str().unwrap()),
            ("client_secret", client["client_secret"].as_str().unwrap()),
        ];
        let answer = self.http.post(self.url("/oauth/token")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.unwrap();
        let header = tokenry_testkit::header_of(body["access_token"].as_str().unwrap());
        header["kid"].as_str().unwrap().to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
