//! Refusals before authentication, and by a used up quota: counted by reason, client and network, and written as one row
//! each once a second.
//!
//! Strangers cannot fill the disk: in the long run a row a second is written, however many they are and whatever they
//! try. What is beyond that waits and is counted on, so that rows are fewer and stand for more. Under pressure further
//! kinds of refusal are dropped, and how many is itself a row. So are request ids, by which a refusal is looked up: a row
//! names the first [`MAX_REQUESTS`] and the last one.
//!
//! What waits is written late, so a row also says when the first and the last of what it counts took place. Clients that
//! have authenticated, and users who are signed in, wait in a queue of their own, in which strangers take no place.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Outcome, Record, Subject, UserId, network};

use crate::context::Context;

/// How many different kinds of refusal are kept until they are written.
const MAX_KINDS: usize = 10_000;
/// How many rows are written at once after a quiet time, and never more: each costs a second of it.
const MAX_ROWS: usize = 1_000;
const SAVED: Duration = Duration::from_secs(MAX_ROWS as u64);
/// How many request ids a row names beside the last one.
const MAX_REQUESTS: usize = 32;
/// How many request ids are kept until they are written, for all kinds together: a mebibyte or two.
const MAX_KEPT: usize = 20_000;

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
    /// Somebody who tried to sign in, as this user if there is one of that name.
    Person(Option<UserId>),
    /// Somebody who said that they were this client, if there is one of that name.
    Stranger(Option<ClientId>),
    /// Somebody who is signed in.
    User(UserId),
}

/// How often, since which round, when, and in which requests.
#[derive(Debug)]
struct Seen {
    since: u64,
    count: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    earlier: Vec<String>,
    last: String,
}

#[derive(Debug, Default)]
struct Counts {
    kinds: HashMap<Kind, Seen>,
    kept: usize,
    /// Those of kinds for which there was no room.
    dropped: Option<Seen>,
    /// How often they were taken.
    round: u64,
    /// Until when the rows that were written are paid for.
    paid_until: Option<Timestamp>,
    ending: bool,
}

/// Refusals not yet written.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    clients: Mutex<Counts>,
    strangers: Mutex<Counts>,
}

impl Refusals {
    /// Counts a refusal. `client` only if such a client exists: strangers choose no text that is stored.
    pub(crate) fn note(&self, reason: &'static str, client: Option<&ClientId>, context: &Context) {
        let who = Who::Stranger(client.cloned());
        self.strangers.lock().count(Kind::of(reason, who, context), context);
    }

    /// Counts a refusal of a client that has authenticated, and may be refused again and again.
    pub(crate) fn note_client(&self, reason: &'static str, client: &ClientId, context: &Context) {
        let who = Who::Client(client.clone());
        self.clients.lock().count(Kind::of(reason, who, context), context);
    }

    /// Counts a refused sign-in. `user` only if there is such a one.
    pub(crate) fn note_sign_in(&self, reason: &'static str, user: Option<&UserId>, context: &Context) {
        let who = Who::Person(user.cloned());
        self.strangers.lock().count(Kind::of(reason, who, context), context);
    }

    /// Counts what somebody who is signed in was refused, among those of clients: strangers take no place there.
    pub(crate) fn note_user(&self, reason: &'static str, user: &UserId, context: &Context) {
        let who = Who::User(user.clone());
        self.clients.lock().count(Kind::of(reason, who, context), context);
    }

    /// Takes what may be written by now as records of `now`: those of clients, then those of strangers, of each what has
    /// waited longest first.
    pub(crate) fn take(&self, now: Timestamp) -> Vec<Record> {
        let mut records = self.clients.lock().take(now);
        records.extend(self.strangers.lock().take(now));
        records
    }

    /// The process ends: the next time, all is taken.
    pub(crate) fn hold_nothing_back(&self) {
        self.clients.lock().ending = true;
        self.strangers.lock().ending = true;
    }
}

impl Kind {
    fn of(reason: &'static str, who: Who, context: &Context) -> Self {
        Self { reason, who, network: context.address.map(network) }
    }
}

impl Seen {
    fn once(since: u64, context: &Context) -> Self {
        Self {
            since,
            count: 1,
            first_at: context.now,
            last_at: context.now,
            earlier: Vec::new(),
            last: context.request_id.clone(),
        }
    }
}

