//! `propagated`: commands that take rights away wait until the connected guards have confirmed, and say whether they have.

use std::process::Command;
use std::time::Instant;

use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoClient, Events};

use crate::support::{Serving, Site};

const API: &str = "https://timesheets.example.com";
const OTHER: &str = "https://weather.example.com";

/// An API with a secret of its own.
fn api(site: &Site, audience: &str) -> DemoClient {
    let create = ["apis", "create", "--name", "A", "--audience", audience, "--scope", "read:t"];
    let id = text(&site.run(&create).json()["id"]);
    let secret = site.run(&["apis", "secrets", "add", audience]).json();
    DemoClient { id, secret: text(&secret["client_secret"]) }
}

/// A company's client that has fetched a token for `audience`.
async fn client(site: &Site, serving: &Serving, audience: &str) -> String {
    let client = site.run(&["clients", "create", "--type", "m2m", "--name", "C", "--company", "acme"]).json();
    let id = text(&client["client_id"]);
    site.run(&["grants", "create", "--client", &id, "--api", audience]).ok();
    serving.signs(&client).await;
    id
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

async fn site(engine: Engine) -> (Site, Serving, DemoClient) {
    let site = Site::new(engine).await;
    site.run(&["corporations", "create", "--name", "Group", "--id", "group"]).ok();
    site.run(&["companies", "create", "--name", "Acme", "--id", "acme"]).ok();
    let serving = site.serve().await;
    let api = api(&site, API);
    (site, serving, api)
}

/// Everything that a command prints, with what it says of the guards.
fn propagated(site: &Site, arguments: &[&str]) -> (bool, Value) {
    let printed = site.run(&[arguments, &["--yes"]].concat()).json();
    (printed["propagated"].as_bool().unwrap_or_else(|| panic!("{arguments:?}: {printed}")), printed)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_command_waits_for_a_guard_that_confirms(#[values(Sqlite, Postgres)] engine: Engine) {
    let (site, serving, api) = site(engine).await;
    let guard = Events::open(&serving.url(""), &api, 0, "pod-1").await.acknowledging();
    let known = |arguments: &[&str]| {
        let (propagated, printed) = propagated(&site, arguments);
        assert!(propagated, "{arguments:?}: {printed}");
        printed
    };
    let id = client(&site, &serving, API).await;
    assert_eq!(known(&["clients", "disable", &id])["state"], "disabled");
    assert_eq!(known(&["clients", "enable", &id])["state"], "enabled");
    assert_eq!(known(&["companies", "update", "acme", "--corporation", "group"])["corporation_id"], "group");
    assert_eq!(known(&["companies", "disable", "acme"])["state"], "disabled");
    assert_eq!(known(&["companies", "enable", "acme"])["state"], "enabled");
    let alone = known(&["companies", "update", "acme", "--no-corporation", "--name", "Acme Ltd"]);
    assert_eq!((&alone["name"], alone.get("corporation_id")), (&"Acme Ltd".into(), None));

    let id = client(&site, &serving, API).await;
    let secret = text(&site.run(&["secrets", "list", &id]).json()[0]["id"]);
    let revoked = known(&["secrets", "revoke", &id, &secret]);
    assert_eq!((&revoked["id"], &revoked["status"]), (&secret.into(), &"revoked".into()));

    let id = client(&site, &serving, API).await;
    let grant = text(&site.run(&["grants", "list", "--client", &id]).json()[0]["id"]);
    let gone = known(&["grants", "delete", &grant]);
    assert_eq!((&gone["id"], &gone["deleted"]), (&grant.into(), &true.into()));
    assert_eq!(known(&["clients", "delete", &id])["deleted"], true);

    let made = site.run(&["integrations", "create", "ERP", "--company", "acme", "--api", API]).json();
    serving.signs(&made).await;
    assert_eq!(known(&["integrations", "delete", "ERP"])["id"], made["id"]);
    site.run(&["companies", "create", "--name", "Gone", "--id", "gone", "--corporation", "group"]).ok();
    assert_eq!(known(&["companies", "delete", "gone"])["deleted"], true);

    let rotated = known(&["keys", "rotate"]);
    let retired = text(&rotated["outgoing"]);
    assert_eq!(known(&["keys", "revoke", &retired])["status"], "revoked");
    assert!(!serving.kids_become(|kids| !kids.contains(&retired)).await.contains(&retired));
    assert_eq!(known(&["keys", "rotate", "--revoke"])["outgoing_status"], "revoked");
    assert!(!guard.is_finished(), "{:?}", guard.await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_does_not_confirm_is_not_passed_over(#[values(Sqlite, Postgres)] engine: Engine) {
    let (site, serving, own) = site(engine).await;
    let other = api(&site, OTHER);
    let disable = |id: String| {
        let said = site.run(&["clients", "disable", &id]);
        (said.json()["propagated"].as_bool().unwrap(), said.said())
    };
    // Nobody is connected.
    assert!(disable(client(&site, &serving, API).await).0);

    let mut silent = Events::open(&serving.url(""), &own, 0, "silent").await;
    let id = client(&site, &serving, API).await;
    let begun = Instant::now();
    let (propagated, said) = disable(id.clone());
    assert!(!propagated && begun.elapsed().as_millis() >= 1_000, "it waits for a second");
    assert!(said.contains("Not every connected guard has confirmed within a second."), "{said}");
    assert!(!disable(id).0, "who asks again is not told otherwise because it was done before");
    // Of what concerns another API, this guard need not know.
    let elsewhere = Events::open(&serving.url(""), &other, 0, "elsewhere").await.acknowledging();
    assert!(disable(client(&site, &serving, OTHER).await).0);

    // One that confirms does not speak for one that does not.
    let confirming = Events::open(&serving.url(""), &own, 0, "confirming").await.acknowledging();
    assert!(!disable(client(&site, &serving, API).await).0);
    let last = silent.changes_to(3).await.last().unwrap().id.unwrap();
    assert_eq!(silent.ack(last).await, 204);
    let id = client(&site, &serving, API).await;
    let (disabled, acked) = tokio::join!(
        tokio::task::spawn_blocking({
            let command = site.command(&["clients", "disable", &id]);
            move || output(command)
        }),
        async {
            let seq = silent.change().await.id.unwrap();
            silent.ack(seq).await
        }
    );
    assert_eq!((acked, &disabled.unwrap()["propagated"]), (204, &true.into()));

    // One that breaks off has not confirmed, until it signs off or comes back.
    drop(silent);
    assert!(!disable(client(&site, &serving, API).await).0);
    let back = Events::open(&serving.url(""), &own, last + 1, "silent").await;
    assert_eq!(back.sign_off(last + 1).await, 204);
    assert!(disable(client(&site, &serving, API).await).0);
    assert!(!confirming.is_finished() && !elsewhere.is_finished());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nobody_is_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let (site, serving, api) = site(engine).await;
    let id = client(&site, &serving, API).await;
    drop(serving);
    assert!(propagated(&site, &["clients", "disable", &id]).0);
    let serving = site.serve().await;
    let mut late = Events::open(&serving.url(""), &api, 0, "late").await;
    assert_eq!(late.change().await.data["what"], "handle");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_06_what_cannot_be_changed_of_a_company_is_refused() {
    let (site, _serving, _api) = site(Sqlite).await;
    site.run(&["companies", "update", "acme", "--corporation", "group"]).ok();
    let bound =
        ["clients", "create", "--type", "m2m", "--name", "G", "--company", "acme", "--corporation", "group"];
    site.run(&bound).ok();
    let before = site.run(&["companies", "show", "acme"]).json();
    let cases: [(&[&str], i32); 5] = [
        (&["acme"], 2),
        (&["acme", "--corporation", "group", "--no-corporation"], 2),
        (&["acme", "--name", ""], 2),
        (&["acme", "--corporation", "nothing"], 4),
        (&["acme", "--no-corporation"], 5),
    ];
    for (arguments, code) in cases {
        let refused = site.run(&[&["companies", "update"], arguments].concat());
        assert_eq!(refused.code(), Some(code), "{arguments:?}: {}", refused.said());
    }
    assert_eq!(site.run(&["companies", "update", "nobody", "--name", "N"]).code(), Some(4));
    assert_eq!(site.run(&["companies", "show", "acme"]).json(), before);
    assert_eq!(site.run(&["companies", "update", "acme", "--name", "N"]).json()["propagated"], true);
}

/// What a command prints that must succeed.
fn output(mut command: Command) -> Value {
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    serde_json::from_slice(&ended.stdout).unwrap()
}
