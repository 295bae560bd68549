//! An authorization server on a port of its own, spoken to byte by byte.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokenry_jose::Algorithm;
use tokenry_leakscan::assert_none;
use tokenry_testkit::{Demo, Engine, Options, TestApp};
use tokio::net::TcpStream;

use crate::wire::Client;

pub(crate) struct Server(TestApp);

impl std::ops::Deref for Server {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(Engine::Sqlite).await
    }

    pub(crate) async fn on(database: Engine) -> Self {
        let signing_alg = Algorithm::EdDsa;
        Self(TestApp::with(Options { database, signing_alg, ..Options::default() }).await)
    }

    /// One that was booted otherwise.
    pub(crate) const fn of(app: TestApp) -> Self {
        Self(app)
    }

    fn address(&self) -> SocketAddr {
        self.issuer.trim_start_matches("http://").parse().unwrap()
    }

    /// The value of an `Authorization` header.
    pub(crate) fn basic(&self) -> String {
        basic(&self.demo.cron.id, &self.demo.cron.secret)
    }

    /// A form that is answered with a token.
    pub(crate) fn good_form(&self) -> String {
        let Demo { cron, .. } = &self.demo;
        format!("grant_type=client_credentials&client_id={}&client_secret={}", cron.id, cron.secret)
    }

    /// The answer to a request of which `Host`, `Content-Length` and `Connection` go without saying.
    pub(crate) async fn ask(&self, line: &str, fields: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !fields.iter().any(|(name, _)| *name == "Host") {
            request.push_str("Host: id.example.com\r\n");
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in fields {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.say(&[request.as_bytes(), body].concat()).await
    }

    /// The answer to these very bytes.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Answer {
        let mut client = Client(TcpStream::connect(self.address()).await.unwrap());
        client.say(bytes).await;
        Answer::parse(&client.hear_all().await)
    }

    /// The answer to a form at the token endpoint.
    pub(crate) async fn form(&self, body: impl AsRef<[u8]>, fields: &[(&str, &str)]) -> Answer {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        self.ask("POST /oauth/token", &[&[form], fields].concat(), body).await
    }

    /// Asserts that the server still serves (G7).
    pub(crate) async fn serves(&self) {
        let answer = self.form(self.good_form(), &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        if !(head.contains(" 200 ") && body.contains("\"access_token\"")) {
            assert_none("the answer", text.as_bytes());
        }
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let field = |line: &str| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        };
        Self { status, fields: lines.filter_map(field).collect(), body: body.to_owned() }
    }

    /// A header field; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Every value of a header field.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts that this is an OAuth error as RFC 6749 §5.2 and rules G4 and G5 have it.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json()["error"].as_str()), (status, Some(code)), "{self:?}");
        let description = self.json()["error_description"].as_str().unwrap().to_owned();
        assert!(
            description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)),
            "{self:?}"
        );
        self.is_token_like();
    }

    /// Asserts the header fields of every answer of the token endpoint (G4).
    #[track_caller]
    pub(crate) fn is_token_like(&self) {
        assert_eq!(self.field("cache-control"), "no-store", "{self:?}");
        assert_eq!(self.field("pragma"), "no-cache");
        assert_eq!(self.field("content-type"), "application/json");
        assert_eq!(self.field("x-content-type-options"), "nosniff");
        assert_eq!(self.field("x-request-id").len(), 22);
        for absent in ["access-control-allow-origin", "etag", "server"] {
            assert_eq!(self.field(absent), "", "{self:?}");
        }
    }
}
