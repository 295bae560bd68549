//! The cookie for APIs: requests of browsers in which somebody is signed in (groups SES and HTTP-08 of the negative cases).

use axum::Router;
use axum::http::Method;
use axum::routing::get;
use rstest::rstest;
use tokenry_guard::testing::TestCredential;
use tokenry_guard::{ConfigError, Optional, Requirement, Secret};

use crate::pat::ann;
use crate::support::{Answer, Api, Create, Read, app, with};

const APP: &str = "https://app.example.com";
const CREATE: &str = "/companies/acme/timesheets";

async fn api() -> (Api, TestCredential) {
    let api = Api::new().await;
    let guard = api.issuer.guard_builder().allowed_origins([APP]).build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let cookie = api.issuer.cookie(&ann(&api));
    (api, cookie)
}

fn named(cookie: &TestCredential) -> String {
    format!("__Host-tokenry_api={}", cookie.text())
}

async fn whoami(api: &Api, fields: &[(&str, &str)]) -> Answer {
    api.send(with(Method::GET, "/whoami", fields)).await
}

#[tokio::test]
async fn r86_a_browser_reads_by_its_cookie() {
    let (api, cookie) = api().await;
    for name in ["__Host-tokenry_api", "__Secure-tokenry_api"] {
        let field = format!("theme=dark; {name}={}; __Host-tokenry_sid=opens-nothing", cookie.text());
        let answer = whoami(&api, &[("cookie", &field)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "user ann"), "{name}");
    }
}

#[tokio::test]
async fn ses_what_is_not_the_cookie_for_apis_is_none() {
    let (api, cookie) = api().await;
    let text = cookie.text();
    for (field, code) in [
        (format!("__Host-tokenry_sid={text}"), "missing_credentials"),
        (format!("tokenry_api={text}"), "missing_credentials"),
        (format!("__host-tokenry_api={text}"), "missing_credentials"),
        (format!("__Host-acme_api={text}"), "missing_credentials"),
        ("__Host-tokenry_api=".to_owned(), "invalid_token"),
        (format!("__Host-tokenry_api=\"{text}\""), "invalid_token"),
        (format!("__Host-tokenry_api={}", &text[1..]), "invalid_token"),
        (format!("__Host-tokenry_api={text}0"), "invalid_token"),
        (format!("__Host-tokenry_api={}", text.to_uppercase()), "invalid_token"),
        (format!("__Host-tokenry_api={text}; __Host-tokenry_api={text}"), "invalid_token"),
        (format!("__Host-tokenry_api=x; __Secure-tokenry_api={text}"), "invalid_token"),
    ] {
        assert_eq!(whoami(&api, &[("cookie", &field)]).await.refusal(), (401, code.to_owned()), "{field}");
        assert_eq!(whoami(&api, &[("cookie", &named(&cookie))]).await.status, 200);
    }
    let two = [("cookie", named(&cookie)), ("cookie", named(&cookie))];
    let two = two.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(whoami(&api, &two).await.refusal().1, "invalid_token");
}

#[tokio::test]
async fn ses_a_credential_of_one_kind_is_none_of_another() {
    let (api, cookie) = api().await;
    let like = ann(&api);
    let (pat, secret) = (api.issuer.pat(&like), api.issuer.account_secret(&like));
    for text in [pat.text(), secret.text(), &like.mint()] {
        let field = format!("__Host-tokenry_api={text}");
        assert_eq!(whoami(&api, &[("cookie", &field)]).await.refusal().1, "invalid_token");
    }
    let bearer = format!("Bearer {}", cookie.text());
    assert_eq!(whoami(&api, &[("authorization", &bearer)]).await.refusal().1, "invalid_token");
}

#[tokio::test]
async fn ses_17_a_cookie_and_a_token_are_one_too_many_whoever_they_name() {
    let (api, cookie) = api().await;
    let (own, bob) = (ann(&api), api.issuer.token().user("bob").company("acme").scope(Read));
    let expired = own.clone().expired();
    for authorization in [
        format!("Bearer {}", own.mint()),
        format!("Bearer {}", bob.mint()),
        format!("Bearer {}", expired.mint()),
        format!("Bearer {}", api.issuer.pat(&own).text()),
        "Bearer nonsense".to_owned(),
        "Basic YTpi".to_owned(),
        format!("Secret {}", api.issuer.account_secret(&own).text()),
    ] {
        let both = [("authorization", authorization.as_str()), ("cookie", &named(&cookie))];
        let answer = whoami(&api, &both).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{authorization}");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_request\""));
        let import = api.send(with(Method::POST, "/import", &both)).await;
        assert_eq!(import.refusal().0, 400, "{authorization}");
    }
    let interactive = format!("Bearer {}", own.mint());
    let both = [("authorization", interactive.as_str()), ("cookie", "__Host-tokenry_sid=x")];
    assert_eq!(whoami(&api, &both).await.status, 200, "a browser sends that along to every port");
}

