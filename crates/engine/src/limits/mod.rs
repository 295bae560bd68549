//! Guessing: who has failed too often is not heard for the rest of the minute, whatever they bring (R104, INT-07).
//!
//! 1. Before anything is looked up or hashed: a name that has failed often enough from this address is turned away, known
//!    or not, and so is an address from which too many names have failed.
//! 2. What then fails is counted, by name and address, and by address.
//! 3. Nobody learns more than the limit allows by trying at once: whoever passed step 1 while others failed is asked
//!    again before the answer goes out, also with the right secret.
//! 4. What names nobody (a refused token, an assertion that cannot be read) counts by address alone, and limits nothing
//!    but what names nobody.
//! 5. Once a second, counts by name go to the database, and others' come back ([`share`]). Counts by address stay here.
//!
//! Names are kept as digests together with the address: strangers choose no text that is kept, and none that is long.

mod share;

pub(crate) use self::share::MAX_WRITTEN;

use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_jose::sha256;
use tokenry_protocol::error::ErrorCode;

use crate::context::Context;
use crate::engine::Engine;
use crate::policy::limits::{GuessLimits, Window, subscriber};
use crate::refusal::{Cause, Refusal};
use crate::table::{Held, Table, Worth};

/// The reason of who is turned away because too much has failed, for the log and the audit.
pub(crate) const RATE_LIMITED: &str = "rate_limited";
/// How many names with their addresses are counted: ten megabytes.
const MAX_PAIRS: usize = 50_000;
/// How many addresses are: ten megabytes where each tries as many names as it may by default.
const MAX_ADDRESSES: usize = 20_000;

/// What a name and an address are kept as.
type PairId = [u8; 32];

/// Who tries: a name from an address, an address alone, or a name wherever it comes from.
#[derive(Debug)]
pub(crate) struct Party {
    pair: Option<PairId>,
    source: Source,
}

/// Whose other failures count too.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Those of an address, where it is known.
    Address(Place),
    /// Nobody's.
    Anywhere,
}

/// An address, and what is tried there: one does not limit the other.
type Place = (What, Option<IpAddr>);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum What {
    /// Asking for mail.
    Ask,
    /// Showing what only somebody can try who knows a secret of that name already.
    Finish,
    /// Proving to be somebody.
    Prove,
    /// Saying that a credential leaked.
    Report,
    /// Showing an API what names nobody, as the API says.
    Show,
}

impl Party {
    /// Who calls itself `name`, if it does. Where the address is not known, all such are one.
    pub(crate) fn new(name: Option<&str>, address: Option<IpAddr>) -> Self {
        let address = address.map(subscriber);
        Self {
            pair: name.map(|name| pair(What::Prove, name, address)),
            source: Source::Address((What::Prove, address)),
        }
    }

    /// Who asks for something that is sent to `name`: no failure, but as little to be done without end.
    pub(crate) fn asking(name: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(subscriber);
        let pair = pair(What::Ask, name, address);
        Self { pair: Some(pair), source: Source::Address((What::Ask, address)) }
    }

    /// Who reports that a credential leaked: no failure, but as little to be done without end.
    pub(crate) fn reporting(address: Option<IpAddr>) -> Self {
        Self { pair: None, source: Source::Address((What::Report, address.map(subscriber))) }
    }

    /// Who showed an API something that names nobody, there where the API says. Apart from what is tried here: what an API says
    /// limits nobody at this server's own doors.
    pub(crate) fn showing(address: IpAddr) -> Self {
        Self { pair: None, source: Source::Address((What::Show, Some(subscriber(address)))) }
    }

    /// Who calls itself `name`, from anywhere: for what only somebody can try who knows a secret of that name already.
    /// Nobody else is limited by it, and it by nobody else.
    pub(crate) fn anywhere(name: &str) -> Self {
        Self { pair: Some(pair(What::Finish, name, None)), source: Source::Anywhere }
    }
}

