//! A server that stops ends its streams at once, in good order: they do not hold it up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use tokenry_engine::Engine as Tokenry;
use tokenry_jose::Algorithm;
use tokenry_model::SystemRng;
use tokenry_server::serve::{Drained, Limits, serve};
use tokenry_server::{App, Settings};
use tokenry_testkit::{Engine, Events, TestApp, open_engine, settings};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A second server of the same Tokenry, that a test can stop.
async fn second(
    app: &TestApp,
) -> (String, Arc<Tokenry>, watch::Sender<bool>, tokio::task::JoinHandle<Drained>) {
    let settings = settings(&app.issuer, Algorithm::EdDsa);
    let engine = open_engine(app.database.store().await, &app.keyring, settings, &app.clock).await.unwrap();
    let engine = Arc::new(engine);
    let router = tokenry_server::router(App {
        engine: Arc::clone(&engine),
        clock: Arc::new(app.clock.clone()),
        rng: Arc::new(SystemRng),
        settings: Settings::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, mut stopping) = watch::channel(false);
    let stopped = async move {
        let _last_word = stopping.wait_for(|stop| *stop).await;
    };
    let limits = Limits { drain: Duration::from_secs(60), ..Limits::default() };
    let serving = tokio::spawn(serve(listener, router, limits, stopped));
    (address, engine, stop, serving)
}

#[rstest]
#[tokio::test]
async fn open_streams_do_not_hold_up_shutdown(#[values(Engine::Sqlite, Engine::Postgres)] on: Engine) {
    let app = TestApp::quick(on).await;
    let (address, engine, stop, serving) = second(&app).await;
    let http2 = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut streams = [
        Events::open(&address, &app.demo.api, 0, "one").await,
        Events::ask_over(http2, &address, &app.demo.api, "after=0&guard=two").await.unwrap(),
    ];
    let begun = Instant::now();
    stop.send(true).unwrap();
    for events in &mut streams {
        events.ended().await;
    }
    assert_eq!(serving.await.unwrap(), Drained { cut: 0 });
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    // Background work that ends waits until the streams' end is written down.
    Box::pin(engine.run(std::future::ready(()))).await;
    let rows = app.database.contents()["guard_streams"].to_lowercase();
    assert!(rows.contains("one") && rows.contains("two") && !rows.contains("null"), "{rows}");
    // The guards go on at the other server.
    let mut again = Events::open(&app.issuer, &app.demo.api, 0, "one").await;
    again.complete_to(0).await;
}
