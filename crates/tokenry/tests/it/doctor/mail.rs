//! The mail server: let in, or turned away, by each cause, and never with a mail.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use tokenry_testkit::MailServer;

use super::clinic::{Clinic, Found};
use crate::folder::On;
use crate::process::tokenry;
use crate::serve::free_port;

const CHECK: &str = "mail";

/// What is found where mail goes to `url`, and `authority` vouches for who is there.
fn examine(clinic: &Clinic, url: &str, authority: &str) -> Found {
    let ca = clinic.file("mail-authority.pem");
    fs::write(&ca, authority).unwrap();
    let mut command = tokenry();
    command.env("TOKENRY_MAIL_URL", url).env("TOKENRY_MAIL_FROM", "Tokenry <no-reply@id.example.com>");
    if !authority.is_empty() {
        command.env("TOKENRY_OUTBOUND_CA_FILE", &ca);
    }
    command.arg("doctor").arg("--config").arg(&clinic.folder.config);
    let found = Found::by(command);
    for secret in ["sesame", "%40"] {
        let mail = found.finding(CHECK);
        assert!(!mail["finding"].as_str().unwrap().contains(secret), "{mail}");
    }
    found
}

/// The port of a program that says this to whoever comes, whatever they say.
fn saying(text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _gone = client.write_all(text.as_bytes());
            let _said = client.read_to_end(&mut Vec::new());
        }
    });
    port
}

#[test]
fn a_mail_server_that_lets_us_in_is_told_and_gets_no_mail() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.examine().is(CHECK, "skipped", "mail.url is not set");
    let server = MailServer::smtps();
    let found = examine(&clinic, &server.url(MailServer::PASSWORD), server.authority());
    found.nothing_fails();
    found.is(CHECK, "ok", "lets us in; nothing was sent");
    assert!(!server.has_mail());
}

#[test]
fn whatever_keeps_mail_from_going_out_is_told_with_what_to_do() {
    let clinic = Clinic::new(On::Sqlite);
    let (server, other) = (MailServer::smtps(), MailServer::of_another_host());
    let password = MailServer::PASSWORD;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |scheme: &str, port: u16| format!("{scheme}://tokenry:{password}@127.0.0.1:{port}");
    let silent = at("smtps", silent.local_addr().unwrap().port());
    for (url, authority, says, fix) in [
        (server.url("sesame"), server.authority(), "it answered 535", "user and password in mail.url"),
        (server.url(password), "", "TLS with it fails: invalid peer certificate", "outbound.ca_file"),
        (other.url(password), other.authority(), "TLS with it fails: invalid peer certificate", "the host"),
        (
            at("smtp", saying("220 mail.example.com\r\n250 mail.example.com\r\n")),
            "",
            "it does not offer",
            "takes a password",
        ),
        (at("smtp", saying("554 go away\r\n")), "", "it answered 554", "its log says"),
        (at("smtp", saying("HTTP/1.1 400 Bad Request\r\n\r\n")), "", "speaks no SMTP", "host and port"),
        (at("smtps", saying("220 mail.example.com\r\n")), "", "TLS with it fails", "smtp:// for 587"),
        (at("smtp", free_port()), "", "it cannot be reached: Connection refused", "host and port"),
        (silent, "", "no answer came in time", "firewall"),
    ] {
        let found = examine(&clinic, &url, authority);
        assert_eq!(found.code, 1);
        found.is(CHECK, "failure", says).fixed_by(fix);
    }
    assert!(!server.has_mail() && !other.has_mail());
    let found = examine(&clinic, "mail.example.com", "");
    found.is(CHECK, "skipped", "see config");
    found.is("config", "failure", "mail.url");
}
