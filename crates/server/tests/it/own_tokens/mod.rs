//! `/manage/v1/users/me/tokens`: what people's own programs and pages do about personal access tokens.

mod bodies;
mod bounded;
mod crossing;
mod made;
mod replaced;
mod told;
mod who;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokenry_testkit::{Answer, Engine, Person, TestApp};

use crate::session::{Ui, app_on, employee};

pub(crate) const TOKENS: &str = "/manage/v1/users/me/tokens";

/// A server, ann of Acme who may do all there, and her browser.
async fn with_ann(engine: Engine) -> (TestApp, Person, Ui) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    (app, ann, ui)
}

/// The answer that holds a new value, which no other may.
struct Issued {
    status: u16,
    headers: HeaderMap,
    token: String,
    /// The rest.
    body: Value,
}

impl Issued {
    async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body: Value = response.json().await.unwrap();
        let token = body.as_object_mut().unwrap().remove("token");
        let Some(Value::String(token)) = token else { panic!("no token: {status} {body}") };
        Self { status, headers, token, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }
}

/// What has to be said of a token, and that it lives 30 days.
fn wish(name: &str) -> Value {
    json!({"name": name, "expires_in": 30 * 86_400})
}

/// A token of whoever is signed in there.
async fn create(app: &TestApp, ui: &Ui, wish: &Value) -> Issued {
    let issued = Issued::to(ui.proven(app, Method::POST, TOKENS).json(wish)).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    issued
}

/// An answer to what is asked of one token.
async fn act(app: &TestApp, ui: &Ui, method: Method, id: &str, verb: &str) -> Answer {
    Answer::to(ui.proven(app, method, &format!("{TOKENS}/{id}{verb}"))).await
}

/// The tokens of whoever is signed in there.
async fn listed(app: &TestApp, ui: &Ui) -> Vec<Value> {
    let answer = ui.get(app, TOKENS).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json().as_array().unwrap().clone()
}

/// What of the database tells whether anything was done to a token, or told of one.
fn pats(app: &TestApp) -> Vec<String> {
    let contents = app.database.contents();
    ["pats", "pat_apis", "pat_values"].map(|table| contents[table].clone()).to_vec()
}
