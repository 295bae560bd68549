//! `authorize`: the header, and the second try after a 401.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokenry_token_source::SendError;
use tokio::net::TcpListener;

use crate::endpoint::Endpoint;

/// An API that accepts one token only, and remembers what it was sent.
#[derive(Clone)]
struct Api {
    seen: Arc<Mutex<Vec<(String, String)>>>,
    settings: Arc<Settings>,
    url: String,
}

struct Settings {
    accepts: &'static str,
    challenge: &'static str,
}

impl Api {
    async fn start(accepts: &'static str, challenge: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let settings = Arc::new(Settings { accepts, challenge });
        let api = Self { seen: Arc::default(), settings, url };
        let app = Router::new().fallback(answer).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        api
    }

    fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(State(api): State<Api>, headers: HeaderMap, body: String) -> Response {
    let values: Vec<_> = headers.get_all(header::AUTHORIZATION).iter().collect();
    let [value] = &*values else { return StatusCode::BAD_REQUEST.into_response() };
    let value = value.to_str().unwrap().to_owned();
    api.seen.lock().unwrap().push((value.clone(), body));
    if value == format!("Bearer {}", api.settings.accepts) {
        return StatusCode::OK.into_response();
    }
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, api.settings.challenge)]).into_response()
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

#[tokio::test]
async fn a_401_is_tried_again_once_with_a_fresh_token_and_the_same_body() {
    let (endpoint, api) = (Endpoint::start().await, Api::start("t2", INVALID).await);
    let source = endpoint.source();
    // A header of the caller's own is replaced, not doubled.
    let request = reqwest::Client::new().post(&api.url).body("sheet").bearer_auth("mine");
    let answer = source.authorize(request).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen = [("Bearer t1".to_owned(), "sheet".to_owned()), ("Bearer t2".to_owned(), "sheet".to_owned())];
    assert_eq!(api.seen(), seen);
}

#[tokio::test]
async fn an_api_that_keeps_refusing_is_tried_twice_and_then_once() {
    let (endpoint, api) = (Endpoint::start().await, Api::start("never", INVALID).await);
    let (source, http) = (endpoint.source(), reqwest::Client::new());
    for (requests, mints) in [(2, 2), (3, 2), (4, 2)] {
        let answer = source.authorize(http.get(&api.url)).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!((api.seen().len(), endpoint.mints()), (requests, mints));
    }
}

#[tokio::test]
async fn a_step_up_challenge_costs_no_token() {
    let challenge = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
    let (endpoint, api) = (Endpoint::start().await, Api::start("never", challenge).await);
    let answer = endpoint.source().authorize(reqwest::Client::new().get(&api.url)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), endpoint.mints()), (401, 1));
}

#[tokio::test]
async fn no_token_goes_to_another_machine_in_the_clear() {
    let endpoint = Endpoint::start().await;
    let request = reqwest::Client::new().get("http://timesheets.example.com/whoami");
    let error = endpoint.source().authorize(request).send().await.unwrap_err();
    assert!(matches!(error, SendError::Insecure), "{error:?}");
    assert_eq!(endpoint.mints(), 0);
}
