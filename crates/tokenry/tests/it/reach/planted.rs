//! A cookie for APIs under a name that the server does not set: somebody else's, whom a page of another port or host has put
//! there, or the user's own; it opens nothing, and spoils nothing (SES-02, SES-11, PEER-35).

use rstest::rstest;
use serde_json::json;
use tokenry_server::Headless;
use tokenry_testkit::{Answer, Options, Person, TestApp};

use super::api::{Api, Registered, SERVED};

const HOST: &str = "__Host-tokenry_api";
const SECURE: &str = "__Secure-tokenry_api";

struct World {
    app: TestApp,
    api: Api,
}

impl World {
    async fn begin(path: &str) -> Self {
        let headless = Headless { cookie_path: path.to_owned(), ..Headless::default() };
        let signing_alg = tokenry_jose::Algorithm::EdDsa;
        let app = TestApp::with(Options { headless, signing_alg, ..Options::default() }).await;
        let api = Api::start(Registered::of(&app), app.clock.clone()).await;
        Self { app, api }
    }

    /// Name and value of the cookie for APIs of somebody who signs in.
    async fn sign_in(&self, name: &str) -> (String, String) {
        let person: Person = self.app.person(name).await;
        self.app.employ(&person.id).await;
        let body = json!({"username": person.username, "password": person.password});
        let answer = Answer::to(self.app.http.post(self.app.url("/session")).json(&body)).await;
        let set = answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
        let mut pairs = set.filter_map(|it| it.split(';').next()?.split_once('='));
        let (name, value) = pairs.rfind(|(name, _)| name.ends_with("tokenry_api")).unwrap();
        (name.to_owned(), value.to_owned())
    }

    async fn status(&self, cookies: &str) -> u16 {
        let request = self.app.http.get(format!("{}{SERVED}", self.api.url)).header("cookie", cookies);
        Answer::to(request).await.status.as_u16()
    }
}

#[rstest]
#[case::of_the_host("/", HOST, SECURE)]
#[case::of_a_path("/served", SECURE, HOST)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ses_02_peer_35_a_cookie_under_another_name_than_ours_is_nobodys(
    #[case] path: &str,
    #[case] ours: &str,
    #[case] other: &str,
) {
    let world = World::begin(path).await;
    let (name, value) = world.sign_in("mallory").await;
    assert_eq!(name, ours);
    assert_eq!(world.status(&format!("{other}={value}")).await, 401);
    assert_eq!(world.status(&format!("{ours}={value}")).await, 200);
    assert_eq!(world.status(&format!("{other}={value}")).await, 401, "what is remembered has a name, too");
    assert_eq!(world.status(&format!("{ours}={value}")).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ses_11_a_planted_cookie_beside_the_right_one_spoils_nothing() {
    let world = World::begin("/").await;
    let (_, planted) = world.sign_in("mallory").await;
    let (_, own) = world.sign_in("ann").await;
    for planted in [planted.as_str(), "nonsense", ""] {
        assert_eq!(world.status(&format!("{SECURE}={planted}; {HOST}={own}")).await, 200);
        assert_eq!(world.status(&format!("{HOST}={own}; {SECURE}={planted}")).await, 200);
        assert_eq!(world.status(&format!("{SECURE}={own}; {HOST}=nonsense")).await, 401);
        assert_eq!(world.status(&format!("{HOST}={own}; {HOST}={own}; {SECURE}={planted}")).await, 401);
    }
}
