//! `serve` under systemd, whom the test plays: what it is told, and the socket that it hands over.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::folder::{Folder, On};
use crate::process::{PATIENCE, Running, tokenry};

/// Where the server sends its news.
struct Supervisor {
    socket: UnixDatagram,
    name: String,
}

impl Supervisor {
    fn listen(folder: &Folder) -> Self {
        let path = folder.path.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, name: path.display().to_string() }
    }

    /// The next news that says this, and what came before it.
    #[track_caller]
    fn hears(&self, line: &str) -> (String, Vec<String>) {
        let mut before = Vec::new();
        loop {
            let mut message = [0; 4_096];
            let length =
                self.socket.recv(&mut message).unwrap_or_else(|_| panic!("no {line} after {before:?}"));
            let message = String::from_utf8(message[..length].to_vec()).unwrap();
            if message.lines().any(|found| found == line) {
                return (message, before);
            }
            before.push(message);
        }
    }
}

/// `serve` with this socket as its third file, as systemd passes it, and its fourth, as if there were two. A shell puts
/// it there, because it knows its own process id, which the server then has.
fn activated(config: &Path, socket: impl Into<OwnedFd>, count: usize) -> Running {
    let script = "exec 3<&0 4<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" serve --config \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_tokenry")]).arg(config);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LISTEN_FDS", count.to_string());
    command.stdin(Stdio::from(socket.into()));
    Running::start(command)
}

#[test]
fn systemd_is_told_of_every_turn() {
    let folder = Folder::init(On::Sqlite);
    let supervisor = Supervisor::listen(&folder);
    let mut command = tokenry();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&folder.config);
    command.env("NOTIFY_SOCKET", &supervisor.name).env("WATCHDOG_USEC", "200000");
    let mut server = Running::start(command);
    let (_ready, before) = supervisor.hears("READY=1");
    assert!(before.iter().all(|message| message == "WATCHDOG=1\n"), "{before:?}");
    // Whoever is told that it is ready finds it listening, and its signals heard.
    for _ in 0..3 {
        supervisor.hears("WATCHDOG=1");
    }
    server.signal("HUP");
    let (reloading, _before) = supervisor.hears("RELOADING=1");
    let since = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC=")).unwrap();
    assert!(since.parse::<u64>().unwrap() > 0, "{reloading}");
    supervisor.hears("READY=1");
    server.signal("TERM");
    supervisor.hears("STOPPING=1");
    assert_eq!(server.wait(), Some(0), "{}", server.stderr());
}

#[test]
fn a_server_that_cannot_start_is_never_ready() {
    let folder = Folder::init(On::Sqlite);
    let supervisor = Supervisor::listen(&folder);
    std::fs::remove_file(folder.keyring()).unwrap();
    let mut command = tokenry();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&folder.config);
    command.env("NOTIFY_SOCKET", &supervisor.name);
    let mut server = Running::start(command);
    assert_eq!(server.wait(), Some(1));
    supervisor.socket.set_nonblocking(true).unwrap();
    assert!(supervisor.socket.recv(&mut [0; 64]).is_err());
}

#[tokio::test]
async fn a_socket_that_is_handed_over_is_served() {
    let folder = Folder::init(On::Sqlite);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    // Where the configuration has it listen, somebody else does.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    folder.set("listen", &format!("listen = \"{}\"", taken.local_addr().unwrap()));
    // Systemd holds the socket before the server runs: who comes early waits.
    let early = tokio::spawn(reqwest::get(format!("{url}/healthz")));
    let mut server = activated(&folder.config, socket, 1);
    assert_eq!(early.await.unwrap().unwrap().status(), 200);
    assert!(server.stderr().contains(url.trim_start_matches("http://")), "{}", server.stderr());
    assert_eq!(reqwest::get(format!("{url}/readyz")).await.unwrap().status(), 200);
    server.stop();
    assert!(reqwest::get(format!("{url}/healthz")).await.is_err(), "nobody holds it any more");
}

#[test]
fn r31_a_socket_that_strangers_reach_needs_tls_like_any_other() {
    let folder = Folder::init(On::Sqlite);
    let mut server = activated(&folder.config, TcpListener::bind("0.0.0.0:0").unwrap(), 1);
    assert_eq!(server.wait(), Some(2), "{}", server.stderr());
    assert!(server.stderr().contains("listen: 0.0.0.0:"), "{}", server.stderr());
}

#[test]
fn sockets_that_cannot_be_listened_on_are_refused() {
    let folder = Folder::init(On::Sqlite);
    let socket = || TcpListener::bind("127.0.0.1:0").unwrap();
    let datagrams = UnixDatagram::bind(folder.path.path().join("datagrams")).unwrap();
    let listening = socket();
    let connection = TcpStream::connect(listening.local_addr().unwrap()).unwrap();
    for (mut server, says) in [
        (activated(&folder.config, socket(), 2), "2 sockets were handed over"),
        (activated(&folder.config, datagrams, 1), "ListenStream="),
        // As with Accept=yes.
        (activated(&folder.config, connection, 1), "it does not listen"),
    ] {
        assert_eq!(server.wait(), Some(2), "{}", server.stderr());
        assert!(server.stderr().contains(says), "{}", server.stderr());
    }
}
