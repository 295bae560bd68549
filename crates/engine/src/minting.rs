//! How many clients keep no token, as a number for metrics: counted in memory by what was issued here, and never written.
//!
//! A count lasts a day from its first token. Of more handles than there is room for, those that are asked for least are
//! not counted. `clients show` counts exactly, from the audit trail.

use std::collections::HashSet;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, TokenHandle};

use crate::policy::over_minting::over_mints;
use crate::table::{Held, Table, Worth};

/// How long tokens count.
const DAY: Duration = Duration::from_secs(86_400);
/// How many handles are counted: two megabytes.
const MAX_HANDLES: usize = 10_000;

/// What was issued here under which handle.
#[derive(Debug)]
pub(crate) struct Minting(Mutex<Table<TokenHandle, Issuing>>);

#[derive(Debug)]
struct Issuing {
    client: ClientId,
    began: Timestamp,
    tokens: u32,
    ttl: Duration,
}

impl Default for Minting {
    fn default() -> Self {
        Self(Mutex::new(Table::new(MAX_HANDLES, ())))
    }
}

impl Minting {
    /// Notes a token that was issued.
    pub(crate) fn note(&self, handle: &TokenHandle, client: &ClientId, ttl: Duration, now: Timestamp) {
        let mut handles = self.0.lock();
        if let Some(issuing) = handles.find_mut(handle) {
            issuing.note(ttl, now);
            return;
        }
        let new = || Issuing { client: client.clone(), began: now, tokens: 0, ttl };
        if let Some(issuing) = handles.entry(handle.clone(), now, new) {
            issuing.note(ttl, now);
        }
    }

    /// Tells metrics, and forgets what is over.
    pub(crate) fn tell(&self, now: Timestamp) {
        let count = self.over_minting(now);
        metrics::gauge!("tokenry_over_minting_clients").set(f64::from(count));
    }

    fn over_minting(&self, now: Timestamp) -> u32 {
        let mut handles = self.0.lock();
        handles.sweep(now);
        let over = handles.iter_mut().filter(|(_handle, issuing)| issuing.is_too_much());
        let clients: HashSet<_> = over.map(|(_handle, issuing)| issuing.client.clone()).collect();
        u32::try_from(clients.len()).unwrap_or(u32::MAX)
    }
}

impl Issuing {
    fn note(&mut self, ttl: Duration, now: Timestamp) {
        if self.is_over(now) {
            (self.began, self.tokens) = (now, 0);
        }
        // A shorter one calls for more.
        self.ttl = if self.tokens == 0 { ttl } else { self.ttl.min(ttl) };
        self.tokens = self.tokens.saturating_add(1);
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now < self.began || now.since(self.began) >= DAY
    }

    fn is_too_much(&self) -> bool {
        over_mints(self.tokens.into(), 1, self.ttl, DAY)
    }
}

impl Held for Issuing {
    type Rules = ();

    fn worth(&self, _rules: &(), now: Timestamp) -> Worth {
        if self.is_over(now) { Worth::Over } else { Worth::Events(self.tokens) }
    }
}

#[cfg(test)]
mod tests {
    use tokenry_model::{SystemRng, random_base62};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn handle(n: u32) -> TokenHandle {
        TokenHandle::parse(&format!("{n:011}")).unwrap()
    }

    fn client(id: &str) -> ClientId {
        ClientId::parse(id).unwrap()
    }

    #[test]
    fn clients_that_keep_no_token_are_counted_for_a_day() {
        let minting = Minting::default();
        for n in 0..200 {
            let at = NOW.plus(Duration::from_secs(60 * n));
            minting.note(&handle(1), &client("careless"), DAY, at);
            minting.note(&handle(2), &client("careless"), DAY, at);
            minting.note(&handle(u32::try_from(n).unwrap() + 10), &client("corporation"), DAY, at);
        }
        minting.note(&handle(3), &client("careful"), DAY, NOW);
        assert_eq!(minting.over_minting(NOW.plus(Duration::from_secs(12_000))), 1);
        assert_eq!(minting.over_minting(NOW.plus(DAY)), 0, "its day is over");
    }

    #[test]
    fn strangers_to_the_mistake_do_not_push_it_out_nor_fill_memory() {
        let minting = Minting::default();
        for _ in 0..100 {
            minting.note(&handle(1), &client("careless"), DAY, NOW);
        }
        for _ in 0..50_000 {
            let other = TokenHandle::parse(&random_base62(&SystemRng, 11)).unwrap();
            minting.note(&other, &client("careful"), DAY, NOW);
        }
        assert_eq!(minting.over_minting(NOW), 1);
        assert_eq!(minting.0.lock().iter_mut().count(), MAX_HANDLES);
    }
}
