//! One TCP connection that stays open over many requests: an end of it is a failure, never tried again behind the scenes.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::process::PATIENCE;

/// An open connection of HTTP/1.1.
pub(super) struct Connection {
    stream: TcpStream,
    host: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Connection {
    pub(super) fn open(origin: &str) -> Self {
        let host = origin.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host }
    }

    /// Gets `path` with a token.
    pub(super) fn get(&mut self, path: &str, token: &str) -> Answer {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n"), "")
    }

    /// Posts a form.
    pub(super) fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> =
            form.iter().map(|(name, value)| format!("{name}={}", value.replace(':', "%3A"))).collect();
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        self.exchange(&head, &fields.join("&"))
    }

    fn exchange(&mut self, head: &str, body: &str) -> Answer {
        let length = body.len();
        let request = format!("{head}host: {}\r\ncontent-length: {length}\r\n\r\n{body}", self.host);
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut heard = Vec::new();
        let end = loop {
            if let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.hear(&mut heard);
        };
        let head = String::from_utf8_lossy(&heard[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.unwrap_or_else(|| panic!("no length: {head}"));
        while heard.len() < end + length {
            self.hear(&mut heard);
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap(), body: String::from_utf8(heard.split_off(end)).unwrap() }
    }

    fn hear(&mut self, heard: &mut Vec<u8>) {
        let mut piece = [0; 4_096];
        match self.stream.read(&mut piece) {
            Ok(length @ 1..) => heard.extend_from_slice(&piece[..length]),
            end => panic!("{} ended the connection: {end:?} after {heard:?}", self.host),
        }
    }
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status and `code`; no code if it is none of a refusal.
    pub(super) fn verdict(&self) -> (u16, String) {
        let code = serde_json::from_str::<Value>(&self.body).ok();
        (self.status, code.and_then(|body| body["code"].as_str().map(str::to_owned)).unwrap_or_default())
    }

    /// The access token that must be in it.
    #[track_caller]
    pub(super) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["access_token"].as_str().unwrap().to_owned()
    }
}
