//! HTTP/2 with prior knowledge, frame by frame (RFC 9113).

use std::time::Duration;

use rstest::rstest;
use tokenry_server::serve::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::wire::{Client, LONG, Listener, limits};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET http://a/`, in HPACK: three entries of the static table and one literal.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x41, 0x01, b'a'];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn get(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, GET)
}

async fn open(listener: &Listener) -> Client {
    let mut client = listener.connect().await;
    client.say([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
    client
}

/// The next frame's kind, stream and payload; `None` once the server has closed.
async fn next(client: &mut Client) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    timeout(LONG, client.0.read_exact(&mut head)).await.expect("a frame or the end").ok()?;
    let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
    client.0.read_exact(&mut payload).await.ok()?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

#[tokio::test]
async fn http_2_is_spoken_with_prior_knowledge() {
    let listener = Listener::start(limits()).await;
    let mut client = open(&listener).await;
    client.say(get(1)).await;
    let mut body = Vec::new();
    while body != b"0 bytes" {
        let (kind, stream, payload) = next(&mut client).await.expect("an answer");
        if (kind, stream) == (DATA, 1) {
            body.extend(payload);
        }
    }
}

#[tokio::test]
async fn http_02_an_idle_http_2_connection_is_closed() {
    let listener = Listener::start(limits()).await;
    let mut client = open(&listener).await;
    client.say(get(1)).await;
    let mut farewell = false;
    while let Some((kind, ..)) = next(&mut client).await {
        farewell |= kind == GOAWAY;
    }
    assert!(farewell);
}

/// HTTP-03: floods that cost their sender next to nothing end the connection.
#[rstest]
#[case::rapid_reset(|n| [get(2 * n + 1), frame(RST_STREAM, 0, 2 * n + 1, &8_u32.to_be_bytes())].concat())]
#[case::continuation(|n| match n {
    0 => frame(HEADERS, END_STREAM, 1, GET),
    _ => frame(CONTINUATION, 0, 1, &[&[0x00, 0x03, b'x', b'-', b'a', 0x7f, 0x81, 0x01][..], &[b'x'; 256]].concat()),
})]
#[case::empty_continuation(|n| match n {
    0 => frame(HEADERS, END_STREAM, 1, GET),
    _ => frame(CONTINUATION, 0, 1, &[]),
})]
#[tokio::test]
async fn http_03_floods_end_the_connection(#[case] flood: fn(u32) -> Vec<u8>) {
    let listener = Listener::start(limits()).await;
    let client = open(&listener).await;
    let (mut reader, mut writer) = client.0.into_split();
    let sender = tokio::spawn(async move {
        for n in 0..200_000 {
            if writer.write_all(&flood(n)).await.is_err() {
                return n;
            }
        }
        u32::MAX
    });
    let mut heard = Vec::new();
    _ = timeout(LONG, reader.read_to_end(&mut heard)).await.expect("the server closes");
    let sent = timeout(LONG, sender).await.expect("and takes no more").unwrap();
    assert!(sent < 200_000, "all was taken");
    // Others are served as if nothing had happened (G7).
    let mut other = listener.connect().await;
    other.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    other.hear("0 bytes").await;
}

#[tokio::test]
async fn http_03_a_peer_that_takes_no_pings_back_is_dropped() {
    let listener = Listener::start(limits()).await;
    let mut client = open(&listener).await;
    client.say(get(1)).await;
    // Each is answered with as many bytes; nobody reads them.
    let pings = frame(PING, 0, 0, &[0; 8]).repeat(10_000);
    let flood = async { while client.0.write_all(&pings).await.is_ok() {} };
    timeout(Duration::from_secs(30), flood).await.expect("the server closes");
}

/// Answers each ping until the server closes.
async fn keep_alive(client: &mut Client) {
    while let Some((kind, ..)) = next(client).await {
        if kind == PING {
            client.say(frame(PING, 1, 0, &[0; 8])).await;
        }
        client.say(frame(PING, 0, 0, &[0; 8])).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `SETTINGS_INITIAL_WINDOW_SIZE`: how much of an answer the server may send unasked.
async fn open_with_window(listener: &Listener, window: u32) -> Client {
    let mut client = listener.connect().await;
    let setting = [&4_u16.to_be_bytes()[..], &window.to_be_bytes()].concat();
    client.say([PREFACE, &frame(SETTINGS, 0, 0, &setting), &frame(SETTINGS, 1, 0, &[])].concat()).await;
    client
}

#[rstest]
#[case::nothing_of_it(0)]
#[case::one_byte_of_it(1)]
#[tokio::test]
async fn http_02_who_takes_no_answer_is_dropped_however_lively(#[case] window: u32) {
    let listener = Listener::start(limits()).await;
    let mut client = open_with_window(&listener, window).await;
    client.say([get(1), frame(PING, 0, 0, &[0; 8])].concat()).await;
    timeout(LONG / 3, keep_alive(&mut client)).await.expect("the server closes");
}

#[tokio::test]
async fn http_02_who_only_pings_is_dropped() {
    let listener = Listener::start(limits()).await;
    let mut client = open(&listener).await;
    timeout(LONG / 3, keep_alive(&mut client)).await.expect("the server closes");
}

#[tokio::test]
async fn http_02_who_takes_no_answer_makes_room() {
    let limits = Limits {
        connections: 2,
        head_timeout: LONG * 4,
        idle_timeout: LONG * 4,
        write_timeout: LONG * 4,
        ..limits()
    };
    let listener = Listener::start(limits).await;
    for _ in 0..2 {
        let mut client = open_with_window(&listener, 0).await;
        client.say([get(1), frame(PING, 0, 0, &[0; 8])].concat()).await;
        tokio::spawn(async move { keep_alive(&mut client).await });
    }
    listener.asked(2).await;
    let mut other = listener.connect().await;
    other.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    other.hear("0 bytes").await;
}

#[rstest]
#[case::pings(frame(PING, 0, 0, &[0; 8]))]
#[case::settings(frame(SETTINGS, 0, 0, &[]))]
#[tokio::test]
async fn http_03_frames_without_end_end_the_connection(#[case] flood: Vec<u8>) {
    let patient =
        Limits { head_timeout: LONG * 4, idle_timeout: LONG * 4, write_timeout: LONG * 4, ..limits() };
    let listener = Listener::start(patient).await;
    let mut client = open(&listener).await;
    client.say(get(1)).await;
    let (mut reader, mut writer) = client.0.into_split();
    let heard = tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    let flood = flood.repeat(1_000);
    let mut sent = 0;
    while sent < 64 * 1024 * 1024 && writer.write_all(&flood).await.is_ok() {
        sent += flood.len();
    }
    assert!(sent < 64 * 1024 * 1024, "all was taken");
    _ = timeout(LONG, heard).await.expect("the server closes");
}
