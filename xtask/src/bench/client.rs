//! One HTTP request at a time, for looking at an answer before and after the load.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A request as it goes over the wire, without the headers that every request has.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: &'static str,
    header: String,
    body: String,
}

impl Request {
    /// A form. Values are escaped by the caller.
    pub(crate) fn form(path: &'static str, body: String) -> Self {
        let header = "Content-Type: application/x-www-form-urlencoded".to_owned();
        Self { method: "POST", path, header, body }
    }

    pub(crate) fn json(path: &'static str, body: &serde_json::Value) -> Self {
        let header = "Content-Type: application/json".to_owned();
        Self { method: "POST", path, header, body: body.to_string() }
    }

    pub(crate) fn get(path: &'static str) -> Self {
        Self { method: "GET", path, header: "Accept: application/json".to_owned(), body: String::new() }
    }

    pub(crate) fn with_authorization(self, value: &str) -> Self {
        self.with_field("Authorization", value)
    }

    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// With this field in its head.
    pub(crate) fn with_field(mut self, name: &str, value: &str) -> Self {
        self.header = format!("{}\r\n{name}: {value}", self.header);
        self
    }

    /// A page, as a browser asks for it whose user typed the address.
    pub(crate) fn page(path: &'static str) -> Self {
        Self { method: "GET", path, header: "Sec-Fetch-Site: none".to_owned(), body: String::new() }
    }

    /// The body of the answer, if its status is 200.
    pub(crate) fn send(&self, address: SocketAddr) -> Result<String> {
        let Self { method, path, .. } = self;
        let Answer { status, body, .. } = self.ask(address)?;
        if status != 200 {
            bail!("{method} {path} at {address} answers {status}: {body}");
        }
        Ok(body)
    }

    /// The answer, whatever it says.
    pub(crate) fn ask(&self, address: SocketAddr) -> Result<Answer> {
        let mut stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let Self { method, path, header, body } = self;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .with_context(|| format!("reading the answer to {method} {path}"))?;
        let (head, body) =
            answer.split_once("\r\n\r\n").context("an answer without an end of its headers")?;
        let status =
            head.split(' ').nth(1).unwrap_or_default().parse().context("a status that is no number")?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Percent-encodes a value for a form.
pub(crate) fn escape(value: &str) -> String {
    let escaped = value.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_would_read_otherwise_is_escaped() {
        assert_eq!(escape("https://a.example/x y&z=%"), "https%3A%2F%2Fa.example%2Fx%20y%26z%3D%25");
    }
}
