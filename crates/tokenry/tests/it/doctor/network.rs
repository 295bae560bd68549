//! The issuer as clients see it, what stands in front of it, clocks, and the server's own process.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rstest::rstest;

use super::clinic::Clinic;
use super::proxy::{Passing, Proxy};
use crate::folder::On;
use crate::process::{PATIENCE, json, run, tokenry};

/// A server behind a proxy that changes nothing.
fn behind_a_proxy() -> (Clinic, Proxy, crate::process::Running) {
    let clinic = Clinic::new(On::Sqlite);
    let proxy = Proxy::before(clinic.port);
    clinic.folder.set("issuer", &format!("issuer = \"http://127.0.0.1:{}\"", proxy.port));
    let server = clinic.serve();
    (clinic, proxy, server)
}

#[rstest]
#[case::strips(|it: Passing| without(it, "x-request-id"), "issuer.proxy", "warning", "strips x-request-id")]
#[case::strips_policy(|it: Passing| without(it, "x-content-type-options"), "issuer.proxy", "warning", "strips x-content-type-options")]
#[case::keeps_longer(|it: Passing| replaced(it, "max-age=300", "max-age=86400"), "issuer.proxy", "warning", "changes cache-control")]
#[case::reformats(|it: Passing| body(it, |body| format!("{body}\n")), "issuer.proxy", "warning", "changes the discovery document")]
#[case::another_issuer(|it: Passing| body(it, |body| body.replace("\"issuer\":\"http:", "\"issuer\":\"https:")), "issuer", "failure", "says that it is https:")]
#[case::a_page(|it: Passing| body(it, |_| "<html>".to_owned()), "issuer", "failure", "no authorization server")]
#[case::away(|it: Passing| head(it, "HTTP/1.1 502 Bad Gateway"), "issuer", "failure", "answers 502")]
#[case::elsewhere(|it: Passing| head(it, "HTTP/1.1 301 Moved Permanently\r\nlocation: https://www.example.com/"), "issuer", "failure", "sends clients on to https://www.example.com/")]
#[case::no_keys(|it: Passing| keys(it, "{\"keys\":[]}"), "issuer.keys", "failure", "is not published: APIs refuse every token")]
#[case::no_key_set(|it: Passing| keys(it, "<html>"), "issuer.keys", "failure", "is no key set")]
#[case::an_hour_ahead(|it: Passing| dated(it, "Fri, 01 Jan 2100 00:00:00 GMT"), "clock.issuer", "failure", "ahead of this host")]
#[case::long_ago(|it: Passing| dated(it, "Thu, 01 Jan 2015 00:00:00 GMT"), "clock.issuer", "failure", "behind this host")]
#[case::no_cookie(|it: Passing| without(it, "set-cookie"), "issuer.cookies", "failure", "comes without its cookie")]
#[case::other_name(|it: Passing| cookie(it, "__Host-", ""), "issuer.cookies", "failure", "comes without its cookie")]
#[case::a_domain(|it: Passing| cookie(it, "Path=/", "Path=/; Domain=example.com"), "issuer.cookies", "failure", "with Domain=example.com")]
#[case::a_path(|it: Passing| cookie(it, "Path=/", "Path=/auth"), "issuer.cookies", "failure", "with Path=/auth")]
#[case::in_the_clear(|it: Passing| cookie(it, "; Secure", ""), "issuer.cookies", "failure", "without Secure")]
#[case::for_scripts(|it: Passing| cookie(it, "; HttpOnly", ""), "issuer.cookies", "failure", "without HttpOnly")]
#[case::for_all_sites(|it: Passing| cookie(it, "SameSite=Lax", "SameSite=None"), "issuer.cookies", "failure", "without SameSite=Lax or Strict")]
#[case::kept(|it: Passing| cookie(it, "set-cookie: ", "age: 7\r\nset-cookie: "), "issuer.cookies", "failure", "may keep the sign-in page")]
#[case::no_date(|it: Passing| dated(it, "yesterday"), "clock.issuer", "skipped", "did not say")]
fn what_stands_in_front_of_the_server_is_told(
    #[case] does: fn(Passing) -> Passing,
    #[case] check: &str,
    #[case] status: &str,
    #[case] says: &str,
) {
    let (clinic, proxy, _server) = behind_a_proxy();
    clinic.examine().nothing_fails();
    proxy.does(does);
    clinic.examine().is(check, status, says);
    proxy.does(|it| it);
    let found = clinic.examine();
    found.is(check, "ok", "");
    found.nothing_fails();
}

fn without(mut it: Passing, name: &str) -> Passing {
    let kept: Vec<_> = it.head.split("\r\n").filter(|line| !line.starts_with(&format!("{name}:"))).collect();
    it.head = kept.join("\r\n");
    it
}

fn replaced(mut it: Passing, from: &str, to: &str) -> Passing {
    it.head = it.head.replace(from, to);
    it
}

