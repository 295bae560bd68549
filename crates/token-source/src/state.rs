//! What the source holds, and what that means for the next caller. Pure: instants go in, decisions come out.

use tokenry_clock::Timestamp;
use tokio::sync::watch;

use crate::access_token::AccessToken;
use crate::error::Error;
use crate::mint::Minted;
use crate::schedule::{self, Jitter};

/// The request that is under way for everybody; holds its outcome once there is one.
pub(crate) type Flight = watch::Receiver<Option<Result<AccessToken, Error>>>;

#[derive(Default)]
pub(crate) struct State {
    failed: Option<Failed>,
    flight: Option<Flight>,
    held: Option<Held>,
    /// An API refused the last token: what lands next replaces it.
    replacing: Replacing,
}

/// What the next caller does.
pub(crate) enum Step {
    Fail(Error),
    Join(Flight),
    Serve(AccessToken),
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Replacing {
    #[default]
    Expired,
    Refused,
}

struct Held {
    minted_at: Timestamp,
    reason: Replacing,
    renew_at: Timestamp,
    serve_until: Timestamp,
    token: AccessToken,
}

struct Failed {
    at: Timestamp,
    error: Error,
    /// How many in a row, this one included.
    run: u32,
    until: Timestamp,
}

impl State {
    /// Decides for one caller, and launches a request if one is due and none is under way.
    pub(crate) fn next(&mut self, now: Timestamp, launch: impl FnOnce() -> Flight) -> Step {
        self.flight.take_if(|flight| is_abandoned(flight));
        let resting = self.failed.as_ref().filter(|failed| failed.rests(now));
        if let Some(held) = self.held.as_ref().filter(|held| held.serves(now)) {
            if held.is_due(now) && self.flight.is_none() && resting.is_none() {
                self.flight = Some(launch());
            }
            return Step::Serve(held.token.clone());
        }
        match (&self.flight, resting) {
            (Some(flight), _) => Step::Join(flight.clone()),
            (None, Some(failed)) => Step::Fail(failed.error.clone().retry_in(failed.until.since(now))),
            (None, None) => Step::Join(self.flight.insert(launch()).clone()),
        }
    }

    /// Takes the outcome of the request that was sent at `sent_at`, and hands it to those who wait.
    pub(crate) fn land(
        &mut self,
        answer: Result<Minted, Error>,
        sent_at: Timestamp,
        now: Timestamp,
        jitter: &Jitter,
    ) -> Result<AccessToken, Error> {
        self.flight = None;
        match answer {
            Err(error) => Err(self.fail(error, now, jitter)),
            Ok(minted) => {
                self.failed = None;
                let token = minted.token.clone();
                self.held = Some(Held::new(minted, std::mem::take(&mut self.replacing), sent_at, jitter));
                Ok(token)
            }
        }
    }

    /// Drops `token` if it is the current one and not itself a fresh replacement.
    pub(crate) fn invalidate(&mut self, token: &AccessToken, now: Timestamp) {
        if self.held.take_if(|held| held.token.is(token) && !held.is_fresh_replacement(now)).is_some() {
            self.replacing = Replacing::Refused;
        }
    }

    fn fail(&mut self, error: Error, now: Timestamp, jitter: &Jitter) -> Error {
        let run = self.failed.as_ref().map_or(1, |failed| failed.run.saturating_add(1));
        let rest = schedule::backoff(run, error.retry_after(), jitter.next());
        let error = error.retry_in(rest);
        self.failed = Some(Failed { at: now, error: error.clone(), run, until: now.plus(rest) });
        error
    }
}

impl Held {
    fn new(minted: Minted, reason: Replacing, sent_at: Timestamp, jitter: &Jitter) -> Self {
        let renew_at = sent_at.plus(schedule::renew_after(minted.lifetime, jitter.next()));
        let serve_until = sent_at.plus(schedule::serve_for(minted.lifetime));
        Self { minted_at: sent_at, reason, renew_at, serve_until, token: minted.token }
    }

    fn serves(&self, now: Timestamp) -> bool {
        now < self.serve_until
    }

    /// Also when the clock went back behind the minting: nobody knows then how much of the lifetime is left.
    fn is_due(&self, now: Timestamp) -> bool {
        now >= self.renew_at || now < self.minted_at
    }

    fn is_fresh_replacement(&self, now: Timestamp) -> bool {
        self.reason == Replacing::Refused && now.since(self.minted_at) < schedule::REPLACEMENT_STAYS
    }
}

impl Failed {
    /// A clock that went back does not prolong the rest.
    fn rests(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.until
    }
}

/// Whether nobody will ever land it: its task is gone with the runtime that ran it.
fn is_abandoned(flight: &Flight) -> bool {
    flight.has_changed().is_err()
}
