//! Processes of a test: started, spoken to, ended by their own handle.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokenry_leakscan::assert_none;

/// How long anything may take to start or stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// The examples' programs.
const EXAMPLES: [&str; 4] = ["contractors-app", "timesheets-api", "timesheets-cron", "timesheets-web"];

/// The `tokenry` binary with nothing of the environment that would configure it.
pub(crate) fn tokenry() -> Command {
    bare(Path::new(env!("CARGO_BIN_EXE_tokenry")))
}

/// An example's binary, built once for this run of the tests.
pub(crate) fn example(name: &str) -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        assert!(build_of_examples().status().unwrap().success(), "the examples do not build");
        Path::new(env!("CARGO_BIN_EXE_tokenry")).parent().unwrap().to_owned()
    });
    bare(&folder.join(name))
}

/// What builds the examples' programs.
pub(crate) fn build_of_examples() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(EXAMPLES.into_iter().flat_map(|name| ["--package", name]));
    command
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

/// Runs a command to its end, which has to come.
pub(crate) fn finish(command: Command) -> Said {
    finish_with(command, "")
}

/// As [`finish`], with `input` on standard input.
pub(crate) fn finish_with(mut command: Command, input: &str) -> Said {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut running = Running::start(command);
    if let Some(mut stdin) = running.child.stdin.take() {
        // Who has heard enough may stop listening.
        let _closed = stdin.write_all(input.as_bytes());
    }
    let code = running.wait().unwrap_or(-1);
    Said { code, stdout: running.stdout(), stderr: running.stderr() }
}

/// Runs an operator command on a configuration.
pub(crate) fn run<S: AsRef<OsStr>>(config: &Path, arguments: &[S]) -> Said {
    let mut command = tokenry();
    command.args(arguments).arg("--config").arg(config);
    finish(command)
}

/// Runs an operator command that must succeed, and reads its JSON.
pub(crate) fn json<S: AsRef<OsStr>>(config: &Path, arguments: &[S]) -> Value {
    let mut command = tokenry();
    command.args(arguments).arg("--config").arg(config).args(["--output", "json", "--yes"]);
    finish(command).json()
}

/// A process in the background; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    tells: Tells,
    out: Kept,
    err: Kept,
}

/// What a process may say on stderr.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tells {
    /// `dev` tells people what to paste.
    Anything,
    NoSecret,
}

impl Tells {
    fn of(command: &Command) -> Self {
        let has = |word: &str| command.get_args().any(|argument| argument == word);
        let is_ours = command.get_program().to_string_lossy().contains("/target/");
        if !is_ours || has("dev") && !has("--json") { Self::Anything } else { Self::NoSecret }
    }
}

/// What a stream has said so far, and the thread that listens.
#[derive(Debug)]
struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts it and keeps what it says.
    pub(crate) fn start(mut command: Command) -> Self {
        let tells = Tells::of(&command);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = Kept::of(child.stdout.take().unwrap());
        let err = Kept::of(child.stderr.take().unwrap());
        Self { child, tells, out, err }
    }

    /// Starts a server, and tells its address once it listens.
    pub(crate) fn listening(command: Command) -> (Self, String) {
        let mut running = Self::start(command);
        let address = running.wait_for(|_out, err| {
            let line = err.lines().find(|line| line.contains("\"listening\"") && line.ends_with('}'))?;
            serde_json::from_str::<Value>(line).ok()?["address"].as_str().map(str::to_owned)
        });
        (running, address)
    }

    pub(crate) fn stdout(&self) -> String {
        self.out.text()
    }

    pub(crate) fn stderr(&self) -> String {
        self.err.text()
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

    /// Tells it a line, where its standard input is a pipe.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid())]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end and its last word, and tells its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.out.listen_to_the_end();
                self.err.listen_to_the_end();
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {} {}", self.stdout(), self.stderr());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to end, and wants it to do so in good order.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        assert_eq!(self.wait(), Some(0), "{}", self.stderr());
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
        if self.tells == Tells::NoSecret {
            assert_none("stderr", self.stderr().as_bytes());
        }
    }
}

impl Kept {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let listener = thread::spawn(move || {
            let mut chunk = [0; 4_096];
            while let Ok(length @ 1..) = stream.read(&mut chunk) {
                shared.lock().unwrap().extend_from_slice(&chunk[..length]);
            }
        });
        Self { bytes, listener: Some(listener) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn listen_to_the_end(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
    }
}

/// Starts `serve` on a free port and tells its address once it listens.
pub(crate) fn serve(config: &Path) -> (Running, String) {
    serve_with(config, &[])
}

/// As [`serve`], with variables in the environment.
pub(crate) fn serve_with(config: &Path, env: &[(&str, &str)]) -> (Running, String) {
    let mut command = tokenry();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(config).envs(env.iter().copied());
    let (running, address) = Running::listening(command);
    (running, format!("http://{address}"))
}

/// What `cargo xtask test` says to tests.
#[expect(clippy::disallowed_methods, reason = "tests have no other way to be told")]
pub(crate) fn option(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
