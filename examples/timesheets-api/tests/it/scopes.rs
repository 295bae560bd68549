//! Which scope opens which route: each opens its own routes and no other.

use serde_json::{Value, json};

use crate::support::{ALL, Api, answer, sheet};

/// Method, path, body and status with all that is needed; the scope that opens it.
fn routes(id: &str) -> Vec<(&'static str, String, Value, &'static str, u16)> {
    vec![
        ("GET", "/whoami".into(), Value::Null, "read:timesheets", 200),
        ("GET", "/timesheets".into(), Value::Null, "read:timesheets", 200),
        ("GET", "/companies/acme/timesheets".into(), Value::Null, "read:timesheets", 200),
        ("GET", format!("/timesheets/{id}"), Value::Null, "read:timesheets", 200),
        ("POST", "/companies/acme/timesheets".into(), sheet("New"), "create:timesheets", 201),
        ("POST", "/import".into(), json!([sheet("Imported")]), "create:timesheets", 200),
        ("POST", format!("/timesheets/{id}/approve"), Value::Null, "approve:timesheets", 200),
        ("DELETE", format!("/timesheets/{id}"), Value::Null, "delete:timesheets", 204),
    ]
}

async fn opens_exactly_its_own(scope: &str) {
    let api = Api::start().await;
    let id = api.create("acme", "Ann").await;
    let token = api.token("acme", scope);
    let mut opened = 0;
    for (method, path, body, needed, status) in routes(&id) {
        let answer = api.send(method, &path, &token, body).await;
        if needed == scope {
            assert_eq!(answer.status, status, "{scope} on {method} {path}: {answer:?}");
            opened += 1;
            continue;
        }
        assert_eq!((answer.status, answer.code()), (403, "insufficient_scope"), "{scope} on {method} {path}");
        assert_eq!(answer.body["required"], json!([needed]), "{method} {path}");
        assert_eq!(answer.body["granted"], json!([scope]), "{method} {path}");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
        assert!(challenge.contains(&format!(r#"scope="{needed}""#)), "{challenge}");
    }
    assert!(opened > 0, "{scope} is no scope of the API");
}

#[tokio::test]
async fn r71_r73_create_opens_only_creating() {
    opens_exactly_its_own("create:timesheets").await;
}

#[tokio::test]
async fn r72_r73_delete_opens_only_deleting() {
    opens_exactly_its_own("delete:timesheets").await;
}

#[tokio::test]
async fn r72_r73_read_opens_only_reading() {
    opens_exactly_its_own("read:timesheets").await;
}

#[tokio::test]
async fn r72_r73_approve_opens_only_approving() {
    opens_exactly_its_own("approve:timesheets").await;
}

#[tokio::test]
async fn r71_what_was_denied_was_not_done() {
    let api = Api::start().await;
    let id = api.create("acme", "Ann").await;
    let token = api.token("acme", "read:timesheets");
    for (method, path, body, ..) in routes(&id) {
        api.send(method, &path, &token, body).await;
    }
    let sheet = api.get(&format!("/timesheets/{id}"), &token).await;
    assert_eq!(sheet.body["approved_at"], Value::Null);
    assert_eq!(api.employees("/timesheets", &token).await, ["Ann"]);
}

#[tokio::test]
async fn r63_without_a_token_every_route_but_healthz_is_401() {
    let api = Api::start().await;
    for (method, path, body, ..) in routes("0") {
        let refused = answer(api.request(method, &path).json(&body)).await;
        assert_eq!((refused.status, refused.code()), (401, "missing_credentials"), "{method} {path}");
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
        // A token in the query is no token.
        let token = api.token("acme", ALL);
        let refused = answer(api.request(method, &format!("{path}?access_token={token}")).json(&body)).await;
        assert_eq!((refused.status, refused.code()), (401, "missing_credentials"), "{method} {path}");
    }
    let healthz = answer(api.request("GET", "/healthz")).await;
    assert_eq!(healthz.status, 200);
}

#[tokio::test]
async fn r09_a_kept_alive_connection_remembers_no_token() {
    use std::io::{Read, Write};
    let api = Api::start().await;
    let (address, token) = (api.url.trim_start_matches("http://").to_owned(), api.token("acme", ALL));
    let statuses = tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(&address).unwrap();
        let mut ask = |header: &str| {
            write!(connection, "GET /whoami HTTP/1.1\r\nhost: {address}\r\n{header}\r\n").unwrap();
            let (mut text, mut chunk) = (String::new(), [0; 4096]);
            // Both answers are small, and end with their JSON.
            while !text.ends_with('}') {
                let read = connection.read(&mut chunk).unwrap();
                assert_ne!(read, 0, "the connection was closed: {text}");
                text.push_str(str::from_utf8(&chunk[..read]).unwrap());
            }
            text[9..12].to_owned()
        };
        let with_token = format!("authorization: Bearer {token}\r\n");
        [ask(&with_token), ask(""), ask(&with_token), ask("")]
    });
    assert_eq!(statuses.await.unwrap(), ["200", "401", "200", "401"]);
}

#[tokio::test]
async fn r65_the_policy_of_every_route() {
    let api = Api::start().await;
    insta::assert_snapshot!(api.app.guard().policy_table().to_string(), @r"
    GET     /companies/{company_id}/timesheets  read:timesheets, company = {company_id}
    POST    /companies/{company_id}/timesheets  create:timesheets, company = {company_id}
    GET     /healthz                            public
    POST    /import                             create:timesheets, also Secret
    GET     /timesheets                         read:timesheets
    DELETE  /timesheets/{id}                    delete:timesheets
    GET     /timesheets/{id}                    read:timesheets
    POST    /timesheets/{id}/approve            approve:timesheets
    GET     /whoami                             read:timesheets
    ");
}

/// `policy.json` is what others know of this API's policy, `tokenry token explain` for instance.
#[tokio::test]
async fn r65_the_policy_is_published_as_it_is() {
    let api = Api::start().await;
    let table = serde_json::to_string_pretty(&api.app.guard().policy_table()).unwrap();
    assert_eq!(
        timesheets_api::POLICY.trim_end(),
        table,
        "policy.json is out of date; this is it now:\n{table}"
    );
}

#[tokio::test]
async fn whoami_says_who_and_for_whom() {
    let api = Api::start().await;
    let cron = api.get("/whoami", &api.token("acme", "read:timesheets create:timesheets")).await;
    assert_eq!(
        cron.body,
        json!({
            "principal": { "kind": "client", "id": "cron" }, "client_id": "cron", "company": "acme",
            "scopes": ["create:timesheets", "read:timesheets"], "credential": "jwt",
        })
    );
    let group = api.get("/whoami", &api.group_token()).await;
    assert_eq!(group.body["corporation"], "acme_group");
    let ann = api.issuer.token().user("usr_ann").company("acme").claim("scope", "read:timesheets").mint();
    let ann = api.get("/whoami", &ann).await;
    assert_eq!(ann.body["principal"], json!({ "kind": "user", "id": "usr_ann" }));
}
