//! The floor: the least program that could answer `POST /oauth/token` and `GET /whoami`; Tokenry is measured against it.
//!
//! Usage: `tokenry-bench-floor PORT [CLIENTS [ALGORITHM]]`, where `CLIENTS` is a file of `client_id<TAB>client_secret`
//! lines and the algorithm `RS256`, `ES256` or `EdDSA`.
//!
//! It does what cannot be left out: HTTP by hyper, the form parsed, the secret compared as a digest, one
//! signature with a key parsed once; for `/whoami` a token's look-up and expiry, for `/whoami/unseen` its signature.
//! No database, no log, no audit, one thread. It shares no code with Tokenry, so that no mistake can be in both.

mod clients;
mod token;
mod whoami;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::clients::Clients;
use crate::token::Issuer;
use crate::whoami::SeenTokens;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a request needs; it lives as long as the process.
struct Floor {
    clients: Clients,
    issuer: Issuer,
    seen: SeenTokens,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 =
        arguments.next().context("usage: tokenry-bench-floor PORT [CLIENTS [ALGORITHM]]")?.parse()?;
    let clients = match arguments.next() {
        Some(file) => Clients::read(Path::new(&file))?,
        None => Clients::one(),
    };
    let issuer = Issuer::new(arguments.next().as_deref().unwrap_or("RS256"))?;
    let seen = SeenTokens::new(issuer.verifying_key()?);
    let floor: &'static Floor = Box::leak(Box::new(Floor { clients, issuer, seen }));
    serve(floor, TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?).await
}

async fn serve(floor: &'static Floor, listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(floor, request));
            // A connection that breaks is the load generator's business.
            let _ = http1::Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    floor: &'static Floor,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let answered = match (request.method(), request.uri().path()) {
        (&Method::POST, "/oauth/token") => {
            token::answer(&floor.clients, &floor.issuer, request.into_body()).await.map(unstored)
        }
        (&Method::GET, "/whoami") => floor.seen.answer(request.headers()).map(json),
        (&Method::GET, "/whoami/unseen") => floor.seen.answer_unseen(request.headers()).map(json),
        _ => Err(StatusCode::NOT_FOUND),
    };
    Ok(answered.unwrap_or_else(empty))
}

fn unstored(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = json(body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Seconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "a yardstick of its own: it shares no code with Tokenry, not even the clock"
)]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| elapsed.as_secs())
}
