//! `dev --expose`: what is there for others, and what is not; and who is offered a link by mail.

use reqwest::Client;
use serde_json::Value;
use tokenry_testkit::Browser;

use crate::dev::Dev;
use crate::folder::{Folder, On, text};
use crate::process::{Running, run, serve, tokenry};

#[tokio::test]
async fn another_name_is_admitted_when_exposed() {
    let dev = Dev::start(&["--expose", "laptop.example"]);
    let issuer = text(&dev.report["issuer"]);
    for (host, status) in [("laptop.example", 200), ("LAPTOP.example:80", 200), ("desktop.example", 421)] {
        let asked = Client::new().get(format!("{issuer}/healthz")).header("host", host).send().await.unwrap();
        assert_eq!(asked.status(), status, "{host}");
    }
}

/// Whether a user of the report signs in at the pages of a server.
async fn signs_in(issuer: &Value, user: &Value) -> bool {
    let mut browser = Browser::at(issuer.as_str().unwrap());
    let form = browser.open("/login").await.form("/login");
    let form = form.with("username", &text(&user["username"])).with("password", &text(&user["password"]));
    browser.submit(&form).await.url.path() == "/account"
}

#[tokio::test]
async fn ten_07_where_others_come_there_is_neither_root_nor_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let alone = Dev::on(folder.path());
    let (issuer, users) = (alone.report["issuer"].clone(), alone.report["users"].clone());
    assert!(signs_in(&issuer, &users["root"]).await);
    let mailbox = text(&alone.report["mailbox_url"]);
    assert_eq!(reqwest::get(&mailbox).await.unwrap().status(), 200);
    let mut browser = Browser::at(issuer.as_str().unwrap());
    assert_eq!(browser.open("/login").await.attributes("p a", "href"), ["/reset"]);
    alone.stop();

    let exposed = Dev::start(&["--data", data, "--expose", "laptop.example"]);
    let (issuer, report) = (&exposed.report["issuer"], &exposed.report);
    assert!(report.get("mailbox_url").is_none() && report["users"].get("root").is_none(), "{report}");
    assert_eq!(report["users"]["ann"], users["ann"]);
    assert!(!signs_in(issuer, &users["root"]).await && signs_in(issuer, &users["ann"]).await);
    for host in ["127.0.0.1", "laptop.example"] {
        let asked = Client::new().get(format!("{}/dev/mailbox", text(issuer))).header("host", host);
        assert_eq!(asked.send().await.unwrap().status(), 404, "{host}");
    }
    exposed.stop();

    let alone = Dev::on(folder.path());
    assert_eq!(alone.report["users"], users, "as at every start");
    assert!(signs_in(&alone.report["issuer"], &users["root"]).await);
    run(&folder.path().join("tokenry.toml"), &["users", "disable", "root@tokenry.example"]);
    alone.stop();
    Dev::start(&["--data", data, "--expose", "laptop.example"]).stop();
    let alone = Dev::on(folder.path());
    assert!(!signs_in(&alone.report["issuer"], &users["root"]).await, "whom the operator disabled stays so");
}

#[tokio::test]
async fn mail_of_an_exposed_dev_is_on_the_console() {
    let mut command = tokenry();
    command.args([
        "dev",
        "--listen",
        "127.0.0.1:0",
        "--api-listen",
        "127.0.0.1:0",
        "--expose",
        "laptop.example",
    ]);
    let mut running = Running::start(command);
    let issuer = running.wait_for(|out, _err| {
        let line = out.lines().find_map(|line| line.strip_prefix("  authorization server  "))?;
        out.contains("week.csv").then(|| line.to_owned())
    });
    assert!(running.stdout().contains("  mailbox               none: mail is shown here\n"));
    assert!(!running.stdout().contains("root@tokenry.example"));
    let mut browser = Browser::at(&issuer);
    let form = browser.open("/reset").await.form("/reset").with("username", "ann@acme.example");
    assert_eq!(browser.send(&form).await.answer.status, 303);
    let link = running.wait_for(|_out, err| {
        let mail = err.lines().find(|line| line.starts_with("Mail to ann@acme.example, "))?;
        mail.rsplit(": ").next().map(str::to_owned)
    });
    assert_eq!(browser.open(&link).await.form("/reset/password").value("username"), Some("ann@acme.example"));
}

#[tokio::test]
async fn who_cannot_be_sent_a_link_is_offered_none() {
    let folder = Folder::init(On::Sqlite);
    let (_server, url) = serve(&folder.config);
    let mut browser = Browser::at(&url);
    assert!(browser.open("/login").await.attributes("p a", "href").is_empty());
    let page = browser.open("/reset").await;
    assert!(page.forms().is_empty(), "{page:?}");
    assert!(page.answer.body.contains("Ask whoever runs this server"), "{page:?}");
}
