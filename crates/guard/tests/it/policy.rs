//! What routes ask for, and that none is forgotten.

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::{any, get, post};
use rstest::rstest;
use tokenry_guard::testing::TestIssuer;
use tokenry_guard::{
    Authenticated, Caller, Company, OnStale, Optional, Problem, Public, RequestId, Requirement, RouteError,
    Secret, tenant_path,
};
use tower::ServiceExt as _;

use crate::support::{Answer, Api, Approve, Create, Delete, Read, guard_without_tenant, request};

#[tokio::test]
async fn r72_r73_each_scope_opens_exactly_its_routes() {
    let api = Api::new().await;
    let plain = api.issuer.token().company("acme");
    let tokens = [
        ("read:timesheets", plain.clone().scope(Read)),
        ("create:timesheets", plain.clone().scope(Create)),
        ("delete:timesheets", plain.clone().scope(Delete)),
        ("approve:timesheets", plain.clone().scope(Approve)),
        ("", plain),
    ];
    let routes = [
        (Method::GET, "/whoami", "read:timesheets"),
        (Method::GET, "/timesheets", "read:timesheets"),
        (Method::GET, "/companies/acme/timesheets", "read:timesheets"),
        (Method::POST, "/companies/acme/timesheets", "create:timesheets"),
        (Method::GET, "/timesheets/acme-1", "read:timesheets"),
        (Method::DELETE, "/timesheets/acme-1", "delete:timesheets"),
        (Method::POST, "/timesheets/acme-1/approve", "approve:timesheets"),
    ];
    for (held, token) in &tokens {
        for (method, path, needed) in &routes {
            let answer = api.call(method.clone(), path, token).await;
            assert_eq!(answer.status.is_success(), held == needed, "{method} {path} with {held:?}");
            if held != needed {
                assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
                assert_eq!(answer.json()["required"], serde_json::json!([needed]));
            }
        }
    }
}

