//! Refusals before authentication, and by a used up quota: counted by reason, client and network, and written as one row
//! each once a second.
//!
//! Strangers cannot buy disk writes, nor fill a disk in the long run: many kinds of refusal at once are written, many of
//! them all the time are not ([`Budget`]), so that a day of floods from everywhere costs about a gigabyte. Under pressure further kinds of refusal are dropped, and how many is itself a row.
//! So are request ids, by which a refusal is looked up: a row names the first [`MAX_REQUESTS`] of its second and the
//! last one. Every refusal is in the server's log.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Outcome, Record, Subject, network};

/// How many different kinds of refusal are kept until they are written.
const MAX_KINDS: usize = 10_000;
/// How many request ids a row names beside the last one.
const MAX_REQUESTS: usize = 32;
/// How many request ids are kept until they are written, for all kinds together: a mebibyte or two.
const MAX_KEPT: usize = 20_000;
/// How many kinds may be written in a second for ever.
const KINDS_A_SECOND: usize = 20;
/// How many request ids may be.
const KEPT_A_SECOND: usize = 200;

#[derive(Debug, Eq, Hash, PartialEq)]
struct Kind {
    reason: &'static str,
    who: Who,
    network: Option<String>,
}

/// Who was refused.
#[derive(Debug, Eq, Hash, PartialEq)]
enum Who {
    /// A client that has authenticated.
    Client(ClientId),
    /// Somebody who said that they were this client, if there is one of that name.
    Stranger(Option<ClientId>),
}

/// How often, and in which requests.
#[derive(Debug)]
struct Seen {
    count: i64,
    earlier: Vec<String>,
    last: String,
}

#[derive(Debug, Default)]
struct Counts {
    kinds: HashMap<Kind, Seen>,
    kept: usize,
    dropped: i64,
    budget: Budget,
}

/// What may still be written. It grows back slowly.
#[derive(Debug)]
struct Budget {
    kinds: usize,
    kept: usize,
    /// When it grew the last time.
    at: Option<Timestamp>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { kinds: MAX_KINDS, kept: MAX_KEPT, at: None }
    }
}

impl Budget {
    /// What is left after so much was used up until `now`. A clock that jumps grows nothing, or all of it.
    fn after(&self, kinds: usize, kept: usize, now: Timestamp) -> Self {
        let seconds = self.at.map_or(0, |at| now.since(at).as_secs());
        let seconds = usize::try_from(seconds).unwrap_or(usize::MAX);
        let left = |had: usize, used: usize, a_second: usize, most: usize| {
            had.saturating_sub(used).saturating_add(seconds.saturating_mul(a_second)).min(most)
        };
        Self {
            kinds: left(self.kinds, kinds, KINDS_A_SECOND, MAX_KINDS),
            kept: left(self.kept, kept, KEPT_A_SECOND, MAX_KEPT),
            // Parts of a second are not lost by asking often.
            at: if seconds > 0 || self.at.is_none_or(|at| at > now) { Some(now) } else { self.at },
        }
    }
}

/// Refusals not yet written.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Counts>);

impl Refusals {
    /// Counts a refusal. `client` only if such a client exists: strangers choose no text that is stored.
    pub(crate) fn note(
        &self,
        reason: &'static str,
        client: Option<&ClientId>,
        address: Option<IpAddr>,
        request_id: &str,
    ) {
        let who = Who::Stranger(client.cloned());
        self.count(Kind { reason, who, network: address.map(network) }, request_id);
    }

    /// Counts a refusal of a client that has authenticated, and may be refused again and again.
    pub(crate) fn note_client(
        &self,
        reason: &'static str,
        client: &ClientId,
        address: Option<IpAddr>,
        request_id: &str,
    ) {
        let who = Who::Client(client.clone());
        self.count(Kind { reason, who, network: address.map(network) }, request_id);
    }

    fn count(&self, kind: Kind, request_id: &str) {
        let mut guard = self.0.lock();
        let counts = &mut *guard;
        if let Some(seen) = counts.kinds.get_mut(&kind) {
            seen.count += 1;
            let before = std::mem::replace(&mut seen.last, request_id.to_owned());
            if seen.earlier.len() < MAX_REQUESTS && counts.kept < counts.budget.kept {
                seen.earlier.push(before);
                counts.kept += 1;
            }
        } else if counts.kinds.len() < counts.budget.kinds {
            let seen = Seen { count: 1, earlier: Vec::new(), last: request_id.to_owned() };
            counts.kinds.insert(kind, seen);
        } else {
            counts.dropped += 1;
        }
    }

    /// Takes what was counted as records of `now`, to be written.
    pub(crate) fn take(&self, now: Timestamp) -> Vec<Record> {
        let mut guard = self.0.lock();
        let budget = guard.budget.after(guard.kinds.len(), guard.kept, now);
        let counts = std::mem::replace(&mut *guard, Counts { budget, ..Counts::default() });
        drop(guard);
        let mut records: Vec<Record> =
            counts.kinds.into_iter().map(|(kind, seen)| record(kind, seen, now)).collect();
        if counts.dropped > 0 {
            let kind = Kind { reason: "too_many_kinds_of_refusal", who: Who::Stranger(None), network: None };
            let seen = Seen { count: counts.dropped, earlier: Vec::new(), last: String::new() };
            records.push(record(kind, seen, now));
        }
        records
    }
}

