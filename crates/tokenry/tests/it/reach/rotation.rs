//! Keys change under load, and nobody notices but those whose key is revoked.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rstest::rstest;
use tokenry_guard::{Clock as _, SystemClock, Timestamp};
use tokenry_testkit::{claims_of, header_of};

use super::connection::Connection;
use super::deployment::{Deployment, Machine, eventually};
use crate::folder::{AUDIENCE, On, text};

const CLIENTS: usize = 4;
const ROTATIONS: usize = 10;
/// How long the one token lives whose end is waited for.
const SHORT: u64 = 10;

/// What the clients have done, and what they are told.
#[derive(Default)]
struct Load {
    rounds: AtomicUsize,
    kids: Mutex<BTreeSet<String>>,
    /// The key that is being revoked: its tokens may be refused.
    dying: Mutex<Option<String>>,
    over: AtomicBool,
}

impl Load {
    /// Gets tokens and uses each once, on two connections that stay open, until told to stop.
    fn run(&self, issuer: &str, api: &str, client: &Machine) {
        let (mut issuer, mut api) = (Connection::open(issuer), Connection::open(api));
        while !self.over.load(Ordering::SeqCst) {
            let token = issuer.ask(client, AUDIENCE).token();
            let kid = text(&header_of(&token)["kid"]);
            let answer = api.get("/whoami", &token);
            if answer.status != 200 {
                assert_eq!(answer.verdict(), (401, "invalid_token".to_owned()));
                assert_eq!(self.dying.lock().unwrap().as_ref(), Some(&kid), "{answer:?}");
            }
            self.kids.lock().unwrap().insert(kid);
            self.rounds.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns when every client can have begun and ended a round since.
    fn goes_on(&self) {
        let before = self.rounds.load(Ordering::SeqCst);
        eventually("the load goes on", || self.rounds.load(Ordering::SeqCst) > before + 2 * CLIENTS);
    }
}

/// Stops the load, also when the test fails.
struct Over<'a>(&'a Load);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_02_ten_rotations_under_load_lose_no_request(#[values(On::Sqlite, On::Postgres)] on: On) {
    let place = Deployment::start(on).await;
    let (_api, url) = place.timesheets();
    let clients: Vec<_> = (0..CLIENTS).map(|_| place.client("acme", &[AUDIENCE])).collect();
    let brief = place.client("globex", &[AUDIENCE]);
    place.run(&["clients", "update", &brief.id, "--access-token-ttl", &format!("{SHORT}s")]);
    let short = place.token(&brief, AUDIENCE);
    let load = Load::default();
    thread::scope(|scope| {
        let over = Over(&load);
        for client in &clients {
            scope.spawn(|| load.run(&place.url, &url, client));
        }
        let mut open = Connection::open(&url);
        let old = place.token(&clients[0], AUDIENCE);
        scope.spawn(|| verifies_until_it_expires(&url, &short));
        for _ in 0..ROTATIONS {
            load.goes_on();
            let rotated = place.run(&["keys", "rotate"]);
            assert_eq!(rotated["propagated"], true, "{rotated}");
            assert_eq!(open.get("/whoami", &old).status, 200);
        }
        load.goes_on();
        let kids = load.kids.lock().unwrap().len();
        assert!(kids > ROTATIONS, "tokens were signed by {kids} keys");

        let leaked = place.token(&brief, AUDIENCE);
        *load.dying.lock().unwrap() = Some(text(&header_of(&leaked)["kid"]));
        assert_eq!(open.get("/whoami", &leaked).status, 200);
        let revoked = place.run(&["keys", "rotate", "--revoke"]);
        assert_eq!(open.get("/whoami", &leaked).verdict(), (401, "invalid_token".to_owned()));
        assert_eq!(revoked["propagated"], true, "{revoked}");
        assert_eq!(
            (&revoked["outgoing"], &revoked["outgoing_status"]),
            (&header_of(&leaked)["kid"], &"revoked".into())
        );
        load.goes_on();
        assert_eq!(open.get("/whoami", &old).status, 200, "only what the leaked key signed is dead");
        drop(over);
    });
}

/// Uses a token on one connection until it has expired: it works to the end, and not after.
fn verifies_until_it_expires(api: &str, token: &str) {
    let mut connection = Connection::open(api);
    let expires = Timestamp::from_secs(claims_of(token)["exp"].as_i64().unwrap());
    loop {
        let sent = SystemClock.now();
        let verdict = connection.get("/whoami", token).verdict();
        if sent >= expires {
            return assert_eq!(verdict, (401, "token_expired".to_owned()));
        }
        if SystemClock.now() < expires {
            assert_eq!(verdict.0, 200, "{verdict:?}");
        }
        thread::sleep(Duration::from_millis(100));
    }
}
