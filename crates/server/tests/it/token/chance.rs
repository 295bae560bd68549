//! Requests by chance: a good one, changed in every way, is a token no wider than allowed or a clean refusal.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokenry_testkit::{AUDIENCE, Answer, Engine, NAMESPACE, SCOPES, TestApp, claims_of};
use tokio::runtime::Runtime;

use super::support::{acme, api, basic, client, new_api};

/// What is done to a good request.
#[derive(Clone, Debug)]
enum Change {
    Add(String, String),
    Drop(prop::sample::Index),
    FlipByte(prop::sample::Index, u8),
    Header(&'static str, String),
    Json,
    Repeat(prop::sample::Index),
    Replace(prop::sample::Index, String),
    Shuffle(u64),
    UseBasic,
}

/// What a server that was asked well knows, and what strangers send.
fn words(app: &TestApp) -> Vec<String> {
    let demo = &app.demo;
    let known = [
        &demo.acme,
        &demo.acme_labs,
        &demo.globex,
        &demo.acme_group,
        &demo.cron.id,
        &demo.cron.secret,
        &demo.globex_client.id,
        &demo.globex_client.secret,
        &demo.group.id,
        &demo.group.secret,
        &demo.readonly.id,
        &demo.readonly.secret,
        &demo.api.id,
        &demo.api.secret,
        &app.issuer,
    ];
    let strange = [
        "",
        " ",
        "\0",
        "\u{feff}",
        "é",
        "\u{202e}",
        "' OR 1=1--",
        "%00",
        "%",
        "+",
        "&",
        "=",
        "null",
        "[]",
        "{}",
        "-1",
        "1e400",
        "client_credentials",
        "password",
        "refresh_token",
        AUDIENCE,
        "https://payroll.example.com",
        "read:timesheets",
        "read:timesheets create:timesheets",
        "read:payroll",
        "approve:timesheets",
        "*",
        "tokenry_cs_",
        "Basic Og==",
        "http://[::1",
        "../..",
    ];
    let long = ["x".repeat(129), "x".repeat(40_000), "a ".repeat(300)];
    let parts = strange.iter().map(|word| (*word).to_owned()).chain(long);
    known.into_iter().cloned().chain(SCOPES.map(str::to_owned)).chain(parts).collect()
}

const NAMES: [&str; 16] = [
    "grant_type",
    "client_id",
    "client_secret",
    "audience",
    "resource",
    "scope",
    "company_id",
    "corporation_id",
    "client_assertion",
    "code",
    "refresh_token",
    "redirect_uri",
    "username",
    "password",
    "x",
    "",
];

fn change(words: Vec<String>) -> impl Strategy<Value = Change> {
    let word = prop_oneof![4 => prop::sample::select(words), 1 => any::<String>()];
    let name =
        prop_oneof![8 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    let field = prop::sample::select(&["origin", "content-encoding", "accept", "cookie", "x-company-id"][..]);
    prop_oneof![
        3 => (name, word.clone()).prop_map(|(name, value)| Change::Add(name, value)),
        2 => any::<prop::sample::Index>().prop_map(Change::Drop),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Change::FlipByte(at, byte)),
        1 => (field, "[ -~]{0,40}").prop_map(|(name, value)| Change::Header(name, value)),
        1 => Just(Change::Json),
        1 => any::<prop::sample::Index>().prop_map(Change::Repeat),
        4 => (any::<prop::sample::Index>(), word).prop_map(|(at, value)| Change::Replace(at, value)),
        2 => any::<u64>().prop_map(Change::Shuffle),
        1 => Just(Change::UseBasic),
    ]
}

#[test]
fn r36_r68_a_changed_request_is_a_token_no_wider_or_a_clean_refusal() {
    let runtime = Runtime::new().unwrap();
    let app = runtime.block_on(async {
        let app = TestApp::quick(Engine::Sqlite).await;
        api(&app, new_api("https://payroll.example.com", &["read:payroll"])).await;
        client(&app, acme(&app, "Payroll"), &["https://payroll.example.com"]).await;
        app
    });
    let clients = [&app.demo.cron, &app.demo.globex_client, &app.demo.group, &app.demo.readonly];
    let changes = prop::collection::vec(change(words(&app)), 0..4);
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let mut issued = 0;
    let counter = std::cell::Cell::new(0);
    let result = runner.run(&(0..clients.len(), changes), |(who, changes)| {
        let request = request(&app, clients[who], &changes);
        let answer = runtime.block_on(Answer::to(request));
        if answer.status == 200 {
            counter.set(counter.get() + 1);
            no_wider(&app, &answer);
        } else {
            let status = answer.status.as_u16();
            prop_assert!([400, 401, 413].contains(&status), "{:?}", answer);
            let code = answer.json()["error"].as_str().unwrap().to_owned();
            answer.must_be_error(status, &code);
        }
        Ok(())
    });
    issued += counter.get();
    result.unwrap();
    assert!(issued > 60, "only {issued} were served: the changes leave nothing to learn from");
}

fn request(
    app: &TestApp,
    client: &tokenry_testkit::DemoClient,
    changes: &[Change],
) -> reqwest::RequestBuilder {
    let mut form: Vec<(String, String)> = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
        ("audience", AUDIENCE),
        ("scope", "read:timesheets"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let mut request = app.token_request();
    let (mut json, mut flips) = (false, Vec::new());
    for change in changes {
        match change {
            Change::Add(name, value) => form.push((name.clone(), value.clone())),
            Change::Drop(at) if !form.is_empty() => drop(form.remove(at.index(form.len()))),
            Change::Repeat(at) if !form.is_empty() => form.push(form[at.index(form.len())].clone()),
            Change::Replace(at, value) if !form.is_empty() => {
                let at = at.index(form.len());
                form[at].1.clone_from(value);
            }
            Change::Drop(_) | Change::Repeat(_) | Change::Replace(..) => {}
            Change::FlipByte(at, byte) => flips.push((*at, *byte)),
            Change::Header(name, value) => request = request.header(*name, value),
            Change::Json => json = true,
            Change::Shuffle(seed) => {
                form.sort_by_key(|(name, _)| {
                    name.bytes().fold(*seed, |hash, byte| hash.rotate_left(7) ^ u64::from(byte))
                });
            }
            Change::UseBasic => {
                form.retain(|(name, _)| name != "client_secret");
                request = request.header("authorization", basic(&client.id, &client.secret));
            }
        }
    }
    let (content_type, mut body) = if json {
        let members =
            form.iter().map(|(name, value)| format!("{}:{}", Value::from(&**name), Value::from(&**value)));
        ("application/json", format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes())
    } else {
        let encoded = app.token_request().form(&form).build().unwrap();
        ("application/x-www-form-urlencoded", encoded.body().unwrap().as_bytes().unwrap().to_vec())
    };
    for (at, byte) in flips {
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] ^= byte;
        }
    }
    request.header("content-type", content_type).body(body)
}

