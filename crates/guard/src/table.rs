//! The policy table: every route with its policy, as data and as text.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::accept::{Accepted, Credential};
use crate::policy::{Access, OnStale, Rule};

/// Every route with its policy, by path and method.
///
/// ```text
/// POST    /companies/{company_id}/timesheets  create:timesheets, company = {company_id}
/// GET     /healthz                            public
/// ```
///
/// As text a route that takes account secrets says `also Secret`; the rest of what it takes is that of the whole API.
///
/// Serialized, it is a list of rows, each with `method`, `path`, `access` (`authenticated`, `optional` or `public`), `scopes`,
/// `tenant_path` (or null), `on_stale` (`deny` or `serve`) and `accept` (what may come as a credential: `cookie`, `jwt`,
/// `opaque`, `pat`, `secret`; nothing where none is looked at): what `tokenry token explain --policy` reads.
#[derive(Clone, Debug, Default)]
pub struct PolicyTable(BTreeSet<PolicyRow>);

/// One method of one route. `GET` stands for `HEAD` too, and `ANY` for every method.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct PolicyRow {
    path: String,
    method: &'static str,
    rule: Arc<Rule>,
    accepted: Vec<&'static str>,
}

impl PolicyTable {
    /// The rows, by path and method.
    pub fn rows(&self) -> impl Iterator<Item = &PolicyRow> {
        self.0.iter()
    }

    pub(crate) fn insert(&mut self, path: &str, method: &'static str, rule: &Arc<Rule>, accepted: Accepted) {
        let accepted = match rule.access {
            Access::Public => Accepted::default(),
            Access::Authenticated | Access::Optional => accepted.and_secret(rule.takes_secret),
        };
        let accepted = accepted.kinds().map(Credential::as_str).collect();
        self.0.insert(PolicyRow { path: path.to_owned(), method, rule: Arc::clone(rule), accepted });
    }
}

impl PolicyRow {
    /// The route's template, e.g. `/timesheets/{id}`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// What the route asks for.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What the route takes as a credential, in the words of [`Credential::as_str`]; nothing if it looks at none.
    #[must_use]
    pub fn accepts(&self) -> &[&'static str] {
        &self.accepted
    }
}

impl Serialize for PolicyTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}

impl Serialize for PolicyRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let access = match self.rule.access {
            Access::Authenticated => "authenticated",
            Access::Optional => "optional",
            Access::Public => "public",
        };
        let on_stale = match self.rule.on_stale {
            OnStale::Deny => "deny",
            OnStale::Serve => "serve",
        };
        let mut row = serializer.serialize_struct("PolicyRow", 7)?;
        row.serialize_field("method", self.method)?;
        row.serialize_field("path", &self.path)?;
        row.serialize_field("access", access)?;
        row.serialize_field("scopes", &self.rule.scopes)?;
        row.serialize_field("tenant_path", &self.rule.tenant_path())?;
        row.serialize_field("on_stale", on_stale)?;
        row.serialize_field("accept", &self.accepted)?;
        row.end()
    }
}

impl Display for PolicyTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = self.rows().map(|row| row.path.chars().count()).max().unwrap_or(0);
        self.rows().try_for_each(|row| writeln!(f, "{:<7} {:<width$}  {}", row.method, row.path, row.rule))
    }
}

/// The table of a guard, which grows with every router built.
#[derive(Debug, Default)]
pub(crate) struct SharedTable(Mutex<PolicyTable>);

impl SharedTable {
    pub(crate) fn read(&self) -> PolicyTable {
        self.0.lock().clone()
    }

    pub(crate) fn extend(&self, table: &PolicyTable) {
        self.0.lock().0.extend(table.rows().cloned());
    }
}
