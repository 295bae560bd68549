//! Which companies a corporation has, and for which nobody may act.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokenry_protocol::guard::Change;

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

/// What one issuer says about companies: its last snapshot, and what changed since.
#[derive(Default)]
pub(crate) struct Companies {
    current: ArcSwapOption<Directory>,
    writing: Mutex<()>,
}

/// Companies at one time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    corporations: HashMap<Arc<str>, Arc<[String]>>,
    disabled: HashSet<Arc<str>>,
}

impl Companies {
    /// Whether there ever was a snapshot.
    pub(crate) fn is_loaded(&self) -> bool {
        self.current.load().is_some()
    }

    pub(crate) fn replace(&self, directory: Directory) {
        let _writing = self.writing.lock();
        self.current.store(Some(Arc::new(directory)));
    }

    /// Applies changes in their order; those of other matters are passed over.
    pub(crate) fn change(&self, changes: &[Change]) {
        if !changes.iter().any(Directory::concerns) {
            return;
        }
        let _writing = self.writing.lock();
        let mut directory = self.current.load().as_deref().cloned().unwrap_or_default();
        changes.iter().for_each(|change| directory.apply(change));
        self.current.store(Some(Arc::new(directory)));
    }

    /// Whether nobody may act for the company.
    pub(crate) fn is_disabled(&self, company_id: &str) -> bool {
        self.current.load().as_ref().is_some_and(|directory| directory.disabled.contains(company_id))
    }

    /// What there is, for keeping.
    pub(crate) fn current(&self) -> Option<Arc<Directory>> {
        self.current.load_full()
    }
}

impl CompanyDirectory for Companies {
    fn companies(&self, corporation_id: &str) -> Option<Arc<[String]>> {
        self.current.load().as_ref()?.corporations.get(corporation_id).map(Arc::clone)
    }
}

impl Directory {
    pub(crate) fn new(
        corporations: impl IntoIterator<Item = (String, Vec<String>)>,
        disabled: impl IntoIterator<Item = String>,
    ) -> Self {
        let sorted = |mut companies: Vec<String>| {
            companies.sort_unstable();
            companies.dedup();
            companies.into()
        };
        Self {
            corporations: corporations
                .into_iter()
                .map(|(id, companies)| (id.into(), sorted(companies)))
                .collect(),
            disabled: disabled.into_iter().map(Into::into).collect(),
        }
    }

    /// The companies of each corporation, as a snapshot has them.
    pub(crate) fn corporations(&self) -> BTreeMap<&str, &[String]> {
        self.corporations.iter().map(|(id, companies)| (&**id, &**companies)).collect()
    }

    pub(crate) fn disabled(&self) -> impl Iterator<Item = &str> {
        self.disabled.iter().map(|company| &**company)
    }

    fn concerns(change: &Change) -> bool {
        match change {
            Change::CompanyDisabled { .. }
            | Change::CompanyEnabled { .. }
            | Change::CompanyJoined { .. }
            | Change::CompanyLeft { .. } => true,
            Change::Keys { .. } | Change::Revoked(_) | Change::SubjectChanged { .. } | Change::Unknown => {
                false
            }
        }
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::CompanyDisabled { company } => {
                self.disabled.insert(company.as_str().into());
            }
            Change::CompanyEnabled { company } => {
                self.disabled.remove(company.as_str());
            }
            Change::CompanyJoined { corporation, company } => {
                let companies = self.corporations.entry(corporation.as_str().into()).or_default();
                if let Err(at) = companies.binary_search(company) {
                    let mut longer = companies.to_vec();
                    longer.insert(at, company.clone());
                    *companies = longer.into();
                }
            }
            // A corporation without companies stays known: it has none, which is an answer.
            Change::CompanyLeft { corporation, company } => {
                if let Some(companies) = self.corporations.get_mut(corporation.as_str()) {
                    *companies = companies.iter().filter(|known| *known != company).cloned().collect();
                }
            }
            Change::Keys { .. } | Change::Revoked(_) | Change::SubjectChanged { .. } | Change::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn change() -> impl Strategy<Value = Change> {
        let name = |prefix: &'static str| (0..4_u8).prop_map(move |n| format!("{prefix}{n}"));
        let both = || (name("corporation"), name("company"));
        prop_oneof![
            name("company").prop_map(|company| Change::CompanyDisabled { company }),
            name("company").prop_map(|company| Change::CompanyEnabled { company }),
            both().prop_map(|(corporation, company)| Change::CompanyJoined { corporation, company }),
            both().prop_map(|(corporation, company)| Change::CompanyLeft { corporation, company }),
            Just(Change::Unknown),
        ]
    }

    proptest! {
        /// Whatever happens in whatever pieces, the answers are those of plain sets.
        #[test]
        fn ten_06_the_directory_answers_like_plain_sets(
            pieces in proptest::collection::vec(proptest::collection::vec(change(), 0..5), 0..20),
        ) {
            let companies = Companies::default();
            companies.replace(Directory::default());
            let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            let mut disabled = BTreeSet::new();
            for piece in pieces {
                companies.change(&piece);
                // Once more changes nothing: the last word on each company is the same.
                companies.change(&piece);
                for change in piece {
                    match change {
                        Change::CompanyDisabled { company } => drop(disabled.insert(company)),
                        Change::CompanyEnabled { company } => drop(disabled.remove(&company)),
                        Change::CompanyJoined { corporation, company } => {
                            held.entry(corporation).or_default().insert(company);
                        }
                        Change::CompanyLeft { corporation, company } => {
                            held.entry(corporation).or_default().remove(&company);
                        }
                        Change::Keys { .. } | Change::Revoked(_) | Change::SubjectChanged { .. } | Change::Unknown => {}
                    }
                }
                for company in (0..4).map(|n| format!("company{n}")) {
                    prop_assert_eq!(companies.is_disabled(&company), disabled.contains(&company));
                    for corporation in (0..4).map(|n| format!("corporation{n}")) {
                        let holds = held.get(&corporation).is_some_and(|held| held.contains(&company));
                        prop_assert_eq!(companies.holds(&corporation, &company), holds);
                    }
                }
            }
        }
    }
}
