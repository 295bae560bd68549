//! Many names from one address: the address is turned away, and no header, spelling or flood gets around that.

use super::*;

#[rstest]
#[tokio::test]
async fn r104_an_address_is_limited_as_a_whole_after_too_many_names(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine, LIMITS).await;
    for name in ["a", "b", "c", "d"] {
        ask(&app, &app.http, &nobody(name)).await.must_be_error(401, "invalid_client");
    }
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200, "four may fail");
    ask(&app, &app.http, &nobody("e")).await.must_be_error(401, "invalid_client");
    for client in [app.demo.cron.clone(), nobody("a"), nobody("new")] {
        is_limited(&ask(&app, &app.http, &client).await);
    }
    assert_eq!(ask(&app, &elsewhere(), &app.demo.cron).await.status, 200);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200);
}

/// Each variant is another name, so that the address pays for it; none gives the name itself another try.
#[tokio::test]
async fn http_18_no_spelling_gets_around_a_limit() {
    let app = start(Sqlite, LIMITS).await;
    let cron = &app.demo.cron;
    use_up(&app, cron).await;
    let headers = ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "via"];
    for (n, header) in headers.into_iter().enumerate() {
        let request = request(&app.http, &app.issuer, cron).header(header, format!("203.0.113.{n}"));
        is_limited(&Answer::to(request).await);
    }
    let further = app.request(cron, &[("audience", AUDIENCE), ("unheard_of", "1")]);
    is_limited(&Answer::to(further).await);
    for name in [
        cron.id.to_uppercase(),
        cron.id.to_lowercase(),
        format!(" {}", cron.id),
        format!("{}\u{200b}", cron.id),
    ] {
        let answer = ask(&app, &app.http, &with_secret(&nobody(&name), &cron.secret)).await;
        assert_ne!(answer.status, 200, "{answer:?}");
    }
    is_limited(&ask(&app, &app.http, cron).await);
}

/// Strangers with thousands of names, from an address that is soon turned away and from some that never are: a partner
/// is served all the while, and what they write is bounded.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_a_flood_of_names_leaves_others_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, GuessLimits::default()).await;
    let flood: Vec<_> = (0..8_u8)
        .map(|n| {
            let (http, issuer) = (from([127, 0, 1, n]), app.issuer.clone());
            tokio::spawn(async move {
                let mut heard = 0;
                for m in 0..150 {
                    let request = request(&http, &issuer, &nobody(&format!("n{n}-{m}")));
                    heard += usize::from(Answer::to(request).await.status == 401);
                }
                heard
            })
        })
        .collect();
    for _ in 0..40 {
        assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200);
    }
    for stranger in flood {
        assert_eq!(stranger.await.unwrap(), 21, "twenty names, and the one too many");
    }
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200);
    let rows = app.store.auth_failures_since(tokenry_clock::Timestamp::EPOCH, 10_000).await.unwrap();
    assert!(rows.len() <= 8 * 21, "{} rows", rows.len());
}