impl Counts {
    fn count(&mut self, kind: Kind, context: &Context) {
        if let Some(seen) = self.kinds.get_mut(&kind) {
            seen.count += 1;
            // Requests end in another order than they began, and clocks are set back.
            seen.first_at = seen.first_at.min(context.now);
            seen.last_at = seen.last_at.max(context.now);
            let before = std::mem::replace(&mut seen.last, context.request_id.clone());
            if seen.earlier.len() < MAX_REQUESTS && self.kept < MAX_KEPT {
                seen.earlier.push(before);
                self.kept += 1;
            }
        } else if self.kinds.len() < MAX_KINDS {
            self.kinds.insert(kind, Seen::once(self.round, context));
        } else {
            let dropped =
                self.dropped.get_or_insert_with(|| Seen { count: 0, ..Seen::once(self.round, context) });
            dropped.count += 1;
            dropped.last_at = dropped.last_at.max(context.now);
        }
    }

    /// How many rows may be written now. A clock that was set back costs what was saved, and no more.
    fn affordable(&mut self, now: Timestamp) -> usize {
        if self.ending {
            return usize::MAX;
        }
        let most = now.plus(SAVED);
        let paid_until = self.paid_until.unwrap_or(now).clamp(now, most);
        self.paid_until = Some(paid_until);
        usize::try_from(most.since(paid_until).as_secs()).unwrap_or(MAX_ROWS)
    }

    fn take(&mut self, now: Timestamp) -> Vec<Record> {
        let rows = self.affordable(now);
        let mut kinds: Vec<_> = self.kinds.drain().collect();
        if kinds.len() > rows {
            kinds.sort_unstable_by_key(|(_kind, seen)| seen.since);
            self.kinds.extend(kinds.drain(rows..));
        }
        self.round += 1;
        self.kept = self.kinds.values().map(|seen| seen.earlier.len()).sum();
        let mut records: Vec<_> = kinds.into_iter().map(|(kind, seen)| record(kind, seen, now)).collect();
        if let Some(seen) = self.dropped.take_if(|_dropped| records.len() < rows) {
            let kind = Kind { reason: "too_many_kinds_of_refusal", who: Who::Stranger(None), network: None };
            records.push(record(kind, Seen { last: String::new(), ..seen }, now));
        }
        let cost = Duration::from_secs(records.len() as u64);
        self.paid_until = self.paid_until.map(|paid| paid.plus(cost));
        records
    }
}

