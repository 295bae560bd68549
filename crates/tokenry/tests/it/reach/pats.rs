//! Personal access tokens at an API: each ends with its account, its value or itself, at once if the answer says so, and otherwise
//! within the bound for guards that hear nothing; and what can be none is not asked about.

use std::time::{Duration, Instant};

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{Answer, Engine, Link, Log, Options, Person, TestApp, Weather, new_pat, until};

use super::api::{Api, DENIED, Registered, SERVED};
use crate::signed_in::{Pat, SignedIn};

/// How long a guard that hears nothing may go by what it knows.
const BOUND: Duration = Duration::from_secs(2);

/// A server, an API whose guard reaches it over a link, and two people with a token each.
struct World {
    link: Link,
    app: TestApp,
    api: Api,
    ann: SignedIn,
    anns: Pat,
    bobs: Pat,
}

impl World {
    async fn begin(database: Engine) -> Self {
        let link = Link::open().await;
        let issuer = Some(link.origin.clone());
        let signing_alg = Algorithm::EdDsa;
        let app = TestApp::with(Options { database, issuer, signing_alg, ..Options::default() }).await;
        link.leads_to(&app.address);
        let api = Api::start(Registered::of(&app), app.clock.clone()).await;
        let [ann, bob] = [app.person("ann").await, app.person("bob").await];
        let [ann, bob] = [employed(&app, &ann).await, employed(&app, &bob).await];
        let (anns, bobs) = (ann.pat().await, bob.pat().await);
        let world = Self { link, app, api, ann, anns, bobs };
        for pat in [&world.anns, &world.bobs] {
            assert_eq!(world.verdict(&pat.value).await, ok());
        }
        world
    }

    /// What the API says to the next request, whichever of its routes that goes to.
    async fn verdict(&self, token: &str) -> (u16, String) {
        let denied = self.ask(DENIED, token).await;
        assert_eq!(self.ask(SERVED, token).await, denied, "these are not served by what is known");
        denied
    }

    async fn ask(&self, path: &str, token: &str) -> (u16, String) {
        let answer =
            Answer::to(self.app.http.get(format!("{}{path}", self.api.url)).bearer_auth(token)).await;
        let code = if answer.status == 200 {
            String::new()
        } else {
            answer.json()["code"].as_str().unwrap().to_owned()
        };
        (answer.status.as_u16(), code)
    }

    /// Ends ann's token. Yields whether the answer says that all guards know, and the value in its place.
    async fn end(&self, end: End) -> (bool, Option<Pat>) {
        let manager = &self.app.manager;
        let ended = match end {
            End::AccountDeleted => manager.delete_user("usr_ann").await,
            End::AccountDisabled => manager.disable_user("usr_ann").await,
            End::Refreshed => {
                let (another, propagated) = self.ann.refresh(&self.anns).await;
                return (propagated, Some(another));
            }
            End::Revoked => manager.revoke_pat(&self.anns.id).await,
        };
        (manager.propagated(&ended.unwrap()).await, None)
    }

    /// What has nothing to do with the end goes on.
    async fn others_work(&self, another: Option<&Pat>) {
        for pat in [&self.bobs].into_iter().chain(another) {
            assert_eq!(self.verdict(&pat.value).await, ok());
        }
    }
}

async fn employed(app: &TestApp, person: &Person) -> SignedIn {
    app.employ(&person.id).await;
    SignedIn::at(&app.issuer, &person.username, &person.password).await
}

/// How a token ends.
#[derive(Clone, Copy, Debug)]
enum End {
    AccountDeleted,
    AccountDisabled,
    Refreshed,
    Revoked,
}

fn ok() -> (u16, String) {
    (200, String::new())
}

