//! Handshakes: what is agreed on, what is refused, and who does not end them.

use std::time::Duration;

use rstest::rstest;
use rustls::{ProtocolVersion, SupportedProtocolVersion};
use tokenry_server::serve::{Drained, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::hello;
use super::support::{HOST, Secure, presented};
use crate::wire::{LONG, limits};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Patient where a slow machine would make the test fail.
fn patient() -> Limits {
    Limits { head_timeout: LONG * 4, idle_timeout: LONG * 4, ..limits() }
}

#[rstest]
#[case::http_1(true, "HTTP/1.1")]
#[case::http_2(false, "HTTP/2.0")]
#[tokio::test]
async fn r31_both_versions_of_http_are_spoken_over_tls(#[case] only_1: bool, #[case] version: &str) {
    let secure = Secure::start(patient()).await;
    let builder = secure.authority.http(HOST, secure.listener.address);
    let builder = if only_1 { builder.http1_only() } else { builder };
    let client = builder.build().unwrap();
    for _ in 0..3 {
        let answer = client.get(secure.url("/version")).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), version);
    }
    let body = vec![b'x'; 60_000];
    let answer = client.post(secure.url("/")).body(body).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "60000 bytes");
}

#[rstest]
#[case::both(&["h2", "http/1.1"], Some("h2"))]
#[case::the_old(&["http/1.1"], Some("http/1.1"))]
#[case::none_asked_for(&[], None)]
#[tokio::test]
async fn r31_the_protocol_is_agreed_on(#[case] offered: &[&str], #[case] chosen: Option<&str>) {
    let secure = Secure::start(patient()).await;
    let stream = secure.shake(secure.authority.client(offered), HOST).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), chosen.map(str::as_bytes));
}

#[tokio::test]
async fn r31_a_protocol_that_is_not_http_is_refused() {
    let secure = Secure::start(patient()).await;
    let refused = secure.shake(secure.authority.client(&["smtp", "xmpp-client"]), HOST).await.unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
    secure.serves().await;
}

#[rstest]
#[case(&rustls::version::TLS12, ProtocolVersion::TLSv1_2)]
#[case(&rustls::version::TLS13, ProtocolVersion::TLSv1_3)]
#[tokio::test]
async fn r31_tls_1_2_and_1_3_are_spoken(
    #[case] offered: &'static SupportedProtocolVersion,
    #[case] spoken: ProtocolVersion,
) {
    let secure = Secure::start(patient()).await;
    let config = secure.authority.client_of(&[offered], &[]);
    let mut stream = secure.shake(config, HOST).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut heard = [0; 15];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 200 OK");
}

#[rstest]
#[case::tls_1_0(0x0301, hello::MODERN, hello::PROTOCOL_VERSION)]
#[case::tls_1_1(0x0302, hello::MODERN, hello::PROTOCOL_VERSION)]
#[case::no_forward_secrecy(0x0303, &[0x009C, 0x009D, 0x002F, 0x0035], hello::HANDSHAKE_FAILURE)]
#[case::cbc(0x0303, &[0xC009, 0xC00A, 0xC013, 0xC014], hello::HANDSHAKE_FAILURE)]
#[case::rc4_and_3des(0x0303, &[0x0005, 0x000A, 0xC007, 0xC012], hello::HANDSHAKE_FAILURE)]
#[case::modern(0x0303, hello::MODERN, hello::SERVER_HELLO)]
#[tokio::test]
async fn r31_old_versions_and_weak_suites_are_refused(
    #[case] version: u16,
    #[case] suites: &[u16],
    #[case] answer: [u8; 2],
) {
    let secure = Secure::start(patient()).await;
    let mut client = secure.listener.connect().await;
    client.say(hello::client_hello(version, suites)).await;
    let mut record = [0; 7];
    let read = tokio::time::timeout(LONG, client.0.read_exact(&mut record));
    read.await.expect("an answer").unwrap();
    // An alert record holds level and kind; a handshake record begins with the message's kind and length.
    assert_eq!([record[0], if record[0] == 21 { record[6] } else { record[5] }], answer, "{record:?}");
    secure.serves().await;
}

#[tokio::test]
async fn r31_whoever_names_no_host_or_another_gets_the_one_certificate() {
    let secure = Secure::start(patient()).await;
    let mut nameless = secure.authority.client(&[]);
    nameless.enable_sni = false;
    let named = presented(&secure.shake(secure.authority.client(&[]), HOST).await.unwrap());
    assert_eq!(presented(&secure.shake(nameless, HOST).await.unwrap()), named);
    let other = secure.shake(secure.authority.client(&[]), "other.example.com").await.unwrap_err();
    assert!(other.to_string().contains("not valid for"), "the client refuses: {other}");
    secure.serves().await;
}

#[tokio::test]
async fn r31_plain_http_at_the_tls_port_is_closed_unanswered() {
    let secure = Secure::start(patient()).await;
    for said in [REQUEST, "POST / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\0\0\0\0\0\0\0"] {
        let mut client = secure.listener.connect().await;
        client.say(said).await;
        let heard = client.hear_all().await;
        assert!(!heard.contains("HTTP"), "{heard:?}");
    }
    assert_eq!(secure.listener.asked.load(std::sync::atomic::Ordering::SeqCst), 0);
    secure.serves().await;
}

#[rstest]
#[case::silent(0)]
#[case::half_a_hello(40)]
#[tokio::test]
async fn http_02_a_handshake_that_does_not_end_is_given_up(#[case] said: usize) {
    let secure = Secure::start(limits()).await;
    let mut client = secure.listener.connect().await;
    client.say(&hello::client_hello(0x0303, hello::MODERN)[..said]).await;
    assert!(client.closed_after().await < LONG);
    secure.serves().await;
}

#[tokio::test]
async fn http_02_a_hello_that_comes_in_drops_is_given_up() {
    let secure = Secure::start(Limits { head_timeout: Duration::from_secs(1), ..patient() }).await;
    let (mut reader, mut writer) = secure.listener.connect().await.0.into_split();
    let drops = tokio::spawn(async move {
        for byte in hello::client_hello(0x0303, hello::MODERN) {
            if writer.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let mut heard = Vec::new();
    _ = tokio::time::timeout(LONG, reader.read_to_end(&mut heard)).await.expect("the server closes");
    assert!(!drops.is_finished(), "it was given up before the hello was whole");
    drops.abort();
    secure.serves().await;
}

#[rstest]
#[case::every_place_is_taken(Limits { connections: 8, ..patient() }, 1)]
#[case::there_are_too_many_handshakes(Limits { handshakes: 4, ..patient() }, 4)]
#[tokio::test]
async fn http_02_half_open_handshakes_make_room(#[case] limits: Limits, #[case] given_up: usize) {
    let secure = Secure::start(limits).await;
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut client = secure.listener.connect().await;
        crowd.spawn(async move { client.0.read_to_end(&mut Vec::new()).await });
    }
    secure.serves().await;
    for _ in 0..given_up {
        let closed = tokio::time::timeout(LONG, crowd.join_next()).await;
        _ = closed.expect("a handshake is given up long before its time is up").unwrap().unwrap();
    }
    secure.serves().await;
}

#[tokio::test]
async fn db_18_a_half_open_handshake_does_not_hold_up_shutdown() {
    let mut secure = Secure::start(patient()).await;
    let mut client = secure.listener.connect().await;
    client.say(&hello::client_hello(0x0303, hello::MODERN)[..40]).await;
    secure.serves().await;
    secure.listener.stop();
    assert_eq!(secure.listener.ended().await, Drained { cut: 0 });
    client.hear_all().await;
}
