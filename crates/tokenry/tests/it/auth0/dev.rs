//! `dev --profile auth0`, and the options that set dialect and style one by one.

use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::{claims_of, header_of};

use crate::dev::Dev;
use crate::folder::{Folder, On, text};
use crate::process::{finish_with, json as operate, run, tokenry};
use crate::serve::create;

const PROFILE: [&str; 2] = ["--profile", "auth0"];

/// What the token endpoint says to a client of the demo, asked in JSON as Auth0's programs do.
async fn ask(dev: &Dev, client: &str, secret: Option<&str>) -> (u16, Value) {
    let client = &dev.report["clients"][client];
    let body = json!({
        "client_id": client["client_id"],
        "client_secret": secret.map_or(client["client_secret"].clone(), Value::from),
        "audience": dev.report["audience"],
        "grant_type": "client_credentials",
        "organization": null,
    });
    let endpoint = format!("{}/oauth/token", text(&dev.report["issuer"]).trim_end_matches('/'));
    let answer = Client::new().post(endpoint).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn token(dev: &Dev, client: &str) -> String {
    let (status, answer) = ask(dev, client, None).await;
    assert_eq!(status, 200, "{answer}");
    text(&answer["access_token"])
}

async fn post(dev: &Dev, token: &str) -> (u16, String) {
    let (api, company) = (text(&dev.report["api_url"]), text(&dev.report["companies"]["acme"]));
    create(&api, &company, Some(token)).await
}

#[tokio::test]
async fn a2_the_whole_demo_speaks_as_auth0_does() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let dev = Dev::start(&["--data", &data, PROFILE[0], PROFILE[1]]);
    let issuer = text(&dev.report["issuer"]);
    assert!(issuer.ends_with('/') && !issuer.ends_with("//"), "{issuer}");
    let discovery: Value = reqwest::get(format!("{issuer}.well-known/openid-configuration"))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(discovery["issuer"], issuer.as_str());
    assert_eq!(discovery["token_endpoint"], format!("{issuer}oauth/token"));

    let jwt = token(&dev, "cron").await;
    let id = text(&dev.report["clients"]["cron"]["client_id"]);
    assert_eq!(header_of(&jwt)["typ"], "JWT");
    let claims = claims_of(&jwt);
    assert_eq!((text(&claims["iss"]), text(&claims["sub"])), (issuer.clone(), format!("{id}@clients")));
    assert_eq!(post(&dev, &jwt).await.0, 201, "the demo's guard takes it");
    assert_eq!(post(&dev, &token(&dev, "readonly").await).await, (403, "insufficient_scope".to_owned()));
    assert_eq!(post(&dev, &token(&dev, "globex").await).await, (403, "tenant_mismatch".to_owned()));
    let refused = json!({"error": "access_denied", "error_description": "Unauthorized"});
    assert_eq!(ask(&dev, "cron", Some("wrong")).await, (401, refused));

    let config = folder.path().join("tokenry.toml");
    assert_eq!(operate(&config, &["clients", "show", &id])["error_style"], "auth0");
    assert_eq!(operate(&config, &["apis", "show", "https://timesheets.example.com"])["dialect"], "auth0");
    for arguments in [
        &["token", "verify", "-", "--audience", "https://timesheets.example.com"][..],
        &["token", "explain", "-", "--for", "https://timesheets.example.com"][..],
    ] {
        let mut command = tokenry();
        command.args(arguments).arg("--config").arg(&config);
        let said = finish_with(command, &jwt);
        assert_eq!(said.code, 0, "{said:?}");
    }
}

/// Without the option a folder keeps its profile; with it the demo turns, and tokens of before live on where a guard takes
/// both.
#[tokio::test]
async fn a_folder_keeps_its_profile_until_another_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    for (more, typ, slash) in [
        (&[][..], "at+jwt", false),
        (&PROFILE[..], "JWT", true),
        (&[][..], "JWT", true),
        (&["--profile", "rfc"][..], "at+jwt", false),
    ] {
        let mut dev = Dev::start(&[&["--data", data.as_str()], more].concat());
        let jwt = token(&dev, "cron").await;
        assert_eq!(header_of(&jwt)["typ"], typ, "{more:?}");
        assert_eq!(text(&dev.report["issuer"]).ends_with('/'), slash, "{more:?}");
        assert!([201, 409].contains(&post(&dev, &jwt).await.0), "{more:?}");
        let expected = if slash { "access_denied" } else { "invalid_client" };
        assert_eq!(ask(&dev, "cron", Some("wrong")).await.1["error"], expected, "{more:?}");
        dev.running.stop();
    }
    let mut command = tokenry();
    command.args(["dev", "--profile", "okta"]);
    let said = crate::process::finish(command);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("auth0, rfc"), "{said:?}");
}

#[rstest]
fn a2_dialect_and_style_are_set_one_by_one_or_by_the_profile(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let config = &folder.config;
    let api = |audience: &str, more: &[&str]| {
        let new = ["apis", "create", "--name", "A", "--audience", audience, "--no-tenant"];
        operate(config, &[&new[..], more].concat())["dialect"].clone()
    };
    let client = |more: &[&str]| {
        let new = ["clients", "create", "--type", "m2m", "--name", "C"];
        operate(config, &[&new[..], more].concat())
    };
    assert_eq!((api("https://a.example", &[]), &client(&[])["error_style"]), (json!("rfc"), &json!("rfc")));
    assert_eq!(api("https://b.example", &["--dialect", "auth0"]), "auth0");
    assert_eq!(client(&["--error-style", "auth0"])["error_style"], "auth0");

    folder.set("profile", "profile = \"auth0\"");
    let made = client(&[]);
    assert_eq!((api("https://c.example", &[]), &made["error_style"]), (json!("auth0"), &json!("auth0")));
    assert_eq!(api("https://d.example", &["--dialect", "rfc"]), "rfc");
    let id = text(&made["client_id"]);
    assert_eq!(operate(config, &["clients", "update", &id, "--error-style", "rfc"])["error_style"], "rfc");
    let update = ["apis", "update", "https://a.example", "--dialect", "auth0"];
    assert_eq!(operate(config, &update)["dialect"], "auth0");
    assert_eq!(operate(config, &["apis", "show", "https://a.example"])["dialect"], "auth0");
    let ttl = operate(config, &["apis", "update", "https://a.example", "--access-token-ttl", "1h"]);
    assert_eq!(
        (&ttl["dialect"], &ttl["access_token_ttl"]),
        (&json!("auth0"), &json!(3_600)),
        "the rest stays"
    );

    for arguments in [
        &["apis", "update", "https://a.example", "--dialect", "okta"][..],
        &["apis", "update", "https://a.example"],
        &["clients", "update", &id, "--error-style", "Auth0"],
    ] {
        let said = run(config, arguments);
        assert_eq!(said.code, 2, "{said:?}");
    }
    folder.set("profile", "profile = \"auht0\"");
    let said = run(config, &["apis", "list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.stderr.contains("tokens.profile: \"auht0\" is none of auth0, rfc; did you mean auth0?"),
        "{said:?}"
    );
}
