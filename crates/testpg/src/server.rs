//! A server in a temporary folder, on a free port of the loopback interface.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::install::{User, programs, run};
use crate::{Error, Result};

/// How long the server may take to accept connections.
const START: Duration = Duration::from_secs(60);

/// Starts the server, waits for the end of its own standard input, and then ends the server and removes its folder.
/// The other end of that pipe closes with the process that tests, even if it is killed. The word `keep` ends the
/// server as a power cut would, and leaves the folder.
const KEEPER: &str = r#"
trap : INT TERM HUP
"$@" >>"$FOLDER/log" 2>&1 &
server=$!
read -r word
pid=$(head -n 1 "$FOLDER/data/postmaster.pid" 2>/dev/null)
if [ "$word" = keep ]; then kill -QUIT "${pid:-$server}"; else kill -INT "${pid:-$server}"; fi
wait "$server"
[ "$word" = keep ] || rm -rf "$FOLDER"
"#;

/// Whether what was committed survives a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// No: `fsync` is off, and tests are quick.
    Fleeting,
    /// Yes, as in production.
    Lasting,
}

/// A server that was started here. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct Server {
    durability: Durability,
    folder: PathBuf,
    keeper: Option<Child>,
    port: u16,
    url: String,
}

impl Server {
    /// Starts a quick server.
    pub fn start() -> Result<Self> {
        Self::start_with(Durability::Fleeting)
    }

    /// Starts a server.
    pub fn start_with(durability: Durability) -> Result<Self> {
        let user = User::find()?;
        let folder = new_folder()?;
        user.own(&folder)?;
        let data = folder.join("data");
        let initdb = programs()?.join("initdb").display().to_string();
        let mut command = user.prefix();
        command.extend([initdb, "--pgdata".into(), data.display().to_string()]);
        // A locale that sorts unlike the bytes would, so that a forgotten COLLATE "C" shows where one is installed.
        command.extend(
            ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"].map(String::from),
        );
        command.push("--locale=C.UTF-8".into());
        run(&command[0], &command[1..])?;
        let mut server = Self { durability, folder, keeper: None, port: 0, url: String::new() };
        server.on_a_free_port()?;
        Ok(server)
    }

    /// Where it keeps everything: its data in `data`, what it says in `log`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of its superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it as a power cut would. [`Server::resume`] starts it again.
    pub fn crash(&mut self) -> Result<()> {
        let Some(mut keeper) = self.keeper.take() else { return Ok(()) };
        if let Some(mut pipe) = keeper.stdin.take() {
            pipe.write_all(b"keep\n").map_err(Error::new)?;
        }
        keeper.wait().map(drop).map_err(Error::new)
    }

    /// Starts it again on the same port, after [`Server::crash`].
    pub fn resume(&mut self) -> Result<()> {
        fs::remove_file(self.folder.join("log")).map_err(Error::new)?;
        self.launch()
    }

    /// Between looking for a free port and using it somebody else may take it.
    fn on_a_free_port(&mut self) -> Result<()> {
        let mut result = Ok(());
        for _ in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").map_err(Error::new)?;
            self.port = listener.local_addr().map_err(Error::new)?.port();
            drop(listener);
            self.url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port);
            result = self.launch();
            if result.is_ok() {
                break;
            }
            self.crash()?;
        }
        result
    }

    fn launch(&mut self) -> Result<()> {
        let mut command = User::find()?.prefix();
        command.push(programs()?.join("postgres").display().to_string());
        command.extend(["-D".into(), self.folder.join("data").display().to_string()]);
        for setting in self.settings() {
            command.extend(["-c".into(), setting]);
        }
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .args(command)
            .env("FOLDER", &self.folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.keeper = Some(keeper.map_err(Error::new)?);
        self.wait_until_ready()
    }

    fn settings(&self) -> Vec<String> {
        let durable = match self.durability {
            Durability::Fleeting => "off",
            Durability::Lasting => "on",
        };
        vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            "max_connections=500".into(),
            "shared_buffers=64MB".into(),
            "autovacuum=off".into(),
            format!("fsync={durable}"),
            format!("full_page_writes={durable}"),
        ]
    }

    fn wait_until_ready(&self) -> Result<()> {
        let end = Instant::now() + START;
        loop {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            if log.contains("ready to accept connections") {
                return Ok(());
            }
            // Somebody who knocks too early is turned away with the same word.
            let fatal = |line: &str| line.contains("FATAL") && !line.contains("the database system is");
            if log.lines().any(fatal) || Instant::now() > end {
                return Err(Error::new(format_args!("PostgreSQL does not start: {}", log.trim())));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.keeper.take() {
            Some(mut keeper) => {
                drop(keeper.stdin.take());
                // Nothing is to be done about a failure here.
                let _ = keeper.wait();
            }
            None => {
                let _ = fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// A new folder that other users cannot read.
fn new_folder() -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let mut last = Error::new("no attempt");
    for _ in 0..100 {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tokenry-postgres-{}-{number}", std::process::id()));
        match builder.create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) => last = Error::new(format_args!("{}: {error}", folder.display())),
        }
    }
    Err(last)
}
