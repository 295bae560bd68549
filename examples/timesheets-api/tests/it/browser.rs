//! Cross-origin requests of browsers: credentialed for the listed origin, for nobody else.

use reqwest::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN,
};
use serde_json::{Value, json};

use crate::support::{ALL, Answer, Api, ORIGIN, answer, sheet};

async fn from(api: &Api, origin: &str) -> [Answer; 2] {
    let get = api.request("GET", "/whoami").header("origin", origin).bearer_auth(api.token("acme", ALL));
    [answer(get).await, preflight(api, "/timesheets/1/approve", origin).await]
}

async fn preflight(api: &Api, path: &str, origin: &str) -> Answer {
    let preflight = api.request("OPTIONS", path).header("origin", origin);
    let preflight = preflight.header("access-control-request-method", "POST");
    let response =
        preflight.header("access-control-request-headers", "content-type,x-csrf-token").send().await.unwrap();
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body: Value::Null }
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

#[tokio::test]
async fn r87_a_page_of_the_listed_origin_acts_by_the_cookie() {
    let api = Api::start().await;
    let ann = api.issuer.token().user("ann").company("acme").claim("scope", ALL);
    let cookie = api.issuer.cookie(&ann);
    let (name, value) = cookie.header();
    let whoami = api.request("GET", "/whoami").header("origin", ORIGIN).header(&name, &value);
    let whoami = answer(whoami).await;
    assert_eq!(
        (&whoami.body["credential"], &whoami.body["principal"]["id"]),
        (&json!("cookie"), &json!("ann"))
    );
    assert_eq!(whoami.body.get("client_id"), None);

    let allowed = preflight(&api, "/companies/acme/timesheets", ORIGIN).await;
    assert_eq!(allowed.headers[ACCESS_CONTROL_ALLOW_HEADERS], "content-type,x-csrf-token");
    let create = |origin: &str, token: &str| {
        let post = api.request("POST", "/companies/acme/timesheets").header("sec-fetch-site", "same-site");
        post.header("origin", origin).header(&name, &value).header("x-csrf-token", token).json(&sheet("Ann"))
    };
    for (origin, token) in [(ORIGIN, "guessed"), ("https://evil.example", cookie.csrf_token().as_str())] {
        let refused = answer(create(origin, token)).await;
        assert_eq!((refused.status, refused.code()), (403, "csrf_failed"), "{origin}");
        assert!(!refused.headers.contains_key("www-authenticate"));
    }
    assert!(api.employees("/timesheets", &api.token("acme", ALL)).await.is_empty(), "nothing changed");
    assert_eq!(answer(create(ORIGIN, &cookie.csrf_token())).await.status, 201);
}

#[tokio::test]
async fn r80_r86_a_personal_access_token_does_what_the_cookie_does() {
    let api = Api::start().await;
    let ann =
        api.issuer.token().user("ann").company("acme").claim("scope", "read:timesheets create:timesheets");
    let pat = api.issuer.pat(&ann);
    let whoami = api.get("/whoami", pat.text()).await;
    assert_eq!((&whoami.body["credential"], &whoami.body["company"]), (&json!("pat"), &json!("acme")));
    let path = "/companies/acme/timesheets";
    assert_eq!(api.send("POST", path, pat.text(), sheet("Ann")).await.status, 201);
    let other = api.get("/companies/globex/timesheets", pat.text()).await;
    assert_eq!((other.status, other.code()), (403, "tenant_mismatch"));
    api.issuer.end(&pat, &ann);
    let ended = api.send("POST", path, pat.text(), sheet("Bob")).await;
    assert_eq!((ended.status, ended.code()), (401, "invalid_token"));
    assert_eq!(api.employees("/timesheets", &api.token("acme", ALL)).await, ["Ann"]);
}

#[tokio::test]
async fn r96_r105_an_account_secret_opens_the_import_alone_and_from_no_browser() {
    let api = Api::start().await;
    let ann = api.issuer.token().user("ann").company("acme").claim("scope", ALL);
    let (name, value) = api.issuer.account_secret(&ann).header();
    let import = || api.request("POST", "/import").header(&name, &value).json(&json!([sheet("Ann")]));
    let elsewhere = answer(api.request("GET", "/whoami").header(&name, &value)).await;
    assert_eq!((elsewhere.status, elsewhere.code()), (401, "scheme_not_accepted"));
    for (field, sent) in [("origin", ORIGIN), ("sec-fetch-site", "same-origin")] {
        let browser = answer(import().header(field, sent)).await;
        assert_eq!((browser.status, browser.code()), (401, "scheme_not_accepted"), "{field}");
        assert!(!browser.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{field}");
    }
    let preflight = preflight(&api, "/import", ORIGIN).await;
    assert!(!preflight.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    assert!(api.employees("/timesheets", &api.token("acme", ALL)).await.is_empty(), "nothing changed");
    let imported = answer(import()).await;
    assert_eq!((imported.status, &imported.body["created"]), (200, &json!(1)));
}
