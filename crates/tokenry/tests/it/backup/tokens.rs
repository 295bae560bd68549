//! What becomes of tokens when a database goes back in time, at the server and at a guard that has heard of more.

use rstest::rstest;

use super::place::{Place, ask, becomes, is_active, whoami};
use crate::folder::{AUDIENCE, On, text};
use crate::serve::timesheets_api;

/// Tokens of before and after a backup.
struct Issued {
    /// Of before.
    before: String,
    /// Of before, opaque.
    opaque: String,
    /// Of before, and revoked since.
    revoked: String,
    /// Of since, under a handle that the backup does not know, and with the secret that it came by.
    since: String,
    second: (String, String),
}

async fn issued(place: &Place, api: &str) -> Issued {
    let (url, cron) = (&place.url, &place.seeded.cron);
    let jwt = || async { ask(url, cron, AUDIENCE).await.unwrap() };
    let (before, revoked) = (jwt().await, jwt().await);
    let opaque = ask(url, cron, super::place::OPAQUE).await.unwrap();
    becomes(api, &before, 200).await;
    place.backup();
    let form = [("token", revoked.as_str()), ("client_id", &cron.0), ("client_secret", &cron.1)];
    let answer = reqwest::Client::new().post(format!("{url}/oauth/revoke")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    becomes(api, &revoked, 401).await;
    let added = place.json(&["secrets", "add", &cron.0]);
    let second = (cron.0.clone(), text(&added["client_secret"]));
    let since = ask(url, &second, AUDIENCE).await.unwrap();
    assert_eq!(whoami(api, &since).await, 200);
    Issued { before, opaque, revoked, since, second }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_jwts_of_since_live_on_and_restore_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let mut place = Place::start(on).await;
    let (mut process, api) = timesheets_api(&place.link.origin, &place.seeded.api, &place.folder);
    let issued = issued(&place, &api).await;
    place.stop();
    let said = place.restore(&[]);
    let restored = said.json();
    let until = restored["tokens_live_until"].as_str().unwrap();
    for sentence in [
        format!(
            "JWTs that were issued or revoked since then live on to their exp: until {until} at the latest"
        ),
        "restore with --new-handles".to_owned(),
    ] {
        assert!(said.stderr.contains(&sentence), "{said:?}");
    }
    let exp = tokenry_testkit::claims_of(&issued.since)["exp"].as_i64().unwrap();
    let until: jiff::Timestamp = until.parse().unwrap();
    assert!((exp..exp + 600).contains(&until.as_second()), "{until} and {exp}");

    place.serve();
    for token in [&issued.before, &issued.since] {
        becomes(&api, token, 200).await;
    }
    assert_eq!(whoami(&api, &issued.revoked).await, 401, "a guard that heard of it keeps what it heard");
    process.stop();
    let (_process, api) = timesheets_api(&place.link.origin, &place.seeded.api, &place.folder);
    becomes(&api, &issued.revoked, 200).await;
    assert!(is_active(&place.url, &place.opaque, &issued.opaque).await);
    assert!(ask(&place.url, &issued.second, AUDIENCE).await.is_none(), "a secret of since is unknown");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_new_handles_end_every_token_issued_so_far(#[values(On::Sqlite, On::Postgres)] on: On) {
    let mut place = Place::start(on).await;
    let (_process, api) = timesheets_api(&place.link.origin, &place.seeded.api, &place.folder);
    let issued = issued(&place, &api).await;
    // The key that was to be the next signs since, and then one of which the backup knows nothing.
    let mut rotated = Vec::new();
    for _key in ["the next", "another"] {
        place.json(&["keys", "rotate"]);
        rotated.push(ask(&place.url, &place.seeded.cron, AUDIENCE).await.unwrap());
        becomes(&api, rotated.last().unwrap(), 200).await;
    }
    place.stop();
    let said = place.restore(&["--new-handles"]);
    assert!(said.stderr.contains("Every token issued so far is ended"), "{said:?}");
    assert_eq!(said.json()["tokens"], "ended");

    place.serve();
    let Issued { before, opaque, revoked, since, .. } = &issued;
    let (mut fresh_process, fresh) = timesheets_api(&place.link.origin, &place.seeded.api, &place.folder);
    let new = ask(&place.url, &place.seeded.cron, AUDIENCE).await.unwrap();
    becomes(&fresh, &new, 200).await;
    becomes(&api, &new, 200).await;
    for token in [before, revoked, since].into_iter().chain(&rotated) {
        becomes(&api, token, 401).await;
        assert_eq!(whoami(&fresh, token).await, 401, "a guard that has only just come");
        assert!(!is_active(&place.url, &place.seeded.api, token).await);
    }
    assert!(!is_active(&place.url, &place.opaque, opaque).await);
    assert_eq!(whoami(&api, &new).await, 200, "and nobody else's");
    fresh_process.stop();
    let records = place.json(&["audit", "list", "--limit", "200"]);
    let restored = records.as_array().unwrap().iter().find(|record| record["event"] == "database.restored");
    let detail = &restored.unwrap()["detail"];
    assert_eq!((&detail["ended_opaque_tokens"], &detail["revoked_keys"]), (&1.into(), &2.into()), "{detail}");
}
