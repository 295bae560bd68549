//! `roles` and `companies members`: who may what, where.

use rstest::rstest;
use serde_json::json;

use super::{events, refused, show};
use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::json as run_json;

#[rstest]
fn r52_roles_allow_by_api(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    folder.seed();
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    run(&[
        "apis",
        "create",
        "--name",
        "P",
        "--audience",
        "https://payroll.example.com",
        "--scope",
        "read:pay",
    ]);
    let api = text(&run(&["apis", "show", AUDIENCE])["id"]);
    let all = "approve:timesheets create:timesheets delete:timesheets read:timesheets";
    let manager =
        run(&["roles", "create", "--name", "manager", "--api", AUDIENCE, "--description", "Decides"]);
    assert_eq!(manager["permissions"], json!([{"api_id": api, "scope": all}]));
    let create = ["roles", "create", "--name", "employee", "--api", AUDIENCE, "--scope", "read:timesheets"];
    let employee = run(&create);
    assert_eq!(employee["permissions"], json!([{"api_id": api, "scope": "read:timesheets"}]));
    assert_eq!(run(&["roles", "show", "employee"]), employee);
    let update = ["roles", "update", "employee", "--api", "https://payroll.example.com"];
    let wider = run(&update);
    assert_eq!(wider["permissions"].as_array().unwrap().len(), 2, "at the other API as before: {wider}");
    let narrower = run(&[&update[..], &["--no-scope", "--corporation-wide", "true"]].concat());
    assert_eq!(narrower["permissions"], employee["permissions"]);
    assert_eq!((&narrower["corporation_wide"], &narrower["propagated"]), (&json!(true), &json!(true)));
    assert_eq!(events(&folder, 3), ["role.created", "role.updated", "role.updated"]);
    let names = run(&["roles", "list"]);
    assert_eq!(
        names.as_array().unwrap().iter().map(|it| text(&it["name"])).collect::<Vec<_>>(),
        ["employee", "manager"]
    );

    assert_eq!(refused(&folder, &create).0, 5);
    assert_eq!(refused(&folder, &["roles", "update", "nobody", "--description", "x"]).0, 4);
    assert_eq!(refused(&folder, &["roles", "update", "employee"]).0, 2, "nothing to change");
    let undefined = ["roles", "update", "employee", "--api", AUDIENCE, "--scope", "write:timesheets"];
    assert_eq!(refused(&folder, &undefined).0, 2);
    assert_eq!(refused(&folder, &["roles", "create", "--name", "x", "--api", "https://no.example"]).0, 4);
    for bad in ["", "-x", "a b", "..", "mänager"] {
        assert_eq!(refused(&folder, &["roles", "create", &format!("--name={bad}")]).0, 2, "{bad}");
    }
    assert_eq!(run(&["roles", "list"]), names, "nothing was changed");
    run_json_empty(&folder, &["roles", "delete", "employee"]);
    assert_eq!(refused(&folder, &["roles", "delete", "employee"]).0, 4);
}

#[rstest]
fn r52_roles_are_held_in_a_company(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    folder.seed();
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    for role in ["manager", "employee"] {
        run(&["roles", "create", "--name", role, "--api", AUDIENCE]);
    }
    let ann = "ann@acme.example";
    let id = text(&run(&["users", "create", "--username", ann])["id"]);
    let members = |verb: &str, more: &[&str]| run(&[&["companies", "members", verb], more].concat());
    let added =
        members("add", &["acme", ann, "--role", "manager", "--role", "employee", "--role", "manager"]);
    assert_eq!((&added["user_id"], &added["roles"]), (&json!(id), &json!(["employee", "manager"])));
    members("add", &["globex", &id]);
    let both = json!([
        {"company_id": "acme", "roles": ["employee", "manager"]}, {"company_id": "globex", "roles": []}
    ]);
    assert_eq!(show(&folder, ann)["memberships"], both);
    assert_eq!(members("list", &["acme"])[0], added);

    assert_eq!(refused(&folder, &["companies", "members", "add", "acme", ann]).0, 5);
    assert_eq!(refused(&folder, &["companies", "members", "add", "acme", "eve@acme.example"]).0, 4);
    assert_eq!(refused(&folder, &["companies", "members", "update", "acme", ann, "--role", "nothing"]).0, 4);
    assert_eq!(refused(&folder, &["companies", "members", "update", "acme", ann]).0, 2);
    assert_eq!(refused(&folder, &["roles", "delete", "manager"]).0, 5, "somebody has it");
    assert_eq!(show(&folder, ann)["memberships"], both, "nothing was changed");

    let fewer = members("update", &["acme", ann, "--role", "employee"]);
    assert_eq!((&fewer["roles"], &fewer["propagated"]), (&json!(["employee"]), &json!(true)));
    assert_eq!(fewer["created_at"], added["created_at"], "a member since then");
    assert_eq!(members("update", &["acme", ann, "--no-role"])["roles"], json!([]));
    assert_eq!(members("remove", &["acme", ann])["removed"], json!(true));
    assert_eq!(refused(&folder, &["companies", "members", "remove", "acme", ann]).0, 4);
    assert_eq!(show(&folder, ann)["memberships"], json!([{"company_id": "globex", "roles": []}]));
    let expected = ["membership.updated", "membership.updated", "membership.removed"];
    assert_eq!(events(&folder, 3), expected);
    let records = run(&["audit", "list", "--limit", "1"]);
    assert_eq!(
        (&records[0]["subject"], &records[0]["company_id"]),
        (&json!(format!("user {id}")), &json!("acme"))
    );
}

/// A command that prints nothing but talk.
fn run_json_empty(folder: &Folder, arguments: &[&str]) {
    let said = crate::process::run(&folder.config, &[arguments, &["--yes", "--output", "json"]].concat());
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{said:?}");
}
