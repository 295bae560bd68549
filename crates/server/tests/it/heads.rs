//! Request heads that are too long, and those that two readers might read differently.

use std::sync::atomic::Ordering::SeqCst;

use rstest::rstest;

use crate::wire::{Listener, answers, limits};

#[tokio::test]
async fn http_05_a_long_header_is_431() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say(format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(40_000))).await;
    assert!(client.hear_all().await.starts_with("HTTP/1.1 431 "));
    assert_eq!(listener.asked.load(SeqCst), 0);
}

#[tokio::test]
async fn http_05_a_thousand_headers_are_431() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X-A: b\r\n".repeat(1_000))).await;
    assert!(client.hear_all().await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn http_05_a_target_of_100_kb_is_431_or_414() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say(format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(100_000))).await;
    let heard = client.hear_all().await;
    assert!(heard.starts_with("HTTP/1.1 431 ") || heard.starts_with("HTTP/1.1 414 "), "{heard}");
}

const TAIL: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

/// What is ambiguous is refused, or read in the one way that RFC 9112 allows; what follows is never a request.
#[rstest]
#[case::length_then_chunked(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    200
)]
#[case::chunked_then_length(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    200
)]
#[case::two_lengths("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 38\r\n\r\n", 400)]
#[case::a_list_of_lengths("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 0\r\n\r\n", 400)]
#[case::a_signed_length("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n", 400)]
#[case::a_negative_length("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400)]
#[case::a_hexadecimal_length("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n", 400)]
#[case::an_endless_length("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400)]
#[case::chunked_is_not_last(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    400
)]
#[case::nearly_chunked("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400)]
#[case::identity_after_chunked(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    400
)]
#[case::chunked_in_http_10("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
#[case::folded_line("GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 400)]
#[case::space_before_colon("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 0\r\n\r\n", 400)]
#[case::space_before_name("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400)]
#[case::nul_in_value("GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n", 400)]
#[case::cr_in_value("GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rContent-Length: 38\r\n\r\n", 400)]
#[case::no_chunk_size("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400)]
#[case::chunk_size_with_prefix(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    400
)]
#[case::chunk_size_overflows(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    400
)]
#[case::chunk_without_end(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    400
)]
#[tokio::test]
async fn http_04_one_request_is_never_two(#[case] head: &str, #[case] status: u16) {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say(format!("{head}{TAIL}")).await;
    let heard = client.hear_all().await;
    assert_eq!(answers(&heard), 1, "{heard}");
    assert!(
        heard.starts_with(&format!("HTTP/1.1 {status} "))
            || heard.starts_with(&format!("HTTP/1.0 {status} ")),
        "{heard}"
    );
    assert_eq!(listener.smuggled.load(SeqCst), 0);
}

#[tokio::test]
async fn http_04_chunk_extensions_are_bounded() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for _ in 0..64 {
        client.say(format!("1;{}\r\na\r\n", "x".repeat(1_024))).await;
    }
    client.say(format!("0\r\n\r\n{TAIL}")).await;
    assert!(client.hear_all().await.starts_with("HTTP/1.1 400 "));
    assert_eq!(listener.smuggled.load(SeqCst), 0);
}

#[tokio::test]
async fn http_04_bare_line_feeds_end_lines_and_nothing_else() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say("GET /peer HTTP/1.1\nHost: a\nConnection: close\n\n").await;
    let heard = client.hear_all().await;
    assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
    assert!(heard.ends_with(&client.0.local_addr().unwrap().to_string()), "{heard}");
}

#[tokio::test]
async fn http_20_no_answer_names_the_server() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let heard = client.hear_all().await.to_ascii_lowercase();
    assert!(heard.starts_with("http/1.1 200 ok") && !heard.contains("\nserver:"), "{heard}");
}
