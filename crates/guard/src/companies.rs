//! Which companies a corporation has.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokenry_protocol::guard::Snapshot;

/// Knows which companies a corporation has.
///
/// A guard asks at every request of a token that is for a corporation, so answers come from memory. Without one of
/// your own, the guard uses the authorization server's, which it keeps up to date.
pub trait CompanyDirectory: Send + Sync + 'static {
    /// The companies of the corporation, sorted by their bytes, each once. `None` if the corporation is not known.
    fn companies(&self, corporation_id: &str) -> Option<Arc<[String]>>;

    /// Whether the company belongs to the corporation.
    fn holds(&self, corporation_id: &str, company_id: &str) -> bool {
        self.companies(corporation_id).is_some_and(|companies| {
            companies.binary_search_by(|company| company.as_str().cmp(company_id)).is_ok()
        })
    }
}

/// The authorization server's directory: the last good snapshot.
#[derive(Default)]
pub(crate) struct Companies {
    current: ArcSwapOption<HashMap<String, Arc<[String]>>>,
}

impl Companies {
    /// Whether there ever was a snapshot.
    pub(crate) fn is_loaded(&self) -> bool {
        self.current.load().is_some()
    }

    pub(crate) fn replace(&self, snapshot: Snapshot) {
        let corporations = snapshot.corporations.into_iter().map(|(corporation, mut companies)| {
            companies.sort_unstable();
            companies.dedup();
            (corporation, companies.into())
        });
        self.current.store(Some(Arc::new(corporations.collect())));
    }
}

impl CompanyDirectory for Companies {
    fn companies(&self, corporation_id: &str) -> Option<Arc<[String]>> {
        self.current.load().as_ref()?.get(corporation_id).map(Arc::clone)
    }
}
