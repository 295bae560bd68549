//! What a user let an application do ends at the API with the user, the session, the company, or the authorization itself.

use reqwest::{Client, RequestBuilder};
use rstest::rstest;
use serde_json::Value;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, Engine, Member, TestApp};

use super::api::{Api, DENIED, Registered, SERVED};
use super::deployment::eventually;

const SCOPE: &str = "openid offline_access read:timesheets";

/// A server, a guarded API, and ann, who lets an application act for her.
struct World {
    app: TestApp,
    api: Api,
    http: Client,
    ann: Member,
    web: DemoClient,
}

impl World {
    async fn begin(engine: Engine) -> Self {
        let app = TestApp::quick(engine).await;
        let registered = Registered::of(&app);
        let api = Api::start(registered, app.clock.clone()).await;
        let ann = app.member("ann").await;
        let web = app.application(ClientType::Web, "Web", &[]).await;
        Self { http: app.http.clone(), app, api, ann, web }
    }

    /// An access token that works, and its refresh token.
    async fn authorize(&self, person: &Member, client: &DemoClient) -> (String, String) {
        let code = self.app.code(person, client, SCOPE).await;
        let answer = self.app.redeem(client, &code, &[]).await;
        let token = answer.token();
        assert_eq!(self.verdict(&token).await, (200, Value::Null), "it works");
        (token, answer.json()["refresh_token"].as_str().unwrap().to_owned())
    }

    fn call(&self, path: &str, token: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.api.url)).bearer_auth(token)
    }

    /// What the API says to the next request.
    async fn verdict(&self, token: &str) -> (u16, Value) {
        let answers =
            [Answer::to(self.call(SERVED, token)).await, Answer::to(self.call(DENIED, token)).await];
        let [served, denied] = answers.map(|answer| {
            let code = serde_json::from_str::<Value>(&answer.body).map(|body| body["code"].clone());
            (answer.status.as_u16(), code.unwrap_or_default())
        });
        assert_eq!(served, denied, "and not only where it knows nothing new");
        served
    }

    /// Ends what ann's authorizations hang on, as the command for it does, which returns once the guards know.
    async fn end(&self, hold: Hold) {
        let (manager, ann) = (&self.app.manager, self.ann.id.as_str());
        let ended = match hold {
            Hold::Consent => manager.revoke_consent(ann, &self.web.id).await,
            Hold::Membership => manager.remove_member(self.ann.company.as_str(), ann).await,
            Hold::Session => manager.revoke_session(self.ann.session.as_str()).await,
            Hold::User => manager.disable_user(ann).await,
        };
        assert!(manager.propagated(&ended.unwrap()).await);
    }

    /// Lets ann begin anew.
    async fn restore(&mut self, hold: Hold) {
        let (manager, ann) = (&self.app.manager, self.ann.id.as_str());
        match hold {
            Hold::Consent | Hold::Session => {}
            Hold::Membership => {
                let roles = ["role-of-ann".to_owned()];
                manager.add_member(self.ann.company.as_str(), ann, &roles).await.unwrap();
            }
            Hold::User => drop(manager.enable_user(ann).await.unwrap()),
        }
        if matches!(hold, Hold::Session | Hold::User) {
            self.ann.session = self.app.sign_in(&self.ann.id, "sid-of-later");
        }
    }
}

/// What an authorization hangs on.
#[derive(Clone, Copy, Debug)]
enum Hold {
    Consent,
    Membership,
    Session,
    User,
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_r76_what_a_user_gave_is_gone_for_the_next_request(
    #[values(Hold::Consent, Hold::Membership, Hold::Session, Hold::User)] hold: Hold,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut world = World::begin(engine).await;
    let bob = world.app.member("bob").await;
    let (token, refresh) = world.authorize(&world.ann, &world.web).await;
    let (second, _refresh) = world.authorize(&world.ann, &world.web).await;
    let (bystander, _refresh) = world.authorize(&bob, &world.web).await;
    world.end(hold).await;
    for dead in [&token, &second] {
        assert_eq!(world.verdict(dead).await, (401, "invalid_token".into()));
    }
    world.app.refresh(&world.web, &refresh, &[]).await.must_be_error(400, "invalid_grant");
    assert_eq!(world.verdict(&bystander).await.0, 200);
    world.restore(hold).await;
    let (again, _refresh) = world.authorize(&world.ann, &world.web).await;
    assert_eq!(world.verdict(&again).await.0, 200);
    assert_eq!(world.verdict(&token).await.0, 401, "what had ended stays so");
}

/// What strangers and clients do to end an authorization reaches APIs as soon as the stream does.
#[rstest]
#[case::code_01_the_code_again(true)]
#[case::int_12_the_refresh_token_revoked(false)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_replay_and_revocation_reach_the_api(#[case] replay: bool) {
    let world = World::begin(Sqlite).await;
    let code = world.app.code(&world.ann, &world.web, SCOPE).await;
    let answer = world.app.redeem(&world.web, &code, &[]).await;
    let token = answer.token();
    assert_eq!(world.verdict(&token).await.0, 200);
    let (bystander, _refresh) = world.authorize(&world.ann, &world.web).await;
    if replay {
        world.app.redeem(&world.web, &code, &[]).await.must_be_error(400, "invalid_grant");
    } else {
        let (id, secret) = (world.web.id.as_str(), Some(&world.web.secret));
        let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
        let request = world.http.post(world.app.url("/oauth/revoke")).basic_auth(id, secret);
        assert_eq!(Answer::to(request.form(&[("token", &refresh)])).await.status, 200);
    }
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        // Not both routes at once: it may come to know between the two.
        let refuses = || runtime.block_on(Answer::to(world.call(SERVED, &token))).status == 401;
        eventually("the API refuses the token", refuses);
    });
    assert_eq!(world.verdict(&token).await.0, 401);
    assert_eq!(world.verdict(&bystander).await.0, 200);
}

/// A guard that begins, or begins again, learns from the snapshot what ended before.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_a_guard_that_begins_later_knows_what_ended(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::begin(engine).await;
    let (token, _refresh) = world.authorize(&world.ann, &world.web).await;
    let (bystander, _refresh) = world.authorize(&world.app.member("bob").await, &world.web).await;
    world.end(Hold::User).await;
    let registered = Registered::of(&world.app);
    let late = World { api: Api::start(registered, world.app.clock.clone()).await, ..world };
    assert_eq!(late.verdict(&token).await, (401, "invalid_token".into()));
    assert_eq!(late.verdict(&bystander).await.0, 200);
}
