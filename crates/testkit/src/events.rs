//! A guard's side of the event stream, by hand: what the server says, message by message.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::demo::DemoClient;

/// Longer than anything here takes, so that a test that hangs fails instead.
const LONG: Duration = Duration::from_secs(30);

/// One message of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// `open`, `change` or `complete`.
    pub name: String,
    /// The number that resumes after it.
    pub id: Option<i64>,
    /// What it says.
    pub data: Value,
}

/// An open stream, which acknowledges nothing by itself.
#[derive(Debug)]
pub struct Events {
    issuer: String,
    api: DemoClient,
    http: Client,
    response: Response,
    heard: Vec<u8>,
    /// The name that the stream was given.
    pub stream: String,
    /// The name of the guard.
    pub guard: String,
}

impl Events {
    /// Opens a stream that must be granted, of a guard with this name.
    pub async fn open(issuer: &str, api: &DemoClient, after: i64, guard: &str) -> Self {
        let asked = Self::ask(issuer, api, &format!("after={after}&guard={guard}")).await;
        asked.unwrap_or_else(|answer| panic!("no stream: {answer:?}"))
    }

    /// Asks for a stream.
    ///
    /// # Errors
    /// The answer, if it is no stream.
    pub async fn ask(issuer: &str, api: &DemoClient, query: &str) -> Result<Self, Answer> {
        Self::ask_over(Client::new(), issuer, api, query).await
    }

    /// As [`Events::ask`], over a connection of the client's.
    ///
    /// # Errors
    /// The answer, if it is no stream.
    pub async fn ask_over(http: Client, issuer: &str, api: &DemoClient, query: &str) -> Result<Self, Answer> {
        let request = http.get(format!("{issuer}/guard/v1/events?{query}"));
        let response = request.basic_auth(&api.id, Some(&api.secret)).send().await.unwrap();
        if response.status() != StatusCode::OK {
            let (status, headers) = (response.status(), response.headers().clone());
            return Err(Answer { status, headers, body: response.text().await.unwrap() });
        }
        let (issuer, api) = (issuer.to_owned(), api.clone());
        let (stream, guard) = (String::new(), String::new());
        let mut events = Self { issuer, api, http, response, heard: Vec::new(), stream, guard };
        let open = events.next().await.expect("a stream begins with its name");
        assert_eq!((open.name.as_str(), open.id), ("open", None));
        events.stream = open.data["stream"].as_str().unwrap().to_owned();
        events.guard = open.data["guard"].as_str().unwrap().to_owned();
        Ok(events)
    }

    /// A header field of the answer; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The next message; `None` once the stream has ended, in good order or not.
    pub async fn next(&mut self) -> Option<Said> {
        loop {
            if let Some(end) = self.heard.windows(2).position(|two| two == b"\n\n") {
                let rest = self.heard.split_off(end + 2);
                let text = String::from_utf8(std::mem::replace(&mut self.heard, rest)).unwrap();
                return Some(parse(&text));
            }
            let chunk = tokio::time::timeout(LONG, self.response.chunk()).await;
            self.heard.extend(chunk.expect("a stream says something each second").ok()??);
        }
    }

    /// The next change, whatever is said in between.
    pub async fn change(&mut self) -> Said {
        for _second in 0..LONG.as_secs() {
            let said = self.next().await.expect("the stream goes on");
            if said.name == "change" {
                return said;
            }
        }
        panic!("nothing happens");
    }

    /// All changes up to the event number `seq`.
    pub async fn changes_to(&mut self, seq: i64) -> Vec<Said> {
        let mut changes = Vec::new();
        while changes.last().is_none_or(|said: &Said| said.id.unwrap() < seq) {
            changes.push(self.change().await);
        }
        changes
    }

    /// What is said from now on until the stream says that nothing is missing up to `seq` at the least: the changes,
    /// and that word.
    pub async fn complete_to(&mut self, seq: i64) -> (Vec<Said>, Value) {
        let (mut changes, mut seconds) = (Vec::new(), 0);
        while seconds < LONG.as_secs() {
            let said = self.next().await.expect("the stream goes on");
            match said.name.as_str() {
                "complete" if said.data["seq"].as_i64().unwrap() >= seq => return (changes, said.data),
                "complete" => seconds += 1,
                _ => changes.push(said),
            }
        }
        panic!("{seq} does not come: {changes:?}");
    }

    /// Waits until the stream has ended.
    pub async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }

    /// Acknowledges everything up to `seq`, and tells the status of the answer.
    pub async fn ack(&self, seq: i64) -> u16 {
        self.post(&json!({"stream": self.stream, "seq": seq})).await
    }

    /// Says that the guard goes away, and tells the status of the answer.
    pub async fn sign_off(&self, seq: i64) -> u16 {
        self.post(&json!({"stream": self.stream, "seq": seq, "signed_off": true})).await
    }

    async fn post(&self, body: &Value) -> u16 {
        let request = self.http.post(format!("{}/guard/v1/ack", self.issuer)).json(body);
        request.basic_auth(&self.api.id, Some(&self.api.secret)).send().await.unwrap().status().as_u16()
    }

    /// From now on acknowledges each change at once, until the stream ends or the task is aborted.
    pub fn acknowledging(mut self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            while let Some(said) = self.next().await {
                if let Some(seq) = said.id {
                    assert_eq!(self.ack(seq).await, 204);
                }
            }
        })
    }
}

fn parse(text: &str) -> Said {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Said {
        name: field("event").unwrap().to_owned(),
        id: field("id").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(field("data").unwrap()).unwrap(),
    }
}
