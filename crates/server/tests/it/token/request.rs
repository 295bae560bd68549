//! How a request is put: what is refused before anybody asks who sent it (TOK-10 to 16, 27, HTTP-13 to 15, DB-14).

use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::json;
use tokenry_testkit::{AUDIENCE, Answer, Engine, Refusal, Refusals, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";

fn malformed() -> Refusal {
    Refusal::of_stranger(400, "invalid_request", "invalid_request")
}

/// A form that is answered with a token.
fn honest(app: &TestApp) -> String {
    let cron = &app.demo.cron;
    format!("grant_type=client_credentials&client_id={}&client_secret={}", cron.id, cron.secret)
}

fn post(app: &TestApp, content_type: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
    app.token_request().header("content-type", content_type).body(body)
}

#[tokio::test]
async fn tok_10_r47_nothing_secret_belongs_in_an_address() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let honest = honest(&app);
    for query in [&*honest, "client_secret=x", "client_secret=", "client%5Fsecret=x", "scope=read:timesheets"]
    {
        let address = format!("{}?{query}", app.url("/oauth/token"));
        let request = app.http.post(&address).header("content-type", FORM).body(honest.clone());
        refusals.expect(request, malformed()).await;
        refusals.expect(app.http.get(&address), Refusal::unheard(405, "invalid_request")).await;
    }
    let address = format!("{}?{honest}", app.url("/oauth/token"));
    let without_body = app.http.post(&address).header("content-type", FORM).body("");
    refusals.expect(without_body, malformed()).await;
    refusals.end().await;
}

