//! Two APIs of one server: neither learns anything of the other's tokens, by asking or by listening.

use std::sync::{Arc, Mutex};

use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::claims_of;
use tokio::task::JoinHandle;

use super::deployment::{Deployment, Machine, eventually};
use crate::folder::{AUDIENCE, On, text};

const OTHER: &str = "https://weather.example.com";

/// All bytes that the server sends an API on its stream of events, which it acknowledges.
struct Tap {
    heard: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Tap {
    async fn open(place: &Deployment, api: &(String, String)) -> Self {
        let (http, url, (id, secret)) = (Client::new(), place.url.clone(), api.clone());
        let events = http.get(format!("{url}/guard/v1/events?after=0&guard=tap"));
        let mut response = events.basic_auth(&id, Some(&secret)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&heard);
        let listener = tokio::spawn(async move {
            while let Ok(Some(piece)) = response.chunk().await {
                shared.lock().unwrap().extend_from_slice(&piece);
                let text = String::from_utf8(shared.lock().unwrap().clone()).unwrap();
                if let Some(ack) = acknowledgement(&text) {
                    let request = http.post(format!("{url}/guard/v1/ack")).json(&ack);
                    let answer = request.basic_auth(&id, Some(&secret)).send().await.unwrap();
                    assert_eq!(answer.status(), 204);
                }
            }
        });
        Self { heard, listener }
    }

    fn text(&self) -> String {
        String::from_utf8(self.heard.lock().unwrap().clone()).unwrap()
    }

    /// Waits until the server has said twice more that nothing is missing: the first may have been on its way.
    fn settle(&self) {
        let completes = || self.text().matches("event: complete").count();
        let before = completes();
        eventually("the stream goes on", || completes() >= before + 2 || self.listener.is_finished());
        assert!(!self.listener.is_finished(), "the stream ended: {}", self.text());
    }

    /// The data of all messages of this name so far, in order.
    fn data(&self, name: &str) -> Vec<Value> {
        data(&self.text(), name)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// The data of the messages of this name in what was heard, without one that has not come whole.
fn data(heard: &str, name: &str) -> Vec<Value> {
    let event = format!("event: {name}\n");
    let messages = heard.split_inclusive("\n\n").filter(|message| message.contains(&event));
    let whole = messages.filter(|message| message.ends_with("\n\n"));
    let data = whole.filter_map(|message| message.split("data: ").nth(1));
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// What acknowledges the last change, if there was one.
fn acknowledgement(heard: &str) -> Option<Value> {
    let stream = data(heard, "open").pop()?["stream"].take();
    let seq = data(heard, "change").pop()?["seq"].take();
    Some(json!({"stream": stream, "seq": seq}))
}

/// Everything that may end a token of this API, of acme's clients; yields the tokens and what names them.
fn everything_happens(place: &Deployment, audience: &str, opaque: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut token = |client: &Machine| {
        let token = place.token(client, audience);
        names.extend([token.clone(), client.id.clone()]);
        if !opaque {
            let jti = text(&claims_of(&token)["jti"]);
            names.extend([jti[..11].to_owned(), jti]);
        }
        token
    };
    let client = place.client("acme", &[AUDIENCE, OTHER]);
    let revoked = token(&client);
    place.revoke(&client, &revoked);
    token(&client);
    place.run(&["clients", "disable", &client.id]);
    place.run(&["clients", "enable", &client.id]);
    token(&client);
    let secret = text(&place.run(&["secrets", "list", &client.id])[0]["id"]);
    place.run(&["secrets", "revoke", &client.id, &secret]);
    let client = place.client("acme", &[audience]);
    token(&client);
    let grant = text(&place.run(&["grants", "list", "--client", &client.id])[0]["id"]);
    place.run(&["grants", "delete", &grant]);
    place.run(&["grants", "create", "--client", &client.id, "--api", audience]);
    token(&client);
    place.run(&["clients", "delete", &client.id]);
    names
}

#[rstest]
#[case(On::Sqlite, "jwt")]
#[case(On::Postgres, "opaque")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_hears_nothing_of_what_happens_to_the_tokens_of_another(#[case] on: On, #[case] format: &str) {
    let place = Deployment::start(on).await;
    let other = place.register(OTHER, format);
    let (near, far) = (Tap::open(&place, &place.api).await, Tap::open(&place, &other).await);

    let names = everything_happens(&place, AUDIENCE, false);
    far.settle();
    assert!(near.data("change").len() >= 5, "{}", near.text());
    assert_heard_nothing(&far, &names);

    let before = near.data("change");
    let names = everything_happens(&place, OTHER, format == "opaque");
    near.settle();
    assert!(far.data("change").len() >= 5, "{}", far.text());
    assert_eq!(near.data("change"), before);
    assert!(names.iter().all(|name| !near.text().contains(name)));

    // What concerns both is told to both, and no more than that.
    let (near_before, far_before) = (before.len(), far.data("change").len());
    let here = place.client("globex", &[AUDIENCE]);
    let token = place.token(&here, AUDIENCE);
    place.run(&["companies", "disable", "globex"]);
    place.run(&["companies", "enable", "globex"]);
    near.settle();
    far.settle();
    let kinds = |tap: &Tap, from: usize| -> Vec<Value> {
        tap.data("change")[from..].iter().map(|change| change["kind"].clone()).collect()
    };
    assert_eq!(kinds(&far, far_before), ["company_disabled", "company_enabled"]);
    assert_eq!(kinds(&near, near_before), ["revoked", "company_disabled", "company_enabled"]);
    let jti = text(&claims_of(&token)["jti"]);
    assert!(near.text().contains(&jti[..11]) && !far.text().contains(&jti[..11]));
}

/// The raw stream holds the opening and, again and again, that nothing is missing up to nothing.
fn assert_heard_nothing(tap: &Tap, names: &[String]) {
    let completes = tap.data("complete");
    assert!(completes.len() > 1 && completes.iter().all(|it| it["seq"] == 0), "{completes:?}");
    let raw = tap.text();
    for message in raw.split_inclusive("\n\n").filter(|message| message.ends_with("\n\n")) {
        let known = ["event: open\ndata: ", "event: complete\ndata: "];
        assert!(known.iter().any(|begins| message.starts_with(begins)), "{message:?} in {raw}");
    }
    assert_eq!(raw.matches("event: open").count(), 1, "{raw}");
    assert!(names.iter().all(|name| !raw.contains(name)), "{raw}");
}

#[rstest]
#[case(On::Sqlite, "opaque")]
#[case(On::Postgres, "jwt")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_sees_in_the_tokens_of_another_what_it_sees_in_nonsense(#[case] on: On, #[case] format: &str) {
    let place = Deployment::start(on).await;
    let other = place.register(OTHER, format);
    let client = place.client("acme", &[AUDIENCE, OTHER]);
    let stranger = place.client("acme", &[OTHER]);
    let own = (place.token(&client, AUDIENCE), &place.api, &other);
    let others = (place.token(&client, OTHER), &other, &place.api);
    let by = |machine: &Machine| (machine.id.clone(), machine.secret.clone());
    let nothing = json!({"active": false}).to_string();
    for (token, owner, foreign) in [&own, &others] {
        let seen = introspect(&place, token, owner).await;
        assert!(seen.contains(r#""active":true"#), "{seen:?}");
        assert!(introspect(&place, token, &by(&client)).await.contains(r#""active":true"#));
        assert_eq!(introspect(&place, token, foreign).await, nothing);
        assert_eq!(introspect(&place, token, &by(&stranger)).await, nothing);
        assert_eq!(introspect(&place, "nonsense", foreign).await, nothing);
        place.revoke(&stranger, token);
        assert_eq!(introspect(&place, token, owner).await, seen, "only whose it is can end it");
    }
    // Nothing of the one is in the other's snapshot either, once it is dead.
    place.run(&["clients", "disable", &client.id]);
    let jti = text(&claims_of(&own.0)["jti"]);
    assert!(snapshot(&place, &place.api).await.contains(&jti[..11]));
    assert!(!snapshot(&place, &other).await.contains(&jti[..11]));
}

/// What the server tells this party of a token.
async fn introspect(place: &Deployment, token: &str, (id, secret): &(String, String)) -> String {
    let asked = Client::new().post(format!("{}/oauth/introspect", place.url)).form(&[("token", token)]);
    let answer = asked.basic_auth(id, Some(secret)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

async fn snapshot(place: &Deployment, api: &(String, String)) -> String {
    let asked = Client::new().get(format!("{}/guard/v1/snapshot", place.url));
    asked.basic_auth(&api.0, Some(&api.1)).send().await.unwrap().text().await.unwrap()
}
