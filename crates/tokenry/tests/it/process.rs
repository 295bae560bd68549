//! Processes of a test: started, spoken to, ended by their own handle.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take to start or stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The `tokenry` binary with nothing of the environment that would configure it.
pub(crate) fn tokenry() -> Command {
    bare(Path::new(env!("CARGO_BIN_EXE_tokenry")))
}

/// An example's binary, built once for this run of the tests.
pub(crate) fn example(name: &str) -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "timesheets-api", "--package", "timesheets-cron"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success(), "the examples do not build");
        Path::new(env!("CARGO_BIN_EXE_tokenry")).parent().unwrap().to_owned()
    });
    bare(&folder.join(name))
}

fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// What a finished command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The one JSON value on stdout of a command that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs an operator command on a configuration.
pub(crate) fn run<S: AsRef<OsStr>>(config: &Path, arguments: &[S]) -> Said {
    tokenry().args(arguments).arg("--config").arg(config).output().unwrap().into()
}

/// Runs an operator command that must succeed, and reads its JSON.
pub(crate) fn json<S: AsRef<OsStr>>(config: &Path, arguments: &[S]) -> Value {
    let mut command = tokenry();
    command.args(arguments).arg("--config").arg(config).args(["--output", "json", "--yes"]);
    Said::from(command.output().unwrap()).json()
}

/// A process in the background; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl Running {
    /// Starts it and keeps what it says.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = keep(child.stdout.take().unwrap());
        let err = keep(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    pub(crate) fn stdout(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    pub(crate) fn stderr(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `found` finds something in what it said so far.
    pub(crate) fn wait_for<T>(&mut self, found: impl Fn(&str, &str) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(it) = found(&self.stdout(), &self.stderr()) {
                return it;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "waited in vain ({ended:?}): {} {}",
                self.stdout(),
                self.stderr()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.pid().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end and tells its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.stderr());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it without a chance to tidy up.
    pub(crate) fn kill(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn keep(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let kept = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&kept);
    thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            shared.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
    kept
}

/// Starts `serve` on a free port and tells its address once it listens.
pub(crate) fn serve(config: &Path) -> (Running, String) {
    serve_with(config, &[])
}

/// As [`serve`], with variables in the environment.
pub(crate) fn serve_with(config: &Path, env: &[(&str, &str)]) -> (Running, String) {
    let mut command = tokenry();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(config).envs(env.iter().copied());
    let mut running = Running::start(command);
    let address = running.wait_for(|_out, err| {
        let line = err.lines().find(|line| line.contains("\"listening\""))?;
        serde_json::from_str::<Value>(line).ok()?["address"].as_str().map(str::to_owned)
    });
    (running, format!("http://{address}"))
}

/// What `cargo xtask test` says to tests.
#[expect(clippy::disallowed_methods, reason = "tests have no other way to be told")]
pub(crate) fn option(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
