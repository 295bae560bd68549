//! `/account/developer`: people see, make, replace and revoke their personal access tokens in a browser, without a script.

mod again;
mod changed;
mod form;
mod list;
mod made;
mod secret;

use tokenry_engine::manage::{Allowance, AllowedScopes, NewApi, NewRole};
use tokenry_model::TokenFormat;
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::{Browser, Engine, Form, Page, Person, TestApp};

use crate::session::{app_on, employee};

pub(super) const HERE: &str = "/account/developer";
pub(super) const NEW: &str = "/account/developer/new";
pub(super) const TOKEN: &str = "/account/developer/token";

/// A server, ann of Acme who may do all at the demo's API, and her browser, in which she has just signed in.
async fn with_ann(engine: Engine) -> (TestApp, Person, Browser) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    (app, ann, browser)
}

/// The form for a new token, with a name.
async fn form(browser: &mut Browser, name: &str) -> Form {
    browser.open(NEW).await.form(NEW).with("name", name)
}

/// The form that makes what was asked for, from the page that shows it as a whole.
async fn reviewed(browser: &mut Browser, form: &Form) -> Form {
    let page = browser.submit(form).await;
    assert_eq!(
        (page.answer.status.as_u16(), page.texts("h1")),
        (200, vec!["Is everything right?".to_owned()]),
        "{page:?}"
    );
    page.form(HERE).with("action", "create")
}

/// Makes a token, and gives back the page that shows its value.
async fn make(browser: &mut Browser, name: &str) -> Page {
    let form = form(browser, name).await;
    let form = reviewed(browser, &form).await;
    let page = browser.send(&form).await;
    assert_eq!(page.answer.status, 200, "{page:?}");
    page
}

/// The value that a page shows.
#[track_caller]
fn value(page: &Page) -> String {
    let values = page.texts("#value");
    assert_eq!(values.len(), 1, "{page:?}");
    assert!(values[0].starts_with("tokenry_pat_"), "{page:?}");
    values[0].clone()
}

/// The id of the token in whose row the value is.
#[track_caller]
fn id_of_value(page: &Page) -> String {
    page.attributes("li:has(#value)", "id").remove(0)
}

/// The page before something is done to a token.
async fn ask(browser: &mut Browser, id: &str, verb: &str) -> Page {
    browser.open(&format!("{TOKEN}?id={id}&do={verb}")).await
}

/// The form of that page, with its button.
async fn asked(browser: &mut Browser, id: &str, verb: &str) -> Form {
    ask(browser, id, verb).await.form(HERE).with("action", verb)
}

/// Another API with these scopes, all of which a person of Acme holds beside what they have.
async fn another_api(app: &TestApp, person: &Person, audience: &str, scopes: &[String]) {
    let scopes = scopes.iter().map(|scope| (scope.clone(), String::new())).collect();
    let new = NewApi {
        id: None,
        name: "Another API".to_owned(),
        audience: audience.to_owned(),
        scopes,
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted: true,
    };
    app.manager.create_api(new).await.unwrap();
    let allow = vec![Allowance { api: audience.to_owned(), scopes: AllowedScopes::All }];
    let role = NewRole { name: "another".to_owned(), allow, ..NewRole::default() };
    app.manager.create_role(role).await.unwrap();
    let roles = ["another".to_owned(), format!("role-of-{}", person.id.as_str().trim_start_matches("usr_"))];
    app.manager.set_member_roles(&app.demo.acme, person.id.as_str(), &roles).await.unwrap();
}

/// What of the database tells whether anything was done to a token.
fn pats(app: &TestApp) -> Vec<String> {
    let contents = app.database.contents();
    ["pats", "pat_apis", "pat_values"].map(|table| contents[table].clone()).to_vec()
}
