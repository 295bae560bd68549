//! Companies: a token opens its own, or those of its corporation, and nothing in a request widens that.

use serde_json::{Value, json};

use crate::support::{ALL, Answer, Api, answer, sheet};

const UNKNOWN: &str = "00000000000000000000000000000000";

/// Every request that names an object by id.
fn by_id(id: &str) -> [(&'static str, String); 3] {
    [
        ("GET", format!("/timesheets/{id}")),
        ("DELETE", format!("/timesheets/{id}")),
        ("POST", format!("/timesheets/{id}/approve")),
    ]
}

#[tokio::test]
async fn ten_01_another_companys_timesheet_is_answered_like_an_unknown_id() {
    let api = Api::start().await;
    let foreign = api.create("globex", "Gil").await;
    let token = api.token("acme", ALL);
    for ((method, path), (_, unknown)) in by_id(&foreign).into_iter().zip(by_id(UNKNOWN)) {
        let foreign = api.send(method, &path, &token, Value::Null).await;
        let unknown = api.send(method, &unknown, &token, Value::Null).await;
        assert!(!foreign.headers.contains_key("www-authenticate"), "{foreign:?}");
        assert_eq!((foreign.status, foreign.code()), (404, "not_found"), "{method} {path}");
        assert_eq!(foreign.without_request_id(), unknown.without_request_id(), "{method} {path}");
    }
    let own = api.get(&format!("/timesheets/{foreign}"), &api.token("globex", ALL)).await;
    assert_eq!((own.status, &own.body["approved_at"]), (200, &Value::Null), "nothing happened to it");
}

#[tokio::test]
async fn ten_01_ids_that_are_no_ids_are_unknown_too() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    let long = "a".repeat(2_000);
    for id in ["x", "%00", "%FF", "%2e%2e", "' OR 1=1 --", "%F0%9F%98%80", &long] {
        for (method, path) in by_id(id) {
            let answer = api.send(method, &path, &token, Value::Null).await;
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn r24_a_path_that_names_another_company_is_403() {
    let api = Api::start().await;
    api.create("globex", "Gil").await;
    let token = api.token("acme", ALL);
    for company in ["globex", "acme_labs", "nobody", "ACME", "acme%20", "%61cme%00"] {
        let path = format!("/companies/{company}/timesheets");
        for (method, body) in [("GET", Value::Null), ("POST", sheet("Ann"))] {
            let answer = api.send(method, &path, &token, body).await;
            assert_eq!((answer.status, answer.code()), (403, "tenant_mismatch"), "{method} {path}");
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
    }
    assert_eq!(api.employees("/timesheets", &api.token("globex", ALL)).await, ["Gil"]);
}

#[tokio::test]
async fn http_13_a_company_that_is_no_text_is_refused_without_a_500() {
    let api = Api::start().await;
    let answer = api.get("/companies/%FF/timesheets", &api.token("acme", ALL)).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn r29_lists_hold_only_the_callers_company() {
    let api = Api::start().await;
    for (company, employee) in [("acme", "Ann"), ("acme_labs", "Lea"), ("globex", "Gil")] {
        api.create(company, employee).await;
    }
    let token = api.token("acme", ALL);
    for path in ["/timesheets", "/companies/acme/timesheets", "/timesheets?company_id=globex&company=globex"]
    {
        assert_eq!(api.employees(path, &token).await, ["Ann"], "{path}");
    }
}

#[tokio::test]
async fn r26_a_corporation_reaches_all_its_companies_and_no_other() {
    let api = Api::start().await;
    let lea = api.create("acme_labs", "Lea").await;
    let gil = api.create("globex", "Gil").await;
    api.create("acme", "Ann").await;
    let group = api.group_token();
    assert_eq!(api.employees("/timesheets", &group).await, ["Ann", "Lea"]);
    assert_eq!(api.employees("/companies/acme_labs/timesheets", &group).await, ["Lea"]);
    assert_eq!(api.send("POST", "/companies/acme_labs/timesheets", &group, sheet("Liv")).await.status, 201);
    assert_eq!(
        api.send("POST", &format!("/timesheets/{lea}/approve"), &group, Value::Null).await.status,
        200
    );
    assert_eq!(api.send("DELETE", &format!("/timesheets/{lea}"), &group, Value::Null).await.status, 204);

    for (method, path) in by_id(&gil) {
        assert_eq!(api.send(method, &path, &group, Value::Null).await.status, 404, "{method} {path}");
    }
    assert_eq!(api.get("/companies/globex/timesheets", &group).await.code(), "tenant_mismatch");
}

#[tokio::test]
async fn ten_06_a_company_that_leaves_the_corporation_is_out_of_reach() {
    let api = Api::start().await;
    let lea = api.create("acme_labs", "Lea").await;
    let group = api.group_token();
    assert_eq!(api.get(&format!("/timesheets/{lea}"), &group).await.status, 200);
    api.issuer.corporation("acme_group", ["acme"]);
    assert_eq!(api.get(&format!("/timesheets/{lea}"), &group).await.status, 404);
    assert!(api.employees("/timesheets", &group).await.is_empty());
}

#[tokio::test]
async fn a_corporation_of_more_companies_than_are_listed_still_lists_its_timesheets() {
    let api = Api::start().await;
    let many: Vec<String> = (0..10_001).map(|n| format!("c{n}")).collect();
    api.create("c7", "Cy").await;
    api.create("globex", "Gil").await;
    api.issuer.corporation("huge", many.iter().map(String::as_str));
    let token = api.issuer.token().client("group").company("c1").corporation("huge");
    let token = token.claim("scope", ALL).mint();
    assert_eq!(api.employees("/timesheets", &token).await, ["Cy"]);
}

#[tokio::test]
async fn r22_a_company_id_in_header_query_or_body_widens_nothing() {
    let api = Api::start().await;
    api.create("globex", "Gil").await;
    let request = api.request("GET", "/timesheets?companyId=globex&company_id=globex");
    let request = request.header("x-company-id", "globex").bearer_auth(api.token("acme", ALL));
    assert_eq!(answer(request).await.body, json!([]));
}

#[tokio::test]
async fn ten_02_a_company_in_a_timesheets_body_is_an_unknown_member() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    for company in ["acme", "globex"] {
        let mut body = sheet("Ann");
        body["company_id"] = company.into();
        let answer = api.send("POST", "/companies/acme/timesheets", &token, body).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_timesheet"), "{answer:?}");
        assert_eq!(answer.body["errors"][0]["member"], "company_id");
    }
    assert!(api.employees("/timesheets", &token).await.is_empty());
}

async fn import(api: &Api, token: &str, sheets: Value) -> Answer {
    api.send("POST", "/import", token, sheets).await
}

fn of(company: &str, employee: &str) -> Value {
    let mut sheet = sheet(employee);
    sheet["company_id"] = company.into();
    sheet
}

#[tokio::test]
async fn ten_02_an_import_for_another_company_is_403_and_imports_nothing() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    let answer = import(&api, &token, json!([sheet("Ann"), of("globex", "Gil")])).await;
    assert_eq!((answer.status, answer.code()), (403, "tenant_mismatch"));
    let answer = import(&api, &api.group_token(), json!([of("acme_labs", "Lea"), of("globex", "Gil")])).await;
    assert_eq!((answer.status, answer.code()), (403, "tenant_mismatch"));
    assert!(api.employees("/timesheets", &api.group_token()).await.is_empty());
    assert!(api.employees("/timesheets", &api.token("globex", ALL)).await.is_empty());
}

#[tokio::test]
async fn an_import_counts_what_is_new_and_what_was_there() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    let first = import(&api, &token, json!([sheet("Ann"), sheet("Bob"), sheet("Ann")])).await;
    assert_eq!((first.status, first.body), (200, json!({ "created": 2, "existing": 1 })));
    let again = import(&api, &token, json!([sheet("Ann"), sheet("Bob"), of("acme", "Cora")])).await;
    assert_eq!(again.body, json!({ "created": 1, "existing": 2 }));
    let nothing = import(&api, &token, json!([])).await;
    assert_eq!(nothing.body, json!({ "created": 0, "existing": 0 }));
}

#[tokio::test]
async fn r26_an_import_of_a_corporation_names_its_companies_or_means_the_home_one() {
    let api = Api::start().await;
    let group = api.group_token();
    let answer = import(&api, &group, json!([of("acme_labs", "Lea"), sheet("Ann")])).await;
    assert_eq!(answer.body, json!({ "created": 2, "existing": 0 }));
    assert_eq!(api.employees("/companies/acme_labs/timesheets", &group).await, ["Lea"]);
    assert_eq!(api.employees("/companies/acme/timesheets", &group).await, ["Ann"]);
}
