//! Cross-origin requests of browsers: credentialed for the listed origin, for nobody else.

use reqwest::header::{ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN};

use crate::support::{ALL, Answer, Api, ORIGIN, answer};

async fn from(api: &Api, origin: &str) -> [Answer; 2] {
    let get = api.request("GET", "/whoami").header("origin", origin).bearer_auth(api.token("acme", ALL));
    let preflight = api.request("OPTIONS", "/import").header("origin", origin);
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "authorization,content-type");
    [answer(get).await, answer(preflight).await]
}

#[tokio::test]
async fn r87_the_listed_origin_may_call_with_credentials() {
    let api = Api::start().await;
    for answer in from(&api, ORIGIN).await {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_ORIGIN], ORIGIN);
        assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
    }
    // A page has to be able to read why it was refused.
    let refused = answer(api.request("GET", "/whoami").header("origin", ORIGIN)).await;
    assert_eq!(
        (refused.status, refused.headers[ACCESS_CONTROL_ALLOW_ORIGIN].as_bytes()),
        (401, ORIGIN.as_bytes())
    );
}

#[tokio::test]
async fn http_08_other_origins_and_their_lookalikes_may_not() {
    let api = Api::start().await;
    for origin in [
        "null",
        "https://evil.example",
        "https://127.0.0.1:8705",
        "http://127.0.0.1:8706",
        "http://127.0.0.1",
        "http://127.0.0.1:87050",
        "http://127.0.0.1:8705.evil.example",
        "http://localhost:8705",
    ] {
        for answer in from(&api, origin).await {
            assert!(!answer.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}: {answer:?}");
        }
    }
}