fn record(kind: Kind, seen: Seen, now: Timestamp) -> Record {
    let (event, actor, subject) = match kind.who {
        Who::Client(id) => (Event::TokenRefused, Actor::Client(id), None),
        Who::Person(named) => (Event::SignInRefused, Actor::Anonymous, named.map(Subject::User)),
        Who::Stranger(named) => (Event::TokenRefused, Actor::Anonymous, named.map(Subject::Client)),
        Who::User(id) => (Event::TokenRefused, Actor::User(id), None),
    };
    let record = Record {
        outcome: Outcome::Refused(kind.reason),
        address: kind.network,
        request_id: (!seen.last.is_empty()).then_some(seen.last),
        count: seen.count,
        ..Record::new(now, event, actor, subject)
    }
    .with("first_at", seen.first_at.to_string())
    .with("last_at", seen.last_at.to_string());
    if seen.earlier.is_empty() { record } else { record.with("request_ids", seen.earlier) }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn at(second: u64, address: Option<IpAddr>, request_id: &str) -> Context {
        let now = Timestamp::EPOCH.plus(Duration::from_secs(second));
        Context {
            now,
            address,
            request_id: request_id.to_owned(),
            browser: None,
            language: None,
            from_browser: false,
        }
    }

    fn request(request_id: &str) -> Context {
        at(0, None, request_id)
    }

    #[test]
    fn equal_refusals_become_one_row() {
        let refusals = Refusals::default();
        let client = ClientId::parse("cron").unwrap();
        for host in 1..=9 {
            let address = IpAddr::from([203, 0, 113, host]);
            refusals.note("wrong_secret", Some(&client), &at(0, Some(address), &format!("r{host}")));
        }
        refusals.note("wrong_secret", None, &request("r10"));
        let mut rows = refusals.take(Timestamp::EPOCH);
        rows.sort_by_key(|row| -row.count);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].count, rows[0].address.as_deref()), (9, Some("203.0.113.0/24")));
        assert_eq!(rows[0].request_id.as_deref(), Some("r9"));
        assert_eq!(
            rows[0].detail["request_ids"],
            serde_json::json!(["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"])
        );
        assert!(!rows[1].detail.contains_key("request_ids"));
        assert!(refusals.take(Timestamp::EPOCH).is_empty());
    }

    #[test]
    fn a_client_that_has_authenticated_is_the_actor_of_its_refusals() {
        let refusals = Refusals::default();
        let client = ClientId::parse("cron").unwrap();
        for _ in 0..1_000 {
            refusals.note_client("quota_exceeded", &client, &request("r"));
        }
        refusals.note("quota_exceeded", Some(&client), &request("r"));
        let rows = refusals.take(Timestamp::EPOCH);
        let of =
            |actor: &Actor| rows.iter().filter(|row| row.actor == *actor).map(|row| row.count).sum::<i64>();
        assert_eq!((rows.len(), of(&Actor::Client(client)), of(&Actor::Anonymous)), (2, 1_000, 1));
    }

    /// A flood of so many kinds of refusal at once.
    fn flood(refusals: &Refusals, kinds: usize) {
        for n in 0..kinds {
            refusals.note("wrong_secret", Some(&ClientId::parse(&format!("c{n}")).unwrap()), &request("r"));
        }
    }

    /// What waits is written late, and says when it took place.
    #[test]
    fn leak_05_a_row_says_when_what_it_counts_took_place() {
        let refusals = Refusals::default();
        flood(&refusals, MAX_ROWS);
        let client = ClientId::parse("partner").unwrap();
        assert_eq!(refusals.take(Timestamp::EPOCH).len(), MAX_ROWS);
        for second in [7, 5, 9] {
            refusals.note("wrong_secret", Some(&client), &at(second, None, "r"));
        }
        assert!(refusals.take(Timestamp::EPOCH).is_empty(), "the budget is used up");
        let late = Timestamp::EPOCH.plus(Duration::from_secs(9_000));
        let rows = refusals.take(late);
        assert_eq!((rows.len(), rows[0].at, rows[0].count), (1, late, 3));
        assert_eq!(rows[0].detail["first_at"], at(5, None, "").now.to_string());
        assert_eq!(rows[0].detail["last_at"], at(9, None, "").now.to_string());
    }

    /// However many strangers come, what befalls a client that has authenticated is written in its second.
    #[test]
    fn leak_05_strangers_do_not_crowd_out_clients() {
        let refusals = Refusals::default();
        flood(&refusals, MAX_KINDS + 7);
        refusals.take(Timestamp::EPOCH);
        let client = ClientId::parse("partner").unwrap();
        refusals.note_client("quota_exceeded", &client, &request("r"));
        flood(&refusals, MAX_KINDS + 7);
        let rows = refusals.take(Timestamp::EPOCH);
        assert_eq!((rows.len(), &rows[0].actor), (1, &Actor::Client(client)));
    }

    fn total(rows: &[Record]) -> usize {
        rows.iter().map(|row| usize::try_from(row.count).unwrap()).sum()
    }

    #[test]
    fn a_flood_of_kinds_is_dropped_and_counted() {
        let refusals = Refusals::default();
        flood(&refusals, MAX_KINDS + 7);
        let first = refusals.take(Timestamp::EPOCH);
        refusals.hold_nothing_back();
        let rest = refusals.take(Timestamp::EPOCH);
        assert_eq!((first.len(), rest.len()), (MAX_ROWS, MAX_KINDS - MAX_ROWS + 1));
        assert_eq!(total(&first) + total(&rest), MAX_KINDS + 7);
    }

    #[test]
    fn a_flood_that_does_not_end_costs_a_row_a_second() {
        let (refusals, mut now) = (Refusals::default(), Timestamp::EPOCH);
        let (mut rows, mut counted) = (0, 0);
        for second in 0..200 {
            flood(&refusals, 30);
            let taken = refusals.take(now);
            assert!(second > 0 || taken.len() == 30, "at first each of its second");
            (rows, counted) = (rows + taken.len(), counted + total(&taken));
            now = now.plus(Duration::from_secs(1));
        }
        assert!(rows <= MAX_ROWS + 200, "{rows}");
        // What was not written yet was counted on: each kind comes in its turn, and nothing is lost.
        for _second in 0..40 {
            let taken = refusals.take(now);
            assert!(taken.len() <= 1);
            counted += total(&taken);
            now = now.plus(Duration::from_secs(1));
        }
        assert_eq!(counted, 200 * 30);
        // Set back by a year, the clock does not keep them all from being written.
        flood(&refusals, 3);
        refusals.take(now.minus(Duration::from_secs(31_536_000)));
        assert_eq!(refusals.take(now.minus(Duration::from_secs(31_535_990))).len(), 3);
    }

    #[test]
    fn a_flood_of_one_kind_keeps_the_first_requests_and_the_last() {
        let refusals = Refusals::default();
        for n in 0..1_000 {
            refusals.note("wrong_secret", None, &request(&format!("r{n}")));
        }
        let rows = refusals.take(Timestamp::EPOCH);
        let ids = rows[0].detail["request_ids"].as_array().unwrap();
        assert_eq!((ids.len(), &ids[0], &ids[31]), (MAX_REQUESTS, &"r0".into(), &"r31".into()));
        assert_eq!((rows[0].count, rows[0].request_id.as_deref()), (1_000, Some("r999")));
    }
}
