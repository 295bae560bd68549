//! A client's own public keys: those that it gave us, or those that it publishes at its `jwks_uri`.

mod cache;
mod fetch;

use std::sync::Arc;

use tokenry_clock::Timestamp;
use tokenry_jose::{Jwk, JwkSet};
use tokenry_model::{Client, ClientKeys};

use crate::engine::Engine;

pub(crate) use self::cache::KeyCache;
pub use self::fetch::{FetchError, FetchKeys, FetchedKeys, Fetching, NoFetching};

/// How many keys a client may have: enough for every rotation, and few enough to be looked through at each request.
pub(crate) const MAX_KEYS: usize = 20;

impl Engine {
    /// The same engine, which gets keys that clients publish by `fetch`. Without it there are none.
    #[must_use]
    pub fn fetching_keys_by(mut self, fetch: Arc<dyn FetchKeys>) -> Self {
        self.key_cache = KeyCache::new(fetch);
        self
    }

    /// The client's keys; among them one called `kid`, if one can be found by looking. `None`: there are none to be had.
    pub(crate) async fn client_keys(
        &self,
        client: &Client,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Option<Arc<JwkSet>> {
        match client.keys.as_ref()? {
            ClientKeys::Inline(set) => Some(Arc::new(set.clone())),
            ClientKeys::Uri(uri) => self.key_cache.keys(&client.id, uri, kid, now).await,
        }
    }
}

/// The key by its `kid`, or the only one (OpenID Connect Core §10.1).
pub(crate) fn choose<'a>(set: &'a JwkSet, kid: Option<&str>) -> Option<&'a Jwk> {
    match (kid, set.keys()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(_), [only]) if only.kid().is_none() => Some(only),
        (Some(kid), _) => set.find(kid),
    }
}
