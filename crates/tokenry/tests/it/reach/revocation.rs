//! Every way to take a right away ends the tokens at the demo API before the command returns.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use super::connection::Connection;
use super::deployment::{Deployment, Machine};
use crate::folder::{AUDIENCE, On, text};

/// A token at the demo API, used on one connection from beginning to end.
struct Session<'a> {
    place: &'a Deployment,
    api: Connection,
}

impl Session<'_> {
    /// A token that works.
    #[track_caller]
    fn token(&mut self, client: &Machine) -> String {
        let token = self.place.token(client, AUDIENCE);
        self.works(&token);
        token
    }

    #[track_caller]
    fn works(&mut self, token: &str) {
        let answer = self.api.get("/whoami", token);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    #[track_caller]
    fn is_dead(&mut self, token: &str) {
        assert_eq!(self.api.get("/whoami", token).verdict(), (401, "invalid_token".to_owned()));
    }

    /// Runs a command that must end these tokens, for the very next request.
    #[track_caller]
    fn ends(&mut self, arguments: &[&str], tokens: &[&str]) {
        let propagated = self.place.propagates(arguments);
        tokens.iter().for_each(|token| self.is_dead(token));
        assert!(propagated, "{arguments:?}");
    }

    /// Runs a command after which the client gets tokens again, while the old one stays dead.
    #[track_caller]
    fn revives(&mut self, arguments: &[&str], client: &Machine, old: &str) {
        self.place.run(arguments);
        self.token(client);
        self.is_dead(old);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_what_a_command_takes_away_is_gone_for_the_next_request(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let place = Deployment::start(on).await;
    let (running, url) = place.timesheets();
    let mut session = Session { place: &place, api: Connection::open(&url) };
    let bystander = session.token(&place.client("acme", &[AUDIENCE]));

    let client = place.client("acme", &[AUDIENCE]);
    let token = session.token(&client);
    session.ends(&["clients", "disable", &client.id], &[&token]);
    assert_eq!(place.ask(&client, AUDIENCE).status, 401);
    session.revives(&["clients", "enable", &client.id], &client, &token);

    let second = place.run(&["secrets", "add", &client.id]);
    let renewed = Machine { id: client.id.clone(), secret: text(&second["client_secret"]) };
    let (by_first, by_second) = (session.token(&client), session.token(&renewed));
    let first = first_secret(&place, &client.id, &second);
    session.ends(&["secrets", "revoke", &client.id, &first], &[&by_first]);
    session.works(&by_second);
    assert_eq!(place.ask(&client, AUDIENCE).status, 401);

    let guest = place.client("globex", &[AUDIENCE]);
    let token = session.token(&guest);
    session.ends(&["companies", "disable", "globex"], &[&token]);
    assert_eq!(place.ask(&guest, AUDIENCE).status, 401);
    session.revives(&["companies", "enable", "globex"], &guest, &token);

    let token = session.token(&guest);
    let grant = text(&place.run(&["grants", "list", "--client", &guest.id])[0]["id"]);
    session.ends(&["grants", "delete", &grant], &[&token]);
    session.revives(&["grants", "create", "--client", &guest.id, "--api", AUDIENCE], &guest, &token);

    let (token, other) = (session.token(&guest), session.token(&guest));
    session.ends(&["clients", "delete", &guest.id], &[&token, &other]);

    let (token, other) = (session.token(&renewed), session.token(&renewed));
    place.revoke(&renewed, &token);
    within_two_seconds(&mut session, &token, || running.stderr().contains("the event stream is stale"));
    session.works(&other);
    session.works(&by_second);
    session.works(&bystander);
}

/// The secret that is not `other`.
fn first_secret(place: &Deployment, client: &str, other: &Value) -> String {
    let listed = place.run(&["secrets", "list", client]);
    let id = &other["id"];
    let ids = listed.as_array().unwrap().iter().map(|secret| &secret["id"]);
    let mut rest = ids.filter(|it| *it != id);
    let first = text(rest.next().unwrap());
    assert_eq!(rest.next(), None, "{listed} {other}");
    first
}

/// No request passes that is sent two seconds after now, unless a machine under load made the guard raise its alarm.
#[track_caller]
fn within_two_seconds(session: &mut Session<'_>, token: &str, stale: impl Fn() -> bool) {
    let revoked = Instant::now();
    loop {
        let sent = revoked.elapsed();
        let verdict = session.api.get("/whoami", token).verdict();
        if verdict.0 != 200 {
            return assert_eq!(verdict, (401, "invalid_token".to_owned()));
        }
        assert!(sent < Duration::from_secs(2) || stale(), "it still passed {sent:?} after it was revoked");
        std::thread::sleep(Duration::from_millis(10));
    }
}
