//! Companies, and the corporations that hold several of them.

use tokenry_clock::Timestamp;

use crate::ids::{CompanyId, CorporationId};

/// A company: what `companyId` in a token names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Company {
    /// Names it.
    pub id: CompanyId,
    /// For people.
    pub name: String,
    /// The corporation that holds it, if one does.
    pub corporation_id: Option<CorporationId>,
    /// When an operator disabled it; `None`: its people and clients may act.
    pub disabled_at: Option<Timestamp>,
    /// Counts every change, so that issuing can refuse a stale view.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A corporation: what `corporationId` in a token names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Corporation {
    /// Names it.
    pub id: CorporationId,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}