fn pair(what: What, name: &str, address: Option<IpAddr>) -> PairId {
    let address = address.map_or_else(String::new, |address| address.to_string());
    sha256(format!("tokenry/failing-pair/1\0{what:?}\0{address}\0{name}").as_bytes())
}

/// Somebody is over a limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Limited {
    limit: &'static str,
    wait: Duration,
}

impl From<Limited> for Refusal {
    fn from(limited: Limited) -> Self {
        metrics::counter!("tokenry_limited_total", "limit" => limited.limit).increment(1);
        let text = "Too many attempts have failed. Try again later.";
        let refusal = Self::new(ErrorCode::TemporarilyUnavailable, RATE_LIMITED, text);
        Self { retry_after: Some(limited.wait), ..refusal.caused_by(Cause::RateLimited) }
    }
}

/// A name that has failed from an address.
#[derive(Debug)]
struct Pair {
    window: Window,
    /// How many of them the database has not been told.
    unshared: u32,
}

impl Held for Pair {
    type Rules = GuessLimits;

    fn worth(&self, limits: &GuessLimits, now: Timestamp) -> Worth {
        worth(self.window.at(now).count(), self.window.wait(limits.failures_per_client, now))
    }
}

/// An address from which something has failed.
#[derive(Debug)]
struct Address {
    names: Vec<u64>,
    /// How many names.
    failing: Window,
    /// How many refusals of what names nobody.
    nameless: Window,
}

impl Address {
    const fn new(now: Timestamp) -> Self {
        Self { names: Vec::new(), failing: Window::new(now), nameless: Window::new(now) }
    }

    /// As it is now.
    fn age(&mut self, now: Timestamp) {
        (self.failing, self.nameless) = (self.failing.at(now), self.nameless.at(now));
        if self.failing.count() == 0 {
            self.names = Vec::new();
        }
    }

    fn note_name(&mut self, pair: &PairId, now: Timestamp) {
        let [name, ..] = pair.as_chunks::<8>().0 else { return };
        let name = u64::from_le_bytes(*name);
        if !self.names.contains(&name) {
            self.names.push(name);
            self.failing = self.failing.plus(1, now);
        }
    }

    /// More than so many names, where nothing is limited by 0.
    fn names_wait(&self, limits: &GuessLimits, now: Timestamp) -> Option<Duration> {
        let limit = limits.names_per_address;
        self.failing.wait(if limit == 0 { 0 } else { limit.saturating_add(1) }, now)
    }
}

impl Held for Address {
    type Rules = GuessLimits;

    fn worth(&self, limits: &GuessLimits, now: Timestamp) -> Worth {
        let failures = self.failing.at(now).count().saturating_add(self.nameless.at(now).count());
        let nameless = self.nameless.wait(limits.refused_per_address, now);
        worth(failures, self.names_wait(limits, now).or(nameless))
    }
}

const fn worth(failures: u32, wait: Option<Duration>) -> Worth {
    match (failures, wait) {
        (_, Some(_)) => Worth::Limiting,
        (0, None) => Worth::Over,
        (failures, None) => Worth::Events(failures),
    }
}

#[derive(Debug)]
struct Counts {
    pairs: Table<PairId, Pair>,
    addresses: Table<Place, Address>,
    /// Failures for which there was no room.
    dropped: u64,
}

/// Who has failed how often.
#[derive(Debug)]
pub(crate) struct Limits {
    limits: GuessLimits,
    counts: Mutex<Counts>,
    /// Whether what the database has from before has been learned.
    caught_up: AtomicBool,
}

impl Limits {
    pub(crate) fn new(limits: GuessLimits) -> Self {
        let (pairs, addresses) = (Table::new(MAX_PAIRS, limits), Table::new(MAX_ADDRESSES, limits));
        let counts = Counts { pairs, addresses, dropped: 0 };
        Self { limits, counts: Mutex::new(counts), caught_up: AtomicBool::new(false) }
    }