#[tokio::test]
async fn r01_r09_every_route_but_the_public_one_asks_for_a_token_each_time() {
    let api = Api::new().await;
    for row in api.guard.policy_table().rows() {
        let path = row.path().replace("{company_id}", "acme").replace("{id}", "acme-1");
        let method: Method = row.method().parse().unwrap();
        let with = api.call(method.clone(), &path, &api.token()).await;
        assert!(with.status.is_success(), "{method} {path}");
        let without = api.send(request(method.clone(), &path, None)).await;
        if row.rule().admits_anonymous() {
            assert_eq!((path.as_str(), without.status), ("/healthz", StatusCode::OK));
        } else {
            assert_eq!(without.refusal(), (401, "missing_credentials".to_owned()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_policy_table_is_text() {
    let api = Api::new().await;
    let expected = "\
GET     /companies/{company_id}/timesheets  read:timesheets, company = {company_id}
POST    /companies/{company_id}/timesheets  create:timesheets, company = {company_id}
GET     /healthz                            public
POST    /import                             create:timesheets, also Secret
GET     /timesheets                         read:timesheets
DELETE  /timesheets/{id}                    delete:timesheets
GET     /timesheets/{id}                    read:timesheets
POST    /timesheets/{id}/approve            approve:timesheets
GET     /whoami                             read:timesheets
";
    assert_eq!(api.guard.policy_table().to_string(), expected);
}

#[tokio::test]
async fn the_policy_table_knows_what_a_method_router_serves() {
    let api = Api::new().await;
    let guard = api.issuer.guard_builder().build().await.unwrap();
    let _: Router = guard
        .router()
        .route("/any", any(async || ""), Authenticated)
        .route("/both", get(async || "").post(async || ""), Optional)
        .route("/state", post(async |axum::extract::State(_): axum::extract::State<u8>| ""), Public)
        .merge(guard.router().route("/merged", get(async || ""), Read.and(Create)))
        .with_state(7_u8)
        .build();
    let expected = "\
ANY     /any     authenticated
GET     /both    optional
POST    /both    optional
GET     /merged  create:timesheets and read:timesheets
POST    /state   public
";
    assert_eq!(guard.policy_table().to_string(), expected);
}

#[tokio::test]
async fn the_policy_table_is_json() {
    let guard = Api::new().await.issuer.guard_builder().build().await.unwrap();
    let strict = Read.and(tenant_path("id")).and(Create.accept(Secret)).on_stale(OnStale::Deny);
    let _: Router = guard
        .router()
        .route("/companies/{id}", any(async || ""), strict)
        .route("/healthz", get(async || ""), Public)
        .route("/me", get(async || ""), Optional)
        .build();
    let row = |method: &str, path: &str, access: &str| {
        serde_json::json!({
            "method": method, "path": path, "access": access, "scopes": [], "tenant_path": null, "on_stale": "serve",
            "accept": if access == "public" { vec![] } else { vec!["cookie", "jwt", "opaque", "pat"] },
        })
    };
    let mut first = row("ANY", "/companies/{id}", "authenticated");
    first["scopes"] = serde_json::json!(["create:timesheets", "read:timesheets"]);
    first["tenant_path"] = "id".into();
    first["on_stale"] = "deny".into();
    first["accept"] = serde_json::json!(["cookie", "jwt", "opaque", "pat", "secret"]);
    let expected = [first, row("GET", "/healthz", "public"), row("GET", "/me", "optional")];
    assert_eq!(serde_json::to_value(guard.policy_table()).unwrap(), serde_json::json!(expected));
}

#[tokio::test]
async fn a_policy_covers_head_fallbacks_and_methods_of_any() {
    let api = Api::new().await;
    let app: Router = api
        .guard
        .router()
        .route("/any", any(async || "any"), Read)
        .route("/fallback", get(async || "get").fallback(async || "fallback"), Read)
        .build();
    let api = Api { app, ..api };
    for (method, path) in [
        (Method::HEAD, "/any"),
        (Method::OPTIONS, "/any"),
        (Method::from_bytes(b"PROPFIND").unwrap(), "/any"),
        (Method::HEAD, "/fallback"),
        (Method::PATCH, "/fallback"),
    ] {
        let answer = api.send(request(method.clone(), path, None)).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(api.call(method.clone(), path, &api.token()).await.status, 200, "{method} {path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_say_nothing_of_credentials() {
    let api = Api::new().await;
    for authorization in [None, Some(api.token().bearer()), Some("Bearer nonsense".parse().unwrap())] {
        let unknown = api.send(request(Method::GET, "/nowhere", authorization.clone())).await;
        assert_eq!(unknown.refusal(), (404, "not_found".to_owned()));
        assert!(unknown.header("x-request-id").is_some());
        let wrong = api.send(request(Method::PUT, "/companies/acme/timesheets", authorization)).await;
        assert_eq!(wrong.refusal(), (405, "method_not_allowed".to_owned()));
        assert_eq!(wrong.header("allow"), Some("GET,HEAD,POST"));
        assert!(wrong.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn an_optional_route_takes_nobody_or_a_valid_caller() {
    let api = Api::new().await;
    let hello =
        async |caller: Option<Caller>| caller.map_or("nobody".to_owned(), |c| c.principal().id().to_owned());
    let app: Router = api.guard.router().route("/whoami", get(hello), Optional).build();
    let api = Api { app, ..api };
    assert_eq!(api.send(request(Method::GET, "/whoami", None)).await.body, "nobody");
    assert_eq!(api.get("/whoami", &api.token()).await.body, "cron");
    assert_eq!(api.get("/whoami", &api.token().expired()).await.refusal().0, 401);
    assert_eq!(api.whoami("Basic YTpi").await.refusal().0, 401);
}

#[tokio::test]
async fn r62_a_public_route_does_not_look_at_credentials() {
    let api = Api::new().await;
    let bad = "Bearer nonsense".parse().unwrap();
    assert_eq!(api.send(request(Method::GET, "/healthz", Some(bad))).await.status, 200);
}

/// Handlers whose extractors do not fit the route's policy.
#[rstest]
#[case::caller_on_public("/public")]
#[case::caller_on_optional("/optional")]
#[case::option_on_required("/required")]
#[case::another_scope("/scope")]
#[case::company_without_tenant_path("/company")]
#[tokio::test]
async fn r01_an_extractor_on_a_route_that_does_not_provide_for_it_is_500(#[case] path: &str) {
    let api = Api::new().await;
    let app: Router = api
        .guard
        .router()
        .route("/public", get(async |_: Caller| ""), Public)
        .route("/optional", get(async |_: Caller| ""), Optional)
        .route("/required", get(async |_: Option<Caller>| ""), Authenticated)
        .route("/scope", get(async |_: Caller<Delete>| ""), Read)
        .route("/company", get(async |_: Company| ""), Read)
        .build();
    let api = Api { app, ..api };
    assert_eq!(api.get(path, &api.token()).await.refusal(), (500, "internal_error".to_owned()));
}

#[tokio::test]
async fn r01_extractors_without_any_guard_answer_500() {
    for app in [
        Router::<()>::new().route("/", get(async |_: Caller| "")),
        Router::new().route("/", get(async |_: Option<Caller>| "")),
        Router::new().route("/", get(async |_: Caller<Read>| "")),
        Router::new().route("/", get(async |_: Company| "")),
        Router::new().route("/", get(async |_: RequestId| "")),
    ] {
        let answer = Answer::of(app.oneshot(request(Method::GET, "/", None)).await.unwrap()).await;
        assert_eq!(answer.refusal(), (500, "internal_error".to_owned()));
    }
}

#[tokio::test]
async fn a_layer_guards_a_router_of_axums_own() {
    let api = Api::new().await;
    let app = Router::new()
        .route("/companies/{company_id}", get(async |company: Company| company.to_string()))
        .route_layer(api.guard.require(Read.and(tenant_path("company_id"))))
        .route("/whoami", get(async |caller: Caller| caller.client_id().unwrap_or_default().to_owned()))
        .route_layer(api.guard.require(Authenticated));
    let api = Api { app, ..api };
    assert_eq!(api.get("/whoami", &api.token()).await.body, "cron");
    assert_eq!(api.get("/companies/acme", &api.token()).await.body, "acme");
    assert_eq!(api.get("/companies/globex", &api.token()).await.refusal().0, 403);
    assert_eq!(api.send(request(Method::GET, "/companies/acme", None)).await.refusal().0, 401);
}

#[tokio::test]
async fn a_layer_without_the_parameter_is_500_and_not_open() {
    let api = Api::new().await;
    let app = Router::new()
        .route("/whoami", get(async || "open"))
        .route_layer(api.guard.require(tenant_path("company_id")));
    let api = Api { app, ..api };
    assert_eq!(api.get("/whoami", &api.token()).await.refusal(), (500, "internal_error".to_owned()));
}

#[tokio::test]
async fn routes_that_cannot_work_are_found_out_when_built() {
    let api = Api::new().await;
    let handler = || get(async || "");
    let errors = api
        .guard
        .router::<()>()
        .route("/a/{id}", handler(), tenant_path("company_id"))
        .route("/b/{x}/{y}", handler(), tenant_path("x").and(tenant_path("y")))
        .route("/c/{company_id}", handler(), tenant_path("company_id"))
        .try_build()
        .unwrap_err();
    let expected = [
        RouteError::MissingParameter { path: "/a/{id}".to_owned(), parameter: "company_id" },
        RouteError::TwoCompanies { path: "/b/{x}/{y}".to_owned() },
    ];
    assert!(errors.iter().eq(&expected), "{errors}");

    let guard = guard_without_tenant(&TestIssuer::listen().await).await;
    let errors =
        guard.router::<()>().route("/c/{company_id}", handler(), tenant_path("company_id")).try_build();
    let expected = [RouteError::NoTenant { path: "/c/{company_id}".to_owned() }];
    assert!(errors.unwrap_err().iter().eq(&expected));
}

#[tokio::test]
#[should_panic(expected = "/a/{id}: tenant_path(\"company_id\") needs a parameter {company_id} in the path")]
async fn build_panics_with_the_same() {
    let api = Api::new().await;
    let _ = api.guard.router().route("/a/{id}", get(async || ""), tenant_path("company_id")).build();
}

#[tokio::test]
async fn a_handlers_own_problems_look_like_the_guards() {
    let api = Api::new().await;
    let taken = async |_: Caller<Create>| {
        let problem = Problem::new(StatusCode::CONFLICT, "timesheet_exists", "Timesheet exists");
        ([("x-own", "1")], problem.detail("There is one already.").with("id", "acme-1"))
    };
    let app: Router = api.guard.router().route("/timesheets", post(taken), Create).build();
    let api = Api { app, ..api };
    let answer = api.call(Method::POST, "/timesheets", &api.token()).await;
    assert_eq!(answer.refusal(), (409, "timesheet_exists".to_owned()));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("x-own"), Some("1"));
    let body = answer.json();
    assert_eq!(body["id"], "acme-1");
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"));
}