/// `site` and `origin` as a browser sends them; whether the token is there.
#[rstest]
#[case::own_page(Some("same-origin"), None, true, true)]
#[case::listed(Some("cross-site"), Some(APP), true, true)]
#[case::older_browser(None, Some("https://timesheets.example.com"), true, true)]
#[case::older_browser_listed(None, Some(APP), true, true)]
#[case::no_token(Some("same-origin"), None, false, false)]
#[case::no_token_listed(Some("cross-site"), Some(APP), false, false)]
#[case::no_origin(Some("cross-site"), None, true, false)]
#[case::nothing_but_the_token(None, None, true, false)]
#[case::nothing(None, None, false, false)]
#[case::stranger(Some("cross-site"), Some("https://evil.example"), true, false)]
#[case::lookalike(None, Some("https://app.example.com.evil.example"), true, false)]
#[case::another_port(None, Some("https://app.example.com:8443"), true, false)]
#[case::plain_http(None, Some("http://app.example.com"), true, false)]
#[case::null(None, Some("null"), true, false)]
#[tokio::test]
async fn ses_17_r92_what_changes_something_needs_proof(
    #[case] site: Option<&str>,
    #[case] origin: Option<&str>,
    #[case] token: bool,
    #[case] passes: bool,
) {
    let (api, cookie) = api().await;
    let (named, csrf) = (named(&cookie), cookie.csrf_token());
    let mut fields = vec![("host", "timesheets.example.com"), ("cookie", &*named)];
    fields.extend(site.map(|site| ("sec-fetch-site", site)));
    fields.extend(origin.map(|origin| ("origin", origin)));
    fields.extend(token.then_some(("x-csrf-token", &*csrf)));
    let answer = api.send(with(Method::POST, CREATE, &fields)).await;
    if passes {
        assert_eq!(answer.status, 201);
    } else {
        assert_eq!(answer.refusal(), (403, "csrf_failed".to_owned()));
        assert_eq!(answer.header("www-authenticate"), None);
    }
    assert_eq!(api.send(with(Method::GET, "/timesheets", &fields)).await.status, 200, "reading needs none");
    assert_eq!(api.send(with(Method::HEAD, "/timesheets", &fields)).await.status, 200);
    let honest = [("cookie", &*named), ("sec-fetch-site", "same-origin"), ("x-csrf-token", &*csrf)];
    assert_eq!(api.send(with(Method::POST, CREATE, &honest)).await.status, 201);
}

