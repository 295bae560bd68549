//! Somebody who has signed in by `POST /session`, and what they make for themselves by what that gave them.

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokenry_testkit::Answer;

const TOKENS: &str = "/manage/v1/users/me/tokens";
const SID: &str = "__Host-tokenry_sid";
const API: &str = "__Host-tokenry_api";

/// What a browser holds after it.
pub(crate) struct SignedIn {
    issuer: String,
    /// The value of the interactive cookie.
    pub(crate) sid: String,
    /// The value of the cookie for APIs.
    pub(crate) api: String,
    csrf: String,
}

/// A personal access token of theirs.
pub(crate) struct Pat {
    pub(crate) id: String,
    pub(crate) value: String,
}

impl SignedIn {
    /// Signs somebody in who has one company at the most.
    pub(crate) async fn at(issuer: &str, username: &str, password: &str) -> Self {
        let body = json!({"username": username, "password": password});
        let answer = Answer::to(Client::new().post(format!("{issuer}/session")).json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = |name: &str| {
            let set = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
            let value = set.filter_map(|set| set.strip_prefix(name)?.strip_prefix('=')).next().unwrap();
            value.split(';').next().unwrap().to_owned()
        };
        let csrf = answer.json()["csrf_token"].as_str().unwrap().to_owned();
        Self { issuer: issuer.to_owned(), sid: cookie(SID), api: cookie(API), csrf }
    }

    /// The `Cookie` that APIs are sent.
    pub(crate) fn api_cookie(&self) -> String {
        format!("{API}={}", self.api)
    }

    /// Both cookies, as browsers send them to every port of a host.
    pub(crate) fn both_cookies(&self) -> String {
        format!("{SID}={}; {API}={}", self.sid, self.api)
    }

    /// A request of a page of the server's own, by the interactive cookie.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = Client::new().request(method, format!("{}{path}", self.issuer));
        let request = request.header("cookie", format!("{SID}={}", self.sid));
        request.header("origin", &self.issuer).header("x-csrf-token", &self.csrf)
    }

    /// Makes a token for all that they may do, which lives for a day.
    pub(crate) async fn pat(&self) -> Pat {
        let wish = json!({"name": "CI", "expires_in": 86_400});
        Pat::of(&value_of(self.request(Method::POST, TOKENS).json(&wish), StatusCode::CREATED).await)
    }

    /// Puts another value in the place of a token's; yields it, and whether all guards have confirmed.
    pub(crate) async fn refresh(&self, pat: &Pat) -> (Pat, bool) {
        let path = format!("{TOKENS}/{}/refresh", pat.id);
        let body = value_of(self.request(Method::POST, &path), StatusCode::OK).await;
        (Pat::of(&body), body["propagated"].as_bool().unwrap())
    }
}

/// An answer that holds a secret, as no other may.
async fn value_of(request: RequestBuilder, status: StatusCode) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), status);
    answer.json().await.unwrap()
}

impl Pat {
    fn of(body: &Value) -> Self {
        let member = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { id: member("id"), value: member("token") }
    }
}
