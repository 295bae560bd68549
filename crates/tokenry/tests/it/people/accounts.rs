//! `users`: made, shown, changed, barred, removed.

use rstest::rstest;
use serde_json::json;

use super::{events, refused, show};
use crate::folder::{Folder, On, text};
use crate::process::json as run_json;

#[rstest]
fn r52_users_come_and_go(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    folder.seed();
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    run(&["roles", "create", "--name", "employee"]);
    let claims = folder.path.path().join("claims.json");
    std::fs::write(&claims, r#"{"given_name":"Ann","locale":"de"}"#).unwrap();
    let create = ["users", "create", "--username", "Ann@ACME.example", "--name", "Ann", "--email-verified"];
    let more = ["--company", "acme", "--role", "employee", "--claims", claims.to_str().unwrap()];
    let made = run(&[&create[..], &more].concat());
    let id = text(&made["id"]);
    assert!(id.starts_with("usr_"), "{made}");
    assert_eq!(made["username"], "ann@acme.example", "in its one form");
    assert_eq!(made["memberships"], json!([{"company_id": "acme", "roles": ["employee"]}]));
    assert_eq!(made["claims"], json!({"given_name": "Ann", "locale": "de"}));
    let factors = ["email_verified", "password", "second_factor"].map(|member| made[member].clone());
    assert_eq!(factors, [json!(true), json!(false), json!(false)]);
    assert_eq!(show(&folder, "ANN@acme.EXAMPLE"), made, "by name, in any spelling");
    assert_eq!(show(&folder, &id), made, "and by id");
    assert_eq!(events(&folder, 2), ["user.created", "membership.added"]);

    let renamed = run(&["users", "update", &id, "--name", "Ann Example"]);
    assert_eq!((&renamed["name"], &renamed["claims"]), (&json!("Ann Example"), &made["claims"]));
    std::fs::write(&claims, "{}").unwrap();
    let bare = run(&["users", "update", &id, "--no-name", "--claims", claims.to_str().unwrap()]);
    assert_eq!((bare.get("name"), bare.get("claims")), (None, None));

    run(&["users", "create", "--username", "bob@acme.example"]);
    let listed = run(&["users", "list"]);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|user| text(&user["username"])).collect();
    assert!(names.len() == 2 && names.contains(&"bob@acme.example".to_owned()), "{names:?}");

    for (verb, state) in [("disable", "disabled"), ("disable", "disabled"), ("enable", "enabled")] {
        let switched = run(&["users", verb, "ann@acme.example"]);
        assert_eq!((&switched["state"], &switched["propagated"]), (&json!(state), &json!(true)), "{verb}");
    }
    assert_eq!(events(&folder, 2), ["user.disabled", "user.enabled"], "what changed nothing is not recorded");

    assert_eq!(run(&["users", "delete", &id])["deleted"], true);
    assert_eq!(refused(&folder, &["users", "show", &id]).0, 4);
    assert_eq!(run(&["users", "list"]).as_array().unwrap().len(), 1, "and nobody else");
    assert_eq!(run(&["companies", "members", "list", "acme"]), json!([]));
}

/// Somebody who has deleted the account, as their page leaves it.
#[rstest]
fn operators_see_who_leaves_and_keep_them(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let run = |arguments: &[&str]| run_json(&folder.config, arguments);
    let id = text(&run(&["users", "create", "--username", "ann@acme.example"])["id"]);
    folder.ask(&format!("UPDATE users SET delete_at = 32503680000000 WHERE id = '{id}'"));
    for seen in [run(&["users", "show", &id]), run(&["users", "list"])[0].clone()] {
        assert_eq!(seen["state"], "leaving", "{seen}");
        assert!(text(&seen["deletion_due_at"]).starts_with("3000-01-01T00:00:00"), "{seen}");
    }
    let kept = run(&["users", "enable", &id]);
    assert_eq!((&kept["state"], kept.get("deletion_due_at")), (&json!("enabled"), None));
    assert_eq!(events(&folder, 1), ["user.deletion_taken_back"]);
    folder.ask(&format!("UPDATE users SET delete_at = 32503680000000 WHERE id = '{id}'"));
    assert_eq!(run(&["users", "disable", &id])["state"], "disabled");
    assert_eq!(run(&["users", "enable", &id])["state"], "enabled", "what they wished is taken back");
    assert_eq!(events(&folder, 2), ["user.disabled", "user.enabled"]);
}

#[rstest]
fn log_12_one_name_is_one_user(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let create = |username: &str| refused(&folder, &["users", "create", "--username", username]);
    run_json(&folder.config, &["users", "create", "--username", "ann@acme.example"]);
    for same in ["ANN@acme.example", " ann@acme.example", "ａｎｎ@acme.example", "ann@ACME。example"] {
        assert_eq!(create(same).0, 5, "{same}");
    }
    for none in
        ["ann", "ann@evil.example@acme.example", "\"ann\"@acme.example", "ann@acme.example,eve@b.example"]
    {
        let (code, said) = create(none);
        assert!(code == 2 && said.contains("username: "), "{none}: {said}");
    }
    assert_eq!(run_json(&folder.config, &["users", "list"]).as_array().unwrap().len(), 1, "nobody was made");
}

#[test]
fn what_cannot_be_is_refused_whole() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let create = ["users", "create", "--username", "ann@acme.example"];
    let refused = |more: &[&str]| refused(&folder, &[&create[..], more].concat());
    assert_eq!(refused(&["--company", "nowhere"]).0, 4);
    assert_eq!(refused(&["--company", "acme", "--role", "nothing"]).0, 4);
    assert_eq!(refused(&["--role", "manager"]).0, 2, "roles are held in a company");
    assert_eq!(refused(&["--name", "a\u{202e}b"]).0, 2);
    let claims = folder.path.path().join("claims.json");
    for bad in [r#"{"sub":"usr_root"}"#, r#"{"email_verified":true}"#, r#"{"locale":1}"#, "[]"] {
        std::fs::write(&claims, bad).unwrap();
        let (code, said) = refused(&["--claims", claims.to_str().unwrap()]);
        assert!(code == 2 && said.contains("claims"), "{bad}: {said}");
    }
    assert_eq!(run_json(&folder.config, &["users", "list"]), json!([]), "nobody was made");
    let secret = ["users", "reset-second-factor"];
    run_json(&folder.config, &create);
    assert_eq!(super::refused(&folder, &[&secret[..], &["ann@acme.example"]].concat()).0, 4, "there is none");
}
