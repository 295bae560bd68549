//! Whatever says the same opens the same: a JWT, a personal access token, a cookie with its proof, an account secret (R81, R86).

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderValue, Method, Request};
use axum::routing::post;
use proptest::prelude::*;
use serde_json::json;
use tokenry_guard::testing::{TestCredential, TestIssuer, TestToken};
use tokenry_guard::{Authenticated, Caller, CompanyFilter, Denied, Requirement, Secret, tenant_path};
use tokio::runtime::Runtime;

use crate::support::{Answer, Api, Approve, Create, Delete, Read};

const SCOPES: [&str; 4] = ["read:timesheets", "create:timesheets", "delete:timesheets", "approve:timesheets"];
const COMPANIES: [&str; 4] = ["acme", "acme_labs", "globex", "closed"];

/// Every kind of rule; at all of them every kind of credential is taken, so that the rule alone decides.
const PATHS: [&str; 7] = ["/any", "/read", "/both", "/of/acme", "/of/acme_labs", "/of/closed", "/sheets"];

struct World {
    api: Api,
    runtime: Runtime,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(async {
        let issuer = TestIssuer::new();
        issuer.corporation("acme_group", ["acme", "acme_labs", "closed"]);
        issuer.disable_company("closed");
        let guard = issuer.guard_builder().build().await.unwrap();
        let app = guard
            .router()
            .route("/any", post(async |caller: Caller| seen(&caller)), Authenticated.accept(Secret))
            .route("/read", post(async |caller: Caller<Read>| seen(&caller)), Read.accept(Secret))
            .route("/both", post(async || "both"), Create.and(Delete).accept(Secret))
            .route("/of/{company}", post(async || "of"), Approve.and(tenant_path("company")).accept(Secret))
            .route("/sheets", post(sheets), Read.accept(Secret))
            .build();
        Api { issuer, guard, app }
    });
    World { api, runtime }
});

/// All that a handler can learn of the caller, but the credential.
fn seen<S>(caller: &Caller<S>) -> String {
    let acts: Vec<_> = COMPANIES.map(|company| caller.may_act_for(company)).into();
    format!(
        "{} {} {:?} {:?} {} {:?} {} {}",
        caller.principal().kind(),
        caller.principal().id(),
        caller.company(),
        caller.corporation(),
        caller.scopes(),
        acts,
        caller.expires_at(),
        caller.token_id(),
    )
}

async fn sheets(caller: Caller<Read>) -> Result<String, Denied> {
    caller.require_company("acme_labs")?;
    Ok(match caller.company_filter()? {
        CompanyFilter::Many(companies) => companies.join(" "),
        other => format!("{other:?}"),
    })
}

/// What an issuer may say, good or bad.
#[derive(Clone, Debug)]
struct Said {
    scopes: Vec<&'static str>,
    company: Option<&'static str>,
    corporation: bool,
    expires_in: i64,
    issued_in: i64,
    audience: &'static str,
    revoked: bool,
    flaw: Option<(&'static str, serde_json::Value)>,
}

fn said() -> impl Strategy<Value = Said> {
    let flaws = [
        ("iss", json!("https://other.example.com")),
        ("sub", json!("")),
        ("exp", json!("soon")),
        ("iat", json!(-1)),
        ("scope", json!(["read:timesheets"])),
        ("jti", json!(7)),
        ("cnf", json!({ "jkt": "x" })),
    ];
    (
        proptest::sample::subsequence(SCOPES.to_vec(), 0..=SCOPES.len()),
        proptest::option::weighted(0.95, proptest::sample::select(COMPANIES.to_vec())),
        any::<bool>(),
        prop_oneof![6 => Just(3_600_i64), 1 => Just(0), 1 => Just(-1), 1 => Just(1)],
        prop_oneof![6 => Just(0_i64), 1 => Just(5), 1 => Just(6)],
        prop_oneof![9 => Just("https://timesheets.example.com"), 1 => Just("https://payroll.example.com")],
        proptest::bool::weighted(0.1),
        proptest::option::weighted(0.2, proptest::sample::select(flaws.to_vec())),
    )
        .prop_map(|(scopes, company, corporation, expires_in, issued_in, audience, revoked, flaw)| {
            Said { scopes, company, corporation, expires_in, issued_in, audience, revoked, flaw }
        })
}

fn token(api: &Api, said: &Said) -> TestToken {
    let now = tokenry_guard::Clock::now(api.issuer.clock()).as_secs();
    let mut token = api.issuer.token().user("ann").audience(said.audience);
    // A handle of its own, so that revoking ends no other's.
    let id = format!("{:0>32}", token.token_id().trim_start_matches(|c: char| !c.is_ascii_digit()));
    token = token.claim("jti", id).claim("exp", now + said.expires_in).claim("iat", now + said.issued_in);
    if !said.scopes.is_empty() {
        token = token.claim("scope", said.scopes.join(" "));
    }
    if let Some(company) = said.company {
        token = token.company(company);
    }
    if said.corporation {
        token = token.corporation("acme_group");
    }
    match &said.flaw {
        Some((claim, value)) => token.claim(claim, value.clone()),
        None => token,
    }
}

fn request(path: &str, credential: Option<&TestCredential>, token: &TestToken) -> Request<axum::body::Body> {
    let mut request = crate::support::request(Method::POST, path, None);
    let headers = request.headers_mut();
    match credential {
        None => drop(headers.insert("authorization", token.bearer())),
        Some(credential) => {
            let (name, value) = credential.header();
            if name == "cookie" {
                headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
                headers.insert("x-csrf-token", credential.csrf_token().parse().unwrap());
            }
            headers.insert(name, value);
        }
    }
    request
}

/// Status, challenges and body, without what no two requests share.
fn outcome(answer: &Answer) -> (u16, Vec<String>, String) {
    let challenges = answer.headers.get_all("www-authenticate").iter();
    // A browser is not asked for a secret.
    let challenges =
        challenges.map(|it| it.to_str().unwrap().to_owned()).filter(|it| !it.starts_with("Secret"));
    let body = match serde_json::from_str::<serde_json::Value>(&answer.body) {
        Ok(mut body) => {
            body["request_id"] = "".into();
            body.to_string()
        }
        Err(_) => answer.body.clone(),
    };
    (answer.status.as_u16(), challenges.collect(), body)
}

proptest! {
    #[test]
    fn r81_r86_the_same_said_is_the_same_decided(said in said()) {
        let World { api, runtime } = &*WORLD;
        let token = token(api, &said);
        let credentials = [api.issuer.pat(&token), api.issuer.cookie(&token), api.issuer.account_secret(&token)];
        if said.revoked {
            api.issuer.revoke(&token);
        }
        for path in PATHS {
            let signed = runtime.block_on(api.send(request(path, None, &token)));
            for credential in &credentials {
                let asked = runtime.block_on(api.send(request(path, Some(credential), &token)));
                prop_assert_eq!(outcome(&signed), outcome(&asked), "{} {:?} {:?}", path, credential, token);
            }
        }
    }
}

#[test]
fn the_property_sees_both_outcomes() {
    let World { api, runtime } = &*WORLD;
    let _: &Router = &api.app;
    let good = api
        .issuer
        .token()
        .user("ann")
        .company("acme")
        .corporation("acme_group")
        .claim("scope", SCOPES.join(" "));
    for path in PATHS {
        let answer = runtime.block_on(api.send(request(path, Some(&api.issuer.pat(&good)), &good)));
        assert_eq!(
            answer.status.as_u16(),
            if path == "/of/closed" { 403 } else { 200 },
            "{path} {}",
            answer.body
        );
    }
}
