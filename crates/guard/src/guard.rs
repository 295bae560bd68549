//! The guard itself: who sends this request, and may they do what the route does?

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use http::HeaderMap;
use tokenry_clock::{Clock, Timestamp};
use tokenry_jose::JwkSet;
use tokenry_protocol::guard::Snapshot;
use tokio::sync::watch;

use crate::GuardBuilder;
use crate::caller::Caller;
use crate::companies::{Companies, CompanyDirectory};
use crate::credential::{Presented, presented};
use crate::denied::{Denied, Reason};
use crate::keys::{KeyStore, NoKeys};
use crate::policy::{Access, Rule};
use crate::problem::Answers;
use crate::remote::Background;
use crate::request_id::RequestIds;
use crate::table::{PolicyTable, SharedTable};
use crate::token::{Failure, Token, Verifier};

/// Decides about the requests to one API. Clones are cheap and share everything.
///
/// Made by [`Guard::builder`]. Used through [`Guard::router`], or [`Guard::require`] for people who keep their
/// `axum::Router`, or [`Guard::authenticate`] without any framework.
///
/// Keys and company directory are loaded and kept up to date in the background until the last clone is dropped. Until both have
/// been loaded once, requests with a token are answered 503; after that a failing authorization server stops nothing.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) verifier: Verifier,
    pub(crate) trusted: Arc<Trusted>,
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) answers: Answers,
    pub(crate) request_ids: RequestIds,
    pub(crate) table: SharedTable,
    /// Ends with the last clone.
    pub(crate) _background: Background,
}

/// What the authorization server told us.
pub(crate) struct Trusted {
    pub(crate) keys: KeyStore,
    pub(crate) companies: Companies,
    changes: watch::Sender<()>,
}

impl Trusted {
    pub(crate) fn new(keys: KeyStore) -> Self {
        Self { keys, companies: Companies::default(), changes: watch::Sender::new(()) }
    }

    /// Takes over a newer key set; says whether anything changed.
    pub(crate) fn replace_keys(&self, published: JwkSet) -> Result<bool, NoKeys> {
        let changed = self.keys.replace(published)?;
        self.changes.send_replace(());
        Ok(changed)
    }

    pub(crate) fn replace_companies(&self, snapshot: Snapshot) {
        self.companies.replace(snapshot);
        self.changes.send_replace(());
    }
}

pub(crate) enum Directory {
    Own(Arc<dyn CompanyDirectory>),
    Snapshot,
}

/// The decision about one request.
pub(crate) enum Verdict {
    /// May pass: a caller, or nobody on a route that is public or optional.
    Allowed(Option<Caller>),
    /// May not; the caller is known if only the permission is lacking.
    Denied(Denied, Option<Caller>),
    /// May not, unless a newer key set knows the token's key.
    UnknownKey(Denied),
}

impl Guard {
    /// Starts the configuration of a guard.
    pub fn builder() -> GuardBuilder {
        GuardBuilder::new()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The framework-free core: who sends a request with these headers at `now`?
    ///
    /// Only the credential is checked; scope and company are the caller's to ask for, with
    /// [`Caller::require_scope`] and its siblings. No decision record is written.
    ///
    /// # Errors
    /// [`Denied`] without a credential, with more than one, or with one that is not valid for this API at `now`.
    pub async fn authenticate(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Denied> {
        let caller = match self.identify(headers, None, now) {
            Err(Failure::UnknownKey(_)) => {
                self.0.trusted.keys.look_again(now).await;
                self.identify(headers, None, now)
            }
            settled => settled,
        };
        match caller {
            Ok(Some(caller)) => Ok(caller),
            Ok(None) => Err(Denied::new(Reason::MissingCredentials)),
            Err(Failure::Denied(denied) | Failure::UnknownKey(denied)) => Err(denied),
        }
    }

    /// Returns when keys and company directory have been loaded; at once if they have been. Give it a time limit.
    pub async fn ready(&self) {
        let mut changes = self.0.trusted.changes.subscribe();
        while !self.is_ready() {
            // The sender lives as long as the guard does, so this can only mean a change.
            let _ = changes.changed().await;
        }
    }

    /// Whether keys and company directory have been loaded, so that requests can be answered. For readiness probes.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.trusted.keys.current().is_some() && self.0.trusted.companies.is_loaded()
    }

    /// Every route of the routers that were built with this guard, with its policy. `Display` prints it as text, one
    /// line a route, ready for a snapshot test.
    #[must_use]
    pub fn policy_table(&self) -> PolicyTable {
        self.0.table.read()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Decides about one request, as far as that goes without waiting. `path_company` is what the path parameter of
    /// the rule's `tenant_path` says.
    pub(crate) fn decide(
        &self,
        rule: &Rule,
        headers: &HeaderMap,
        query: Option<&str>,
        path_company: Option<&str>,
        now: Timestamp,
    ) -> Verdict {
        if rule.access == Access::Public {
            return Verdict::Allowed(None);
        }
        match self.identify(headers, query, now) {
            Ok(Some(caller)) => match permit(&caller, rule, path_company) {
                Ok(()) => Verdict::Allowed(Some(caller)),
                Err(denied) => Verdict::Denied(denied, Some(caller)),
            },
            Ok(None) if rule.access == Access::Optional => Verdict::Allowed(None),
            Ok(None) => Verdict::Denied(Denied::new(Reason::MissingCredentials), None),
            Err(Failure::Denied(denied)) => Verdict::Denied(denied, None),
            Err(Failure::UnknownKey(denied)) => Verdict::UnknownKey(denied),
        }
    }

    fn identify(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Caller>, Failure> {
        match presented(headers, query)? {
            Presented::Bearer(text) => {
                let token: Arc<Token> = self.0.verifier.verify(text, &self.0.trusted.keys, now)?;
                if !self.0.trusted.companies.is_loaded() {
                    let denied = Denied::new(Reason::SnapshotUnavailable);
                    return Err(denied.because("no snapshot was loaded yet").into());
                }
                Ok(Some(Caller::new(token, self.clone())))
            }
            Presented::Nothing => Ok(None),
        }
    }
}

fn permit(caller: &Caller, rule: &Rule, path_company: Option<&str>) -> Result<(), Denied> {
    caller.require_scopes(&rule.scopes)?;
    path_company.map_or(Ok(()), |company| caller.require_tenant(company))
}

impl Inner {
    pub(crate) fn directory(&self) -> &dyn CompanyDirectory {
        match &self.directory {
            Directory::Own(directory) => &**directory,
            Directory::Snapshot => &self.trusted.companies,
        }
    }
}

impl Debug for Guard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("expected", &self.0.verifier.expected).finish_non_exhaustive()
    }
}
