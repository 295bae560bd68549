//! What the command line changes holds for the next request, to whichever server it goes.

use rstest::rstest;
use serde_json::Value;

use super::connection::Connection;
use super::deployment::{Deployment, Machine};
use crate::folder::{AUDIENCE, On, text};
use crate::process::serve;

/// Often enough that a server which knows only at times would be found out.
const ROUNDS: usize = 3;

#[rstest]
#[case::alone(On::Sqlite, 0)]
#[case::of_two(On::Postgres, 1)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_a_secret_works_and_a_disabled_client_is_refused_at_the_next_request(
    #[case] on: On,
    #[case] more: usize,
) {
    let place = Deployment::start(on).await;
    let others: Vec<_> = (0..more).map(|_| serve(&place.folder.config)).collect();
    let urls = others.iter().map(|(_running, url)| url.as_str()).chain([place.url.as_str()]);
    let mut servers: Vec<_> = urls.map(Connection::open).collect();
    let first = place.client("acme", &[AUDIENCE]);
    for _ in 0..ROUNDS {
        let added = place.run(&["secrets", "add", &first.id]);
        let client = Machine { id: first.id.clone(), secret: text(&added["client_secret"]) };
        answers(&mut servers, &client, 200);
        answers(&mut servers, &first, 200);
        place.run(&["clients", "disable", &client.id]);
        answers(&mut servers, &client, 401);
        place.run(&["clients", "enable", &client.id]);
        answers(&mut servers, &client, 200);
        place.run(&["secrets", "revoke", &client.id, &text(&added["id"])]);
        answers(&mut servers, &client, 401);
        answers(&mut servers, &first, 200);
        place.run(&["companies", "disable", "acme"]);
        answers(&mut servers, &first, 401);
        place.run(&["companies", "enable", "acme"]);
        answers(&mut servers, &first, 200);
    }
}

/// Asks each server for a token.
#[track_caller]
fn answers(servers: &mut [Connection], client: &Machine, status: u16) {
    for server in servers {
        let answer = server.ask(client, AUDIENCE);
        assert_eq!(answer.status, status, "{answer:?}");
        let error = answer.json()["error"].clone();
        assert_eq!(error, if status == 401 { "invalid_client".into() } else { Value::Null });
    }
}
