//! Why a guard does not get what it asks for.

use tokenry_store::Error as StoreError;

use crate::refusal::Refusal;

/// Why a guard does not get what it asks for.
#[derive(Debug)]
pub enum GuardRefusal {
    /// As every request may be refused: no proof of who asks, a wrong value, a database that does not answer.
    Refused(Refusal),
    /// The events after the number that the guard has are not all there, or it has that number from another log: it
    /// takes a snapshot first.
    SnapshotRequired,
    /// The API has no such stream: the guard opens another.
    UnknownStream,
}

impl From<Refusal> for GuardRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for GuardRefusal {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}