#[tokio::test]
async fn tok_11_r08_the_token_endpoint_is_post_at_one_address() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let request = app.http.request(method, app.url("/oauth/token")).header("content-type", FORM);
        let refusal = Refusal::unheard(405, "invalid_request");
        let answer = refusals.expect(request.body(honest(&app)), refusal).await;
        assert_eq!(answer.header("allow"), "POST,OPTIONS");
    }
    for method in [Method::TRACE, Method::from_bytes(b"FROB").unwrap()] {
        let request = app.http.request(method, app.url("/oauth/token"));
        refusals.expect(request, Refusal::unheard(501, "invalid_request")).await;
    }
    for path in [
        "/oauth/token/",
        "/oauth/token;x",
        "/oauth//token",
        "/oauth/Token",
        "/oauth/token%2f",
        "/oauth/token%00",
    ] {
        let request = app.http.post(app.url(path)).header("content-type", FORM).body(honest(&app));
        refusals.expect(request, Refusal::unheard(404, "invalid_request")).await;
    }
    for path in ["/token", "/oauth2/token", "/oauth2/authorize", "/signin", "/manage/v1/clients"] {
        let request = app.http.post(app.url(path)).header("content-type", FORM).body(honest(&app));
        refusals.expect_problem(request, Refusal::unheard(404, "not_found")).await;
    }
    let request = app.http.post(app.url("/")).header("content-type", FORM).body(honest(&app));
    refusals.expect_problem(request, Refusal::unheard(405, "method_not_allowed")).await;
    refusals.end().await;
    let answer = Answer::to(app.http.head(app.url("/oauth/token"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow"), &*answer.body), (405, "POST,OPTIONS", ""));
    let overridden = app.http.get(app.url("/oauth/token")).header("x-http-method-override", "POST");
    assert_eq!(Answer::to(overridden.body(honest(&app))).await.status, 405);
}

#[tokio::test]
async fn tok_12_peer_30_a_body_is_a_form_or_json_and_says_so() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let types = [
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "application/json, application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/jwt",
        "*/*",
    ];
    for content_type in types {
        refusals.expect(post(&app, content_type, honest(&app)), malformed()).await;
    }
    refusals.expect(app.token_request().body(honest(&app)), malformed()).await;
    refusals.expect(post(&app, "application/json", honest(&app)), malformed()).await;
    refusals.expect(app.token_request(), malformed()).await;
    refusals.end().await;
    for content_type in [FORM, "application/x-www-form-urlencoded;charset=UTF-8"] {
        assert_eq!(Answer::to(post(&app, content_type, honest(&app))).await.status, 200);
    }
}

#[rstest]
#[tokio::test]
async fn tok_13_no_parameter_comes_twice(#[values("form", "json", "query")] place: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let names = [
        "grant_type",
        "code",
        "client_id",
        "client_secret",
        "scope",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "company_id",
        "unknown",
        "%75nknown",
    ];
    let cron = &app.demo.cron;
    for name in names {
        let request = match place {
            "form" => post(&app, FORM, format!("{name}=a&{}&{}=b", honest(&app), name.replace("%75", "u"))),
            "json" => {
                let body = format!(
                    r#"{{"{name}":"a","client_id":"{}","client_secret":"{}","grant_type":"client_credentials","{name}":null}}"#,
                    cron.id, cron.secret
                );
                post(&app, "application/json", body)
            }
            _ => {
                let address = format!("{}?{name}=a", app.url("/oauth/token"));
                let body = format!("{}&unknown=b", honest(&app));
                app.http.post(address).header("content-type", FORM).body(body)
            }
        };
        refusals.expect(request, malformed()).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_15_unknown_parameters_are_ignored_and_unknown_grants_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let more = [("nonsense", "1"), ("claims", "{\"sub\":\"root\"}"), ("username", "root"), ("code", "x")];
    assert_eq!(app.ask(cron, &more).await.status, 200);
    let mut refusals = Refusals::of(&app).await;
    let grants = [
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "Client_Credentials",
        "client_credentials ",
        "client-credentials",
        "client_credentials\u{200b}",
        "' OR 1=1--",
    ];
    for grant in grants {
        let form = [("grant_type", grant), ("client_id", &cron.id), ("client_secret", &cron.secret)];
        let refusal = Refusal::of_stranger(400, "unsupported_grant_type", "unsupported_grant_type");
        refusals.expect(app.token_request().form(&form), refusal).await;
    }
    let form = [("client_id", &cron.id), ("client_secret", &cron.secret)];
    refusals.expect(app.token_request().form(&form), malformed()).await;
    refusals.end().await;
}

#[tokio::test]
async fn tok_16_r03_there_is_no_password_grant() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let mut refusals = Refusals::of(&app).await;
    for grant in
        ["password", "Password", "PASSWORD", " password", "http://auth0.com/oauth/grant-type/password-realm"]
    {
        let form = [
            ("grant_type", grant),
            ("client_id", &cron.id),
            ("client_secret", &cron.secret),
            ("username", "ann@acme.example"),
            ("password", "correct horse battery staple"),
        ];
        let refusal = Refusal::of_stranger(400, "unsupported_grant_type", "unsupported_grant_type");
        let answer = refusals.expect(app.token_request().form(&form), refusal).await;
        assert!(!answer.body.contains("correct horse"), "{answer:?}");
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_27_a_scope_beyond_the_grammar_is_refused_in_no_time() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let scopes = [
        "\"".to_owned(),
        "a\\b".to_owned(),
        "a  b".to_owned(),
        " read:timesheets".to_owned(),
        "read:timesheets ".to_owned(),
        " ".to_owned(),
        "read:timesheets\ncreate:timesheets".to_owned(),
        "read:timesheets\tcreate:timesheets".to_owned(),
        "read:timesheets\u{a0}create:timesheets".to_owned(),
        "read:timésheets".to_owned(),
        "a ".repeat(10_000),
        (0..201).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" "),
        "a".repeat(33 * 1024),
    ];
    let started = std::time::Instant::now();
    for scope in &scopes {
        let refusal = Refusal::of_stranger(400, "invalid_scope", "invalid_scope");
        refusals.expect(app.request(&app.demo.cron, &[("scope", scope)]), refusal).await;
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let big = format!("{}&x={}", honest(&app), "x".repeat(70_000));
    let refusal = Refusal::of_stranger(413, "invalid_request", "invalid_request");
    refusals.expect(post(&app, FORM, big), refusal).await;
    refusals.end().await;
}

#[tokio::test]
async fn http_13_http_14_what_two_readers_might_read_differently_is_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let honest = honest(&app);
    for more in ["x=%", "x=%zz", "x=%ff", "x=%c0%ae", "x=%ed%a0%80", "x=%00", "%00=x", "x=\u{0}"] {
        refusals.expect(post(&app, FORM, format!("{honest}&{more}")), malformed()).await;
    }
    refusals.expect(post(&app, FORM, [honest.as_bytes(), b"&x=\xff"].concat()), malformed()).await;
    let cron = &app.demo.cron;
    let good =
        json!({"grant_type": "client_credentials", "client_id": cron.id, "client_secret": cron.secret});
    let good = good.to_string();
    let with = |member: &str| format!("{},{member}}}", &good[..good.len() - 1]);
    let deep = with(&format!(r#""x":{}{}"#, "[".repeat(10_000), "]".repeat(10_000)));
    let bodies = [
        format!("\u{feff}{good}"),
        format!("{good}{good}"),
        format!("{good} x"),
        format!("[{good}]"),
        String::new(),
        "null".to_owned(),
        "\"client_credentials\"".to_owned(),
        good.replace("\"client_credentials\"", "[\"client_credentials\"]"),
        with(r#""scope":["read:timesheets"]"#),
        with(r#""scope":1"#),
        with(r#""audience":{}"#),
        with(r#""audience":true"#),
        with(r#""x":1e400"#),
        with(r#""x":"\ud800""#),
        with(r#""x":"\u0000""#),
        with(r#""x":{"a":1,"a":2}"#),
        with(r#""x":NaN"#),
        with(r#"'x':'y'"#),
        deep,
    ];
    for body in bodies {
        refusals.expect(post(&app, "application/json", body), malformed()).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn http_15_an_encoded_body_is_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    for encoding in ["gzip", "br", "deflate", "identity", "x"] {
        let request = post(&app, FORM, honest(&app)).header("content-encoding", encoding);
        refusals.expect(request, malformed()).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn http_09_a_preflight_tells_nothing() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let ask = async |query: &str| {
        let request = app
            .http
            .request(Method::OPTIONS, format!("{}?{query}", app.url("/oauth/token")))
            .header("origin", "https://app.example.com")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type");
        let answer = Answer::to(request).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-credentials")), (204, ""));
        let names = ["allow-origin", "allow-methods", "allow-headers", "max-age"];
        names.map(|name| answer.header(&format!("access-control-{name}")).to_owned())
    };
    assert_eq!(ask(&format!("client_id={}", app.demo.cron.id)).await, ask("client_id=nobody").await);
}

/// Every parameter that reaches a look-up, with what would mean something to SQL.
#[rstest]
#[tokio::test]
async fn db_14_every_parameter_is_taken_literally(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let mut refusals = Refusals::of(&app).await;
    let texts = ["' OR '1'='1", "'; DROP TABLE clients; --", "%", "_%", "\\'", "$1", "?1", "\u{2019}"];
    for text in texts {
        for name in ["audience", "company_id"] {
            let reason = if name == "audience" { "api_not_granted" } else { "company_out_of_reach" };
            let refusal = Refusal::of_client(&app.demo.cron, 400, "invalid_target", reason);
            refusals.expect(app.request(&app.demo.cron, &[(name, text)]), refusal).await;
        }
    }
    for scope in ["'OR'1'='1", "';DROP", "%", "$1", "read:%", "read:timesheets;"] {
        let refusal = Refusal::of_client(&app.demo.cron, 400, "invalid_scope", "scope_undefined");
        refusals.expect(app.request(&app.demo.cron, &[("scope", scope)]), refusal).await;
    }
    refusals.end().await;
    assert_eq!(app.ask(&app.demo.cron, &[("audience", AUDIENCE)]).await.status, 200);
}

/// R36: whatever fails, fails in the form of RFC 6749 5.2, whatever `Accept` says (HTTP-12).
#[tokio::test]
async fn r36_http_12_every_failure_is_oauth_json_whatever_is_accepted() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    for accept in ["text/html", "application/xml", "*/*", "application/problem+json"] {
        let ask =
            async |more: &[(&str, &str)]| Answer::to(app.request(cron, more).header("accept", accept)).await;
        ask(&[("scope", "nonsense")]).await.must_be_error(400, "invalid_scope");
        ask(&[("audience", "nonsense")]).await.must_be_error(400, "invalid_target");
        ask(&[("grant_type", "x")]).await.must_be_error(400, "invalid_request");
        let answer = ask(&[]).await;
        assert_eq!(answer.status, 200);
        answer.must_be_token_like();
    }
}

/// HTTP-16: a token is always sent whole and anew.
#[tokio::test]
async fn http_16_a_token_is_never_conditional_or_partial() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let request = app
        .request(&app.demo.cron, &[])
        .header("if-none-match", "*")
        .header("range", "bytes=0-3")
        .header("if-range", "x");
    let answer = Answer::to(request).await;
    assert_eq!(answer.token().split('.').count(), 3);
    answer.must_be_token_like();
    for absent in ["etag", "last-modified", "accept-ranges"] {
        assert_eq!(answer.header(absent), "");
    }
}

/// HTTP-10: who asks is who connected, whatever a header says.
#[tokio::test]
async fn http_10_no_header_names_the_address_that_is_recorded() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let spoofed = |request: RequestBuilder| {
        request
            .header("x-forwarded-for", "203.0.113.7")
            .header("x-real-ip", "203.0.113.7")
            .header("forwarded", "for=203.0.113.7")
            .header("x-request-id", "0123456789012345678901")
    };
    let issued = Answer::to(spoofed(app.request(&app.demo.cron, &[]))).await;
    assert_eq!(issued.status, 200);
    assert_ne!(issued.header("x-request-id"), "0123456789012345678901");
    let record = app.audit().await.pop().unwrap();
    assert_eq!(record.address.as_deref(), Some("127.0.0.1"), "{record:?}");
    let mut refusals = Refusals::of(&app).await;
    let refusal = Refusal::of_client(&app.demo.cron, 400, "invalid_scope", "scope_undefined");
    refusals.expect(spoofed(app.request(&app.demo.cron, &[("scope", "nonsense")])), refusal).await;
    refusals.expect(spoofed(post(&app, FORM, "grant_type")), malformed()).await;
    refusals.end().await;
}

/// The same rules over HTTP/2 (G8).
#[tokio::test]
async fn g8_http_2_is_no_back_door() {
    let mut app = TestApp::quick(Engine::Sqlite).await;
    app.http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let honest = honest(&app);
    let answer = Answer::to(post(&app, FORM, honest.clone()).version(reqwest::Version::HTTP_2)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.must_be_token_like();
    let mut refusals = Refusals::of(&app).await;
    refusals.expect(post(&app, FORM, format!("{honest}&client_id=x")), malformed()).await;
    refusals.expect(post(&app, "text/plain", honest.clone()), malformed()).await;
    let big = format!("{honest}&x={}", "x".repeat(70_000));
    let refusal = Refusal::of_stranger(413, "invalid_request", "invalid_request");
    refusals.expect(post(&app, FORM, big), refusal).await;
    let got = app.http.get(app.url("/oauth/token"));
    refusals.expect(got, Refusal::unheard(405, "invalid_request")).await;
    let twice = post(&app, FORM, honest).header("content-type", "application/json");
    refusals.expect(twice, malformed()).await;
    refusals.end().await;
}