/// Asserts that the token is one of the four clients', and within what it was given.
fn no_wider(app: &TestApp, answer: &Answer) {
    answer.must_be_token_like();
    let demo = &app.demo;
    let claims = claims_of(&answer.token());
    assert_eq!((&claims["aud"], &claims["iss"]), (&AUDIENCE.into(), &app.issuer.as_str().into()));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86_400);
    let id = claims["sub"].as_str().unwrap();
    let tenant = &claims[NAMESPACE];
    let home = if id == demo.globex_client.id { &demo.globex } else { &demo.acme };
    assert!(
        [&demo.cron, &demo.globex_client, &demo.group, &demo.readonly].iter().any(|it| it.id == id),
        "{claims}"
    );
    if id == demo.group.id {
        let narrowed = tenant.get("corporationId").is_none();
        let company = tenant["companyId"].as_str().unwrap();
        assert!(company == demo.acme || (narrowed && company == demo.acme_labs), "{claims}");
        assert!(narrowed || tenant["corporationId"] == *demo.acme_group, "{claims}");
    } else {
        assert_eq!(*tenant, serde_json::json!({ "companyId": home }), "{claims}");
    }
    let granted: &[&str] = if id == demo.readonly.id { &["read:timesheets"] } else { &SCOPES };
    let scope = claims["scope"].as_str().unwrap();
    assert!(scope.split(' ').all(|scope| granted.contains(&scope)), "{claims}");
    assert_eq!(answer.json()["scope"], scope);
}
