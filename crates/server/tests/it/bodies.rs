//! Bodies that do not come (HTTP-02): who only announces one takes nothing from those who send theirs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokenry_model::SystemRng;
use tokenry_server::serve::{Limits, serve};
use tokenry_server::{App, Settings};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;

use crate::app::Server;
use crate::wire::Client;

const SECOND: Duration = Duration::from_secs(1);

/// The same authorization server once more, with other settings.
async fn again(server: &Server, settings: Settings) -> SocketAddr {
    let app = App {
        engine: Arc::clone(&server.engine),
        clock: Arc::new(server.clock.clone()),
        rng: Arc::new(SystemRng),
        settings,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, tokenry_server::router(app), Limits::default(), std::future::pending()));
    address
}

fn head(length: usize) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// Announces a body from an address of the loopback network.
async fn announce(to: SocketAddr, from: &str) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut client = Client(socket.connect(to).await.unwrap());
    client.say(head(9)).await;
    client
}

async fn status(to: SocketAddr, request: &str) -> u16 {
    let mut client = Client(TcpStream::connect(to).await.unwrap());
    client.say(request).await;
    client.hear_all().await.split(' ').nth(1).unwrap().parse().unwrap()
}

async fn get(to: SocketAddr, path: &str) -> u16 {
    status(to, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await
}

async fn token(to: SocketAddr, server: &Server) -> u16 {
    let form = server.good_form();
    status(to, &format!("{}{form}", head(form.len()))).await
}

#[tokio::test]
async fn http_02_a_body_that_is_only_announced_takes_no_place() {
    let server = Server::start().await;
    let address = again(&server, Settings { requests: 2, ..Settings::default() }).await;
    let mut crowd = Vec::new();
    for _ in 0..8 {
        crowd.push(announce(address, "127.0.0.1").await);
    }
    sleep(SECOND / 10).await;
    assert_eq!(token(address, &server).await, 200);
    assert_eq!(get(address, "/guard/v1/snapshot").await, 401);
}

#[tokio::test]
async fn documents_and_readiness_need_no_place() {
    let server = Server::start().await;
    let address = again(&server, Settings { requests: 0, ..Settings::default() }).await;
    for path in [
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/healthz",
        "/readyz",
    ] {
        assert_eq!(get(address, path).await, 200, "{path}");
    }
    assert_eq!(get(address, "/guard/v1/snapshot").await, 503);
    assert_eq!(token(address, &server).await, 503);
}

#[tokio::test]
async fn http_02_few_bodies_of_a_network_may_be_late() {
    let server = Server::start().await;
    let settings = Settings { late_bodies_of_network: 2, ..Settings::default() };
    let address = again(&server, settings).await;
    let mut crowd = Vec::new();
    for last in 1..=5 {
        crowd.push(announce(address, &format!("127.0.0.{last}")).await);
    }
    let mut neighbour = announce(address, "127.1.0.1").await;
    sleep(SECOND).await;
    let (mut refused, mut awaited) = (0, 0);
    for client in &mut crowd {
        match tokio::time::timeout(SECOND / 10, client.hear("\r\n\r\n")).await {
            Ok(heard) if heard.starts_with("HTTP/1.1 503 ") => refused += 1,
            Ok(heard) => panic!("{heard}"),
            Err(_) => awaited += 1,
        }
    }
    assert_eq!((refused, awaited), (3, 2));
    // Another network's is still awaited, and a prompt one of this network is as welcome as ever.
    neighbour.say("client_id").await;
    assert!(neighbour.hear_all().await.starts_with("HTTP/1.1 400 "));
    assert_eq!(token(address, &server).await, 200);
}

#[tokio::test]
async fn http_02_bodies_are_awaited_for_so_long_and_in_such_numbers() {
    let server = Server::start().await;
    let settings = Settings { bodies: 1, body_timeout: SECOND, ..Settings::default() };
    let address = again(&server, settings).await;
    let mut slow = announce(address, "127.0.0.1").await;
    sleep(SECOND / 10).await;
    assert_eq!(token(address, &server).await, 503);
    let after = slow.closed_after().await;
    assert!(after > SECOND / 2 && after < 2 * SECOND, "{after:?}");
    assert_eq!(token(address, &server).await, 200);
}

#[tokio::test]
async fn the_clock_is_read_once_the_body_is_there() {
    let server = Server::start().await;
    let address = again(&server, Settings::default()).await;
    let form = server.good_form();
    let mut client = Client(TcpStream::connect(address).await.unwrap());
    client.say(head(form.len())).await;
    sleep(SECOND / 10).await;
    server.clock.advance(4 * SECOND);
    let now = tokenry_clock::Clock::now(&server.clock);
    client.say(form).await;
    let heard = client.hear_all().await;
    let payload = heard.split("\"access_token\":\"").nth(1).and_then(|token| token.split('.').nth(1));
    let payload = URL_SAFE_NO_PAD.decode(payload.unwrap_or_else(|| panic!("{heard}"))).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["iat"], now.as_secs());
}
