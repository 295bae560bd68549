//! `clients … --backchannel-logout-uri` and `logouts list`: operators say who is told, and see what became of it.

use rstest::rstest;
use serde_json::json;

use crate::folder::{Folder, On};
use crate::process::{json as value, run};

const URI: &str = "https://shop.example.com/backchannel-logout";

#[rstest]
fn operators_say_who_is_told_and_see_who_was(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let tokenry = |arguments: &[&str]| value(&folder.config, arguments);
    let shop = ["clients", "create", "--type", "web", "--name", "Shop", "--client-id", "shop"];
    let told = tokenry(&[&shop[..], &["--backchannel-logout-uri", URI]].concat());
    assert_eq!(told["backchannel_logout_uri"], URI);
    assert_eq!(tokenry(&["logouts", "list"]), json!([]));
    for (session, row) in [
        ("s1", "0, 60000, 0, '503', NULL, NULL"),
        ("s2", "1, 1000, 0, '204', 'delivered', 61000"),
        ("s3", "3, 1000, 0, '400', 'refused', 61000"),
    ] {
        folder
            .ask(&format!("INSERT INTO logout_outbox VALUES ('{session}', 'shop', 'usr_ann', 1000, {row})"));
    }
    let listed = tokenry(&["logouts", "list", "--client", "shop"]);
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["waiting", "delivered", "refused"]);
    let waiting = json!([{
        "client_id": "shop", "session_id": "s1", "user_id": "usr_ann", "state": "waiting", "attempts": 0,
        "last_answer": "503", "created_at": "1970-01-01T00:00:01.000Z", "next_try_at": "1970-01-01T00:01:00.000Z",
    }]);
    assert_eq!(tokenry(&["logouts", "list", "--waiting"]), waiting);
    assert_eq!(listed[1]["ended_at"], "1970-01-01T00:01:01.000Z");
    assert_eq!(run(&folder.config, &["logouts", "list", "--client", "nobody"]).code, 4);

    let untold = tokenry(&["clients", "update", "shop", "--no-backchannel-logout-uri"]);
    assert!(untold.get("backchannel_logout_uri").is_none(), "{untold}");
    let update = |more: &[&str]| run(&folder.config, &[&["clients", "update", "shop"], more].concat()).code;
    assert_eq!(update(&["--backchannel-logout-uri", "http://shop.example.com/"]), 2);
    let others =
        ["clients", "update", "shop", "--backchannel-logout-uri", "https://shop.example.com:6379/logout"];
    let refused = run(&folder.config, &others);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("its port is another protocol's: 6379"), "{refused:?}");
    assert_eq!(update(&["--backchannel-logout-uri", URI, "--no-backchannel-logout-uri"]), 2);
    let job = ["clients", "create", "--type", "m2m", "--name", "Job", "--backchannel-logout-uri", URI];
    assert_eq!(run(&folder.config, &job).code, 2, "it signs nobody in");
    assert!(
        tokenry(&["clients", "show", "shop"]).get("backchannel_logout_uri").is_none(),
        "nothing was changed"
    );
    assert_eq!(update(&["--backchannel-logout-uri", URI]), 0);
    let events = folder.ask("SELECT detail FROM audit WHERE event = 'client.updated'");
    assert_eq!(events.matches("backchannel_logout_uri").count(), 2, "{events}");
}
