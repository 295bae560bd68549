//! One issuer, and all that comes from it: keys, revocations, companies, and how fresh they are.
//!
//! A token's `iss` picks its authority, and from then on nothing of another one counts for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_jose::JwkSet;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::guard::Change;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::warn;

use crate::companies::{Companies, Directory};
use crate::denied::{Denied, Reason};
use crate::freshness::Freshness;
use crate::keys::{KeyStore, NoKeys};
use crate::revocations::{Entry, Full, Revocations};
use crate::subjects::Subjects;
use crate::token::Token;

/// An issuer as a guard knows it.
pub(crate) struct Authority {
    /// Verbatim: it is compared, never normalised.
    pub(crate) issuer: String,
    pub(crate) kind: Kind,
    /// The shape that its tokens may have beside RFC 9068's.
    pub(crate) dialect: Dialect,
    pub(crate) keys: KeyStore,
    pub(crate) revocations: Revocations,
    pub(crate) companies: Companies,
    pub(crate) subjects: Subjects,
    pub(crate) freshness: Freshness,
    /// Whether what is known is from the disk and too old to let anybody in by it.
    outdated: AtomicBool,
    /// The last event that is applied.
    applied: Mutex<Place>,
    /// Counts what is worth keeping over a restart.
    version: AtomicU64,
    snapshots: AtomicU64,
    changes: watch::Sender<()>,
}

/// An event in an issuer's log, by which the issuer knows whether it is still the same log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Place {
    /// Its number; 0 before the first.
    pub(crate) seq: i64,
    /// Its tag; empty if there is no such event.
    pub(crate) tag: String,
}

/// What an issuer is to this API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Signs tokens, and says nothing of them afterwards.
    Foreign,
    Tokenry,
}

impl Authority {
    pub(crate) fn new(issuer: String, kind: Kind, keys: KeyStore, freshness: Freshness, cap: usize) -> Self {
        Self {
            issuer,
            kind,
            dialect: Dialect::Rfc,
            keys,
            revocations: Revocations::new(cap),
            companies: Companies::default(),
            subjects: Subjects::default(),
            freshness,
            outdated: AtomicBool::new(false),
            applied: Mutex::default(),
            version: AtomicU64::new(0),
            snapshots: AtomicU64::new(0),
            changes: watch::Sender::new(()),
        }
    }

    pub(crate) fn with_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Whether a token that was this issuer's is still good, apart from its time.
    pub(crate) fn check(&self, token: &Token) -> Result<(), Denied> {
        self.check_itself()?;
        if self.revocations.is_dead(&token.names) {
            return Err(Denied::invalid_token("the token was revoked, or its handle or key"));
        }
        if self.revocations.horizon.hides(token.claims.expires_at) {
            return Err(Denied::new(Reason::TokenExpired)
                .because("the token had expired already; the clock was set back since"));
        }
        let company = token.claims.tenant.as_ref().map(|tenant| tenant.company_id.as_str());
        if let Some(company) = company.filter(|company| self.companies.is_disabled(company)) {
            return Err(Denied::invalid_token(format!("the company {company:?} is disabled")));
        }
        Ok(())
    }

    /// Whether this issuer's tokens can be decided about at all.
    pub(crate) fn check_itself(&self) -> Result<(), Denied> {
        if !self.has_snapshot() {
            return Err(Denied::new(Reason::SnapshotUnavailable).because("no snapshot was loaded yet"));
        }
        if self.is_outdated() {
            return Err(Denied::new(Reason::SnapshotUnavailable)
                .because("what was kept over the restart is too old, and nothing newer was heard yet"));
        }
        if self.revocations.is_overflowing() {
            return Err(Denied::new(Reason::RevocationsUnavailable)
                .because("there are more revocations than revocation_cap allows"));
        }
        Ok(())
    }

    /// Whether it is known what the issuer says beside its keys; nothing is due from a foreign one.
    pub(crate) fn has_snapshot(&self) -> bool {
        self.kind == Kind::Foreign || self.companies.is_loaded()
    }

    /// Says whether what is known is too old, until the stream has told all once.
    pub(crate) fn set_outdated(&self, outdated: bool) {
        self.outdated.store(outdated, Ordering::Release);
    }

    fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Acquire) && self.freshness.age(Instant::now()).is_none()
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.freshness.is_stale(Instant::now())
    }

    /// Keys, snapshot, and the stream, or a while without one.
    pub(crate) fn is_ready(&self) -> bool {
        self.keys.current().is_some()
            && self.has_snapshot()
            && !self.is_outdated()
            && !self.revocations.is_overflowing()
            && self.freshness.has_settled(Instant::now())
    }

    pub(crate) async fn ready(&self) {
        /// Readiness can come with time alone.
        const LOOK: Duration = Duration::from_millis(100);
        let mut changes = self.changes.subscribe();
        while !self.is_ready() {
            // The sender lives as long as the authority does, so either way it is worth another look.
            let _ = tokio::time::timeout(LOOK, changes.changed()).await;
        }
    }

    /// Takes over a key set that was asked for when the keys stood at `asked`, unless the issuer announced one since. While
    /// the stream is fresh, what was announced is the newest: an answer from a cache, or from a server that lags, may add
    /// a key that is still to be announced, and takes none away.
    pub(crate) fn replace_fetched_keys(&self, published: JwkSet, asked: u64) -> Result<bool, NoKeys> {
        let announced = self.kind == Kind::Tokenry && !self.freshness.is_stale(Instant::now());
        if announced && self.keys.current().is_some_and(|current| !current.is_within(&published)) {
            return Ok(false);
        }
        let changed = self.keys.replace_fetched(published, asked)?;
        self.changed();
        Ok(changed)
    }

    /// How many snapshots were loaded.
    pub(crate) fn snapshots(&self) -> u64 {
        self.snapshots.load(Ordering::Acquire)
    }

    pub(crate) fn replace_companies(&self, directory: Directory) {
        self.companies.replace(directory);
        self.snapshots.fetch_add(1, Ordering::AcqRel);
        self.freshness.snapshot_loaded(Instant::now());
        self.changed();
    }

    /// Adds what a snapshot or a file says is dead.
    pub(crate) fn revoke(&self, entries: Vec<Entry>, now: Timestamp) -> Result<(), Full> {
        let added = self.revocations.add(entries, now);
        self.changed();
        added
    }

    /// Applies changes up to that event: first what takes rights away.
    pub(crate) fn apply(&self, changes: &[Change], place: Place, now: Timestamp) {
        let revoked = changes.iter().filter_map(|change| match change {
            Change::Revoked(revoked) => Entry::new(revoked),
            _ => None,
        });
        if self.revocations.add(revoked.collect(), now) == Err(Full) {
            self.revocations.set_overflowing(true);
        }
        for change in changes {
            if let Change::SubjectChanged { subject } = change {
                self.subjects.change(subject.as_deref(), Instant::now());
            }
        }
        let keys = changes.iter().rev().find_map(|change| match change {
            Change::Keys { jwks } => Some(jwks),
            _ => None,
        });
        if let Some(jwks) = keys {
            self.announce_keys(jwks);
        }
        self.companies.change(changes);
        self.set_applied(place);
    }

    /// A key set that came with an event or a snapshot.
    pub(crate) fn announce_keys(&self, jwks: &serde_json::Value) {
        let set = JwkSet::parse(jwks.to_string().as_bytes());
        let replaced = set.map_err(|error| error.to_string());
        let replaced = replaced.and_then(|set| self.keys.announce(set).map_err(|error| error.to_string()));
        if let Err(error) = replaced {
            warn!(issuer = self.issuer, error, "an announced key set is of no use; the last one stays");
        }
        self.changed();
    }

    /// The last event that is applied. What is read after it holds at least that much.
    pub(crate) fn applied(&self) -> Place {
        self.applied.lock().clone()
    }

    pub(crate) fn set_applied(&self, place: Place) {
        *self.applied.lock() = place;
        self.changed();
    }

    /// Another number whenever something changed.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Says that readiness may have come.
    pub(crate) fn notify(&self) {
        self.changes.send_replace(());
    }

    fn changed(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
        self.notify();
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// The authorities of a guard, the first one first; at least one, no two of one issuer.
#[derive(Debug)]
pub(crate) struct Authorities(pub(crate) Vec<Arc<Authority>>);

impl Authorities {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Arc<Authority>> {
        self.0.iter()
    }

    /// The only one, if it is.
    pub(crate) fn only(&self) -> Option<&Arc<Authority>> {
        match self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub(crate) fn find(&self, issuer: &str) -> Option<&Arc<Authority>> {
        self.iter().find(|authority| authority.issuer == issuer)
    }

    /// Whether anything that is known may be stale.
    pub(crate) fn any_stale(&self) -> bool {
        self.iter().any(|authority| authority.is_stale())
    }
}
