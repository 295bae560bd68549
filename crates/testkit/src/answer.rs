//! An answer, read whole, and what every answer of its kind must look like.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokenry_leakscan::assert_none;

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Self { status, headers, body: response.text().await.unwrap() };
        answer.must_be_secretless();
        answer
    }

    /// Asserts that no answer but that of the token endpoint holds a secret, and no page but in the one place where a value is
    /// shown that was just made.
    #[track_caller]
    fn must_be_secretless(&self) {
        if self.status != 200 || !self.body.contains("\"access_token\"") {
            assert_none(
                "the answer",
                format!("{:?}\n{}", self.headers, self.without_shown_value()).as_bytes(),
            );
        }
    }

    fn without_shown_value(&self) -> String {
        let shown = self.body.split_once("<code id=\"value\"").filter(|_shown| self.status == 200);
        let Some((before, value)) = shown else { return self.body.clone() };
        format!("{before}{}", value.split_once("</code>").map_or("", |(_value, after)| after))
    }

    /// A header field; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The access token that must be in it.
    #[must_use]
    #[track_caller]
    pub fn token(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Asserts what holds for every answer of the token endpoint, and of whatever else answers like it (G4).
    #[track_caller]
    pub fn must_be_token_like(&self) {
        assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        assert_eq!(self.header("pragma"), "no-cache", "{self:?}");
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        self.must_be_ours();
    }

    /// Asserts what holds for every answer: an id of ours, no guessing of types, no cookie, no redirect, no origin let in.
    #[track_caller]
    pub fn must_be_ours(&self) {
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self:?}");
        let id = self.header("x-request-id");
        assert!(id.len() == 22 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{self:?}");
        for absent in ["access-control-allow-origin", "location", "server", "set-cookie"] {
            assert_eq!(self.header(absent), "", "{absent} in {self:?}");
        }
    }

    /// Asserts that it is an RFC 6749 §5.2 error with the given code, in its characters (G5).
    #[track_caller]
    pub fn must_be_error(&self, status: u16, code: &str) {
        let json = self.json();
        assert_eq!((self.status.as_u16(), json["error"].as_str()), (status, Some(code)), "{self:?}");
        self.must_be_token_like();
        for (name, value) in json.as_object().unwrap() {
            let known = ["error", "error_description", "error_uri"].contains(&name.as_str());
            assert!(known && value.as_str().is_some_and(is_error_text), "{name} in {self:?}");
        }
        let text = json["error_description"].as_str().unwrap_or_default();
        for inside in ["SQL", "sqlite", "postgres", "crates/", ".rs", env!("CARGO_PKG_VERSION")] {
            assert!(!text.contains(inside), "{inside} in {self:?}");
        }
        if self.status == 401 {
            assert_eq!(code, "invalid_client", "{self:?}");
        }
    }
}

/// Whether the text keeps to the characters of RFC 6749 §5.2.
fn is_error_text(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
