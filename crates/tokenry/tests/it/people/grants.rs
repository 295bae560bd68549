//! `grants`: what users let applications do, shown, taken back and explained.

use rstest::rstest;
use serde_json::json;

use super::{events, refused};
use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::json as run_json;

/// A folder in which ann, an employee at Acme, has let a contractors' application read, and another one nothing.
fn agreed(on: On) -> (Folder, [String; 2]) {
    let folder = Folder::init(on);
    folder.seed();
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    let role = ["roles", "create", "--name", "employee", "--api", AUDIENCE];
    run(&[&role[..], &["--scope", "read:timesheets", "--scope", "create:timesheets"]].concat());
    run(&["users", "create", "--username", "ann@acme.example", "--company", "acme", "--role", "employee"]);
    run(&["users", "create", "--username", "bob@acme.example"]);
    let ids = ["Contractors", "Other"].map(|name| {
        let create = ["clients", "create", "--type", "third-party", "--name", name];
        let made = run(&[&create[..], &["--redirect-uri", "https://app.example.com/cb"]].concat());
        let id = text(&made["client_id"]);
        let scopes =
            ["--scope", "read:timesheets", "--scope", "create:timesheets", "--scope", "delete:timesheets"];
        run(&[&["grants", "create", "--client", &id, "--api", AUDIENCE][..], &scopes].concat());
        id
    });
    let ann = text(&run(&["users", "show", "ann@acme.example"])["id"]);
    let api = text(&run(&["apis", "show", AUDIENCE])["id"]);
    folder.ask(&format!(
        "INSERT INTO consents (user_id, client_id, resource_server_id, company_id, corporation_id, scope, \
         created_at, updated_at) VALUES ('{ann}', '{}', '{api}', 'acme', '', 'read:timesheets', 1000, 1000), \
         ('{ann}', '{}', '', '', '', 'openid', 1000, 1000)",
        ids[0], ids[0]
    ));
    (folder, ids)
}

#[rstest]
fn r76_con_06_operators_see_and_take_back_what_users_agreed_to(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (folder, [app, other]) = agreed(on);
    let list = |more: &[&str]| {
        let listed =
            run_json(&folder.config, &[&["grants", "list", "--user", "ANN@acme.example"], more].concat());
        listed.as_array().unwrap().iter().map(|it| text(&it["scope"])).collect::<Vec<_>>()
    };
    assert_eq!(list(&[]), ["openid", "read:timesheets"]);
    assert_eq!(list(&["--client", &other]), Vec::<String>::new());
    let all = run_json(&folder.config, &["grants", "list", "--user", "ann@acme.example"]);
    assert_eq!((all[0].get("company_id"), &all[1]["company_id"]), (None, &json!("acme")));

    let before = folder.rows();
    for (user, client) in [("bob@acme.example", &app), ("usr_nobody", &app), ("ann@acme.example", &other)] {
        assert_eq!(
            refused(&folder, &["grants", "revoke", "--user", user, "--client", client]).0,
            4,
            "{user}"
        );
    }
    assert_eq!(folder.rows(), before, "nothing has changed");

    let revoke = ["grants", "revoke", "--user", "ann@acme.example", "--client", &app];
    let revoked = run_json(&folder.config, &revoke);
    assert_eq!((&revoked["revoked"], &revoked["propagated"]), (&json!(true), &json!(true)));
    assert_eq!(events(&folder, 1), ["consent.revoked"]);
    assert_eq!(list(&[]), Vec::<String>::new());
    assert_eq!(refused(&folder, &revoke).0, 4, "a second time there is nothing");
}

