//! Two applications and one session: who signs out in one is signed out in the other, also if that was down for a while.

use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokenry_testkit::{Browser, LogoutReceiver, claims_of};

use super::world::{Application, World};
use crate::process::PATIENCE;

/// Ann, signed in to both by one session.
struct Both {
    world: World,
    browser: Browser,
    one: Application,
    other: Application,
}

impl Both {
    async fn begin() -> Self {
        let world = World::start();
        let second = ["clients", "create", "--type", "web", "--name", "Second", "--skip-consent"];
        let second = world.operate(&second);
        let credential = ["client_id", "client_secret"].map(|it| second[it].as_str().unwrap().to_owned());
        world.operate(&["grants", "create", "--client", &credential[0], "--api", &world.told("/audience")]);
        let mut one = Application::start(&world, "timesheets-web", "web");
        let mut other = Application::start_as(&world, "timesheets-web", credential);
        let mut browser = world.browser();
        for application in [&mut one, &mut other] {
            let page = application.enter(&world, &mut browser, "/sign-in", "ann").await;
            assert!(page.forms().iter().any(|form| form.action.path() == "/sign-out"), "{page:?}");
        }
        Self { world, browser, one, other }
    }

    /// Signs out in the one, which sends the browser on and gets it back.
    async fn sign_out(&mut self) {
        let form = self.one.browser.open("/").await.form("/sign-out");
        let cookie = format!("timesheets_web={}", self.one.browser.cookie("timesheets_web").unwrap());
        // Not with the test's browser, which takes no token in an address; here that is what the specification says.
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let sent = http.post(form.action).header("cookie", cookie).header("sec-fetch-site", "same-origin");
        let away = sent.form(&form.fields).send().await.unwrap();
        let away = away.headers()["location"].to_str().unwrap().to_owned();
        let back = self.browser.open(&away).await.redirect().unwrap();
        assert_eq!(back.origin(), self.one.browser.home().origin());
    }

    /// What operators see of the other's.
    fn listed(&self) -> Value {
        self.world.operate(&["logouts", "list", "--client", &self.other.id])
    }

    async fn until(&self, state: &str) -> Value {
        let begun = Instant::now();
        loop {
            let listed = self.listed();
            if listed[0]["state"] == state
                && listed[0]["attempts"] != 0
                && !listed[0]["last_answer"].is_null()
            {
                return listed[0].clone();
            }
            assert!(begun.elapsed() < PATIENCE, "{listed}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn out_07_signing_out_in_one_application_signs_out_of_the_other() {
    let mut both = Both::begin().await;
    both.sign_out().await;
    // The API takes its token no more either: that it was told is what its log says.
    let told = "the session at the authorization server has ended";
    both.other.running.wait_for(|_out, err| err.contains(told).then_some(()));
    let page = both.other.browser.open("/").await;
    assert!(page.forms().iter().all(|form| form.action.path() != "/sign-out"), "{page:?}");
    assert_eq!(both.until("delivered").await["last_answer"], "200");
    let forged = Client::new().post(both.other.browser.home().join("/backchannel-logout").unwrap());
    let answer = forged.form(&[("logout_token", "eyJhbGciOiJub25lIn0.e30.")]).send().await.unwrap();
    assert_eq!(answer.status(), 400);

    let page = both.other.enter(&both.world, &mut both.browser, "/sign-in", "ann").await;
    assert!(
        page.forms().iter().any(|form| form.action.path() == "/sign-out"),
        "and may come again: {page:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn out_07_an_application_that_is_down_hears_of_it_when_it_is_back() {
    let mut both = Both::begin().await;
    let gone = LogoutReceiver::start().await;
    let (uri, address) = (gone.uri.clone(), gone.address);
    drop(gone);
    both.world.operate(&["clients", "update", &both.other.id, "--backchannel-logout-uri", &uri]);
    assert_eq!(both.world.operate(&["clients", "show", &both.other.id])["backchannel_logout_uri"], uri);
    both.sign_out().await;
    assert_eq!(both.until("waiting").await["last_answer"], "unreachable");
    let receiver = LogoutReceiver::at(address).await;
    let token = receiver.tokens(1).await.remove(0);
    assert_eq!(claims_of(&token)["aud"], both.other.id.as_str());
    let done = both.until("delivered").await;
    assert_eq!(claims_of(&token)["sid"], done["session_id"]);
    let events = both.world.operate(&["logouts", "list", "--waiting"]);
    assert_eq!(events, serde_json::json!([]));
    both.world.operate(&["clients", "update", &both.other.id, "--no-backchannel-logout-uri"]);
    assert!(both.world.operate(&["clients", "show", &both.other.id]).get("backchannel_logout_uri").is_none());
}
