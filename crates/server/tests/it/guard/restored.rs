//! A database that went back: the last events are gone, and others have their numbers.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Events, TestApp};

use super::{counter, get, happen, listen, problem, snapshot};

/// How far the log goes after it lost its events 4 and 5.
#[derive(Clone, Copy, Debug)]
enum Goes {
    To3,
    To5,
    To6,
}

const GOES: [Goes; 3] = [Goes::To3, Goes::To5, Goes::To6];

/// Makes the log of the demo's API, which has five events, another one after the third; at once, as a standby that
/// lagged takes over.
fn go_back(app: &TestApp, goes: Goes) {
    let api = &app.demo.api.id;
    let lose = format!("DELETE FROM guard_events WHERE resource_server_id = '{api}' AND seq > 3;");
    let others = format!(
        "UPDATE guard_events SET created_at = created_at + 1 WHERE resource_server_id = '{api}' AND seq > 3;"
    );
    let another = format!(
        "INSERT INTO guard_events (resource_server_id, seq, kind, value, corporation_id, created_at, expires_at) \
         SELECT resource_server_id, 6, kind, value, corporation_id, created_at, expires_at FROM guard_events \
         WHERE resource_server_id = '{api}' AND seq = 5;"
    );
    let (events, counter) = match goes {
        Goes::To3 => (lose, 3),
        Goes::To5 => (others, 5),
        Goes::To6 => (others + &another, 6),
    };
    let counter = format!("UPDATE guard_counters SET seq = {counter} WHERE resource_server_id = '{api}';");
    app.database.execute(&format!("BEGIN; {events} {counter} COMMIT;"));
}

/// Five events, and the tags of them.
async fn five(app: &TestApp) -> Vec<String> {
    happen(app, 5).await;
    assert_eq!(counter(app).await, 5);
    let heard = listen(app, 0).await.changes_to(5).await;
    let tags: Vec<_> = heard.iter().map(|said| said.data["tag"].as_str().unwrap().to_owned()).collect();
    assert!(tags.iter().all(|tag| tag.len() == 11), "{tags:?}");
    tags
}

async fn must_begin_anew(app: &TestApp, query: &str) {
    let answer = Events::ask(&app.issuer, &app.demo.api, query).await.unwrap_err();
    assert_eq!(problem(&answer), (410, "snapshot_required".into()), "{query}: {answer:?}");
}

/// What every guard does next.
async fn begin_anew(app: &TestApp) {
    let seen = snapshot(app, &app.demo.api).await.json();
    let query = format!("after={}&tag={}&guard=pod-1", seen["seq"], seen["tag"].as_str().unwrap());
    let mut events = Events::ask(&app.issuer, &app.demo.api, &query).await.unwrap();
    let seq = seen["seq"].as_i64().unwrap();
    let (changes, complete) = events.complete_to(seq).await;
    assert_eq!((changes, &complete["tag"]), (vec![], &seen["tag"]));
    happen(app, 1).await;
    assert_eq!(events.change().await.id, Some(seq + 1));
}

#[rstest]
#[tokio::test]
async fn r27_a_stream_ends_when_the_log_is_another(#[values(Sqlite, Postgres)] engine: Engine) {
    for goes in GOES {
        let app = TestApp::quick(engine).await;
        let tags = five(&app).await;
        let mut events = listen(&app, 5).await;
        let (_none, complete) = events.complete_to(5).await;
        assert_eq!(complete["tag"], tags[4]);
        go_back(&app, goes);
        while let Some(said) = events.next().await {
            // One may have been on its way.
            assert_eq!((said.name.as_str(), &said.data["tag"]), ("complete", &tags[4].clone().into()));
        }
        must_begin_anew(&app, &format!("after=5&tag={}", tags[4])).await;
        begin_anew(&app).await;
    }
}

#[rstest]
#[tokio::test]
async fn r27_a_guard_that_was_away_goes_on_in_the_same_log_only(#[values(Sqlite, Postgres)] engine: Engine) {
    for goes in GOES {
        let app = TestApp::quick(engine).await;
        let tags = five(&app).await;
        must_begin_anew(&app, &format!("after=5&tag={}", tags[3])).await;
        must_begin_anew(&app, "after=5&tag=").await;
        must_begin_anew(&app, &format!("after=0&tag={}", tags[0])).await;
        let mut older = listen(&app, 5).await;
        go_back(&app, goes);
        for seq in [4, 5] {
            must_begin_anew(&app, &format!("after={seq}&tag={}", tags[seq - 1])).await;
        }
        // Until the server has noticed, it also ends streams that began in the log as it is now.
        older.ended().await;
        let query = format!("after=3&tag={}", tags[2]);
        let mut same = Events::ask(&app.issuer, &app.demo.api, &query).await.unwrap();
        same.complete_to(if let Goes::To3 = goes { 3 } else { 5 }).await;
        let whole = Events::ask(&app.issuer, &app.demo.api, "after=0&tag=").await.unwrap();
        drop(whole);
        begin_anew(&app).await;
    }
}

#[rstest]
#[tokio::test]
async fn r27_what_was_applied_of_another_log_is_not_acknowledged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let tags = five(&app).await;
    let events = listen(&app, 0).await;
    let known = || app.database.contents()["guard_streams"].clone();
    let ack = async |seq: i64, tag: &str| -> Answer {
        let body = json!({"stream": events.stream, "seq": seq, "tag": tag});
        let request = app.http.post(app.url("/guard/v1/ack")).json(&body);
        Answer::to(request.basic_auth(&app.demo.api.id, Some(&app.demo.api.secret))).await
    };
    assert_eq!(ack(0, "").await.status, 204);
    assert_eq!(ack(3, &tags[2]).await.status, 204);
    let three = known();
    for tag in ["", "x", &tags[3]] {
        assert_eq!(problem(&ack(5, tag).await), (410, Value::from("snapshot_required")), "{tag}");
    }
    assert_eq!(known(), three);
    assert_eq!(get(&app, &app.demo.api, "/guard/v1/snapshot").send().await.unwrap().status(), 200);
    assert_eq!(ack(5, &tags[4]).await.status, 204);
    assert_ne!(known(), three);
}
