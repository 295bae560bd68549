//! Shutdown: what was begun is finished, nothing new begins, and it ends in time.

use std::time::{Duration, Instant};

use tokenry_server::serve::{Drained, Limits};
use tokio::net::TcpStream;

use crate::wire::{Listener, limits};

const WAIT: &str = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn an_idle_listener_ends_at_once() {
    let mut listener = Listener::start(limits()).await;
    let mut silent = listener.connect().await;
    let mut kept = listener.connect().await;
    kept.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    kept.hear("0 bytes").await;
    let started = Instant::now();
    listener.stop();
    assert_eq!(listener.ended().await, Drained { cut: 0 });
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(silent.hear_all().await + &kept.hear_all().await, "");
}

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let mut listener = Listener::start(limits()).await;
    let mut client = listener.connect().await;
    client.say(WAIT).await;
    listener.asked(1).await;
    listener.stop();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(TcpStream::connect(listener.address).await.is_err(), "nothing new is accepted");
    listener.go_on.notify_one();
    assert!(client.hear_all().await.ends_with("waited"));
    assert_eq!(listener.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn half_a_head_does_not_hold_up_shutdown() {
    let mut listener = Listener::start(Limits { head_timeout: Duration::from_secs(60), ..limits() }).await;
    let mut client = listener.connect().await;
    client.say("GET / HTTP/1.1\r\nHo").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    listener.stop();
    assert_eq!(listener.ended().await, Drained { cut: 0 });
    client.hear_all().await;
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_and_counted() {
    let mut listener = Listener::start(Limits { drain: Duration::from_millis(300), ..limits() }).await;
    let mut clients = [listener.connect().await, listener.connect().await];
    for client in &mut clients {
        client.say(WAIT).await;
    }
    listener.asked(2).await;
    listener.stop();
    assert_eq!(listener.ended().await, Drained { cut: 2 });
    for client in &mut clients {
        assert_eq!(client.hear_all().await, "");
    }
}