#[tokio::test]
async fn ses_17_the_proof_belongs_to_one_session() {
    let (api, cookie) = api().await;
    let other = api.issuer.cookie(&ann(&api));
    let create = async |csrf: &str| {
        let fields = [
            ("cookie", named(&cookie)),
            ("sec-fetch-site", "same-origin".to_owned()),
            ("x-csrf-token", csrf.to_owned()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        api.send(with(Method::POST, CREATE, &fields)).await
    };
    for wrong in [&other.csrf_token(), cookie.text(), "", &cookie.csrf_token().to_uppercase()] {
        assert_eq!(create(wrong).await.refusal(), (403, "csrf_failed".to_owned()), "{wrong}");
    }
    assert_eq!(create(&cookie.csrf_token()).await.status, 201);
}

#[tokio::test]
async fn r86_no_token_needs_proof() {
    let (api, _) = api().await;
    let bearer = format!("Bearer {}", api.issuer.pat(&ann(&api)).text());
    let fields = [
        ("authorization", bearer.as_str()),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(api.send(with(Method::POST, CREATE, &fields)).await.status, 201);
}

#[tokio::test]
async fn ses_07_the_end_of_a_session_is_the_end_of_its_cookie() {
    let (api, cookie) = api().await;
    assert_eq!(whoami(&api, &[("cookie", &named(&cookie))]).await.status, 200);
    api.issuer.revoke_handle(&ann(&api));
    assert_eq!(
        whoami(&api, &[("cookie", &named(&cookie))]).await.refusal(),
        (401, "invalid_token".to_owned())
    );
}

#[tokio::test]
async fn an_optional_route_knows_who_is_signed_in() {
    let (api, cookie) = api().await;
    let hello =
        async |caller: Option<tokenry_guard::Caller>| caller.map_or("nobody", |it| it.credential().as_str());
    let app: Router = api.guard.router().route("/hello", get(hello), Optional).build();
    let hello = async |fields: &[(&str, &str)]| {
        let api = Api {
            app: app.clone(),
            guard: api.guard.clone(),
            issuer: tokenry_guard::testing::TestIssuer::new(),
        };
        api.send(with(Method::GET, "/hello", fields)).await
    };
    assert_eq!(hello(&[]).await.body, "nobody");
    assert_eq!(hello(&[("cookie", &named(&cookie))]).await.body, "cookie");
    assert_eq!(hello(&[("cookie", "__Host-tokenry_api=made-up")]).await.refusal().1, "invalid_token");
}

async fn preflight(api: &Api, path: &str, method: &str, origin: &str) -> Answer {
    let asked = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "x-csrf-token"),
    ];
    api.send(with(Method::OPTIONS, path, &asked)).await
}

fn allowed_origin(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[tokio::test]
async fn r87_http_08_listed_origins_alone_get_cors() {
    let (api, cookie) = api().await;
    let named = named(&cookie);
    let answer = preflight(&api, CREATE, "POST", APP).await;
    assert_eq!((answer.status.as_u16(), allowed_origin(&answer)), (200, Some(APP)), "without any credential");
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("x-csrf-token"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    let read = whoami(&api, &[("origin", APP), ("cookie", &named)]).await;
    assert_eq!((read.status.as_u16(), allowed_origin(&read)), (200, Some(APP)));
    assert!(read.header("vary").unwrap().contains("origin"));
    for path in ["/whoami", "/nowhere"] {
        let refused = api.send(with(Method::GET, path, &[("origin", APP)])).await;
        assert_eq!(allowed_origin(&refused), Some(APP), "a page can read why: {path}");
    }
    for origin in [
        "null",
        "*",
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com.evil.example",
    ] {
        let answer = preflight(&api, CREATE, "POST", origin).await;
        assert_eq!(allowed_origin(&answer), None, "{origin}");
        assert_eq!(
            allowed_origin(&whoami(&api, &[("origin", origin), ("cookie", &named)]).await),
            None,
            "{origin}"
        );
    }
    let without = Api::new().await;
    assert_eq!(allowed_origin(&preflight(&without, CREATE, "POST", APP).await), None);
    assert_eq!(preflight(&without, CREATE, "POST", APP).await.refusal().0, 405);
}

#[tokio::test]
async fn r105_where_secrets_are_taken_there_is_no_cors() {
    let (api, cookie) = api().await;
    assert_eq!(allowed_origin(&preflight(&api, "/import", "POST", APP).await), None);
    let fields = [
        ("origin", APP),
        ("sec-fetch-site", "cross-site"),
        ("cookie", &*named(&cookie)),
        ("x-csrf-token", &*cookie.csrf_token()),
    ];
    let imported = api.send(with(Method::POST, "/import", &fields)).await;
    assert_eq!((imported.status.as_u16(), allowed_origin(&imported)), (200, None));
    // Of one path, one method may take secrets and another not; also under another router.
    let both = api
        .guard
        .router()
        .route("/{id}", get(async || ""), Read)
        .route("/{id}", axum::routing::post(async || "").delete(async || ""), Create.accept(Secret))
        .build();
    let nested = Router::new()
        .nest("/api/{version}", both.clone())
        .merge(Router::new().nest_service("/also", both.clone()));
    for (app, prefix) in [(both, ""), (nested.clone(), "/api/1"), (nested, "/also")] {
        let api = Api { app, guard: api.guard.clone(), issuer: tokenry_guard::testing::TestIssuer::new() };
        for (method, expected) in [("GET", Some(APP)), ("HEAD", Some(APP)), ("POST", None), ("DELETE", None)]
        {
            let answer = preflight(&api, &format!("{prefix}/1"), method, APP).await;
            assert_eq!(allowed_origin(&answer), expected, "{prefix} {method}");
        }
    }
}

#[tokio::test]
async fn http_08_an_origin_is_an_origin() {
    let api = Api::new().await;
    for wrong in ["*", "null", "https://app.example.com/", "app.example.com"] {
        let errors = api.issuer.guard_builder().allowed_origins([APP, wrong]).build().await.unwrap_err();
        assert!(errors.iter().eq(&[ConfigError::AllowedOrigin(wrong.to_owned())]), "{errors}");
    }
}