    /// Step 1.
    ///
    /// # Errors
    /// When the party is over a limit.
    pub(crate) fn admit(&self, party: &Party, now: Timestamp) -> Result<(), Refusal> {
        Ok(self.counts.lock().check(&self.limits, party, now)?)
    }

    /// Steps 2 and 3: counts what failed, and lets nothing out to who has meanwhile come over a limit.
    ///
    /// # Errors
    /// The refusal that was decided, or that of the limit.
    pub(crate) fn judge<T>(
        &self,
        party: &Party,
        decided: Result<T, Refusal>,
        now: Timestamp,
    ) -> Result<T, Refusal> {
        match &decided {
            Ok(_) => self.admit(party, now)?,
            Err(refusal) if refusal.error.code == ErrorCode::InvalidClient => self.fail(party, now)?,
            Err(_) => {}
        }
        decided
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// When the party is over a limit: then nothing is counted, and the failure must not be told.
    pub(crate) fn fail(&self, party: &Party, now: Timestamp) -> Result<(), Refusal> {
        let mut counts = self.counts.lock();
        counts.check(&self.limits, party, now)?;
        counts.note(&self.limits, party, now);
        Ok(())
    }
}

impl Engine {
    /// Counts a credential that names nobody, which an API asks about or somebody asks about here, and is told to be nothing:
    /// by the address from which an API says it was shown, else by that of who asks.
    ///
    /// # Errors
    /// As [`Limits::fail`], and the refusal says that it is about the credential.
    pub(crate) fn count_asked_about(
        &self,
        shown_at: Option<IpAddr>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let party = shown_at.map_or_else(|| Party::new(None, context.address), Party::showing);
        let counted = self.count_failure(&party, context);
        counted.map_err(|refusal| refusal.caused_by(Cause::CredentialLimited))
    }

    /// Counts a failure that is answered all the same, and notes the refusal if it is one too many.
    ///
    /// # Errors
    /// As [`Limits::fail`].
    pub(crate) fn count_failure(&self, party: &Party, context: &Context) -> Result<(), Refusal> {
        self.limits.fail(party, context.now).inspect_err(|refusal| {
            self.refusals.note(refusal.reason, None, context);
        })
    }
}

impl Counts {
    fn check(&mut self, limits: &GuessLimits, party: &Party, now: Timestamp) -> Result<(), Limited> {
        if let Source::Address(place) = &party.source
            && let Some(address) = self.addresses.find_mut(place)
        {
            address.age(now);
            if let Some(wait) = address.names_wait(limits, now) {
                return Err(Limited { limit: "names_per_address", wait });
            }
            let nameless = address.nameless.wait(limits.refused_per_address, now);
            if let (None, Some(wait)) = (&party.pair, nameless) {
                return Err(Limited { limit: "refused_per_address", wait });
            }
        }
        let pair = party.pair.as_ref().and_then(|pair| self.pairs.find_mut(pair));
        if let Some(pair) = pair {
            pair.window = pair.window.at(now);
            if let Some(wait) = pair.window.wait(limits.failures_per_client, now) {
                return Err(Limited { limit: "failures_per_client", wait });
            }
        }
        Ok(())
    }

    fn note(&mut self, limits: &GuessLimits, party: &Party, now: Timestamp) {
        let by_address =
            if party.pair.is_some() { limits.names_per_address } else { limits.refused_per_address };
        if let (Source::Address(place), 1..) = (party.source, by_address) {
            let address = self.addresses.entry(place, now, || Address::new(now));
            match (address, &party.pair) {
                (None, _) => self.dropped += 1,
                (Some(address), None) => address.nameless = address.nameless.plus(1, now),
                (Some(address), Some(pair)) => address.note_name(pair, now),
            }
        }
        if let Some(pair) = party.pair.filter(|_pair| limits.failures_per_client > 0) {
            let new = || Pair { window: Window::new(now), unshared: 0 };
            match self.pairs.entry(pair, now, new) {
                None => self.dropped += 1,
                Some(pair) => {
                    pair.window = pair.window.plus(1, now);
                    pair.unshared = pair.unshared.saturating_add(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
