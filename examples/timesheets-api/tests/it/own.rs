//! What users have of their own, where it does not belong: a token beside the header field, a secret for another company.

use serde_json::json;

use crate::support::{ALL, Api, answer, sheet};

#[tokio::test]
async fn r79_jwt_25_a_personal_access_token_in_the_query_or_in_a_form_opens_nothing() {
    let api = Api::start().await;
    let pat = api.issuer.pat(&api.issuer.token().user("ann").company("acme").claim("scope", ALL));
    let (path, text) = ("/companies/acme/timesheets", pat.text());
    let create = |path: &str| api.request("POST", path).json(&sheet("Ann"));
    let query = format!("{path}?access_token={text}");
    let form = api.request("POST", path).form(&[("access_token", text), ("employee", "Ann")]);
    for (request, refused) in [
        (create(&query), (401, "missing_credentials")),
        (form, (401, "missing_credentials")),
        (create(&query).bearer_auth(text), (400, "invalid_request")),
    ] {
        let answer = answer(request).await;
        assert_eq!((answer.status, answer.code()), refused);
        assert!(!answer.body.to_string().contains(text));
    }
    assert!(api.employees("/timesheets", text).await.is_empty(), "nothing changed");
    assert_eq!(answer(create(path).bearer_auth(text)).await.status, 201);
}

#[tokio::test]
async fn sec_06_an_account_secret_imports_for_its_users_company_alone() {
    let api = Api::start().await;
    let ann = api.issuer.token().user("ann").company("acme").claim("scope", ALL);
    let (name, value) = api.issuer.account_secret(&ann).header();
    let post = |path: &str| api.request("POST", path).header(&name, &value);
    let of = |company: &str| json!([{ "employee": "Ann", "week": "2026-W47", "hours": 1.0, "company_id": company }]);
    // globex is a stranger, acme_labs a sister of the same corporation.
    for company in ["globex", "acme_labs", "acme_group", "nobody"] {
        let foreign = answer(post("/import").json(&of(company))).await;
        assert_eq!((foreign.status, foreign.code()), (403, "tenant_mismatch"), "{company}");
        let path = format!("/companies/{company}/timesheets");
        let elsewhere = answer(post(&path).json(&sheet("Ann"))).await;
        assert_eq!((elsewhere.status, elsewhere.code()), (401, "scheme_not_accepted"), "{company}");
    }
    let all = api.group_token();
    assert!(api.employees("/timesheets", &all).await.is_empty(), "nothing changed");
    // What a header field says of companies is nobody's word.
    let imported =
        answer(post("/import").header("x-company-id", "acme_labs").json(&json!([sheet("Ann")]))).await;
    assert_eq!((imported.status, &imported.body["created"]), (200, &json!(1)));
    assert!(api.employees("/companies/acme_labs/timesheets", &all).await.is_empty());
    assert_eq!(api.employees("/companies/acme/timesheets", &all).await, ["Ann"]);
    assert!(api.employees("/timesheets", &api.token("globex", ALL)).await.is_empty());
}
