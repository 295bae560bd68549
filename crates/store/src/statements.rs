//! Every statement of the store, for the test that prepares them all on both engines.

use crate::db::Sql;
use crate::migrate;

/// The statements of each file.
pub const ALL: &[&[Sql]] = &[migrate::ALL];

/// Every statement.
pub fn all() -> impl Iterator<Item = Sql> {
    ALL.iter().copied().flatten().copied()
}