fn record(kind: Kind, seen: Seen, now: Timestamp) -> Record {
    let (actor, subject) = match kind.who {
        Who::Client(id) => (Actor::Client(id), None),
        Who::Stranger(named) => (Actor::Anonymous, named.map(Subject::Client)),
    };
    let record = Record {
        outcome: Outcome::Refused(kind.reason),
        address: kind.network,
        request_id: (!seen.last.is_empty()).then_some(seen.last),
        count: seen.count,
        ..Record::new(now, Event::TokenRefused, actor, subject)
    };
    if seen.earlier.is_empty() { record } else { record.with("request_ids", seen.earlier) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_refusals_become_one_row() {
        let refusals = Refusals::default();
        let client = ClientId::parse("cron").unwrap();
        for host in 1..=9 {
            let address = IpAddr::from([203, 0, 113, host]);
            refusals.note("wrong_secret", Some(&client), Some(address), &format!("r{host}"));
        }
        refusals.note("wrong_secret", None, None, "r10");
        let mut rows = refusals.take(Timestamp::EPOCH);
        rows.sort_by_key(|row| -row.count);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].count, rows[0].address.as_deref()), (9, Some("203.0.113.0/24")));
        assert_eq!(rows[0].request_id.as_deref(), Some("r9"));
        assert_eq!(
            rows[0].detail["request_ids"],
            serde_json::json!(["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"])
        );
        assert!(rows[1].detail.is_empty());
        assert!(refusals.take(Timestamp::EPOCH).is_empty());
    }

    #[test]
    fn a_client_that_has_authenticated_is_the_actor_of_its_refusals() {
        let refusals = Refusals::default();
        let client = ClientId::parse("cron").unwrap();
        for _ in 0..1_000 {
            refusals.note_client("quota_exceeded", &client, None, "r");
        }
        refusals.note("quota_exceeded", Some(&client), None, "r");
        let rows = refusals.take(Timestamp::EPOCH);
        let of =
            |actor: &Actor| rows.iter().filter(|row| row.actor == *actor).map(|row| row.count).sum::<i64>();
        assert_eq!((rows.len(), of(&Actor::Client(client)), of(&Actor::Anonymous)), (2, 1_000, 1));
    }

    #[test]
    fn a_flood_of_kinds_is_dropped_and_counted() {
        let refusals = Refusals::default();
        for n in 0..MAX_KINDS + 7 {
            refusals.note("wrong_secret", Some(&ClientId::parse(&format!("c{n}")).unwrap()), None, "r");
        }
        let rows = refusals.take(Timestamp::EPOCH);
        assert_eq!(rows.len(), MAX_KINDS + 1);
        assert_eq!(rows.iter().map(|row| row.count).sum::<i64>(), i64::try_from(MAX_KINDS).unwrap() + 7);
    }

    /// A day of strangers from ten thousand networks: what was there for the first second is not there for each.
    #[test]
    fn a_flood_that_does_not_end_is_written_in_a_bounded_part() {
        let refusals = Refusals::default();
        let (mut rows, mut ids, mut counted) = (0, 0, 0);
        for second in 0..300 {
            for n in 0..200_u8 {
                for host in [1, 2] {
                    let address = IpAddr::from([n, 0, 113, host]);
                    refusals.note("wrong_secret", None, Some(address), &format!("r{host}"));
                }
            }
            let written = refusals.take(Timestamp::from_secs(1_000 + second));
            rows += written.len();
            counted += written.iter().map(|row| row.count).sum::<i64>();
            let of =
                |row: &Record| row.detail.get("request_ids").map_or(0, |ids| ids.as_array().unwrap().len());
            ids += written.iter().map(of).sum::<usize>();
        }
        assert!((10_000..=MAX_KINDS + 300 * (KINDS_A_SECOND + 1)).contains(&rows), "{rows} rows");
        assert!(ids <= MAX_KEPT + 300 * KEPT_A_SECOND, "{ids} ids");
        assert_eq!(counted, 300 * 400, "what is not written by itself is counted together");
        assert!(refusals.take(Timestamp::from_secs(9_000)).is_empty());
        for n in 0..200_u8 {
            refusals.note("wrong_secret", None, Some(IpAddr::from([n, 0, 113, 1])), "r");
        }
        assert_eq!(refusals.take(Timestamp::from_secs(9_001)).len(), 200, "it has grown back");
    }

    #[test]
    fn a_flood_of_one_kind_keeps_the_first_requests_and_the_last() {
        let refusals = Refusals::default();
        for n in 0..1_000 {
            refusals.note("wrong_secret", None, None, &format!("r{n}"));
        }
        let rows = refusals.take(Timestamp::EPOCH);
        let ids = rows[0].detail["request_ids"].as_array().unwrap();
        assert_eq!((ids.len(), &ids[0], &ids[31]), (MAX_REQUESTS, &"r0".into(), &"r31".into()));
        assert_eq!((rows[0].count, rows[0].request_id.as_deref()), (1_000, Some("r999")));
    }
}
