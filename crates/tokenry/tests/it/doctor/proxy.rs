//! What stands between a server and its clients, and does to its answers what the test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// An answer on its way: its head without the length, and its body.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) path: String,
    pub(super) head: String,
    pub(super) body: String,
}

type Change = Box<dyn FnMut(Passing) -> Passing + Send>;

/// A proxy on a port of its own. Its thread ends with the process.
pub(super) struct Proxy {
    pub(super) port: u16,
    change: Arc<Mutex<Change>>,
}

impl Proxy {
    /// In front of the server on `upstream`, changing nothing yet.
    pub(super) fn before(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let change: Arc<Mutex<Change>> = Arc::new(Mutex::new(Box::new(|passing| passing)));
        let shared = Arc::clone(&change);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || pass(client, upstream, &shared));
            }
        });
        Self { port, change }
    }

    pub(super) fn does(&self, change: impl FnMut(Passing) -> Passing + Send + 'static) {
        *self.change.lock().unwrap() = Box::new(change);
    }
}

/// One request there and back; without an answer, a 502 of the proxy's own.
fn pass(mut client: TcpStream, upstream: u16, change: &Mutex<Change>) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).ok()?;
    let path = request.split(' ').nth(1)?.to_owned();
    let passing = answer(&path, upstream).unwrap_or_else(|| Passing {
        path,
        head: "HTTP/1.1 502 Bad Gateway\r\nx-request-id: none".to_owned(),
        body: String::new(),
    });
    let Passing { head, body, .. } = (change.lock().unwrap())(passing);
    write!(client, "{head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).ok()
}

fn answer(path: &str, upstream: u16) -> Option<Passing> {
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).ok()?;
    write!(server, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").ok()?;
    let mut said = String::new();
    server.read_to_string(&mut said).ok()?;
    let (head, body) = said.split_once("\r\n\r\n")?;
    let own = |line: &&str| !line.starts_with("content-length:") && !line.starts_with("connection:");
    let head: Vec<_> = head.split("\r\n").filter(own).collect();
    Some(Passing { path: path.to_owned(), head: head.join("\r\n"), body: body.to_owned() })
}