fn invalid() -> (u16, String) {
    (401, "invalid_token".to_owned())
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r80_r84_what_has_ended_is_refused_as_soon_as_the_answer_says_propagated(
    #[values(End::AccountDeleted, End::AccountDisabled, End::Refreshed, End::Revoked)] end: End,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::begin(engine).await;
    let (propagated, another) = world.end(end).await;
    let verdict = world.verdict(&world.anns.value).await;
    assert!(propagated);
    assert_eq!(verdict, invalid());
    world.others_work(another.as_ref()).await;
    if let End::AccountDisabled = end {
        let enabled = world.app.manager.enable_user("usr_ann").await.unwrap();
        assert!(world.app.manager.propagated(&enabled).await);
        until("she may act again", async || world.ask(SERVED, &world.anns.value).await == ok()).await;
    } else {
        assert_eq!(world.verdict(&world.anns.value).await, invalid(), "and stays so");
    }
}

/// A guard whose events are cut off goes by what it knew for [`BOUND`], and then asks each time.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r80_r84_without_a_stream_it_is_refused_within_the_bound(
    #[values(End::AccountDeleted, End::AccountDisabled, End::Refreshed, End::Revoked)] end: End,
) {
    let world = World::begin(Sqlite).await;
    world.link.turn(Weather::NoEvents);
    let (propagated, another) = world.end(end).await;
    assert!(!propagated, "nobody told the guard");
    let mut last_served = None;
    until("it is refused", async || {
        let begun = Instant::now();
        let (status, code) = world.ask(SERVED, &world.anns.value).await;
        world.others_work(another.as_ref()).await;
        match status {
            200 => last_served = Some(begun),
            _ => assert_eq!((status, code), invalid()),
        }
        status == 401
    })
    .await;
    let age = world.api.status().stream_age.unwrap();
    let known_through = Instant::now() - age;
    assert!(last_served.is_none_or(|at| at <= known_through + BOUND), "it was served for too long");

    until("the guard knows that it hears nothing", async || world.api.status().stale).await;
    assert_eq!(world.verdict(&world.anns.value).await, invalid());
    world.others_work(another.as_ref()).await;
    world.link.turn(Weather::Clear);
    until("the guard hears again", async || !world.api.status().stale).await;
    assert_eq!(world.verdict(&world.anns.value).await, invalid());
    world.others_work(another.as_ref()).await;
}

/// What the brand begins and is no token: of another length, with another checksum, or of no kind.
fn malformed(pat: &str) -> Vec<String> {
    let (body, checksum) = pat.split_at(pat.len() - 6);
    let other = if checksum == "000000" { "000001" } else { "000000" };
    vec![
        format!("{body}{other}"),
        pat[..pat.len() - 1].to_owned(),
        format!("{pat}0"),
        pat.replacen("_pat_", "_pet_", 1),
        "tokenry_pat_".to_owned(),
    ]
}

/// With the server out of reach it makes a difference whether a guard has to ask.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pat_01_a_guard_refuses_a_wrong_checksum_by_itself() {
    let world = World::begin(Sqlite).await;
    let unused = world.ann.pat().await.value;
    world.link.turn(Weather::Cut);
    for bad in malformed(&unused) {
        assert_eq!(world.verdict(&bad).await, invalid(), "{}", bad.replace(&unused, "…"));
    }
    let unavailable = (503, "introspection_unavailable".to_owned());
    assert_eq!(world.verdict(&unused).await, unavailable, "this one has to be asked about");
    world.link.turn(Weather::Clear);
    until("it can be asked again", async || world.ask(SERVED, &unused).await == ok()).await;
}

/// The statements of an introspection by the API.
async fn introspected(app: &TestApp, token: &str, log: &Log) -> (bool, Vec<String>) {
    let (id, secret) = (&app.demo.api.id, &app.demo.api.secret);
    let request = app.http.post(app.url("/oauth/introspect")).basic_auth(id, Some(secret));
    let _before = log.take_work();
    let answer = Answer::to(request.form(&[("token", token)])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.json()["active"].as_bool().unwrap(), log.take_work_of_requests())
}

#[rstest]
#[tokio::test]
async fn pat_01_the_server_reads_nothing_about_a_wrong_checksum(#[values(Sqlite, Postgres)] engine: Engine) {
    const LOOKED_FOR: &str = "FIND_PAT_VALUE";
    let app = TestApp::quick(engine).await;
    let pat = app.pat(&app.member("ann").await, new_pat("CI")).await;
    let revoked = app.pat(&app.member("bob").await, new_pat("CI")).await;
    app.manager.delete_user("usr_bob").await.unwrap();
    let (log, _guard) = Log::start();
    let (active, mut of_nobody) = introspected(&app, revoked.token.expose(), &log).await;
    assert!(!active && of_nobody.contains(&LOOKED_FOR.to_owned()), "{of_nobody:?}");
    of_nobody.retain(|work| work != LOOKED_FOR);
    for bad in malformed(pat.token.expose()) {
        let (active, work) = introspected(&app, &bad, &log).await;
        assert!(!active);
        assert_eq!(work, of_nobody, "who asks is found, and nothing else");
    }
    let (active, work) = introspected(&app, pat.token.expose(), &log).await;
    assert!(active && work.contains(&LOOKED_FOR.to_owned()), "{work:?}");
}
