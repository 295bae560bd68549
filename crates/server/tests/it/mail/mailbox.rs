//! The mailbox of `dev`: there, for this host, and nowhere else.

use rstest::rstest;
use tokenry_engine::mail::Letter;
use tokenry_server::{HostPolicy, Loopback};
use tokenry_testkit::{Options, TestApp};

use super::{ANN, context, postman, user};

async fn dev() -> TestApp {
    dev_at("http://127.0.0.1", None).await
}

async fn dev_at(issuer: &str, exposed: Option<&str>) -> TestApp {
    let hosts = Loopback::new(issuer, exposed, &["http://127.0.0.1:8705"]).unwrap();
    TestApp::with(Options { hosts: HostPolicy::Loopback(hosts), ..Options::default() }).await
}

async fn get(app: &TestApp, path: &str, host: Option<&str>) -> (u16, String) {
    let mut request = app.http.get(format!("http://{}{path}", app.address));
    if let Some(host) = host {
        request = request.header("host", host);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn mail_is_listed_and_shown_in_dev_alone() {
    let app = dev().await;
    let ann = user(&app, ANN).await;
    assert!(get(&app, "/dev/mailbox", None).await.1.contains("There is no mail yet."));
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let (status, list) = get(&app, "/dev/mailbox", None).await;
    assert_eq!(status, 200);
    assert!(list.contains("Choose your password") && list.contains(ANN), "{list}");
    let path = list.split("href=\"").find(|rest| rest.starts_with("/dev/mailbox/")).unwrap();
    let path = path.split('"').next().unwrap();
    let (_status, page) = get(&app, path, None).await;
    let (_status, html) = get(&app, &format!("{path}/html"), None).await;
    for page in [page, html] {
        assert!(page.contains(&format!("{}/reset/password?token=", app.issuer)), "{page}");
    }
    for path in ["/dev/mailbox/nothing", "/dev/mailbox/nothing/html"] {
        let (status, page) = get(&app, path, None).await;
        assert!(status == 404 && page.contains("<h1>"), "a page for people: {page}");
    }
    for path in ["/signups", "/dev/mailboxes"] {
        let (status, text) = get(&app, path, None).await;
        assert!(status == 404 && text.starts_with('{'), "no page of ours: {text}");
    }
    let serve = TestApp::start().await;
    assert_eq!(get(&serve, "/dev/mailbox", None).await.0, 404);
}

#[rstest]
#[case::by_name("http://127.0.0.1", Some("laptop.local"), "laptop.local")]
#[case::by_its_issuer("https://laptop.local", None, "laptop.local")]
#[tokio::test]
async fn ten_07_where_others_come_there_is_no_mailbox_whatever_they_call_it(
    #[case] issuer: &str,
    #[case] exposed: Option<&str>,
    #[case] outside: &str,
) {
    let app = dev_at(issuer, exposed).await;
    let ann = user(&app, ANN).await;
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let id = app.store.list_mail(1).await.unwrap().remove(0).id;
    for path in ["/dev/mailbox".to_owned(), format!("/dev/mailbox/{id}"), format!("/dev/mailbox/{id}/html")] {
        for host in [outside, "127.0.0.1", "127.0.0.1:8700", "localhost", "[::1]"] {
            let (status, body) = get(&app, &path, Some(host)).await;
            assert!([307, 404].contains(&status) && !body.contains(ANN), "{host} {path}: {status} {body}");
        }
    }
    assert_eq!(get(&app, "/login", Some(outside)).await.0, 200, "the rest is there");
}

#[tokio::test]
async fn log_08_a_link_is_kept_sealed_for_a_while_and_opens_nothing_changed() {
    use std::time::Duration;
    use tokenry_clock::Clock as _;

    let app = dev().await;
    let ann = user(&app, ANN).await;
    postman(&app).await.send_verification(ann.as_str()).await.unwrap();
    let id = app.store.list_mail(1).await.unwrap().remove(0).id;
    let Letter { link, .. } = app.engine.open_mail(&id).await.unwrap().unwrap().mail.letter;
    let link = link.unwrap();
    let (path, token) = link.expose().split_once("?token=").unwrap();
    assert_eq!(path, format!("{}/verify", app.issuer));
    let token = tokenry_protocol::secret::Secret::new(token.to_owned());
    let kept = app.engine.keep_link(&token, app.clock.now()).unwrap();
    assert!(!kept.contains(token.expose()));
    let opened = app.engine.kept_link(&kept, app.clock.now()).unwrap();
    assert_eq!(opened.expose(), token.expose());
    let changed = kept.replace(&kept[40..41], if &kept[40..41] == "A" { "B" } else { "A" });
    assert!(app.engine.kept_link(&changed, app.clock.now()).is_none());
    for none in ["", "a b", &"x".repeat(42), &"-".repeat(43)] {
        let none = tokenry_protocol::secret::Secret::new(none.to_owned());
        assert!(app.engine.keep_link(&none, app.clock.now()).is_none());
    }
    app.clock.advance(Duration::from_secs(30 * 60));
    assert!(app.engine.kept_link(&kept, app.clock.now()).is_none(), "exactly at its time");
    assert!(app.engine.verify_address(&token, &context(&app)).await.unwrap());
    assert!(!app.engine.verify_address(&token, &context(&app)).await.unwrap(), "once");
}