#[rstest]
fn r68_r74_each_scope_is_explained(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (folder, [app, _other]) = agreed(on);
    let explain = ["grants", "explain", "--user", "ann@acme.example", "--client", &app, "--api", AUDIENCE];
    let outcomes = |more: &[&str]| {
        let told = run_json(&folder.config, &[&explain[..], more].concat());
        told.as_array()
            .unwrap()
            .iter()
            .map(|it| (text(&it["scope"]), text(&it["outcome"])))
            .collect::<Vec<_>>()
    };
    let expected = [
        ("approve:timesheets", "above_ceiling"),
        ("create:timesheets", "not_consented"),
        ("delete:timesheets", "not_held"),
        ("read:timesheets", "granted"),
    ];
    assert_eq!(outcomes(&[]), expected.map(|(scope, why)| (scope.to_owned(), why.to_owned())));
    assert_eq!(outcomes(&["--scope", "book:flights"]), [("book:flights".to_owned(), "undefined".to_owned())]);
    let (code, said) = refused(&folder, &[&explain[..], &["--scope", "openid"]].concat());
    assert!(code == 2 && said.contains("about the user"), "{said}");
    run_json(&folder.config, &["companies", "members", "add", "globex", "ann@acme.example"]);
    let (code, said) = refused(&folder, &explain);
    assert!(code == 2 && said.contains("acme, globex"), "{said}");
    assert_eq!(outcomes(&["--company", "globex", "--scope", "read:timesheets"])[0].1, "not_held");
    assert_eq!(outcomes(&["--company", "acme", "--scope", "read:timesheets"])[0].1, "granted");
}

/// By the rules by which the authorization endpoint decides.
#[rstest]
fn con_05_con_08_what_is_explained_is_what_happens(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (folder, [app, _other]) = agreed(on);
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    let explain = |client: &str, more: &[&str]| {
        let fixed =
            ["grants", "explain", "--user", "ann@acme.example", "--client", client, "--api", AUDIENCE];
        let told = run(&[&fixed[..], &["--scope", "read:timesheets"], more].concat());
        (text(&told[0]["outcome"]), text(&told[0]["text"]))
    };
    let outcome = |client: &str, more: &[&str]| explain(client, more).0;
    let made = |more: &[&str]| {
        let create = ["clients", "create", "--name", "Made", "--redirect-uri", "https://app.example.com/cb"];
        let id = text(&run(&[&create[..], more].concat())["client_id"]);
        run(&["grants", "create", "--client", &id, "--api", AUDIENCE]);
        id
    };
    assert_eq!(outcome(&made(&["--type", "web", "--skip-consent"]), &[]), "granted");
    assert_eq!(outcome(&made(&["--type", "web"]), &[]), "not_consented");
    let (public, why) = explain(&made(&["--type", "spa"]), &[]);
    assert!(public == "not_consented" && why.contains("each time"), "{why}");
    assert_eq!(
        outcome(&made(&["--type", "web", "--skip-consent", "--company", "globex"]), &[]),
        "no_company"
    );

    assert_eq!(outcome(&app, &[]), "granted");
    assert_eq!(outcome(&app, &["--company", "globex"]), "not_a_member");
    run(&["companies", "disable", "acme"]);
    assert_eq!(outcome(&app, &[]), "no_company");
    assert_eq!(outcome(&app, &["--company", "acme"]), "not_a_member");
    run(&["companies", "enable", "acme"]);
    run(&["users", "disable", "ann@acme.example"]);
    assert_eq!(outcome(&app, &[]), "user_disabled");
    assert_eq!(
        outcome(&app, &["--company", "globex"]),
        "user_disabled",
        "whose company it is does not matter then"
    );
    run(&["users", "enable", "ann@acme.example"]);
    run(&["corporations", "create", "--name", "Group", "--id", "group"]);
    run(&["companies", "update", "acme", "--corporation", "group"]);
    run(&["roles", "update", "employee", "--corporation-wide", "true"]);
    assert_eq!(outcome(&app, &[]), "not_consented", "nobody was asked for all of the corporation");
    run(&["roles", "update", "employee", "--corporation-wide", "false"]);
    assert_eq!(outcome(&app, &[]), "granted");
}
