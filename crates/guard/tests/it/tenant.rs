//! Whose resources a token opens (group TEN of the negative cases).

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use tokenry_guard::testing::TestIssuer;
use tokenry_guard::{Clock as _, CompanyDirectory, CompanyFilter, MAX_LISTED_COMPANIES};

use crate::support::{Api, Read, app, guard_without_tenant, request};

/// `acme` and `acme_labs` belong to `acme_group`, `globex` to none.
async fn api() -> Api {
    let api = Api::new().await;
    api.issuer.corporation("acme_group", ["acme_labs", "acme"]);
    api.issuer.corporation("other_group", ["initech"]);
    api
}

#[tokio::test]
async fn r24_ten_01_another_company_is_out_of_reach_for_every_verb() {
    let api = api().await;
    let token = api.token();
    for (method, path, refusal) in [
        (Method::GET, "/companies/globex/timesheets", (403, "tenant_mismatch")),
        (Method::POST, "/companies/globex/timesheets", (403, "tenant_mismatch")),
        (Method::GET, "/companies/acme_labs/timesheets", (403, "tenant_mismatch")),
        (Method::GET, "/timesheets/globex-1", (404, "not_found")),
        (Method::DELETE, "/timesheets/globex-1", (404, "not_found")),
        (Method::POST, "/timesheets/globex-1/approve", (404, "not_found")),
    ] {
        let answer = api.call(method.clone(), path, &token).await;
        let (status, code) = answer.refusal();
        assert_eq!((status, code.as_str()), refusal, "{method} {path}");
        assert!(answer.header("www-authenticate").is_none(), "{method} {path}");
    }
    assert_eq!(api.get("/timesheets", &token).await.body, "acme");
    assert_eq!(api.get("/companies/acme/timesheets", &token).await.body, "acme");
    assert_eq!(api.get("/timesheets/acme-1", &token).await.body, "acme-1");
}

#[tokio::test]
async fn a09_ten_01_an_object_of_another_company_is_like_one_that_does_not_exist() {
    let api = api().await;
    let answer_to = async |path: &str| {
        let mut request = request(Method::GET, path, Some(api.token().bearer()));
        request.headers_mut().insert("x-request-id", HeaderValue::from_static("same"));
        let answer = api.send(request).await;
        (answer.status, answer.headers, answer.body)
    };
    assert_eq!(answer_to("/timesheets/globex-1").await, answer_to("/timesheets/unknown").await);
    assert_eq!(answer_to("/timesheets/globex-1").await, answer_to("/no/such/route").await);
}

#[tokio::test]
async fn r22_nothing_in_the_request_widens_access() {
    let api = api().await;
    let path = "/timesheets?company_id=globex&companyId=globex&corporationId=acme_group";
    let mut request = request(Method::GET, path, Some(api.token().bearer()));
    for name in
        ["company-id", "x-company-id", "x-tenant", "companyid", "x-corporation-id", "x-forwarded-user"]
    {
        request.headers_mut().insert(name, HeaderValue::from_static("globex"));
    }
    assert_eq!(api.send(request).await.body, "acme");
}

#[tokio::test]
async fn r26_a_corporation_reaches_all_its_companies_and_no_other() {
    let api = api().await;
    let token = api.token().corporation("acme_group");
    for company in ["acme", "acme_labs"] {
        let path = format!("/companies/{company}/timesheets");
        assert_eq!(api.get(&path, &token).await.body, company);
        assert_eq!(api.call(Method::POST, &path, &token).await.status, 201);
        assert_eq!(api.get(&format!("/timesheets/{company}-1"), &token).await.status, 200);
    }
    for company in ["globex", "initech", "acme_group", "", "ACME"] {
        let answer = api.get(&format!("/companies/{company}x/timesheets"), &token).await;
        assert_eq!(answer.refusal(), (403, "tenant_mismatch".to_owned()), "{company}");
        assert_eq!(api.get(&format!("/timesheets/{company}-1"), &token).await.status, 404, "{company}");
    }
    assert_eq!(api.get("/timesheets", &token).await.body, "acme acme_labs");
}

#[tokio::test]
async fn a05_ten_06_a_company_that_moves_is_lost_and_gained() {
    let api = api().await;
    let ours = api.token().corporation("acme_group");
    let theirs = api.issuer.token().company("initech").corporation("other_group").scope(Read);
    let labs = "/companies/acme_labs/timesheets";
    assert_eq!(api.get(labs, &ours).await.status, 200);
    assert_eq!(api.get(labs, &theirs).await.status, 403);
    api.issuer.corporation("acme_group", ["acme"]);
    api.issuer.corporation("other_group", ["initech", "acme_labs"]);
    assert_eq!(api.get(labs, &ours).await.status, 403);
    assert_eq!(api.get(labs, &theirs).await.status, 200);
    assert_eq!(api.get("/timesheets", &theirs).await.body, "acme_labs initech");
}

