//! The way to the server is cut: the guard does what it promises, says so, and recovers by itself.

use std::time::{Duration, Instant};

use rstest::rstest;
use tokenry_guard::SystemClock;
use tokenry_testkit::Weather;

use super::api::{Api, DENIED, Registered, SERVED};
use super::connection::Connection;
use super::deployment::{Deployment, Machine, eventually};
use crate::folder::{AUDIENCE, On};

const OPAQUE: &str = "https://payroll.example.com";

/// A client with a token of either kind.
struct Holder {
    client: Machine,
    jwt: String,
    opaque: String,
}

impl Holder {
    fn new(place: &Deployment) -> Self {
        let client = place.client("acme", &[AUDIENCE, OPAQUE]);
        let (jwt, opaque) = (place.token(&client, AUDIENCE), place.token(&client, OPAQUE));
        Self { client, jwt, opaque }
    }
}

/// Two guarded APIs of one server, one for each kind of token.
struct Apis {
    signed: Api,
    opaque: Api,
    signed_open: Connection,
    opaque_open: Connection,
}

impl Apis {
    async fn start(place: &Deployment) -> Self {
        let issuer = place.link.origin.as_str();
        let payroll = place.register(OPAQUE, "opaque");
        let register = |audience, (id, secret)| Registered { issuer, audience, id, secret };
        let timesheets = register(AUDIENCE, (&place.api.0, &place.api.1));
        let signed = Api::start(timesheets, SystemClock).await;
        let opaque = Api::start(register(OPAQUE, (&payroll.0, &payroll.1)), SystemClock).await;
        let (signed_open, opaque_open) = (Connection::open(&signed.url), Connection::open(&opaque.url));
        Self { signed, opaque, signed_open, opaque_open }
    }

    fn signed(&mut self, path: &str, holder: &Holder) -> (u16, String) {
        self.signed_open.get(path, &holder.jwt).verdict()
    }

    fn opaque(&mut self, path: &str, holder: &Holder) -> (u16, String) {
        self.opaque_open.get(path, &holder.opaque).verdict()
    }

    /// The instants up to which the guards know all.
    fn known_through(&self) -> [Instant; 2] {
        [&self.signed, &self.opaque].map(|api| Instant::now() - api.status().stream_age.unwrap())
    }

    fn become_stale(&self, stale: bool) {
        eventually("the guards know how they stand", || {
            [&self.signed, &self.opaque].iter().all(|api| api.status().stale == stale)
        });
    }
}

fn ok() -> (u16, String) {
    (200, String::new())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r27_a_guard_that_is_cut_off_keeps_its_word_and_recovers(#[values(On::Sqlite, On::Postgres)] on: On) {
    let place = Deployment::start(on).await;
    let mut apis = Apis::start(&place).await;
    let [honest, disabled, revoked, later] = [(); 4].map(|()| Holder::new(&place));
    for holder in [&honest, &disabled, &revoked, &later] {
        for path in [SERVED, DENIED] {
            assert_eq!((apis.signed(path, holder), apis.opaque(path, holder)), (ok(), ok()));
        }
    }

    place.turn(Weather::NoEvents);
    apis.become_stale(true);
    assert!(!place.propagates(&["clients", "disable", &disabled.client.id]));
    place.revoke(&revoked.client, &revoked.opaque);
    place.revoke(&revoked.client, &revoked.jwt);
    // Opaque tokens are asked for one by one, so that what was revoked is dead at once.
    for holder in [&disabled, &revoked] {
        assert_eq!(apis.opaque(SERVED, holder), refused(401, "invalid_token"));
        assert_eq!(apis.signed(SERVED, holder), ok(), "by what is known");
        assert_eq!(apis.signed(DENIED, holder), refused(503, "access_data_stale"));
    }
    for path in [SERVED, DENIED] {
        assert_eq!(apis.opaque(path, &honest), ok());
    }
    assert_eq!(apis.signed(SERVED, &honest), ok());
    assert_eq!(apis.signed(DENIED, &honest), refused(503, "access_data_stale"));
    for api in [&apis.signed, &apis.opaque] {
        eventually("the alarm is raised", || api.heard.said("the event stream is stale"));
    }

    place.turn(Weather::Cut);
    for path in [SERVED, DENIED] {
        assert_eq!(apis.opaque(path, &honest), refused(503, "introspection_unavailable"));
    }
    assert_eq!(apis.signed(SERVED, &honest), ok());
    assert_eq!(apis.signed(DENIED, &honest), refused(503, "access_data_stale"));

    place.turn(Weather::Clear);
    eventually("what was revoked is refused", || {
        [&disabled, &revoked].iter().all(|holder| apis.signed(SERVED, holder).0 == 401)
    });
    apis.become_stale(false);
    for path in [SERVED, DENIED] {
        for holder in [&disabled, &revoked] {
            assert_eq!(apis.signed(path, holder), refused(401, "invalid_token"));
            assert_eq!(apis.opaque(path, holder), refused(401, "invalid_token"));
        }
        assert_eq!((apis.signed(path, &honest), apis.opaque(path, &honest)), (ok(), ok()));
    }
    eventually("the alarm is over", || apis.signed.heard.said("the event stream is fresh again"));

    let propagated = place.propagates(&["clients", "disable", &later.client.id]);
    assert_eq!(apis.signed(SERVED, &later), refused(401, "invalid_token"));
    assert_eq!(apis.opaque(SERVED, &later), refused(401, "invalid_token"));
    assert!(propagated, "who came back is waited for, and confirms");
    place.run(&["clients", "enable", &disabled.client.id]);
    let again = Holder {
        jwt: place.token(&disabled.client, AUDIENCE),
        opaque: place.token(&disabled.client, OPAQUE),
        client: disabled.client.clone(),
    };
    assert_eq!((apis.signed(SERVED, &again), apis.opaque(SERVED, &again)), (ok(), ok()));
    assert_eq!(apis.signed(SERVED, &disabled), refused(401, "invalid_token"));
    assert_eq!(apis.opaque(SERVED, &disabled), refused(401, "invalid_token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_slow_to_begin_does_not_stay_behind() {
    const STEADY: Duration = Duration::from_secs(4);
    let place = Deployment::start(On::Sqlite).await;
    let apis = Apis::start(&place).await;
    place.turn(Weather::Cut);
    apis.become_stale(true);
    // What is asked now arrives late, and so does the answer; what follows it comes as fast as ever.
    let lost = apis.known_through().map(|at| at + Duration::from_millis(100));
    place.turn(Weather::Late(Duration::from_millis(1_200)));
    eventually("streams begin", || apis.known_through().iter().zip(&lost).all(|(now, lost)| now > lost));
    place.turn(Weather::Clear);
    let mut stale_at = Instant::now();
    eventually("the guards stay fresh", || {
        if [&apis.signed, &apis.opaque].iter().any(|api| api.status().stale) {
            stale_at = Instant::now();
        }
        stale_at.elapsed() > STEADY
    });
}