fn body(mut it: Passing, change: impl Fn(&str) -> String) -> Passing {
    if it.path.ends_with("/openid-configuration") {
        it.body = change(&it.body);
    }
    it
}

fn cookie(mut it: Passing, from: &str, to: &str) -> Passing {
    let changed =
        |line: &str| if line.starts_with("set-cookie:") { line.replace(from, to) } else { line.to_owned() };
    it.head = it.head.split("\r\n").map(changed).collect::<Vec<_>>().join("\r\n");
    it
}

fn keys(mut it: Passing, set: &str) -> Passing {
    if it.path.ends_with("/jwks.json") {
        set.clone_into(&mut it.body);
    }
    it
}

fn head(mut it: Passing, head: &str) -> Passing {
    head.clone_into(&mut it.head);
    it
}

fn dated(it: Passing, date: &str) -> Passing {
    let mut it = without(it, "date");
    it.head.push_str(&format!("\r\ndate: {date}"));
    it
}

/// A cache that does not ask again publishes a key that was revoked.
#[test]
fn key_02_a_revoked_key_that_is_still_published_is_told() {
    let (clinic, proxy, _server) = behind_a_proxy();
    let mut kept = None;
    proxy.does(move |it| {
        if !it.path.ends_with("/jwks.json") {
            return it;
        }
        let kept: &mut Passing = kept.get_or_insert_with(|| it.clone());
        kept.clone()
    });
    clinic.examine().nothing_fails();
    let active = clinic.folder.ask("SELECT kid FROM signing_keys WHERE state = 'active'");
    json(&clinic.folder.config, &["keys", "revoke", &active]);
    // The server itself hears of it within half a second.
    let until = Instant::now() + PATIENCE;
    let found = loop {
        let found = clinic.examine();
        if found.text().contains("has another key set than the server") {
            break found;
        }
        assert!(Instant::now() < until, "{}", found.text());
        std::thread::sleep(Duration::from_millis(100));
    };
    found.is("issuer.keys", "failure", "");
    found.is("issuer.proxy", "warning", "has another key set than the server").fixed_by("deploy/nginx.conf");
    assert!(found.text().contains(&active), "{}", found.text());
    proxy.does(|it| it);
    clinic.examine().nothing_fails();
}

#[test]
fn an_issuer_that_nobody_can_reach_is_told_while_the_server_runs() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.folder.set("issuer", "issuer = \"http://127.0.0.1:9\"");
    let _server = clinic.serve();
    let found = clinic.examine();
    found.is("server", "ok", "is ready");
    found.is("issuer", "failure", "cannot be reached: Connection refused").fixed_by("DNS");
    found.is("config.listen", "warning", "the issuer is at port 9").fixed_by("one port");
}

#[test]
fn another_program_or_another_server_where_ours_should_be_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let other = Clinic::new(On::Sqlite);
    let _server = other.serve();
    clinic.folder.set("listen", &format!("listen = \"127.0.0.1:{}\"", other.port));
    let says = format!("calls itself http://127.0.0.1:{}", other.port);
    clinic.examine().is("server", "failure", &says).fixed_by("restart it");
    let proxy = Proxy::before(other.port);
    proxy.does(|it| Passing { body: "hello".to_owned(), ..it });
    clinic.folder.set("listen", &format!("listen = \"127.0.0.1:{}\"", proxy.port));
    clinic.examine().is("server", "failure", "is no Tokenry").fixed_by("another address");
}

#[test]
fn a_server_that_is_not_ready_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let _server = clinic.serve();
    fs::remove_file(clinic.file("data/tokenry.db")).unwrap();
    let found = clinic.examine();
    found.is("server", "failure", "is not ready: /readyz answers 503").fixed_by("not ready");
    found.is("database", "failure", "");
}

#[test]
fn http_02_a_server_that_may_open_few_files_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let lines = "ulimit -n 512 && exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", lines]).arg(tokenry().get_program()).args(["serve", "--config"]);
    command.arg(&clinic.folder.config).env_clear().env("PATH", "/usr/bin:/bin");
    let mut server = clinic.serve_by(command);
    let found = clinic.examine();
    found.is("server.open_files", "warning", "serves 384 connections").fixed_by("LimitNOFILE=65536");
    server.stop();
    clinic.examine().is("server.open_files", "skipped", "no server");
}

/// `doctor` is for the day when something holds the port.
#[test]
fn a_port_that_says_nothing_sensible_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let listener = TcpListener::bind(("127.0.0.1", clinic.port)).unwrap();
    let _answering = std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _gone = std::io::Write::write_all(&mut client, b"220 mail.example.com ESMTP\r\n");
        }
    });
    let found = clinic.examine();
    found.is("server", "warning", "no server answers");
    assert_eq!(run(&clinic.folder.config, &["healthcheck"]).code, 1);
}
