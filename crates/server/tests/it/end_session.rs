//! `/oidc/logout`: an ID token of this browser's session ends it without a question; anything less asks, or goes nowhere.

mod modules;
mod named;

use reqwest::{Method, Url};
use rstest::rstest;
use tokenry_engine::manage::NewClient;
use tokenry_jose::base64url;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, CALLBACK, DemoClient, Member, TestApp};

const SCOPE: &str = "openid offline_access read:timesheets";
const AFTER: &str = "http://127.0.0.1:8702/bye?a=b";

/// Ann, signed in, and an application that has an ID token of hers.
struct World {
    app: TestApp,
    ann: Member,
    web: DemoClient,
    cookie: String,
    id_token: String,
    refresh: String,
}

impl World {
    async fn on(engine: Engine) -> Self {
        let app = TestApp::quick(engine).await;
        let ann = app.member("ann").await;
        let new = NewClient {
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: vec![AFTER.to_owned()],
            ..NewClient::new(ClientType::Web, "Web")
        };
        let created = app.manager.create_client(new).await.unwrap();
        let secret = created.secret.unwrap().expose().to_owned();
        let web = DemoClient { id: created.client.id.to_string(), secret };
        app.manager.create_grant(&web.id, tokenry_testkit::AUDIENCE, &[]).await.unwrap();
        let body = app.redeem(&web, &app.code(&ann, &web, SCOPE).await, &[]).await.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let (id_token, refresh, cookie) = (text("id_token"), text("refresh_token"), app.cookie(&ann));
        Self { app, ann, web, cookie, id_token, refresh }
    }

    /// What the endpoint answers, which never has our cookies.
    async fn ask(&self, method: Method, parameters: &[(&str, &str)]) -> Answer {
        let address = self.app.url("/oidc/logout");
        let request = match method {
            Method::POST => self.app.http.post(address).form(parameters),
            _ => self.app.http.get(Url::parse_with_params(&address, parameters).unwrap()),
        };
        let request = request.header("sec-fetch-site", "cross-site").header("origin", "https://rp.example");
        Answer::to(request).await
    }

    /// Goes on to our page, with the cookie or without.
    async fn go_on(&self, answer: &Answer, cookie: Option<&str>) -> Answer {
        assert_eq!(answer.status, 303, "{answer:?}");
        let request = self.app.http.get(self.app.url(answer.header("location")));
        Answer::to(match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        })
        .await
    }

    async fn is_signed_in(&self) -> bool {
        let page = self.app.http.get(self.app.url("/account")).header("cookie", &self.cookie);
        match Answer::to(page).await.status.as_u16() {
            200 => true,
            303 => false,
            status => panic!("{status}"),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn out_07_a_hint_of_this_session_ends_it_and_what_was_granted_in_it(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(Method::GET, Method::POST)] method: Method,
) {
    let world = World::on(engine).await;
    let parameters = [
        ("id_token_hint", world.id_token.as_str()),
        ("client_id", &world.web.id),
        ("post_logout_redirect_uri", AFTER),
        ("state", "x&y=<z>"),
    ];
    let asked = world.ask(method, &parameters).await;
    assert!(!asked.header("location").contains(&world.id_token), "no token in an address of ours (LEAK-04)");
    assert!(world.is_signed_in().await, "nothing has happened yet");
    let done = world.go_on(&asked, Some(&world.cookie)).await;
    let expected = "http://127.0.0.1:8702/bye?a=b&state=x%26y%3D%3Cz%3E";
    assert_eq!((done.status.as_u16(), done.header("location")), (303, expected));
    assert!(done.header("set-cookie").starts_with("__Host-tokenry_sid=; "), "{done:?}");
    assert!(!world.is_signed_in().await);
    world.app.refresh(&world.web, &world.refresh, &[]).await.must_be_error(400, "invalid_grant");
    let again = world.go_on(&asked, None).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, expected), "it is over: on they go");
}

