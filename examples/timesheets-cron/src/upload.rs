//! The API's side: whose company, and one upload at a time, with patience where the API asks for it.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use tokenry_token_source::{Clock, SendError, SystemClock, TokenSource, retry_after};

use crate::sheets::Sheet;

const ATTEMPTS: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The Timesheets API, with tokens for it.
pub(crate) struct Api {
    http: reqwest::Client,
    tokens: TokenSource,
    url: Url,
}

/// What came of one timesheet.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It has this id now.
    Created(String),
    /// The employee had one for the week already, of this id.
    Existed(String),
    /// The API did not take it, or could not be asked; says why.
    Refused(String),
}

#[derive(Deserialize)]
struct Whoami {
    company: String,
}

/// The members that we read of RFC 9457 problem details, and of a timesheet.
#[derive(Default, Deserialize)]
struct Answer {
    code: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
    id: Option<String>,
    request_id: Option<String>,
    /// The scopes that the token lacked.
    #[serde(default)]
    required: Vec<String>,
}

#[derive(Deserialize)]
struct Fault {
    member: String,
    detail: String,
}

impl Api {
    pub(crate) fn new(http: reqwest::Client, tokens: TokenSource, url: Url) -> Self {
        Self { http, tokens, url }
    }

    /// The company that the token is for.
    pub(crate) async fn company(&self) -> anyhow::Result<String> {
        let url = self.path(&["whoami"]);
        let answer =
            self.send(|| self.http.get(url.clone())).await.context("cannot ask the API who we are")?;
        let status = answer.status();
        if status == StatusCode::OK {
            let whoami: Whoami = answer.json().await.context("the API's /whoami names no company")?;
            return Ok(whoami.company);
        }
        let why = explain(status, &read(answer).await);
        if status == StatusCode::FORBIDDEN {
            bail!("the API does not tell who we are: {why}; name the company with --company");
        }
        bail!("the API does not know us: {why}")
    }

    /// Uploads one timesheet. Sending it twice is harmless: the API keeps one per company, employee and week.
    pub(crate) async fn upload(&self, company: &str, sheet: &Sheet) -> Outcome {
        let url = self.path(&["companies", company, "timesheets"]);
        let answer = match self.send(|| self.http.post(url.clone()).json(sheet)).await {
            Ok(answer) => answer,
            Err(error) => return Outcome::Refused(format!("{:#}", anyhow::Error::from(error))),
        };
        let status = answer.status();
        let body = read(answer).await;
        match (status, &body) {
            (StatusCode::CREATED, Answer { id: Some(id), .. }) => Outcome::Created(id.clone()),
            (StatusCode::CONFLICT, Answer { code: Some(code), id: Some(id), .. })
                if code == "timesheet_exists" =>
            {
                Outcome::Existed(id.clone())
            }
            _ => Outcome::Refused(explain(status, &body)),
        }
    }

    /// Sends the request, and again after a while if the API or the authorization server is overloaded or
    /// away.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, SendError> {
        let mut attempt = 1;
        loop {
            let answer = self.tokens.authorize(request()).send().await;
            match wait(&answer, attempt) {
                Some(wait) if attempt < ATTEMPTS => tokio::time::sleep(wait).await,
                _ => return answer,
            }
            attempt += 1;
        }
    }

    fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// How long to wait before trying again; `None` if that would not help.
fn wait(answer: &Result<Response, SendError>, attempt: u32) -> Option<Duration> {
    let usual = Duration::from_secs(2_u64.saturating_pow(attempt.saturating_sub(1)));
    let asked = match answer {
        Ok(answer) => match answer.status() {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                retry_after(answer.headers(), SystemClock.now())
            }
            _ => return None,
        },
        Err(SendError::Token(error)) if error.is_temporary() => error.retry_after(),
        Err(SendError::Request(error)) if error.is_connect() => None,
        Err(_) => return None,
    };
    Some(asked.unwrap_or(usual).min(LONGEST_WAIT))
}

/// The body, or nothing if it is no JSON of the kind.
async fn read(answer: Response) -> Answer {
    let is_json = answer.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().ends_with(b"json"));
    if is_json { answer.json().await.unwrap_or_default() } else { Answer::default() }
}

/// The API's own words, and the id under which its operator finds the request.
fn explain(status: StatusCode, answer: &Answer) -> String {
    let mut text = match &answer.code {
        Some(code) => format!("{} {code}", status.as_u16()),
        None => format!("HTTP {status}"),
    };
    let faults: Vec<_> =
        answer.errors.iter().map(|fault| format!("{} {}", fault.member, fault.detail)).collect();
    if !answer.required.is_empty() {
        text = format!("{text}: this job may not {}", answer.required.join(" "));
    } else if !faults.is_empty() {
        text = format!("{text}: {}", faults.join(", "));
    } else if let Some(detail) = &answer.detail {
        text = format!("{text}: {detail}");
    }
    match &answer.request_id {
        Some(id) => format!("{text} (request {id})"),
        None => text,
    }
}
