//! Refusals before authentication: counted by reason, client and network, and written as one row each once a second.
//!
//! Strangers cannot buy disk writes: under pressure further kinds of refusal are dropped, and how many is itself a row.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Outcome, Record, Subject, network};

/// How many different kinds of refusal are kept until they are written.
const MAX_KINDS: usize = 10_000;

#[derive(Debug, Eq, Hash, PartialEq)]
struct Kind {
    reason: &'static str,
    client: Option<ClientId>,
    network: Option<String>,
}

#[derive(Debug, Default)]
struct Counts {
    kinds: HashMap<Kind, (i64, String)>,
    dropped: i64,
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
        let kind = Kind { reason, client: client.cloned(), network: address.map(network) };
        let mut counts = self.0.lock();
        if let Some((count, last_request)) = counts.kinds.get_mut(&kind) {
            *count += 1;
            request_id.clone_into(last_request);
        } else if counts.kinds.len() < MAX_KINDS {
            counts.kinds.insert(kind, (1, request_id.to_owned()));
        } else {
            counts.dropped += 1;
        }
    }

    /// Takes what was counted as records of `now`, to be written.
    pub(crate) fn take(&self, now: Timestamp) -> Vec<Record> {
        let counts = std::mem::take(&mut *self.0.lock());
        let mut records: Vec<Record> =
            counts.kinds.into_iter().map(|(kind, (count, last))| record(kind, count, last, now)).collect();
        if counts.dropped > 0 {
            let kind = Kind { reason: "too_many_kinds_of_refusal", client: None, network: None };
            records.push(record(kind, counts.dropped, String::new(), now));
        }
        records
    }
}

fn record(kind: Kind, count: i64, last_request: String, now: Timestamp) -> Record {
    Record {
        outcome: Outcome::Refused(kind.reason),
        address: kind.network,
        request_id: (!last_request.is_empty()).then_some(last_request),
        count,
        ..Record::new(now, Event::TokenRefused, Actor::Anonymous, kind.client.map(Subject::Client))
    }
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
        assert!(refusals.take(Timestamp::EPOCH).is_empty());
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
}