#[tokio::test]
async fn r29_a_filter_that_cannot_be_resolved_is_503_and_never_short() {
    let api = api().await;
    let token = api.token().corporation("unheard_of");
    let answer = api.get("/timesheets", &token).await;
    assert_eq!(answer.refusal(), (503, "directory_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(api.get("/companies/acme/timesheets", &token).await.status, 200, "its own company it has");
    assert_eq!(api.get("/companies/acme_labs/timesheets", &token).await.status, 403);
}

#[tokio::test]
async fn r29_very_large_corporations_are_filtered_by_their_id() {
    let api = Api::new().await;
    let companies: Vec<_> = (0..=MAX_LISTED_COMPANIES).map(|number| format!("company{number}")).collect();
    let all_but_one = companies[1..].iter().map(String::as_str);
    api.issuer.corporation("huge", companies.iter().map(String::as_str));
    api.issuer.corporation("large", all_but_one);
    let token = api.issuer.token().company("company1").scope(Read);
    assert_eq!(api.get("/timesheets", &token.clone().corporation("huge")).await.body, "all of huge");
    let listed = api.get("/timesheets", &token.corporation("large")).await.body;
    assert_eq!(listed.split(' ').count(), MAX_LISTED_COMPANIES);
}

#[tokio::test]
async fn a04_the_home_company_is_open_whatever_the_directory_says() {
    let api = api().await;
    let token = api.issuer.token().company("globex").corporation("acme_group").scope(Read);
    assert_eq!(api.get("/companies/globex/timesheets", &token).await.status, 200);
    assert_eq!(api.get("/timesheets", &token).await.body, "acme acme_labs globex");
}

#[tokio::test]
async fn percent_encoded_companies_are_the_companies_that_the_handler_sees() {
    let api = api().await;
    let answer = api.get("/companies/%61cme/timesheets", &api.token()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "acme"));
    assert_eq!(api.get("/companies/acme%2Fx/timesheets", &api.token()).await.status, 403);
    assert_eq!(api.get("/companies/%FF/timesheets", &api.token()).await.refusal().0, 403);
}

struct OwnDirectory;

impl CompanyDirectory for OwnDirectory {
    fn companies(&self, corporation_id: &str) -> Option<Arc<[String]>> {
        (corporation_id == "acme_group").then(|| ["acme".to_owned(), "hooli".to_owned()].into())
    }
}

#[tokio::test]
async fn a05_an_api_may_know_its_companies_itself() {
    let api = api().await;
    let guard = api.issuer.guard_builder().directory(OwnDirectory).build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let token = api.token().corporation("acme_group");
    assert_eq!(api.get("/companies/hooli/timesheets", &token).await.status, 200);
    assert_eq!(api.get("/companies/acme_labs/timesheets", &token).await.status, 403);
}

#[tokio::test]
async fn an_api_without_companies_needs_no_tenant_claim() {
    let issuer = TestIssuer::listen().await;
    let guard = guard_without_tenant(&issuer).await;
    let headers: HeaderMap =
        [("authorization".parse().unwrap(), issuer.token().bearer())].into_iter().collect();
    let caller = guard.authenticate(&headers, issuer.clock().now()).await.unwrap();
    assert_eq!((caller.company(), caller.corporation()), (None, None));
    assert!(!caller.may_act_for("acme"));
    assert_eq!(caller.require_company("acme").unwrap_err().code(), "internal_error");
    assert_eq!(caller.company_filter().unwrap_err().code(), "internal_error");
}

proptest! {
    /// Allowed iff the path's company is the token's, or the token's corporation has it; and the list filter says
    /// the same of every company.
    #[test]
    fn r24_r26_allowed_iff_own_company_or_in_the_corporation(
        members in proptest::collection::btree_set(0_u8..6, 0..6),
        home in 0_u8..6,
        asked in 0_u8..6,
        with_corporation: bool,
    ) {
        let name = |company: u8| format!("company{company}");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (status, allowed, filter) = runtime.block_on(async {
            let api = Api::new().await;
            let names: Vec<_> = members.iter().copied().map(name).collect();
            api.issuer.corporation("group", names.iter().map(String::as_str));
            let mut token = api.issuer.token().scope(Read).company(&name(home));
            if with_corporation {
                token = token.corporation("group");
            }
            let answer = api.get(&format!("/companies/{}/timesheets", name(asked)), &token).await;
            let headers: HeaderMap = [("authorization".parse().unwrap(), token.bearer())].into_iter().collect();
            let now = api.issuer.clock().now();
            let caller = api.guard.authenticate(&headers, now).await.unwrap();
            (answer.status, caller.may_act_for(&name(asked)), caller.company_filter().unwrap())
        });
        let expected = asked == home || (with_corporation && members.contains(&asked));
        prop_assert_eq!(status.as_u16(), if expected { 200 } else { 403 });
        prop_assert_eq!(allowed, expected);
        let listed = match filter {
            CompanyFilter::Corporation(_) => unreachable!("six companies"),
            CompanyFilter::Many(companies) => companies.contains(&name(asked)),
            CompanyFilter::One(company) => company == name(asked),
        };
        prop_assert_eq!(listed, expected);
    }
}
