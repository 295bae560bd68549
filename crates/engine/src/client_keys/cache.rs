//! Published key sets, each fetched by one request for all, seldom enough that strangers cannot make a flood of it.
//!
//! 1. A set serves until it is to be looked at again, if it has the key that is asked for.
//! 2. Otherwise there is another look, unless there was one within a minute: strangers choose the `kid`.
//! 3. One look at a time: who asks meanwhile waits for it, in bounded numbers. It goes on if who began it hangs up.
//! 4. A look that fails leaves the last good set in use, for a day at most (KEY-08).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_jose::JwkSet;
use tokenry_model::ClientId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::fetch::{FetchKeys, FetchedKeys, NoFetching};
use super::{MAX_KEYS, choose};

/// How long a set serves if its publisher does not say, and within which bounds what it says is believed.
const USUAL_AGE: Duration = Duration::from_secs(300);
const MIN_AGE: Duration = Duration::from_secs(60);
const MAX_AGE: Duration = Duration::from_secs(3_600);
/// Between two looks at one client's keys, while there are some and while there are none.
const INTERVAL: Duration = Duration::from_secs(60);
const FIRST_INTERVAL: Duration = Duration::from_secs(10);
/// How long the last good set is used while looking fails.
const STALE_AT_MOST: Duration = Duration::from_secs(86_400);
/// How many clients' sets are kept.
const MAX_ENTRIES: usize = 4_096;
/// How many looks there are at once, for all clients together.
const MAX_LOOKS: usize = 32;
/// How many requests wait for looks at once, and for how long: longer than a look takes.
const MAX_WAITING: usize = 256;
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The key sets that clients publish.
#[derive(Debug)]
pub(crate) struct KeyCache {
    fetch: Arc<dyn FetchKeys>,
    entries: Mutex<HashMap<ClientId, Arc<Entry>>>,
    looks: Arc<Semaphore>,
    waiting: Semaphore,
}

/// What is known of one client's set.
#[derive(Debug)]
struct Entry {
    client: ClientId,
    uri: String,
    state: Mutex<State>,
    /// Counts the looks that came to an end, well or not.
    looked: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    tried_at: Option<Timestamp>,
    looking: bool,
}

#[derive(Debug)]
struct Held {
    set: Arc<JwkSet>,
    fetched_at: Timestamp,
    serves_until: Timestamp,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self::new(Arc::new(NoFetching))
    }
}

impl KeyCache {
    pub(crate) fn new(fetch: Arc<dyn FetchKeys>) -> Self {
        Self {
            fetch,
            entries: Mutex::default(),
            looks: Arc::new(Semaphore::new(MAX_LOOKS)),
            waiting: Semaphore::new(MAX_WAITING),
        }
    }

    /// What fetches them.
    pub(crate) fn fetcher(&self) -> &dyn FetchKeys {
        &*self.fetch
    }

    /// The set at `uri`, with the key called `kid` if a look that is due finds it.
    pub(super) async fn keys(
        &self,
        client: &ClientId,
        uri: &str,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Option<Arc<JwkSet>> {
        let entry = self.entry(client, uri);
        let mut looked = entry.looked.subscribe();
        match self.next_step(&entry, kid, now) {
            Step::Serve(set) => return set,
            Step::Start(place) => {
                tokio::spawn(look(Arc::clone(&self.fetch), Landing(Arc::clone(&entry)), place, now));
            }
            Step::Wait => {}
        }
        if let Ok(_place) = self.waiting.try_acquire() {
            // Either way the caller gets what there is then.
            let _looked = tokio::time::timeout(MAX_WAIT, looked.changed()).await;
        }
        let state = entry.state.lock();
        state.usable(now)
    }

    /// What is known of a client's set; nothing, if it was at another address.
    fn entry(&self, client: &ClientId, uri: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock();
        if let Some(entry) = entries.get(client).filter(|entry| entry.uri == uri) {
            return Arc::clone(entry);
        }
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(client) {
            let oldest = entries.values().min_by_key(|entry| entry.state.lock().tried_at);
            if let Some(oldest) = oldest.map(|entry| entry.client.clone()) {
                entries.remove(&oldest);
            }
        }
        let entry = Arc::new(Entry {
            client: client.clone(),
            uri: uri.to_owned(),
            state: Mutex::default(),
            looked: watch::Sender::new(0),
        });
        entries.insert(client.clone(), Arc::clone(&entry));
        entry
    }

    fn next_step(&self, entry: &Entry, kid: Option<&str>, now: Timestamp) -> Step {
        let mut state = entry.state.lock();
        if let Some(held) = &state.held
            && held.serves(now)
            && choose(&held.set, kid).is_some()
        {
            return Step::Serve(Some(Arc::clone(&held.set)));
        }
        if state.looking {
            return Step::Wait;
        }
        let place = if state.may_look(now) { Arc::clone(&self.looks).try_acquire_owned().ok() } else { None };
        match place {
            Some(place) => {
                state.looking = true;
                state.tried_at = Some(now);
                Step::Start(place)
            }
            None => Step::Serve(state.usable(now)),
        }
    }
}

/// What a request does that wants keys.
enum Step {
    Serve(Option<Arc<JwkSet>>),
    Start(OwnedSemaphorePermit),
    Wait,
}

impl State {
    fn may_look(&self, now: Timestamp) -> bool {
        let interval = if self.held.is_some() { INTERVAL } else { FIRST_INTERVAL };
        // A clock that was set back does not end the looking.
        self.tried_at.is_none_or(|at| now.since(at) >= interval || at.since(now) >= interval)
    }

    fn usable(&self, now: Timestamp) -> Option<Arc<JwkSet>> {
        let held = self.held.as_ref().filter(|held| now.since(held.fetched_at) < STALE_AT_MOST)?;
        Some(Arc::clone(&held.set))
    }
}

impl Held {
    fn serves(&self, now: Timestamp) -> bool {
        now < self.serves_until && self.fetched_at.since(now) < INTERVAL
    }
}

/// Ends a look however it ended.
struct Landing(Arc<Entry>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.state.lock().looking = false;
        self.0.looked.send_modify(|count| *count += 1);
    }
}

/// One look at a client's keys.
async fn look(fetch: Arc<dyn FetchKeys>, landing: Landing, _place: OwnedSemaphorePermit, now: Timestamp) {
    let entry = &landing.0;
    let fetched = fetch.fetch(&entry.uri).await.map_err(|error| error.to_string());
    match fetched.and_then(|fetched| read(fetched, now)) {
        Ok(held) => entry.state.lock().held = Some(held),
        Err(error) => {
            tracing::warn!(client = entry.client.as_str(), error, "a client's keys were not fetched");
        }
    }
}

fn read(fetched: FetchedKeys, now: Timestamp) -> Result<Held, String> {
    let set = JwkSet::parse(&fetched.body).map_err(|error| error.to_string())?;
    if set.keys().len() > MAX_KEYS {
        return Err(format!("the set has more than {MAX_KEYS} keys"));
    }
    let age = fetched.max_age.unwrap_or(USUAL_AGE).clamp(MIN_AGE, MAX_AGE);
    Ok(Held { set: Arc::new(set), fetched_at: now, serves_until: now.plus(age) })
}

#[cfg(test)]
mod tests;