#[tokio::test(flavor = "multi_thread")]
async fn out_04_an_expired_hint_names_its_session() {
    let world = World::on(Sqlite).await;
    world.app.clock.advance(std::time::Duration::from_secs(3_600));
    let asked = world.ask(Method::GET, &[("id_token_hint", &world.id_token)]).await;
    let done = world.go_on(&asked, Some(&world.cookie)).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/logout"), "nowhere to go was named");
    assert!(!world.is_signed_in().await);
}

#[rstest]
#[case::query_added("http://127.0.0.1:8702/bye?a=b&c=d")]
#[case::other_path("http://127.0.0.1:8702/bye")]
#[case::redirect_uri(CALLBACK)]
#[case::foreign("https://evil.example/")]
#[case::script("javascript:alert(1)")]
#[tokio::test(flavor = "multi_thread")]
async fn out_01_an_address_that_is_not_registered_is_an_error_here(#[case] address: &str) {
    let world = World::on(Sqlite).await;
    let parameters = [("id_token_hint", world.id_token.as_str()), ("post_logout_redirect_uri", address)];
    let answer = world.ask(Method::GET, &parameters).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (400, ""), "{answer:?}");
    assert!(!answer.body.contains(address) && answer.header("content-type").starts_with("text/html"));
    assert!(world.is_signed_in().await);
}

/// What says nothing that can be believed leads to our own question, and takes nothing along.
#[rstest]
#[case::nothing(&[])]
#[case::state_alone(&[("state", "<script>")])]
#[case::out_02_no_hint(&[("post_logout_redirect_uri", AFTER)])]
#[case::out_03_no_token(&[("id_token_hint", "x"), ("post_logout_redirect_uri", AFTER)])]
#[case::out_03_alg_none(&[("id_token_hint", "eyJhbGciOiJub25lIn0.e30."), ("post_logout_redirect_uri", AFTER)])]
#[tokio::test(flavor = "multi_thread")]
async fn out_09_without_a_hint_the_user_is_asked(#[case] parameters: &[(&str, &str)]) {
    let world = World::on(Sqlite).await;
    let asked = world.ask(Method::GET, parameters).await;
    assert_eq!((asked.status.as_u16(), asked.header("location")), (303, "/logout"));
    let page = world.go_on(&asked, Some(&world.cookie)).await;
    assert!(page.status == 200 && page.body.contains("<form method=\"post\" action=\"/logout\""), "{page:?}");
    assert!(world.is_signed_in().await, "OUT-05");
}

#[tokio::test(flavor = "multi_thread")]
async fn out_03_a_hint_that_is_not_the_clients_or_was_changed_ends_nothing() {
    let world = World::on(Sqlite).await;
    let other = world.app.application(ClientType::Web, "Other", &[]).await;
    let parameters = [("id_token_hint", world.id_token.as_str()), ("client_id", &other.id)];
    assert_eq!(world.ask(Method::GET, &parameters).await.status, 400);
    let parts: Vec<_> = world.id_token.split('.').collect();
    let claims = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
    let changed = base64url::encode(claims.replace("sid-ann", "sid-bob").as_bytes());
    let access =
        world.app.redeem(&world.web, &world.app.code(&world.ann, &world.web, SCOPE).await, &[]).await.token();
    for hint in [&format!("{}.{changed}.{}", parts[0], parts[2]), &access] {
        let asked = world.ask(Method::GET, &[("id_token_hint", hint)]).await;
        assert_eq!(asked.header("location"), "/logout");
    }
    assert!(world.is_signed_in().await);
}

/// It is another browser's session that is meant; who sits here is asked, and that one is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn out_05_a_hint_of_another_session_ends_neither() {
    let world = World::on(Sqlite).await;
    let bob = world.app.member("bob").await;
    let asked = world
        .ask(Method::GET, &[("id_token_hint", &world.id_token), ("post_logout_redirect_uri", AFTER)])
        .await;
    for cookie in [Some(world.app.cookie(&bob)), None] {
        let page = world.go_on(&asked, cookie.as_deref()).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (200, ""), "{page:?}");
    }
    assert!(world.is_signed_in().await);
    world.app.clock.advance(std::time::Duration::from_secs(601));
    let page = world.go_on(&asked, Some(&world.cookie)).await;
    assert_eq!(page.status, 200, "what was asked is too old");
}
