//! What is wrong with an audit trail, each with the place where it shows.

use std::fmt::{self, Display, Formatter};

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// A checkpoint is not what was signed, or does not follow the one before it.
    Checkpoint {
        /// Its number.
        id: i64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The word that the oldest rows were removed is not what was signed.
    Removal {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A row is not what was written.
    RowChanged {
        /// Its place.
        seq: i64,
    },
    /// A row was put where none was sealed.
    RowInserted {
        /// Its place.
        seq: i64,
    },
    /// A row stands in the place of another.
    RowMoved {
        /// Where it stands.
        seq: i64,
        /// Where it was sealed.
        from: i64,
    },
    /// A row that was sealed is gone.
    RowRemoved {
        /// Its place.
        seq: i64,
        /// The checkpoint that sealed it.
        checkpoint: i64,
    },
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint { id, problem } => write!(f, "checkpoint {id}: {problem}"),
            Self::Removal { problem } => write!(f, "the mark of removed records: {problem}"),
            Self::RowChanged { seq } => write!(f, "record {seq} was changed"),
            Self::RowInserted { seq } => write!(f, "record {seq} was inserted later"),
            Self::RowMoved { seq, from } => {
                write!(f, "record {seq} was reordered: what stands there was sealed as {from}")
            }
            Self::RowRemoved { seq, checkpoint } => {
                write!(f, "record {seq}, which checkpoint {checkpoint} sealed, was removed")
            }
        }
    }
}
