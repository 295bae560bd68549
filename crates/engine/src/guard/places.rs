//! How many streams of one API this process serves at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokenry_model::ResourceServerId;

/// The most streams of one API: each holds a connection and asks the database once a second.
const MAX_STREAMS: usize = 256;

/// The streams that are open.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<ResourceServerId, usize>>);

/// The place of one stream; free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    api: ResourceServerId,
    places: Arc<Places>,
}

impl Places {
    /// A place, unless the API has all that it may have.
    pub(super) fn take(self: &Arc<Self>, api: &ResourceServerId) -> Option<Place> {
        let mut open = self.0.lock();
        let count = open.entry(api.clone()).or_default();
        if *count >= MAX_STREAMS {
            return None;
        }
        *count += 1;
        Some(Place { api: api.clone(), places: Arc::clone(self) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.0.lock();
        match open.get_mut(&self.api) {
            Some(count) if *count > 1 => *count -= 1,
            _ => _ = open.remove(&self.api),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_its_places_and_takes_none_of_anothers() {
        let places = Arc::new(Places::default());
        let [one, other] = ["one", "other"].map(|id| ResourceServerId::parse(id).unwrap());
        let mut taken: Vec<_> = (0..MAX_STREAMS).map(|_| places.take(&one).unwrap()).collect();
        assert!(places.take(&one).is_none());
        assert!(places.take(&other).is_some());
        taken.pop();
        taken.push(places.take(&one).expect("one was free again"));
        drop(taken);
        assert!(places.0.lock().is_empty());
    }
}
