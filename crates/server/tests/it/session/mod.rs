//! `/session` and `/guard/v1/session-check`: a separate user interface signs people in, and APIs take its cookie.

mod begin;
mod check;
mod cookies;
mod crossing;
mod ends;
mod token;

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokenry_jose::Algorithm;
use tokenry_server::Headless;
use tokenry_testkit::{Answer, DemoClient, Engine, Options, Person, TestApp};

pub(crate) const SID: &str = "__Host-tokenry_sid";
pub(crate) const API: &str = "__Host-tokenry_api";
/// Where the user interface is that is listed.
pub(crate) const UI: &str = "https://app.example.com";

/// One to which a user interface at [`UI`] is listed.
pub(crate) async fn app_on(database: Engine) -> TestApp {
    let headless = Headless { origins: vec![UI.to_owned()], ..Headless::default() };
    TestApp::with(Options { database, headless, signing_alg: Algorithm::EdDsa, ..Options::default() }).await
}

/// Somebody of Acme who may do all that there is at the demo's API.
pub(crate) async fn employee(app: &TestApp, name: &str) -> Person {
    let person = app.person(name).await;
    app.employ(&person.id).await;
    person
}

/// A browser with a page of the user interface, as far as it matters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ui {
    pub(crate) jar: BTreeMap<String, String>,
    pub(crate) csrf: String,
}

impl Ui {
    /// Signs somebody in.
    pub(crate) async fn signed_in(app: &TestApp, person: &Person) -> Self {
        let mut ui = Self::default();
        let answer = ui.sign_in(app, person, json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        ui
    }

    /// Tries to; `more` is sent beside name and password.
    pub(crate) async fn sign_in(&mut self, app: &TestApp, person: &Person, more: Value) -> Answer {
        let mut body = json!({"username": person.username, "password": person.password});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = Answer::to(self.request(app, Method::POST, "/session").json(&body)).await;
        self.keep(&answer);
        answer
    }

    /// A request of its page, with what the browser has, from the listed origin.
    pub(crate) fn request(&self, app: &TestApp, method: Method, path: &str) -> RequestBuilder {
        let jar: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = app.http.request(method, app.url(path)).header("origin", UI);
        let request = request.header("sec-fetch-site", "cross-site");
        if jar.is_empty() { request } else { request.header("cookie", jar.join("; ")) }
    }

    /// The same with the CSRF token.
    pub(crate) fn proven(&self, app: &TestApp, method: Method, path: &str) -> RequestBuilder {
        self.request(app, method, path).header("x-csrf-token", &self.csrf)
    }

    pub(crate) async fn get(&self, app: &TestApp, path: &str) -> Answer {
        Answer::to(self.request(app, Method::GET, path)).await
    }

    /// Takes and gives up cookies as an answer says, and remembers the CSRF token.
    fn keep(&mut self, answer: &Answer) {
        for set in answer.headers.get_all("set-cookie") {
            let (pair, rest) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        if answer.status == 200 {
            self.csrf = answer.json()["csrf_token"].as_str().unwrap_or_default().to_owned();
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> &str {
        self.jar.get(name).map_or("", String::as_str)
    }

    /// The same browser with another value of a cookie; empty: without it.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        match value {
            "" => drop(other.jar.remove(name)),
            value => drop(other.jar.insert(name.to_owned(), value.to_owned())),
        }
        other
    }
}

/// What a problem says: its status and its code.
#[track_caller]
pub(crate) fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let body = answer.json();
    assert_eq!(body["request_id"], answer.header("x-request-id"));
    (answer.status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

/// What an API is told of a cookie.
async fn checked(app: &TestApp, api: &DemoClient, cookie: &str) -> Value {
    let request = app.http.post(app.url("/guard/v1/session-check")).basic_auth(&api.id, Some(&api.secret));
    let answer = Answer::to(request.json(&json!({"cookie": cookie}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// What an API is told of a token.
pub(crate) async fn introspected(app: &TestApp, api: &DemoClient, token: &str) -> Value {
    let request = app.http.post(app.url("/oauth/introspect")).basic_auth(&api.id, Some(&api.secret));
    let answer = Answer::to(request.form(&[("token", token)])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn sessions(app: &TestApp) -> usize {
    app.store.list_sessions(None, None, 100).await.unwrap().len()
}
