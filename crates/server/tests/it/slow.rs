//! Peers that take their time (HTTP-02): a place is held only by whoever uses it.

use std::time::Duration;

use tokenry_server::serve::Limits;
use tokio::time::sleep;

use crate::wire::{BIG, LONG, Listener, limits};

const SECOND: Duration = Duration::from_secs(1);
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn http_02_who_says_nothing_is_dropped() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    // One head timeout, and a second of grace to end well.
    assert!(client.closed_after().await < 3 * SECOND);
}

#[tokio::test]
async fn http_02_who_dribbles_a_head_is_dropped() {
    let listener = Listener::start(limits()).await;
    for beginning in ["P", "PRI * HTT", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let mut client = listener.connect().await;
        client.say(beginning).await;
        let (mut reader, mut writer) = client.0.into_split();
        let dribble = tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            while writer.write_all(b"X").await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        });
        let mut heard = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut heard);
        _ = tokio::time::timeout(3 * SECOND, read).await.expect(beginning);
        dribble.abort();
    }
}

#[tokio::test]
async fn http_02_who_dribbles_a_second_head_is_dropped_before_the_idle_timeout() {
    let listener = Listener::start(Limits { idle_timeout: LONG * 2, ..limits() }).await;
    let mut client = listener.connect().await;
    client.say(REQUEST).await;
    client.hear("0 bytes").await;
    client.say("GET / HTTP/1.1\r\nHost:").await;
    assert!(client.closed_after().await < 3 * SECOND);
}

#[tokio::test]
async fn an_idle_connection_is_kept_and_then_closed() {
    let listener = Listener::start(Limits { idle_timeout: 2 * SECOND, ..limits() }).await;
    let mut client = listener.connect().await;
    for _ in 0..3 {
        client.say(REQUEST).await;
        client.hear("0 bytes").await;
        sleep(Duration::from_millis(700)).await;
    }
    let after = client.closed_after().await;
    assert!(after > SECOND / 2 && after < 4 * SECOND, "{after:?}");
}

#[tokio::test]
async fn a_slow_handler_is_not_an_idle_connection() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    listener.asked(1).await;
    sleep(3 * SECOND).await;
    listener.go_on.notify_one();
    client.hear("waited").await;
}

#[tokio::test]
async fn http_02_who_takes_no_answer_is_dropped() {
    let listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say("GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    sleep(2 * SECOND).await;
    assert!(client.hear_all().await.len() < BIG);
}

#[tokio::test]
async fn http_02_idle_connections_make_room() {
    let limits = Limits { connections: 4, head_timeout: LONG * 4, idle_timeout: LONG * 4, ..limits() };
    let listener = Listener::start(limits).await;
    let mut crowd = Vec::new();
    for _ in 0..4 {
        crowd.push(listener.connect().await);
    }
    let mut client = listener.connect().await;
    client.say(REQUEST).await;
    client.hear("0 bytes").await;
}

#[tokio::test]
async fn a_busy_connection_keeps_its_place() {
    let limits = Limits { connections: 1, ..limits() };
    let listener = Listener::start(limits).await;
    let mut busy = listener.connect().await;
    busy.say("GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    listener.asked(1).await;
    let mut next = listener.connect().await;
    next.say(REQUEST).await;
    sleep(3 * SECOND).await;
    listener.go_on.notify_one();
    busy.hear("waited").await;
    next.hear("0 bytes").await;
}
